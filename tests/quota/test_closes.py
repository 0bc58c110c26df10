"""A month is closed by two people, once, and what it closed with is kept."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided, SecondCityAdminNeeded
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import CITY, OPERATOR, Actor, Role
from storefront.quota.checkpoints import find
from storefront.quota.closes import (
    CloseWaits,
    confirm_close,
    find_waiting,
    propose_close,
    refuse_close,
)
from storefront.quota.closing_models import CloseProposal, PeriodClose, PeriodCloseTotal
from storefront.quota.models import EntryKind, Fund
from storefront.quota.periods import CommitmentStands, MonthNotOver, books_as_seen
from storefront.quota.rules import rule_as_known
from tests.closings import SIGNER, closed_until, month_closed
from tests.factories import NOON, signed_up
from tests.factories_rules import adopted, terms
from tests.reports.made import booked
from tests.threads import in_threads

JANUARY, FEBRUARY = date(2026, 1, 20), date(2026, 2, 3)
NEXT_YEAR = datetime(2027, 1, 5, tzinfo=UTC)


@pytest.fixture
def first(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.fixture
def second(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def proposed(session: Session, by: Actor) -> str:
    with transaction(session):
        return propose_close(session, by, now=NOON).month


def confirmed(session: Session, by: Actor, month: str, now: datetime = NOON) -> PeriodClose:
    with transaction(session):
        return confirm_close(session, by, month, signer=SIGNER, now=now)


def first_open(session: Session) -> str:
    session.rollback()
    return books_as_seen(session).first_open


def test_a_proposal_closes_nothing_and_a_second_admin_does(
    session: Session, first: Actor, second: Actor
) -> None:
    booked(session, realised=5, day=JANUARY)
    assert proposed(session, first) == "2026-01"
    assert first_open(session) == "2026-01"
    close = confirmed(session, second, "2026-01")
    assert first_open(session) == "2026-02"
    assert (close.proposed_by, close.confirmed_by) == (first.person_id, second.person_id)
    assert (close.position, close.checkpoint_size, close.rule_version) == (1, 1, 1)
    assert find(session, 1) is not None


def test_the_proposer_and_the_command_line_are_no_second_person(
    session: Session, first: Actor
) -> None:
    proposed(session, first)
    for by in (first, OPERATOR):
        with pytest.raises(SecondCityAdminNeeded):
            confirmed(session, by, "2026-01")
    assert first_open(session) == "2026-01"


def test_the_database_refuses_one_person_for_both(session: Session, first: Actor) -> None:
    values = (
        "('2026-01', 0, 1, 0, 'same', '2026-02-01 00:00:00+00:00', 'same',"
        " '2026-02-01 00:00:00+00:00')"
    )
    with pytest.raises(IntegrityError), transaction(session):
        session.execute(text(f"INSERT INTO period_closes VALUES {values}"))
    proposed(session, first)
    with pytest.raises(IntegrityError), transaction(session):
        session.execute(
            text(
                "UPDATE close_proposals SET state = 'confirmed', decided_by = proposed_by,"
                " decided_at = proposed_at"
            )
        )


def test_only_the_city_proposes_confirms_or_refuses(session: Session, first: Actor) -> None:
    officer, auditor = (
        signed_up(session, Role.PROCUREMENT),
        signed_up(session, Role.AUDITOR, CITY),
    )
    proposed(session, first)
    for by in (officer, auditor):
        with pytest.raises(NotAllowed):
            proposed(session, by)
        with pytest.raises(NotAllowed):
            confirmed(session, by, "2026-01")
        with pytest.raises(NotAllowed), transaction(session):
            refuse_close(session, by, "2026-01", now=NOON)


def test_one_proposal_waits_at_a_time(session: Session, first: Actor, second: Actor) -> None:
    proposed(session, first)
    with pytest.raises(CloseWaits):
        proposed(session, second)


def test_what_was_refused_can_be_proposed_again_and_not_confirmed(
    session: Session, first: Actor, second: Actor
) -> None:
    proposed(session, first)
    with transaction(session):
        refuse_close(session, second, "2026-01", now=NOON)
    assert find_waiting(session) is None
    with pytest.raises(AlreadyDecided):
        confirmed(session, second, "2026-01")
    proposed(session, second)
    assert confirmed(session, first, "2026-01").proposed_by == second.person_id


def test_nobody_confirms_what_nobody_proposed(session: Session, second: Actor) -> None:
    with pytest.raises(NotFound):
        confirmed(session, second, "2026-01")


def test_a_month_that_is_not_over_cannot_be_proposed(session: Session, first: Actor) -> None:
    with pytest.raises(MonthNotOver), transaction(session):
        propose_close(session, first, now=datetime(2026, 1, 31, tzinfo=UTC))


def test_december_is_not_confirmed_while_a_commitment_stands(
    session: Session, first: Actor, second: Actor
) -> None:
    booked(session, committed=5, day=JANUARY, kind=EntryKind.COMMIT)
    closed_until(session, "2026-11", now=NEXT_YEAR)
    with transaction(session):
        propose_close(session, first, now=NEXT_YEAR)
    with pytest.raises(CommitmentStands):
        confirmed(session, second, "2026-12", NEXT_YEAR)
    session.rollback()
    assert find_waiting(session) is not None  # all of it was rolled back


def test_of_two_who_confirm_at_once_one_does(
    session: Session, engine: Engine, first: Actor
) -> None:
    proposed(session, first)
    others = [signed_up(session, Role.CITY_ADMIN, CITY) for _ in range(2)]
    refused: list[int] = []

    def confirm(at: int) -> None:
        with Session(engine, expire_on_commit=False) as own:
            try:
                confirmed(own, others[at], "2026-01")
            except AlreadyDecided:
                refused.append(at)

    in_threads(2, confirm)
    assert len(refused) == 1
    assert first_open(session) == "2026-02"
    assert len(session.scalars(select(PeriodClose)).all()) == 1


def test_every_official_account_is_kept_as_known_and_as_of_the_months_end(
    session: Session,
) -> None:
    booked(session, committed=7, realised=100, day=JANUARY)
    booked(session, realised=20, day=FEBRUARY)
    booked(session, "1.03", realised=3, day=FEBRUARY)
    booked(session, realised=9, day=JANUARY, fund=Fund.PERSONAL)
    month_closed(session)
    totals = session.scalars(select(PeriodCloseTotal).order_by(PeriodCloseTotal.agency_code)).all()
    assert [
        (row.agency_code, row.known.committed, row.known.realised, row.ended.realised)
        for row in totals
    ] == [("1.02.01", 7, 120, 100), ("1.03", 0, 3, 0)]


def test_accounts_of_a_year_that_was_closed_are_kept_no_more(session: Session) -> None:
    booked(session, realised=1, day=JANUARY)
    closed_until(session, "2026-12", now=NEXT_YEAR)
    kept = session.scalars(select(PeriodCloseTotal.month)).all()
    assert "2026-12" in kept
    month_closed(session, now=datetime(2027, 2, 2, tzinfo=UTC))
    assert "2027-01" not in session.scalars(select(PeriodCloseTotal.month)).all()


@pytest.mark.parametrize("table", ["period_closes", "period_close_totals"])
@pytest.mark.parametrize("act", ["UPDATE {} SET month = month", "DELETE FROM {}"])
def test_a_close_is_never_changed(session: Session, table: str, act: str) -> None:
    booked(session, realised=1, day=JANUARY)
    month_closed(session)
    with pytest.raises(DBAPIError), transaction(session):
        session.execute(text(act.format(table)))


def test_a_closed_month_is_judged_by_the_version_it_closed_with(session: Session) -> None:
    adopted(session, terms(target_permille=500), effective_on=date(2026, 1, 15))
    close = month_closed(session)
    assert close.rule_version == 2
    assert rule_as_known(session, date(2026, 1, 31), None).version == 2
    assert rule_as_known(session, date(2026, 1, 10), None).version == 1


def test_a_proposal_says_who_and_stays_as_history(session: Session) -> None:
    closed_until(session, "2026-02")
    session.rollback()
    rows = session.scalars(select(CloseProposal).order_by(CloseProposal.id)).all()
    assert [(row.month, row.state.value, row.proposed_by) for row in rows] == [
        ("2026-01", "confirmed", "operator"),
        ("2026-02", "confirmed", "operator"),
    ]
