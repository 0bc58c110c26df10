"""A roster from a file: people known by their number, all rows or none, no code ever shown."""

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.access.actors import find_actor
from storefront.accounts.models import (
    Credential,
    OneTimeCode,
    Person,
    PersonDetails,
    PersonNumber,
)
from storefront.accounts.people import change_contact
from storefront.agencies.models import Agency, Placement, PlacementKind
from storefront.agencies.roster import COLUMNS, RosterImported, import_roster, place_employee
from storefront.agencies.roster_queries import pending_roles
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import NotFound
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import OPERATOR, Actor, PersonId, Role
from storefront.core.tabular import RowsRefused, read_table
from tests.agencies.made import TODAY, below, city_admin, elsewhere, staff
from tests.factories import NOON, agency

SITI, ASEP = "198703122010012003", "197905052005011004"
SITI_AS_PPPK = "198703122023212001"


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


def row(nip: str = SITI, **cells: str) -> dict[str, str]:
    return {
        "nip": nip,
        "employment": "pns",
        "name": "Siti Nurhaliza",
        "email": f"{nip}@bandung.example",
        "position": "Perencana Ahli Muda",
        "unit_code": "1.02.01",
        "kind": "definitive",
        "roles": "buyer",
        "from": "2026-01-01",
        "to": "",
    } | {name.rstrip("_"): cell for name, cell in cells.items()}


def brought(
    session: Session,
    rows: Sequence[dict[str, str]],
    by: Actor = OPERATOR,
    *,
    agency_code: str = "1.02.01",
    dry_run: bool = False,
) -> RosterImported:
    lines = [";".join(COLUMNS), *(";".join(row[name] for name in COLUMNS) for row in rows)]
    table = read_table("\n".join(lines).encode(), columns=COLUMNS)
    with transaction(session):
        return import_roster(session, by, table, agency_code=agency_code, now=NOON, dry_run=dry_run)


def refused(
    session: Session, rows: Sequence[dict[str, str]], by: Actor = OPERATOR
) -> list[tuple[int, str]]:
    """Row and column of each error; and that nothing was kept."""
    before = session.scalar(select(func.count()).select_from(Person))
    with pytest.raises(RowsRefused) as refusal:
        brought(session, rows, by)
    assert session.scalar(select(func.count()).select_from(Person)) == before
    return [(error.row, error.column) for error in refusal.value.errors]


def count(session: Session, table: type[object]) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def person_of(session: Session, nip: str) -> PersonId:
    return session.scalars(select(PersonNumber.person_id).filter_by(nip=nip)).one()


@pytest.mark.usefixtures("health")
def test_people_placements_and_roles_come_from_a_file(session: Session) -> None:
    imported = brought(session, [row(), row(ASEP, roles="approver buyer", kind="acting")])
    assert (imported.people, imported.placements, imported.roles_waiting) == (2, 2, 1)
    acting = session.scalars(select(Placement).filter_by(nip=ASEP)).one()
    assert (acting.kind, acting.valid_from) == (PlacementKind.ACTING, date(2026, 1, 1))
    siti = find_actor(session, person_of(session, SITI), today=TODAY)
    assert siti is not None
    assert siti.scopes(Role.BUYER) == ["1.02.01"]


@pytest.mark.usefixtures("health")
def test_roles_that_need_a_second_person_wait_for_a_city_admin(session: Session) -> None:
    brought(session, [row(ASEP, roles="approver treasurer agency_admin procurement")])
    waiting = pending_roles(session, city_admin(session))
    assert {role.role for role in waiting} == {
        Role.APPROVER,
        Role.TREASURER,
        Role.AGENCY_ADMIN,
    }
    assert {role.proposed_by_name for role in waiting} == {None}
    asep = find_actor(session, person_of(session, ASEP), today=TODAY)
    assert asep is not None
    assert {grant.role for grant in asep.grants} == {Role.PROCUREMENT}


@pytest.mark.usefixtures("health")
def test_codes_go_to_the_peoples_own_mail_and_nobody_is_in_yet(session: Session) -> None:
    imported = brought(session, [row(), row(ASEP, email="")])
    assert (imported.mails, imported.slips) == (1, 1)
    code = session.scalars(select(OneTimeCode)).one()
    assert code.sent_to == f"{SITI}@bandung.example"
    issued = session.scalars(select(OutboxMessage).filter_by(topic="account_code_issued")).one()
    assert issued.payload == f'{{"code": {code.id}}}'
    assert count(session, Credential) == 0


@pytest.mark.usefixtures("health")
def test_the_same_file_again_changes_nothing(session: Session) -> None:
    brought(session, [row(), row(ASEP)])
    again = brought(session, [row(), row(ASEP)])
    assert (again.people, again.placements, again.unchanged, again.mails) == (0, 0, 2, 0)


