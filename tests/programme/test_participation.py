"""How many took part: a sum per agency and closed month, or nothing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of, serlok_day
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR, PersonId
from storefront.payments.models import (
    GatewayPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    RefundAllocation,
    RefundOrigin,
    RefundStatus,
)
from storefront.programme.calendar import cancel_day, move_day
from storefront.programme.models import ParticipationMonth
from storefront.programme.participation import MonthPublished, MonthStillOpen, publish_month
from storefront.quota.models import EntryKind, Fund
from storefront.quota.periods import close_month
from tests.closings import month_closed
from tests.factories import HEALTH, NOON, agency, placed
from tests.factories_orders import Around, around, found, placed_order
from tests.reports.made import booked

CODE = HEALTH.agency_code
JANUARY, FEBRUARY = "2026-01", "2026-02"
IN_JANUARY = datetime(2026, 1, 15, 5, 0, tzinfo=UTC)
PRICE = 10_000


@pytest.fixture
def of(session: Session) -> Around:
    """An agency with its buyer, approver and treasurer: three people, and more as placed."""
    return around(session)


def colleagues(session: Session, number: int) -> list[PersonId]:
    return [placed(session, agency(session)).person_id for _ in range(number)]


def bought(
    session: Session, of: Around, by: Sequence[PersonId], *, at: datetime = IN_JANUARY
) -> list[str]:
    """A paid private order of each; the statuses of orders are not what is counted."""
    numbers = [
        placed_order(session, of, fund=Fund.PERSONAL, quantities=[1], price=PRICE, now=at)
        for _ in by
    ]
    with transaction(session):
        for number, person_id in zip(numbers, by, strict=True):
            order = found(session, number)
            order.buyer_id, order.paid_at, order.paid_amount = person_id, at, PRICE
    return numbers


def moved(session: Session, number: str, to: str) -> None:
    """An approved move of an order, received and realised, as the ledger holds it."""
    for code, amount, kind in (
        (CODE, PRICE, EntryKind.REALISE),
        (CODE, -PRICE, EntryKind.MOVE),
        (to, PRICE, EntryKind.MOVE),
    ):
        booked(
            session, code, realised=amount, day=IN_JANUARY.date(), order=number, kind=kind,
            fund=Fund.PERSONAL,
        )  # fmt: skip


def on_the_day_of(month: int) -> datetime:
    """Ten in the morning on the second Thursday."""
    return instant_of(serlok_day(2026, month), time(10))


def gone_back(session: Session, number: str, *, at: datetime) -> None:
    """All of an order's money went back."""
    with transaction(session):
        order = found(session, number)
        order.paid_amount, order.refunded_amount = 0, PRICE
        payment = GatewayPayment(
            reference=number[:-2],
            attempt=1,
            amount=PRICE,
            status=GatewayPaymentStatus.SETTLED,
            idempotency_key=number,
            created_at=NOON,
            expires_at=NOON,
            settled_at=NOON,
        )
        session.add(payment)
        session.flush()
        refund = GatewayRefund(
            payment_id=payment.id,
            origin=RefundOrigin.STORE,
            reference=number,
            cause="refund 1",
            amount=PRICE,
            status=RefundStatus.SUCCEEDED,
            idempotency_key=f"refund {number}",
            created_at=at,
            settled_at=at,
            allocated_at=at,
        )
        session.add(refund)
        session.flush()
        session.add(RefundAllocation(refund_id=refund.id, reference=number, amount=PRICE))


def published(session: Session, *, months: int = 1) -> dict[str, ParticipationMonth]:
    """The agency's rows once so many months were closed, by month."""
    for _ in range(months):
        month_closed(session)
    rows = session.scalars(select(ParticipationMonth).filter_by(agency_code=CODE))
    return {row.month: row for row in rows}


def test_a_closed_month_says_how_many_bought_and_for_how_much(session: Session, of: Around) -> None:
    buyers = colleagues(session, 6)
    colleagues(session, 5)
    bought(session, of, buyers)
    bought(session, of, buyers[:1])
    row = published(session)[JANUARY]
    assert (row.is_withheld, row.buyers, row.realised_amount) == (False, 6, 70_000)


def test_four_buyers_are_withheld(session: Session, of: Around) -> None:
    buyers = colleagues(session, 4)
    colleagues(session, 20)
    bought(session, of, buyers)
    row = published(session)[JANUARY]
    assert (row.is_withheld, row.buyers, row.realised_amount) == (True, None, None)


@pytest.mark.parametrize(("who_did_not", "is_withheld"), [(4, True), (5, False)])
def test_a_month_in_which_nearly_everybody_bought_is_withheld(
    session: Session, of: Around, *, who_did_not: int, is_withheld: bool
) -> None:
    buyers = colleagues(session, 5)
    colleagues(session, who_did_not - 3)  # three stand around the orders already
    bought(session, of, buyers)
    assert published(session)[JANUARY].is_withheld is is_withheld


def test_who_left_during_the_month_does_not_hide_those_who_did_not_buy(
    session: Session, of: Around
) -> None:
    buyers = colleagues(session, 5)
    colleagues(session, 1)
    for _ in range(3):
        placed(session, agency(session), until=date(2026, 1, 30))
    bought(session, of, buyers)
    assert published(session)[JANUARY].is_withheld


