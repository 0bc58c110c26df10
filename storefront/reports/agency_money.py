"""Part of the fourth identity: what agencies paid outside the store, by their treasurers' word."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from storefront.orders.models import Order
from storefront.payments.models import AgencyPayment
from storefront.quota.models import Fund
from storefront.reports.breaches import Breach


def agency_money_breaches(session: Session) -> Iterator[Breach]:
    """Per official order, its proofs add up to what it has of its agency and what it gave back."""
    sums = (
        select(
            AgencyPayment.reference,
            func.sum(AgencyPayment.gross_amount).label("gross"),
            func.sum(AgencyPayment.withheld_amount).label("withheld"),
        )
        .group_by(AgencyPayment.reference)
        .subquery()
    )
    gross, withheld = func.coalesce(sums.c.gross, 0), func.coalesce(sums.c.withheld, 0)
    kept = Order.paid_amount + Order.refunded_amount
    query = (
        select(Order.number, kept, Order.withheld_amount, gross, withheld)
        .outerjoin(sums, sums.c.reference == Order.number)
        .where(
            Order.fund == Fund.OFFICIAL,
            or_(kept != gross, Order.withheld_amount != withheld),
        )
        .order_by(Order.id)
    )
    for number, paid, kept_withheld, proven, proven_withheld in session.execute(query):
        if paid != proven:
            yield Breach(number, "paid by its agency", int(paid), int(proven))
        if kept_withheld != proven_withheld:
            yield Breach(number, "withheld", int(kept_withheld), int(proven_withheld))
    strangers = (
        select(AgencyPayment.reference, func.sum(AgencyPayment.gross_amount))
        .outerjoin(Order, Order.number == AgencyPayment.reference)
        .where(or_(Order.id.is_(None), Order.fund != Fund.OFFICIAL))
        .group_by(AgencyPayment.reference)
        .order_by(AgencyPayment.reference)
    )
    for reference, proven in session.execute(strangers):
        yield Breach(f"{reference}, which is no official order", "paid", 0, int(proven))
