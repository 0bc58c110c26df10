"""Who decides on an agency's requests: the nearest that has somebody else who may."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.approvers import NoApprover, approving_agency
from storefront.agencies.models import Agency, PlacementRole
from storefront.core.database import transaction
from storefront.core.permissions import Role
from tests.agencies.made import TODAY, below, elsewhere
from tests.conftest import CountSelects
from tests.factories import IMPORTER, NOON, agency, person, placed


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


@pytest.fixture
def clinic(session: Session, health: Agency) -> Agency:
    return below(session, health)


def test_an_agencys_own_approver_decides(session: Session, health: Agency, clinic: Agency) -> None:
    placed(session, health, Role.APPROVER)
    placed(session, clinic, Role.APPROVER, person_id=person(session, "Ridwan"))
    found = approving_agency(session, clinic.id, TODAY, besides=person(session))
    assert (found.agency_id, found.code, found.approvers) == (clinic.id, clinic.code, ("Ridwan",))


def test_without_one_the_nearest_agency_above_decides(
    session: Session, health: Agency, clinic: Agency
) -> None:
    placed(session, health, Role.APPROVER)
    assert approving_agency(session, clinic.id, TODAY, besides=person(session)).code == health.code


def test_an_approver_does_not_decide_on_their_own_request(
    session: Session, health: Agency, clinic: Agency
) -> None:
    buyer = placed(session, clinic, Role.APPROVER).person_id
    placed(session, health, Role.APPROVER)
    assert approving_agency(session, clinic.id, TODAY, besides=buyer).code == health.code


def test_nobody_up_the_tree_is_a_clear_refusal(session: Session, clinic: Agency) -> None:
    placed(session, elsewhere(session), Role.APPROVER)
    with pytest.raises(NoApprover, match="PPK/KPA"):
        approving_agency(session, clinic.id, TODAY, besides=person(session))


@pytest.mark.parametrize(
    ("since", "until"),
    [(TODAY + timedelta(days=1), None), (date(2020, 1, 1), TODAY - timedelta(days=1))],
)
def test_only_who_is_placed_on_that_day_decides(
    session: Session, health: Agency, since: date, until: date | None
) -> None:
    placed(session, health, Role.APPROVER, since=since, until=until)
    with pytest.raises(NoApprover):
        approving_agency(session, health.id, TODAY, besides=person(session))


@pytest.mark.parametrize("change", ["ended_at", "confirmed_at"])
def test_a_role_that_waits_or_ended_makes_no_approver(
    session: Session, health: Agency, change: str
) -> None:
    placement = placed(session, health)
    role = PlacementRole(
        placement_id=placement.id,
        role=Role.APPROVER,
        proposed_by=IMPORTER,
        proposed_at=NOON,
        confirmed_by=None if change == "confirmed_at" else "confirmer",
        confirmed_at=None if change == "confirmed_at" else NOON,
        ended_at=NOON if change == "ended_at" else None,
    )
    with transaction(session):
        session.add(role)
    with pytest.raises(NoApprover):
        approving_agency(session, health.id, TODAY, besides=person(session))


def test_one_person_with_two_placements_is_named_once(session: Session, health: Agency) -> None:
    ridwan = placed(
        session, health, Role.APPROVER, until=TODAY, person_id=person(session, "Ridwan")
    ).person_id
    placed(session, health, Role.APPROVER, person_id=ridwan, since=TODAY)
    assert approving_agency(session, health.id, TODAY, besides=person(session)).approvers == (
        "Ridwan",
    )


def test_it_is_one_query_however_high_the_tree(
    session: Session, health: Agency, clinic: Agency, count_selects: CountSelects
) -> None:
    placed(session, health, Role.APPROVER)
    clinic_id, buyer = clinic.id, person(session)
    with count_selects() as selects:
        approving_agency(session, clinic_id, TODAY, besides=buyer)
    assert len(selects) <= 1
