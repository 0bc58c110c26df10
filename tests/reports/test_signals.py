"""Signals: what raises each, what does not, and that they and their notes stay."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import Address, PersonDetails
from storefront.core.audit import AuditEntry
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import CITY, Actor, PersonId, Role
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.quota.models import Fund
from storefront.quota.periods import close_month
from storefront.reports import signals
from storefront.reports.signal_desk import (
    NoteNeeded,
    SignalFilter,
    count_signals,
    find_signal,
    list_signals,
    note_signal,
)
from storefront.reports.signal_finders import Raised
from storefront.reports.signal_likeness import address_key, phone_key
from storefront.reports.signal_models import SignalKind, SignalStatus
from storefront.reports.signal_thresholds import (
    Threshold,
    ThresholdInThePast,
    ThresholdOutOfBounds,
    set_threshold,
    thresholds_on,
)
from storefront.sellers.models import Seller
from tests.conftest import CountSelects
from tests.factories import NOON, listed_variant, shop, shop_actor, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    paid_order,
    placed_order,
    proof,
    received_order,
)
from tests.reports.made import booked
from tests.reports.signalling import looked, lowered

DAY = timedelta(days=1)


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, years=(2025, 2026))


@pytest.fixture
def auditor(session: Session) -> Actor:
    return signed_up(session, Role.AUDITOR, CITY)


def beside(session: Session, of: Around) -> Around:
    """The same agency at another shop."""
    other = shop(session)
    return replace(of, shop=other, seller=shop_actor(session, other))


def raised(session: Session, kind: SignalKind, *, now: datetime = NOON) -> list[Raised]:
    session.rollback()
    return [one for one in signals.look(session, now=now) if one.kind is kind]


def test_requests_that_pass_a_limit_only_together_are_a_signal(
    session: Session, of: Around
) -> None:
    lowered(session, SignalKind.SPLIT, amount=150_000, days=7)
    first = placed_order(session, of, now=NOON - 3 * DAY)
    second = approved_order(session, of)
    (one,) = raised(session, SignalKind.SPLIT)
    assert one.orders == (first, second)
    assert (one.facts["count"], one.facts["days"], one.facts["sum_amount"]) == (2, 4, 200_000)


def test_requests_far_apart_or_of_another_shop_or_given_up_are_not_split(
    session: Session, of: Around
) -> None:
    lowered(session, SignalKind.SPLIT, amount=150_000, days=7)
    placed_order(session, of, now=NOON - 8 * DAY)
    placed_order(session, of)
    placed_order(session, beside(session, of))
    declined = approved_order(session, of)
    with transaction(session):
        fulfilment.decline(session, of.seller, declined, reason="habis", now=NOON)
    paid_order(session, of)
    assert raised(session, SignalKind.SPLIT) == []


def test_one_request_at_the_limit_is_not_split(session: Session, of: Around) -> None:
    lowered(session, SignalKind.SPLIT, amount=100_000, days=7)
    placed_order(session, of)
    placed_order(session, of)
    assert raised(session, SignalKind.SPLIT) == []


def test_a_december_far_above_the_other_months_is_a_signal(session: Session, of: Around) -> None:
    lowered(session, SignalKind.YEAR_END, amount=1_000, permille=300)
    booked(session, of.agency.code, realised=11_000, day=date(2025, 5, 4), fiscal_year=2025)
    booked(session, of.agency.code, realised=3_000, day=date(2025, 12, 4), fiscal_year=2025)
    booked(session, of.agency.code, realised=6_000, day=date(2025, 12, 20), fiscal_year=2025)
    (one,) = raised(session, SignalKind.YEAR_END)
    assert one.facts["permille"] == 450
    assert (one.facts["december_amount"], one.facts["fortnight_amount"]) == (9_000, 6_000)
    assert one.facts["usual_amount"] == 1_000


def test_an_even_year_and_private_money_raise_none(session: Session, of: Around) -> None:
    lowered(session, SignalKind.YEAR_END, amount=1_000, permille=300)
    booked(session, of.agency.code, realised=90_000, day=date(2025, 5, 4), fiscal_year=2025)
    booked(session, of.agency.code, realised=10_000, day=date(2025, 12, 20), fiscal_year=2025)
    booked(
        session,
        of.agency.code,
        realised=99_000,
        day=date(2025, 12, 20),
        fiscal_year=2025,
        fund=Fund.PERSONAL,
    )
    assert raised(session, SignalKind.YEAR_END) == []


def test_what_counted_and_went_back_in_a_later_month_is_a_signal(
    session: Session, of: Around
) -> None:
    october = instant_of(date(2026, 10, 6), time(12))
    number = received_order(session, of, approved_order(session, of, now=october), now=october)
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000, on=october.date()), now=october)
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    for _ in range(22):
        with transaction(session):
            close_month(session, admin, now=NOON)
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 10}, now=NOON)
    (one,) = raised(session, SignalKind.REVERSED)
    assert one.orders == (number,)
    assert (one.facts["counted"], one.facts["taken_back"]) == ("2026-10", "2026-11")
    assert one.facts["back_amount"] == 100_000


def test_what_went_back_in_its_own_month_is_none(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000), now=NOON)
        fulfilment.take_back(session, of.seller, number, pieces={1: 10}, now=NOON)
    assert raised(session, SignalKind.REVERSED) == []


def reachable(session: Session, person_id: PersonId, **details: str) -> None:
    with transaction(session):
        found = session.get_one(PersonDetails, person_id)
        for name, value in details.items():
            setattr(found, name, value)


def test_a_telephone_that_buyer_and_shop_share_is_a_signal_and_stays_unsaid(
    session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    with transaction(session):
        session.get_one(Seller, of.shop.id).phone = "0812-7700-9911"
    reachable(session, of.buyer.person_id, phone="+62 812 7700 9911")
    (one,) = raised(session, SignalKind.CONTACT)
    assert (one.facts["side"], one.facts["what"]) == ("buyer", ["phone"])
    assert one.orders == (number,)
    assert "77009911" not in str(one).replace("-", "").replace(" ", "")


def test_an_approver_who_lives_where_the_shop_is_is_a_signal(session: Session, of: Around) -> None:
    approved_order(session, of)
    with transaction(session):
        session.get_one(Seller, of.shop.id).address = "Jalan Cihampelas Nomor 12, Bandung"
        session.add(
            Address(
                person_id=of.approver.person_id,
                text="Jl. Cihampelas no 12 Bandung",
                used_at=NOON,
            )
        )
    (one,) = raised(session, SignalKind.CONTACT)
    assert (one.facts["side"], one.facts["what"]) == ("approver", ["address"])


def test_a_shared_contact_without_an_official_order_is_none(session: Session, of: Around) -> None:
    paid_order(session, of)
    with transaction(session):
        session.get_one(Seller, of.shop.id).phone = "081277009911"
    reachable(session, of.buyer.person_id, phone="081277009911")
    assert raised(session, SignalKind.CONTACT) == []


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        (phone_key, "+62 812-345-678", "0812345678"),
        (address_key, "Jl. Riau No. 5", "jalan riau nomor 5"),
    ],
)
def test_contacts_are_compared_however_they_are_written(key: object, one: str, other: str) -> None:
    assert callable(key)
    assert key(one) == key(other)


def test_a_price_far_above_the_median_of_its_kind_is_a_signal(session: Session, of: Around) -> None:
    lowered(session, SignalKind.PRICE, amount=1, permille=1_500, least=4)
    for price in (10_000, 10_000, 12_000):
        placed_order(session, beside(session, of), quantities=[1], price=price)
    dear = listed_variant(session, seller=of.shop, stock=5, price=25_000)
    number = placed_order(session, of, quantities=[2], price=25_000, variants=[dear])
    (one,) = raised(session, SignalKind.PRICE)
    assert one.orders == (number,)
    assert (one.facts["median_amount"], one.facts["lines"], one.facts["sellers"]) == (10_000, 4, 4)
    assert (one.facts["permille"], one.facts["over_amount"]) == (2_500, 30_000)


def test_too_few_prices_are_nothing_to_compare_with(session: Session, of: Around) -> None:
    lowered(session, SignalKind.PRICE, amount=1, permille=1_500, least=5)
    for price in (10_000, 10_000, 12_000):
        placed_order(session, beside(session, of), quantities=[1], price=price)
    placed_order(session, of, quantities=[2], price=25_000)
    assert raised(session, SignalKind.PRICE) == []


@pytest.fixture
def split(session: Session, of: Around) -> str:
    """The second of two orders that pass a limit together."""
    lowered(session, SignalKind.SPLIT, amount=150_000, days=7)
    placed_order(session, of)
    return approved_order(session, of)


@pytest.mark.usefixtures("split")
def test_a_signal_is_the_same_one_night_after_night_and_keeps_its_notes(
    session: Session, of: Around, auditor: Actor
) -> None:
    (one,) = looked(session)
    with transaction(session):
        note_signal(
            session, auditor, one.id, status=SignalStatus.EXPLAINED, text="Dua acara", now=NOON
        )
    placed_order(session, of)
    (again,) = looked(session, now=NOON + DAY)
    assert (again.id, again.status, again.first_seen_at) == (
        one.id, SignalStatus.EXPLAINED, NOON,
    )  # fmt: skip
    file = find_signal(session, auditor, one.id)
    assert file.row.facts["count"] == 3
    assert [note.text for note in file.notes] == ["Dua acara"]


def test_what_no_longer_holds_is_said_so_and_stays(
    session: Session, of: Around, split: str, auditor: Actor
) -> None:
    looked(session)
    with transaction(session):
        fulfilment.decline(session, of.seller, split, reason="habis", now=NOON)
    (gone,) = looked(session, now=NOON + DAY)
    assert (gone.holds, gone.last_seen_at) == (False, NOON)
    assert list_signals(session, auditor, SignalFilter()).rows == ()
    assert len(list_signals(session, auditor, SignalFilter(with_past=True)).rows) == 1
    assert sum(count_signals(session, auditor).values()) == 0


@pytest.mark.usefixtures("split")
def test_a_note_is_audited_and_only_an_auditor_writes_it(
    session: Session, of: Around, auditor: Actor
) -> None:
    (one,) = looked(session)
    status = SignalStatus.EXPLAINED
    with pytest.raises(NotAllowed), transaction(session):
        note_signal(session, of.approver, one.id, status=status, text="x", now=NOON)
    with pytest.raises(NoteNeeded), transaction(session):
        note_signal(session, auditor, one.id, status=status, text=" ", now=NOON)
    with transaction(session):
        note_signal(session, auditor, one.id, status=status, text="Dua acara", now=NOON)
    acts = session.scalars(select(AuditEntry).filter_by(act="signal.noted")).all()
    assert [(act.subject, act.person_id) for act in acts] == [(str(one.id), auditor.person_id)]


def test_a_threshold_is_a_version_from_a_day_on(session: Session) -> None:
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    before = thresholds_on(session, NOON.date())[SignalKind.SPLIT]
    later = NOON.date() + 2 * DAY
    wanted = Threshold(SignalKind.SPLIT, later, amount=5_000_000, days=3, permille=9, least=9)
    with transaction(session):
        set_threshold(session, admin, wanted, now=NOON)
    assert thresholds_on(session, later - DAY)[SignalKind.SPLIT] == before
    found = thresholds_on(session, later)[SignalKind.SPLIT]
    assert (found.amount, found.days, found.permille, found.least) == (5_000_000, 3, 0, 0)


def test_a_threshold_is_neither_dated_back_nor_without_bounds_nor_an_auditors(
    session: Session, auditor: Actor
) -> None:
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    today = NOON.date()

    def put(actor: Actor, since: date, amount: int) -> None:
        wanted = Threshold(SignalKind.SPLIT, since, amount, days=3, permille=0, least=0)
        with transaction(session):
            set_threshold(session, actor, wanted, now=NOON)

    with pytest.raises(ThresholdInThePast):
        put(admin, today - DAY, 1)
    with pytest.raises(ThresholdOutOfBounds):
        put(admin, today, 0)
    with pytest.raises(NotAllowed):
        put(auditor, today, 1)


@pytest.mark.usefixtures("split")
def test_more_signals_are_no_more_questions(
    session: Session, auditor: Actor, count_selects: CountSelects
) -> None:
    looked(session)
    with count_selects() as few:
        list_signals(session, auditor, SignalFilter())
    other = around(session, code="1.01.01")
    placed_order(session, other)
    placed_order(session, other)
    looked(session, now=NOON + DAY)
    with count_selects() as many:
        assert len(list_signals(session, auditor, SignalFilter()).rows) == 2
    assert len(many) == len(few)