@pytest.mark.usefixtures("health")
def test_a_role_added_to_a_row_that_stands_is_proposed(session: Session) -> None:
    brought(session, [row(ASEP)])
    assert brought(session, [row(ASEP, roles="buyer approver")]).roles_waiting == 1


@pytest.mark.usefixtures("health")
def test_a_dry_run_keeps_nothing_and_says_what_would_be(session: Session) -> None:
    before = count(session, AuditEntry)
    assert brought(session, [row()], dry_run=True).people == 1
    left = [count(session, table) for table in (Person, Placement, OutboxMessage)]
    assert left == [0, 0, 0]
    assert count(session, AuditEntry) == before


@pytest.mark.usefixtures("health")
def test_one_wrong_row_and_no_row_is_taken(session: Session) -> None:
    assert refused(session, [row(), row("1.98703E+17")]) == [(3, "nip")]


@pytest.mark.usefixtures("health")
@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"nip": "198703122010132003"}, "nip"),
        ({"nip": "", "email": ""}, "nip"),
        ({"employment": "honorer"}, "employment"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email": "siti"}, "email"),
        ({"position": ""}, "position"),
        ({"position": "x" * 161}, "position"),
        ({"unit_code": "1.01.01"}, "unit_code"),
        ({"unit_code": ""}, "unit_code"),
        ({"kind": "tetap"}, "kind"),
        ({"roles": "buyer boss"}, "roles"),
        ({"roles": "city_admin"}, "roles"),
        ({"from_": "01/02/2026"}, "from"),
        ({"from_": "46024"}, "from"),
        ({"from_": ""}, "from"),
        ({"from_": "1900-01-01"}, "from"),
        ({"to": "2025-12-31"}, "to"),
        ({"to": "besok"}, "to"),
    ],
)
def test_each_cell_is_checked_and_named(
    session: Session, cells: dict[str, str], column: str
) -> None:
    elsewhere(session)
    assert refused(session, [row(**cells)]) == [(2, column)]


@pytest.mark.usefixtures("health")
def test_all_that_is_wrong_is_told_at_once(session: Session) -> None:
    wrong = [row(employment="x"), row(ASEP), row("1" * 18, from_="x", roles="boss")]
    assert refused(session, wrong) == [
        (2, "employment"),
        (4, "nip"),
        (4, "roles"),
        (4, "from"),
    ]


@pytest.mark.usefixtures("health")
def test_a_number_is_checked_by_the_form_of_its_employment(session: Session) -> None:
    assert refused(session, [row(SITI_AS_PPPK)]) == [(2, "nip")]
    assert brought(session, [row(SITI_AS_PPPK, employment="pppk")]).people == 1


@pytest.mark.usefixtures("health")
def test_a_row_twice_in_one_file_is_an_error_of_the_second(session: Session) -> None:
    assert refused(session, [row(), row()]) == [(3, "nip")]


@pytest.mark.usefixtures("health")
def test_two_definitive_placements_that_overlap_are_an_error(session: Session) -> None:
    assert refused(session, [row(), row(from_="2026-06-01")]) == [(3, "from")]


@pytest.mark.usefixtures("health")
def test_one_after_the_other_is_none(session: Session) -> None:
    rows = [row(to="2026-05-31"), row(from_="2026-06-01")]
    imported = brought(session, rows)
    assert (imported.people, imported.placements) == (1, 2)


def test_a_placement_elsewhere_stands_in_the_way_until_it_ends(
    session: Session, health: Agency
) -> None:
    elsewhere(session)
    brought(session, [row(unit_code="1.01.01")], agency_code="1.01.01")
    assert refused(session, [row()]) == [(2, "from")]
    assert health.code == "1.02.01"


def test_a_unit_below_the_agency_may_stand_in_its_file(session: Session, health: Agency) -> None:
    clinic = below(session, health)
    brought(session, [row(unit_code=clinic.code)])
    assert session.scalars(select(Placement.agency_id)).one() == clinic.id


@pytest.mark.usefixtures("health")
def test_the_address_is_one_persons(session: Session) -> None:
    rows = [row(email="satu@bandung.example"), row(ASEP, email="SATU@bandung.example")]
    assert refused(session, rows) == [(3, "email")]


@pytest.mark.usefixtures("health")
def test_a_new_number_of_a_known_person_is_theirs(session: Session) -> None:
    brought(session, [row(email="siti@bandung.example", to="2026-06-30")])
    again = row(
        SITI_AS_PPPK,
        employment="pppk",
        email="siti@bandung.example",
        from_="2026-07-01",
    )
    assert brought(session, [again]).people == 0
    assert person_of(session, SITI) == person_of(session, SITI_AS_PPPK)


