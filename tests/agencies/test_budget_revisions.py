"""Versions of a budget: nothing holds before a second person, nothing is ever overwritten."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.agencies.budget_plans import (
    AmountOutOfBounds,
    DocumentMissing,
    EffectiveOutsideYear,
    LineIncomplete,
    LineRepeated,
    LinesExceedTotal,
    NewRevision,
    OriginalComesFirst,
    ProposedLine,
    UnknownExpenseAccount,
)
from storefront.agencies.budgets import change, find_bearing_year
from storefront.agencies.grants import NotTheSecondPerson
from storefront.agencies.models import (
    Agency,
    BudgetRevision,
    BudgetYear,
    ExpenseAccount,
    RevisionKind,
    RevisionState,
)
from storefront.agencies.queries import budget_page, lines_of, lines_of_revision, pending_revisions
from storefront.agencies.revisions import (
    NewerRevisionStands,
    RevisionNotNext,
    apply_due,
    confirm_revision,
    propose_revision,
    refuse_revision,
)
from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided
from storefront.core.errors import DomainError, NotFound
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import OPERATOR, Actor, Role
from tests.agencies.made import TODAY, below, city_admin, elsewhere, staff
from tests.conftest import CountSelects
from tests.factories import NOON, agency, budget
from tests.threads import in_threads

FOOD, PAPER = "5.1.02.01.01.0052", "5.1.02.01.01.0024"


@pytest.fixture
def health(session: Session) -> Agency:
    with transaction(session):
        session.add_all(
            [
                ExpenseAccount(code=FOOD, name="Makanan dan Minuman Rapat"),
                ExpenseAccount(code=PAPER, name="Alat Tulis Kantor"),
            ]
        )
    return agency(session)


def plan(
    at: Agency,
    *lines: ProposedLine,
    total: int = 1_000,
    revision: int = 1,
    effective_on: date = TODAY,
    document: str = "DPA/A.1/1.02/2026",
) -> NewRevision:
    return NewRevision(
        agency_id=at.id,
        fiscal_year=2026,
        revision=revision,
        effective_on=effective_on,
        document_number=document,
        total_amount=total,
        lines=lines,
    )


def line(amount: int, account: str = FOOD, activity: str = "1.02.02.2.02") -> ProposedLine:
    return ProposedLine(activity, "Pengelolaan Layanan Kesehatan", account, amount)


def proposed(session: Session, by: Actor, wanted: NewRevision) -> int:
    with transaction(session):
        return propose_revision(session, by, wanted, now=NOON).id


def confirmed(session: Session, by: Actor, revision_id: int, *, now: datetime = NOON) -> None:
    with transaction(session):
        confirm_revision(session, by, revision_id, now=now)


def in_force(session: Session, by: Actor, wanted: NewRevision) -> None:
    confirmed(session, city_admin(session), proposed(session, by, wanted))


def ceiling(session: Session, at: Agency) -> int | None:
    ref = find_bearing_year(session, at.id, 2026)
    return ref.ceiling_amount if ref else None


def test_a_proposal_changes_nothing(session: Session, health: Agency) -> None:
    proposed(session, city_admin(session), plan(health))
    assert ceiling(session, health) is None


def test_a_confirmed_revision_sets_the_ceilings_of_year_and_lines(
    session: Session, health: Agency
) -> None:
    in_force(session, city_admin(session), plan(health, line(600), line(300, PAPER)))
    assert ceiling(session, health) == 1_000
    lines = {row.expense_account: row.ceiling_amount for row in lines_of(session, health.id, 2026)}
    assert lines == {FOOD: 600, PAPER: 300}


def test_another_admin_of_the_agency_is_a_second_person(session: Session, health: Agency) -> None:
    by, other = (staff(session, Role.AGENCY_ADMIN, health) for _ in range(2))
    confirmed(session, other, proposed(session, by, plan(health)))
    assert ceiling(session, health) == 1_000


def test_neither_proposer_nor_command_line_nor_another_role_confirms(
    session: Session, health: Agency
) -> None:
    by = city_admin(session)
    revision = proposed(session, by, plan(health))
    for actor in (by, OPERATOR, staff(session, Role.APPROVER, health)):
        with pytest.raises(NotTheSecondPerson):
            confirmed(session, actor, revision)
    stranger = staff(session, Role.AGENCY_ADMIN, elsewhere(session))
    with pytest.raises(NotFound):
        confirmed(session, stranger, revision)


def test_the_database_itself_refuses_a_budget_in_one_hand(session: Session, health: Agency) -> None:
    by = city_admin(session)
    revision = proposed(session, by, plan(health))
    with pytest.raises(IntegrityError), transaction(session):
        row = session.get_one(BudgetRevision, revision)
        row.confirmed_by = by.person_id


def test_who_has_no_say_over_an_agency_proposes_nothing(session: Session, health: Agency) -> None:
    for actor in (
        staff(session, Role.TREASURER, health),
        staff(session, Role.AGENCY_ADMIN, elsewhere(session)),
    ):
        with pytest.raises(NotFound):
            proposed(session, actor, plan(health))


def test_of_two_second_persons_at_once_one_confirms(
    engine: Engine, session: Session, health: Agency
) -> None:
    revision = proposed(session, OPERATOR, plan(health))
    admins = [city_admin(session) for _ in range(4)]

    def confirm(thread: int) -> str:
        try:
            with Session(engine) as own, transaction(own):
                confirm_revision(own, admins[thread], revision, now=NOON)
        except AlreadyDecided:
            return "too late"
        return "confirmed"

    assert sorted(in_threads(4, confirm)) == ["confirmed", *["too late"] * 3]


def test_a_later_revision_replaces_the_ceilings_and_keeps_what_was_made_of_them(
    session: Session, health: Agency
) -> None:
    by = city_admin(session)
    in_force(session, by, plan(health, line(600), line(300, PAPER)))
    year = session.scalars(select(BudgetYear.id)).one()
    food = lines_of(session, health.id, 2026)[1].line_id
    with transaction(session):
        change(session, year_id=year, line_id=food, committed=500, spent=0)
    in_force(session, by, plan(health, line(200), total=400, revision=2))
    lines = {row.expense_account: row for row in lines_of(session, health.id, 2026)}
    assert (lines[FOOD].ceiling_amount, lines[FOOD].committed_amount) == (200, 500)
    assert lines[FOOD].left_amount == -300
    assert lines[PAPER].ceiling_amount == 0
    assert ceiling(session, health) == 400


def test_the_older_version_stays_readable(session: Session, health: Agency) -> None:
    by = city_admin(session)
    first = proposed(session, by, plan(health, line(600)))
    confirmed(session, city_admin(session), first)
    in_force(session, by, plan(health, line(200), revision=2))
    assert [row.amount for row in lines_of_revision(session, by, first)] == [600]


def test_a_revision_takes_effect_on_its_day(session: Session, health: Agency) -> None:
    tomorrow = TODAY + timedelta(days=1)
    in_force(session, city_admin(session), plan(health, line(600), effective_on=tomorrow))
    assert ceiling(session, health) is None
    for today, applied in ((TODAY, 0), (tomorrow, 1), (tomorrow, 0)):
        with transaction(session):
            assert apply_due(session, today=today, now=NOON) == applied
    assert ceiling(session, health) == 1_000


def test_of_several_due_the_latest_revision_holds(session: Session, health: Agency) -> None:
    by, tomorrow = city_admin(session), TODAY + timedelta(days=1)
    for number, total in ((1, 100), (2, 200)):
        in_force(session, by, plan(health, total=total, revision=number, effective_on=tomorrow))
    with transaction(session):
        apply_due(session, today=tomorrow, now=NOON)
    assert ceiling(session, health) == 200


def test_an_older_revision_is_not_confirmed_after_a_newer_one(
    session: Session, health: Agency
) -> None:
    by, other = city_admin(session), city_admin(session)
    first = proposed(session, by, plan(health))
    confirmed(session, other, proposed(session, by, plan(health, revision=2)))
    with pytest.raises(NewerRevisionStands):
        confirmed(session, other, first)


def test_a_refused_revision_sets_nothing_and_its_number_is_spent(
    session: Session, health: Agency
) -> None:
    by = city_admin(session)
    revision = proposed(session, by, plan(health))
    with transaction(session):
        refuse_revision(session, by, revision, now=NOON)
    with pytest.raises(AlreadyDecided):
        confirmed(session, city_admin(session), revision)
    with pytest.raises(RevisionNotNext, match="nomor 2"):
        proposed(session, by, plan(health))


@pytest.mark.parametrize("revision", [0, 2, 7])
def test_revisions_are_numbered_one_by_one(session: Session, health: Agency, revision: int) -> None:
    with pytest.raises(RevisionNotNext):
        proposed(session, city_admin(session), plan(health, revision=revision))


@pytest.mark.parametrize(
    ("wrong", "refusal", "field"),
    [
        ({"document": " "}, DocumentMissing, "document_number"),
        ({"document": "x" * 81}, DocumentMissing, "document_number"),
        ({"effective_on": date(2027, 1, 1)}, EffectiveOutsideYear, "effective_on"),
        ({"total": -1}, AmountOutOfBounds, "total_amount"),
        ({"total": 10**15 + 1}, AmountOutOfBounds, "total_amount"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_its_field(
    session: Session,
    health: Agency,
    wrong: dict[str, object],
    refusal: type[DomainError],
    field: str,
) -> None:
    with pytest.raises(refusal) as refused:
        proposed(session, city_admin(session), plan(health, **wrong))  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ([line(600), line(401, PAPER)], LinesExceedTotal),
        ([line(-1)], AmountOutOfBounds),
        ([line(1), line(2)], LineRepeated),
        ([line(1, "9.9.9")], UnknownExpenseAccount),
        ([line(1, activity="")], LineIncomplete),
    ],
)
def test_lines_that_cannot_be_are_refused(
    session: Session, health: Agency, lines: list[ProposedLine], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        proposed(session, city_admin(session), plan(health, *lines))


def test_who_could_be_the_second_person_hears_and_sees_of_it(
    session: Session, health: Agency, count_selects: CountSelects
) -> None:
    by = staff(session, Role.AGENCY_ADMIN, health)
    revision = proposed(session, by, plan(health))
    told = session.scalars(select(OutboxMessage.payload).filter_by(topic="budget_proposed"))
    assert told.all() == [f'{{"revision": {revision}}}']
    other = staff(session, Role.AGENCY_ADMIN, health)
    stranger = staff(session, Role.AGENCY_ADMIN, elsewhere(session))
    seen = [
        [row.revision_id for row in pending_revisions(session, actor)]
        for actor in (by, other, city_admin(session), stranger, OPERATOR)
    ]
    assert seen == [[], [revision], [revision], [], []]
    with count_selects() as selects:
        pending_revisions(session, other)
    assert len(selects) == 1


def test_the_budget_page_shows_versions_lines_and_what_is_left_below_nought(
    session: Session, health: Agency
) -> None:
    by = city_admin(session)
    in_force(session, by, plan(health, line(600)))
    year = session.scalars(select(BudgetYear.id)).one()
    with transaction(session):
        change(session, year_id=year, line_id=None, committed=700, spent=200)
    in_force(session, by, plan(health, line(600), total=800, revision=2))
    page = budget_page(session, by, health.code, 2026)
    assert (page.ceiling_amount, page.left_amount, page.planned_amount) == (800, -100, 600)
    assert (page.revision, page.borne_by) == (2, None)
    states = [(row.revision, row.state) for row in page.revisions]
    assert states == [(2, RevisionState.CONFIRMED), (1, RevisionState.CONFIRMED)]


def test_an_agency_without_a_budget_is_shown_whose_it_uses_or_that_there_is_none(
    session: Session, health: Agency
) -> None:
    clinic, by = below(session, health), city_admin(session)
    empty = budget_page(session, by, clinic.code, 2026)
    assert (empty.ceiling_amount, empty.left_amount, empty.lines) == (None, None, ())
    budget(session, health, ceiling=900)
    page = budget_page(session, by, clinic.code, 2026)
    assert page.borne_by is not None
    assert (page.borne_by.code, page.ceiling_amount) == (health.code, 900)


def test_another_agencys_budget_is_not_found(session: Session, health: Agency) -> None:
    stranger = staff(session, Role.PROCUREMENT, elsewhere(session))
    with pytest.raises(NotFound):
        budget_page(session, stranger, health.code, 2026)


def test_the_budget_page_asks_as_often_for_many_lines_as_for_one(
    session: Session, health: Agency, count_selects: CountSelects
) -> None:
    by = city_admin(session)
    counts = []
    for number, activities in ((1, 1), (2, 40)):
        lines = [line(1, activity=f"1.02.{each:02}") for each in range(activities)]
        in_force(session, by, plan(health, *lines, revision=number))
        session.expunge_all()
        with count_selects() as selects:
            assert len(budget_page(session, by, "1.02.01", 2026).lines) >= activities
        counts.append(len(selects))
    assert counts[0] == counts[1]


def test_a_version_says_which_act_of_the_budget_it_comes_from(
    session: Session, health: Agency
) -> None:
    """By its number where nobody says: a file has no column for it."""
    admin = city_admin(session)
    proposed(session, admin, plan(health))
    proposed(session, admin, plan(health, revision=2))
    proposed(session, admin, replace(plan(health, revision=3), kind=RevisionKind.SHIFT))
    kinds = session.scalars(select(BudgetRevision.kind).order_by(BudgetRevision.revision)).all()
    assert kinds == [RevisionKind.ORIGINAL, RevisionKind.AMENDMENT, RevisionKind.SHIFT]


def test_only_the_first_version_is_the_original_budget(session: Session, health: Agency) -> None:
    admin = city_admin(session)
    proposed(session, admin, plan(health))
    with pytest.raises(OriginalComesFirst):
        proposed(session, admin, replace(plan(health, revision=2), kind=RevisionKind.ORIGINAL))
    with pytest.raises(IntegrityError, match="original_comes_first"), transaction(session):
        session.scalars(select(BudgetRevision)).one().revision = 2
