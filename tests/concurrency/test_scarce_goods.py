"""Many at once after the last piece, the last place in a day, the last rupiah under a cap.

Each race is first shown without its guard: everybody looks, then everybody writes.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from threading import Barrier

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from storefront.catalog.capacity import DayFull, take_day
from storefront.catalog.models import DayCapacity, Product, Stock, Variant, VariantId
from storefront.catalog.stock import OutOfStock, Taking, put_back_all, take, take_all
from storefront.catalog.upkeep import stock_differences
from storefront.core.database import transaction
from storefront.core.errors import DomainError
from storefront.core.permissions import SYSTEM
from storefront.sellers import caps
from storefront.sellers.caps import CapReached, promised_in
from storefront.sellers.models import SellerMonth
from tests.factories import NOON, listed_variant, shop
from tests.threads import in_threads

DAY = date(2026, 11, 19)
MONTH = "2026-11"
CAP = 30_000_000


def outcomes(
    engine: Engine, many: int, refusal: type[DomainError], act: Callable[[Session, int], None]
) -> Counter[str]:
    """What became of so many who acted at once, each in a transaction of its own."""

    def one(number: int) -> str:
        try:
            with Session(engine) as own, transaction(own):
                act(own, number)
        except refusal:
            return "refused"
        return "done"

    return Counter(in_threads(many, one))


def unguarded(
    engine: Engine, look: Callable[[Session], int], write: Callable[[Session, int], None]
) -> Counter[str]:
    """The same by eight who look first and write afterwards, if there was any left."""
    everybody_looked = Barrier(8)

    def one(_number: int) -> str:
        with Session(engine) as own:
            seen = look(own)
        everybody_looked.wait(timeout=30)
        if seen < 1:
            return "refused"
        with Session(engine) as own, transaction(own):
            write(own, seen)
        return "done"

    return Counter(in_threads(8, one))


def test_fifty_buyers_of_the_last_ten_pieces_get_exactly_ten(
    engine: Engine, session: Session
) -> None:
    coffee = listed_variant(session, stock=10)

    def buy(own: Session, number: int) -> None:
        take(own, SYSTEM, {coffee: 1}, reference=f"P-{number}-1", now=NOON)

    assert outcomes(engine, 50, OutOfStock, buy) == {"done": 10, "refused": 40}
    assert _stock(session, coffee) == 0
    assert stock_differences(session) == []


def test_without_the_conditional_update_one_piece_is_sold_to_everybody(
    engine: Engine, session: Session
) -> None:
    coffee = listed_variant(session, stock=1)

    def write(own: Session, seen: int) -> None:
        own.execute(update(Stock).values(quantity=seen - 1))

    sold = unguarded(engine, lambda own: _stock(own, coffee), write)
    assert (sold, _stock(session, coffee)) == ({"done": 8}, 0)


def test_baskets_of_the_same_goods_in_any_order_do_not_wait_for_each_other(
    engine: Engine, session: Session
) -> None:
    shelf = [listed_variant(session, stock=8) for _ in range(4)]

    def buy(own: Session, number: int) -> None:
        basket = shelf if number % 2 else shelf[::-1]
        order = f"P-{number}-1"
        take_all(own, SYSTEM, [Taking(variant, 1, order) for variant in basket], now=NOON)

    def bring_back(own: Session, number: int) -> None:
        basket = shelf[::-1] if number % 2 else shelf
        order = f"P-{number}-1"
        put_back_all(own, SYSTEM, [Taking(variant, 1, order) for variant in basket], now=NOON)

    assert outcomes(engine, 8, OutOfStock, buy) == {"done": 8}
    assert [_stock(session, variant) for variant in shelf] == [0, 0, 0, 0]
    assert outcomes(engine, 8, OutOfStock, bring_back) == {"done": 8}
    assert [_stock(session, variant) for variant in shelf] == [8, 8, 8, 8]


def test_two_who_empty_two_variants_of_a_product_leave_it_sold_out(
    engine: Engine, session: Session
) -> None:
    first, second = listed_variant(session, stock=1), listed_variant(session, stock=1)
    product_id = _under_one_product(session, first, second)

    def buy_second() -> None:
        with Session(engine) as own, transaction(own):
            take(own, SYSTEM, {second: 1}, reference="P-2-1", now=NOON)

    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as own, transaction(own):
            take(own, SYSTEM, {first: 1}, reference="P-1-1", now=NOON)
            buying = pool.submit(buy_second)
            wait([buying], timeout=0.3)  # it has come as far as it can while this one is open
        buying.result(timeout=30)
    assert session.scalars(select(Product.has_stock).filter_by(id=product_id)).one() is False


def test_twenty_who_want_ten_of_a_hundred_for_a_day_leave_it_full(
    engine: Engine, session: Session
) -> None:
    box = listed_variant(session, daily_capacity=100)

    def order(own: Session, _number: int) -> None:
        take_day(own, {box: 10}, day=DAY)

    assert outcomes(engine, 20, DayFull, order) == {"done": 10, "refused": 10}
    assert _promised(session, box) == 100


def test_without_the_conditional_update_a_day_is_promised_to_everybody(
    engine: Engine, session: Session
) -> None:
    box = listed_variant(session, daily_capacity=100)
    with transaction(session):
        session.execute(insert(DayCapacity).values(variant_id=box, day=DAY, taken=90))

    def write(own: Session, _left: int) -> None:
        own.execute(update(DayCapacity).values(taken=DayCapacity.taken + 10))

    promised = unguarded(engine, lambda own: 100 - _promised(own, box), write)
    assert (promised, _promised(session, box)) == ({"done": 8}, 170)


def test_of_orders_for_a_sellers_last_rupiah_only_those_under_the_cap_pass(
    engine: Engine, session: Session
) -> None:
    seller = shop(session)

    def approve(own: Session, _number: int) -> None:
        caps.change(own, seller_id=seller.id, month=MONTH, change=7_000_000, cap_amount=CAP)

    assert outcomes(engine, 8, CapReached, approve) == {"done": 4, "refused": 4}
    assert promised_in(session, seller.id, MONTH) == 28_000_000


def test_without_the_conditional_update_everybody_gets_the_last_rupiah(
    engine: Engine, session: Session
) -> None:
    seller = shop(session)
    with transaction(session):
        caps.change(session, seller_id=seller.id, month=MONTH, change=29_000_000, cap_amount=CAP)

    def write(own: Session, _left: int) -> None:
        own.execute(
            update(SellerMonth).values(committed_amount=SellerMonth.committed_amount + 1_000_000)
        )

    passed = unguarded(engine, lambda own: CAP - promised_in(own, seller.id, MONTH), write)
    assert passed == {"done": 8}
    assert promised_in(session, seller.id, MONTH) == 37_000_000


def _stock(session: Session, variant_id: VariantId) -> int:
    session.rollback()
    return session.scalars(select(Stock.quantity).filter_by(variant_id=variant_id)).one()


def _promised(session: Session, variant_id: VariantId) -> int:
    return session.scalars(
        select(DayCapacity.taken).filter_by(variant_id=variant_id, day=DAY)
    ).one()


def _under_one_product(session: Session, first: VariantId, second: VariantId) -> int:
    with transaction(session):
        product_id = session.scalars(select(Variant.product_id).filter_by(id=first)).one()
        session.execute(update(Variant).where(Variant.id == second).values(product_id=product_id))
    return product_id