def test_the_month_is_that_of_the_payment_by_the_clock_of_jakarta(
    session: Session, of: Around
) -> None:
    buyers = colleagues(session, 6)
    colleagues(session, 5)
    bought(session, of, buyers[:5])
    bought(session, of, buyers[5:], at=datetime(2026, 1, 31, 17, 0, tzinfo=UTC))
    rows = published(session, months=2)
    assert (rows[JANUARY].buyers, rows[FEBRUARY].is_withheld) == (5, True)


def test_what_went_back_in_the_same_month_took_no_part(session: Session, of: Around) -> None:
    buyers = colleagues(session, 6)
    colleagues(session, 5)
    *_, last = bought(session, of, buyers)
    gone_back(session, last, at=IN_JANUARY)
    row = published(session)[JANUARY]
    assert (row.buyers, row.realised_amount) == (5, 50_000)


def test_what_goes_back_later_belongs_to_the_later_month(session: Session, of: Around) -> None:
    buyers = colleagues(session, 6)
    colleagues(session, 5)
    *_, last = bought(session, of, buyers)
    february = instant_of(date(2026, 2, 10))
    bought(session, of, buyers, at=february)
    gone_back(session, last, at=february)
    rows = published(session, months=2)
    assert (rows[JANUARY].buyers, rows[JANUARY].realised_amount) == (6, 60_000)
    assert (rows[FEBRUARY].buyers, rows[FEBRUARY].realised_amount) == (6, 50_000)


def test_official_orders_are_no_part_of_it(session: Session, of: Around) -> None:
    colleagues(session, 12)
    for person_id in colleagues(session, 6):
        number = placed_order(session, of, now=IN_JANUARY)
        with transaction(session):
            order = found(session, number)
            order.buyer_id, order.paid_at, order.paid_amount = person_id, IN_JANUARY, 1
    assert published(session)[JANUARY].is_withheld


def test_every_agency_has_a_row_and_no_sum_over_agencies_is_kept(
    session: Session, of: Around
) -> None:
    below = agency(session, "1.02.01.1", parent=of.agency)
    placed(session, below)
    agency(session, "1.02.01.2", parent=of.agency)
    published(session)
    codes = session.scalars(select(ParticipationMonth.agency_code)).all()
    assert sorted(codes) == [CODE, below.code]


def test_practice_agencies_are_not_published(session: Session) -> None:
    placed(session, agency(session, "LATIHAN", is_practice=True))
    published(session)
    assert session.scalars(select(ParticipationMonth)).all() == []


def test_an_open_month_is_not_published(session: Session) -> None:
    with pytest.raises(MonthStillOpen), transaction(session):
        publish_month(session, JANUARY, now=NOON)


@pytest.mark.usefixtures("of")
def test_a_month_is_published_once(session: Session) -> None:
    published(session)
    with pytest.raises(MonthPublished), transaction(session):
        publish_month(session, JANUARY, now=NOON)


@pytest.mark.usefixtures("of")
def test_a_month_that_closes_by_itself_is_published_when_told(session: Session) -> None:
    with transaction(session):
        close_month(session, OPERATOR, now=NOON)
        (row,) = publish_month(session, JANUARY, now=NOON)
    assert (row.agency_code, row.published_at) == (CODE, NOON)


# The month's Serlok day: a count, published with the month


def test_the_month_says_how_many_bought_on_its_serlok_day(session: Session, of: Around) -> None:
    buyers = colleagues(session, 10)
    colleagues(session, 5)
    bought(session, of, buyers[:5], at=on_the_day_of(1))
    bought(session, of, buyers[:5])
    bought(session, of, buyers[5:])
    row = published(session)[JANUARY]
    assert (row.buyers, row.serlok_day, row.serlok_buyers) == (10, date(2026, 1, 8), 5)


@pytest.mark.parametrize(("on_day", "on_others"), [(4, 6), (6, 4), (10, 0), (0, 10)])
def test_the_count_of_the_day_is_withheld_where_it_or_the_rest_of_the_month_is_below_five(
    session: Session, of: Around, *, on_day: int, on_others: int
) -> None:
    buyers = colleagues(session, on_day + on_others)
    colleagues(session, 5)
    bought(session, of, buyers[:on_day], at=on_the_day_of(1))
    bought(session, of, buyers[on_day:])
    row = published(session)[JANUARY]
    assert (row.buyers, row.serlok_day, row.serlok_buyers) == (10, date(2026, 1, 8), None)


def test_a_month_that_is_withheld_says_nothing_of_its_day(session: Session, of: Around) -> None:
    buyers = colleagues(session, 14)
    colleagues(session, 1)
    bought(session, of, buyers[:7], at=on_the_day_of(1))
    bought(session, of, buyers[7:])
    row = published(session)[JANUARY]
    assert (row.is_withheld, row.serlok_buyers) == (True, None)


