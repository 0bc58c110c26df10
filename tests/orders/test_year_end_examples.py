"""The worked examples of `docs/year-end.md`, each by its name, figure by figure.

The figures are those of the tables there: committed and realised of the ledger's accounts, then
committed and spent of the budget lines, of 2026 and of 2027, in thousands of rupiah.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.budget_plans import NewRevision, ProposedLine
from storefront.agencies.revisions import confirm_revision, propose_revision
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.permissions import CITY, OPERATOR, Role
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.orders.budget_shares import BudgetLineMissing
from storefront.orders.models import WaitsFor
from storefront.quota import log
from storefront.quota.models import Amounts
from storefront.quota.periods import close_month
from storefront.reports.last_year import CorrectionRow, corrections_of
from tests.factories import budget, signed_up
from tests.factories_orders import (
    ACCOUNT,
    ACTIVITY,
    Around,
    approved_order,
    around,
    found,
    proof,
    received_order,
)
from tests.orders.test_year_end import breaches, entries, ledger, lines, lines_come, turn

DECEMBER = instant_of(date(2026, 12, 10))
NEW_YEAR = instant_of(date(2027, 1, 1))
THOUSAND = 1_000
NONE = (0, 0)

Pair = tuple[int, int]


class Figures(NamedTuple):
    ledger_2026: Pair
    ledger_2027: Pair
    budget_2026: Pair
    budget_2027: Pair


def january(day: int) -> datetime:
    return instant_of(date(2027, 1, day))


def figures(session: Session) -> Figures:
    """All four columns of a table's row, in thousands; and the identities hold."""
    assert breaches(session) == []
    accounts, told = ledger(session), lines(session)
    in_ledger = [accounts.get(year, Amounts()) for year in (2026, 2027)]
    pairs = [(each.committed, each.realised) for each in in_ledger]
    pairs += [told.get(year, NONE) for year in (2026, 2027)]
    return Figures(*((first // THOUSAND, second // THOUSAND) for first, second in pairs))


def received(session: Session, of: Around) -> str:
    """Approved and received in December."""
    return received_order(session, of, approved_order(session, of, now=DECEMBER), now=DECEMBER)


def paid(session: Session, of: Around, number: str, on: date, *, typed: datetime) -> None:
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000, on=on), now=typed)


def gives_back_30(session: Session, of: Around, number: str) -> None:
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 3}, now=january(4))


def corrections(session: Session, of: Around) -> list[CorrectionRow]:
    """The orders behind "koreksi tahun lalu" of 2027, from the numbered log."""
    with transaction(session):
        log.number(session)
    return list(corrections_of(session, [of.agency.code], 2027).rows)


def close_2026(session: Session) -> None:
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    with transaction(session):
        while close_month(session, admin, now=january(4)) < "2026-12":
            pass


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, years=(2026, 2027))


def test_cancelled(session: Session, of: Around) -> None:
    number = approved_order(session, of, now=DECEMBER)
    assert figures(session) == ((100, 0), NONE, (100, 0), NONE)
    turn(session)
    assert figures(session) == (NONE, NONE, NONE, NONE)
    assert entries(session, number)[-1] == ("release", "cancel 3", 2026, -100_000, "2027-01")


def test_carried_to_a_line(session: Session, of: Around) -> None:
    number = received(session, of)
    assert figures(session) == ((100, 0), NONE, (100, 0), NONE)
    turn(session)
    assert figures(session) == (NONE, (100, 0), NONE, (100, 0))
    assert [(kind, year) for kind, _, year, *_ in entries(session, number)[-2:]] == [
        ("carry", 2026),
        ("carry", 2027),
    ]
    paid(session, of, number, date(2027, 1, 4), typed=january(4))
    assert figures(session) == (NONE, (0, 100), NONE, (0, 100))