@pytest.mark.usefixtures("health")
@pytest.mark.parametrize(
    "other",
    ["198811202012012005", "198703122010011003"],  # a woman born later; a man born that day
)
def test_a_number_of_another_birth_or_gender_is_not_theirs(session: Session, other: str) -> None:
    brought(session, [row(email="siti@bandung.example", to="2026-06-30")])
    assert refused(session, [row(other, email="siti@bandung.example")]) == [(2, "email")]


def test_a_roster_never_changes_the_address_of_somebody_known(
    session: Session, health: Agency
) -> None:
    """Or an admin elsewhere would have the reset code of anybody whose number they know."""
    brought(session, [row(email="siti@bandung.example")])
    elsewhere(session)
    thief = staff(session, Role.AGENCY_ADMIN, elsewhere(session))
    acting = row(email="pencuri@x.example", unit_code="1.01.01", kind="acting")
    with pytest.raises(RowsRefused) as refusal:
        brought(session, [acting], thief, agency_code="1.01.01")
    assert [error.column for error in refusal.value.errors] == ["email"]
    details = session.get_one(PersonDetails, person_of(session, SITI))
    assert details.email == "siti@bandung.example"
    assert health.code == "1.02.01"


@pytest.mark.usefixtures("health")
def test_nor_does_it_give_one_to_somebody_who_serves_elsewhere(session: Session) -> None:
    brought(session, [row(email="")])
    thief = staff(session, Role.AGENCY_ADMIN, elsewhere(session))
    acting = row(email="pencuri@x.example", unit_code="1.01.01", kind="acting")
    with pytest.raises(RowsRefused) as refusal:
        brought(session, [acting], thief, agency_code="1.01.01")
    assert [error.column for error in refusal.value.errors] == ["email"]


def test_an_address_that_was_missing_is_filled_by_ones_own_agency_and_mailed_to(
    session: Session, health: Agency
) -> None:
    brought(session, [row(email="")])
    admin = staff(session, Role.AGENCY_ADMIN, health)
    imported = brought(session, [row(email="siti@bandung.example")], admin)
    assert (imported.people, imported.unchanged, imported.mails) == (0, 1, 1)


@pytest.mark.usefixtures("health")
def test_who_is_in_already_keeps_their_account_without_an_address(session: Session) -> None:
    brought(session, [row()])
    siti = person_of(session, SITI)
    with transaction(session):
        session.add(Credential(person_id=siti, password_hash="x", changed_at=NOON))  # noqa: S106
        change_contact(session, Actor(siti, frozenset()), email=None, phone="", now=NOON)
    assert refused(session, [row()]) == [(2, "email")]


@pytest.mark.usefixtures("health")
def test_a_roster_of_another_agency_is_not_found(session: Session) -> None:
    stranger = staff(session, Role.AGENCY_ADMIN, elsewhere(session))
    for by, code in ((stranger, "1.02.01"), (OPERATOR, "9.99")):
        with pytest.raises(NotFound):
            brought(session, [row()], by, agency_code=code)


@pytest.mark.usefixtures("health")
def test_the_audit_log_knows_the_file(session: Session) -> None:
    brought(session, [row()])
    entry = session.scalars(select(AuditEntry).filter_by(act="roster.imported")).one()
    assert entry.subject == "1.02.01"
    assert '"people": 1' in entry.details
    assert '"file": "' in entry.details


def test_one_employee_is_placed_from_a_form(session: Session, health: Agency) -> None:
    admin = staff(session, Role.AGENCY_ADMIN, health)
    with transaction(session):
        imported = place_employee(session, admin, row(), now=NOON)
    assert (imported.people, imported.mails) == (1, 1)
    subject = session.scalars(select(AuditEntry.subject).filter_by(act="placement.added")).one()
    assert subject == person_of(session, SITI)


def test_a_forms_mistakes_are_told_by_field(session: Session, health: Agency) -> None:
    admin = staff(session, Role.AGENCY_ADMIN, health)
    with pytest.raises(RowsRefused) as refusal, transaction(session):
        place_employee(session, admin, row(nip="12", to="x"), now=NOON)
    assert [error.column for error in refusal.value.errors] == ["nip", "to"]


@pytest.mark.usefixtures("health")
def test_markup_in_a_cell_is_only_text(session: Session) -> None:
    brought(session, [row(name="<script>alert(1)</script>")])
    assert session.scalars(select(PersonDetails.name)).one() == "<script>alert(1)</script>"


@pytest.mark.usefixtures("health")
def test_a_thousand_rows_do_not_ask_a_thousand_times(
    session: Session, count_selects: object
) -> None:
    counts = []
    for start in (0, 100):
        rows = [
            row(f"19870312201001{number // 1000 + 1}{number % 1000:03}")
            for number in range(start + 1, start + (10 if start == 0 else 400))
        ]
        with count_selects() as selects:  # type: ignore[operator]
            brought(session, rows)
        counts.append(len(selects))
    assert counts[1] - counts[0] <= 2
