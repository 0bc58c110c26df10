"""What is left in the shop of an order's variants."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.catalog.models import Stock, StockMovement
from storefront.orders.models import Order, OrderLine


def pieces_left(session: Session, number: str) -> list[int]:
    """The free pieces of each line's variant, in the order of the lines."""
    query = (
        select(Stock.quantity)
        .join(OrderLine, OrderLine.variant_id == Stock.variant_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.number == number)
        .order_by(OrderLine.position)
    )
    return list(session.scalars(query))


def movements_add_up(session: Session) -> bool:
    """Whether movements sum to the stock of every variant and place."""
    summed = select(
        StockMovement.variant_id, StockMovement.place, func.sum(StockMovement.change)
    ).group_by(StockMovement.variant_id, StockMovement.place)
    moved = {(row[0], row[1]): row[2] for row in session.execute(summed)}
    stocks = select(Stock).execution_options(populate_existing=True)
    return all(
        moved.get((stock.variant_id, stock.place), 0) == stock.quantity
        for stock in session.scalars(stocks)
    )