def test_carried_without_a_line_which_comes_later(session: Session) -> None:
    of = around(session)
    budget(session, of.agency, year=2027)
    number = received(session, of)
    turn(session)
    assert figures(session) == (NONE, (100, 0), NONE, NONE)
    assert found(session, number).waits_for is WaitsFor.LINE
    with pytest.raises(BudgetLineMissing):
        paid(session, of, number, date(2027, 1, 4), typed=january(4))
    assert figures(session) == (NONE, (100, 0), NONE, NONE)
    confirmed_line(session, of, now=january(8))
    assert lines_come(session, now=january(8)) == [number]
    assert figures(session) == (NONE, (100, 0), NONE, (100, 0))
    paid(session, of, number, date(2027, 1, 9), typed=january(9))
    assert figures(session) == (NONE, (0, 100), NONE, (0, 100))


def confirmed_line(session: Session, of: Around, *, now: datetime) -> None:
    """The first revision of 2027, with the line, confirmed by a second person."""
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    plan = NewRevision(
        agency_id=of.agency.id,
        fiscal_year=2027,
        revision=1,
        effective_on=date(2027, 1, 2),
        document_number="DPA-1/2027",
        total_amount=1_000_000_000,
        lines=(ProposedLine(ACTIVITY, "Pengelolaan Layanan Kesehatan", ACCOUNT, 500_000_000),),
    )
    with transaction(session):
        proposed = propose_revision(session, OPERATOR, plan, now=now)
        confirm_revision(session, admin, proposed.id, now=now)


def test_carried_in_part(session: Session, of: Around) -> None:
    number = approved_order(session, of, now=DECEMBER)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=DECEMBER)
        fulfilment.ship(session, of.seller, number, pieces={1: 6}, now=DECEMBER)
    turn(session)
    assert figures(session) == (NONE, (60, 0), NONE, (60, 0))
    assert [(kind, change) for kind, _, _, change, _ in entries(session, number)[-3:]] == [
        ("release", -40_000),
        ("carry", -60_000),
        ("carry", 60_000),
    ]


def test_paid_at_ten_past_midnight(session: Session, of: Around) -> None:
    number = received(session, of)
    paid(session, of, number, date(2027, 1, 1), typed=NEW_YEAR + timedelta(minutes=10))
    assert figures(session) == (NONE, (0, 100), NONE, (0, 100))
    assert [(kind, year) for kind, _, year, *_ in entries(session, number)[-3:]] == [
        ("carry", 2026),
        ("carry", 2027),
        ("realise", 2027),
    ]
    assert turn(session) == 0


def test_a_proof_of_december_typed_after_it_was_carried(session: Session, of: Around) -> None:
    number = received(session, of)
    turn(session)
    assert figures(session) == (NONE, (100, 0), NONE, (100, 0))
    paid(session, of, number, date(2026, 12, 30), typed=january(3))
    assert figures(session) == ((0, 100), NONE, (0, 100), NONE)
    assert [(kind, year, period) for kind, _, year, _, period in entries(session, number)[-2:]] == [
        ("realise", 2026, "2026-12"),
        ("release", 2027, "2027-01"),
    ]


def test_given_back_in_january_december_open(session: Session, of: Around) -> None:
    number = received(session, of)
    paid(session, of, number, date(2026, 12, 31), typed=NEW_YEAR - timedelta(hours=1))
    assert figures(session) == ((0, 100), NONE, (0, 100), NONE)
    gives_back_30(session, of, number)
    assert figures(session) == ((0, 70), NONE, (0, 70), NONE)
    kind, _, year, _, period = entries(session, number)[-1]
    assert (kind, year, period) == ("reverse", 2026, "2027-01")
    assert corrections(session, of) == []


def test_given_back_in_january_december_closed(session: Session, of: Around) -> None:
    number = received(session, of)
    paid(session, of, number, date(2026, 12, 31), typed=NEW_YEAR - timedelta(hours=1))
    close_2026(session)
    gives_back_30(session, of, number)
    assert figures(session) == ((0, 100), (0, -30), (0, 100), NONE)
    [row] = corrections(session, of)
    assert (row.number, row.amount, row.realised_years) == (number, -30_000, (2026,))
