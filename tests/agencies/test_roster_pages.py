"""The roster as an agency's admin reads it: filtered, paged, never another's."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, Placement
from storefront.agencies.roster_queries import (
    RosterFilter,
    RosterRow,
    When,
    find_placement,
    list_roster,
    placements_of,
)
from storefront.core.errors import NotFound
from storefront.core.permissions import Actor, Role
from tests.agencies.made import TODAY, below, city_admin, elsewhere, staff
from tests.conftest import CountSelects
from tests.factories import LONG_AGO, agency, person, placed

DAY = timedelta(days=1)


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


@pytest.fixture
def admin(session: Session) -> Actor:
    return city_admin(session)


def called(
    session: Session,
    at: Agency,
    name: str,
    *roles: Role,
    since: date = LONG_AGO,
    until: date | None = None,
) -> Placement:
    return placed(session, at, *roles, person_id=person(session, name), since=since, until=until)


def shown(session: Session, by: Actor, **wanted: object) -> list[str]:
    roster = RosterFilter(agency_code="1.02.01", **wanted)  # type: ignore[arg-type]
    return [row.name for row in list_roster(session, by, roster, today=TODAY).rows]


def test_it_shows_the_agency_and_those_below_it_by_name(
    session: Session, health: Agency, admin: Actor
) -> None:
    called(session, health, "Wawan")
    called(session, below(session, health), "Asep")
    called(session, elsewhere(session), "Tono")
    assert shown(session, admin) == ["Asep", "Wawan"]


@pytest.mark.parametrize(
    ("when", "names"),
    [
        (When.CURRENT, ["Hari ini"]),
        (When.COMING, ["Besok"]),
        (When.PAST, ["Kemarin"]),
        (When.ALL, ["Besok", "Hari ini", "Kemarin"]),
    ],
)
def test_it_shows_current_coming_or_past_placements(
    session: Session, health: Agency, admin: Actor, when: When, names: list[str]
) -> None:
    called(session, health, "Kemarin", until=TODAY - DAY)
    called(session, health, "Hari ini", since=TODAY, until=TODAY)
    called(session, health, "Besok", since=TODAY + DAY)
    assert shown(session, admin, when=when) == names


def test_a_question_finds_part_of_a_name_or_the_beginning_of_a_number(
    session: Session, health: Agency, admin: Actor
) -> None:
    rina = called(session, health, "Rina Amelia")
    called(session, health, "Asep")
    assert shown(session, admin, question="amel") == ["Rina Amelia"]
    assert shown(session, admin, question=f" {rina.nip[:8]} {rina.nip[8:]}") == ["Rina Amelia"]


@pytest.mark.parametrize("question", ["%", "_", "' OR 1=1", "\\", "\0%", "x" * 5_000])
def test_a_question_is_only_text(
    session: Session, health: Agency, admin: Actor, question: str
) -> None:
    called(session, health, "Rina Amelia")
    assert shown(session, admin, question=question) == []


def test_it_shows_who_holds_a_role(session: Session, health: Agency, admin: Actor) -> None:
    called(session, health, "Rina")
    called(session, health, "Ridwan", Role.APPROVER, Role.BUYER)
    assert shown(session, admin, role=Role.APPROVER) == ["Ridwan"]


def test_a_row_says_its_roles_and_whether_the_person_was_ever_in(
    session: Session, health: Agency, admin: Actor
) -> None:
    placement = called(session, health, "Ridwan", Role.APPROVER, Role.BUYER)
    row = find_placement(session, admin, placement.id)
    assert [(role.role, role.counts) for role in row.roles] == [
        (Role.APPROVER, True),
        (Role.BUYER, True),
    ]
    assert (row.is_activated, row.has_email, row.agency_name) == (False, True, health.name)


def test_it_is_paged_and_says_how_many_there_are(
    session: Session, health: Agency, admin: Actor
) -> None:
    for number in range(26):
        called(session, health, f"Orang {number:02}")
    first = list_roster(session, admin, RosterFilter(agency_code="1.02.01"), today=TODAY)
    last = list_roster(session, admin, RosterFilter(agency_code="1.02.01", page=2), today=TODAY)
    assert (len(first.rows), first.has_next, first.total) == (24, True, 26)
    assert ([row.name for row in last.rows], last.has_next) == (["Orang 24", "Orang 25"], False)


def test_more_rows_are_no_more_queries(
    session: Session, health: Agency, admin: Actor, count_selects: CountSelects
) -> None:
    counts = []
    for _ in range(2):
        for number in range(8):
            called(session, health, f"Orang {number}", Role.BUYER, Role.APPROVER)
        session.expunge_all()
        with count_selects() as selects:
            shown(session, admin)
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize("role", [Role.BUYER, Role.APPROVER, Role.PROCUREMENT])
def test_only_who_manages_the_roster_reads_it(session: Session, health: Agency, role: Role) -> None:
    colleague = staff(session, role, health)
    with pytest.raises(NotFound):
        shown(session, colleague)


def test_another_agencys_roster_or_placement_is_not_found(session: Session, health: Agency) -> None:
    placement = called(session, health, "Rina")
    stranger = staff(session, Role.AGENCY_ADMIN, elsewhere(session))
    with pytest.raises(NotFound):
        shown(session, stranger)
    with pytest.raises(NotFound):
        find_placement(session, stranger, placement.id)


def test_ones_own_placements_are_listed_the_latest_first(session: Session, health: Agency) -> None:
    old = called(session, health, "Rina", until=TODAY - DAY)
    new = placed(session, elsewhere(session), person_id=old.person_id, since=TODAY)
    rows: list[RosterRow] = placements_of(session, old.person_id)
    assert [row.placement_id for row in rows] == [new.id, old.id]