def test_what_was_bought_on_the_day_and_went_back_took_no_part_in_it(
    session: Session, of: Around
) -> None:
    buyers = colleagues(session, 12)
    colleagues(session, 5)
    *_, last = bought(session, of, buyers[:6], at=on_the_day_of(1))
    bought(session, of, buyers[5:])
    gone_back(session, last, at=IN_JANUARY)
    row = published(session)[JANUARY]
    assert (row.buyers, row.serlok_buyers) == (12, 5)


def test_a_day_that_the_city_moved_is_the_one_that_is_counted(session: Session, of: Around) -> None:
    december = datetime(2025, 12, 20, tzinfo=UTC)
    with transaction(session):
        move_day(
            session, OPERATOR, JANUARY, date(2026, 1, 22), reason="Banjir", seen=0, now=december
        )
    buyers = colleagues(session, 11)
    colleagues(session, 5)
    bought(session, of, buyers[:6], at=on_the_day_of(1))
    bought(session, of, buyers[6:], at=datetime(2026, 1, 22, 5, 0, tzinfo=UTC))
    row = published(session)[JANUARY]
    assert (row.serlok_day, row.serlok_buyers) == (date(2026, 1, 22), 5)


def test_a_month_whose_day_was_cancelled_has_no_count(session: Session, of: Around) -> None:
    december = datetime(2025, 12, 20, tzinfo=UTC)
    with transaction(session):
        cancel_day(session, OPERATOR, JANUARY, reason="Banjir", seen=0, now=december)
    buyers = colleagues(session, 12)
    colleagues(session, 5)
    bought(session, of, buyers[:6], at=on_the_day_of(1))
    bought(session, of, buyers[6:])
    row = published(session)[JANUARY]
    assert (row.buyers, row.serlok_day, row.serlok_buyers) == (12, None, None)


@pytest.mark.usefixtures("of")
def test_the_size_is_that_of_all_who_were_there_in_the_month(session: Session) -> None:
    """So it is known from the roster, and tells of nobody whether they bought."""
    colleagues(session, 2)
    placed(session, agency(session), until=date(2026, 1, 2))
    placed(session, agency(session), until=date(2025, 12, 31))
    placed(session, agency(session), since=date(2026, 1, 31))
    placed(session, agency(session), since=date(2026, 2, 1))
    assert published(session)[JANUARY].staff == 3 + 2 + 2


def test_buyers_who_have_left_do_not_make_a_month_showable(session: Session, of: Around) -> None:
    """Twelve were there, of whom five did not buy; two more bought whom no list of it has."""
    buyers = colleagues(session, 4)
    colleagues(session, 2)
    others = [
        placed(session, agency(session, "1.03", name="Dinas Lain")).person_id for _ in range(2)
    ]
    bought(session, of, [*buyers, *others])
    assert published(session)[JANUARY].is_withheld


@pytest.mark.parametrize(
    "figures",
    [
        {"buyers": 4},
        {"buyers": 20, "staff": 24},
        {"serlok_buyers": 4},
        {"serlok_buyers": 6},
        {"serlok_day": None},
        {"is_withheld": True, "buyers": None, "realised_amount": None},
    ],
)
def test_the_database_refuses_a_row_that_breaks_the_rule_of_five(
    session: Session, figures: dict[str, object]
) -> None:
    fine: dict[str, object] = {
        "is_withheld": False,
        "buyers": 10,
        "realised_amount": 1,
        "staff": 25,
        "serlok_day": date(2026, 1, 8),
        "serlok_buyers": 5,
    }
    with pytest.raises(IntegrityError), transaction(session):
        session.add(
            ParticipationMonth(
                agency_code=CODE, month=JANUARY, published_at=NOON, **(fine | figures)
            )
        )


def test_an_order_that_was_moved_before_its_month_was_published_counts_where_it_belongs(
    session: Session, of: Around
) -> None:
    coblong = agency(session, "7.01.01", name="Kecamatan Coblong")
    transferred = [placed(session, coblong).person_id for _ in range(11)]
    bought(session, of, colleagues(session, 11)[:6])
    for number in bought(session, of, transferred[:5]):
        moved(session, number, coblong.code)
    month_closed(session)
    rows = {row.agency_code: row for row in session.scalars(select(ParticipationMonth))}
    shown = {code: (row.buyers, row.realised_amount) for code, row in rows.items()}
    assert shown == {CODE: (6, 6 * PRICE), coblong.code: (5, 5 * PRICE)}


def test_what_goes_back_of_a_moved_order_is_taken_from_who_holds_it(
    session: Session, of: Around
) -> None:
    coblong = agency(session, "7.01.01", name="Kecamatan Coblong")
    people = [placed(session, coblong).person_id for _ in range(11)]
    (number,) = bought(session, of, colleagues(session, 1))
    month_closed(session)
    moved(session, number, coblong.code)
    in_february = datetime(2026, 2, 10, 5, 0, tzinfo=UTC)
    gone_back(session, number, at=in_february)
    for late in bought(session, of, people[:5], at=in_february):
        moved(session, late, coblong.code)
    month_closed(session)
    row = session.get_one(ParticipationMonth, (coblong.code, FEBRUARY))
    assert (row.buyers, row.realised_amount) == (5, 4 * PRICE)
