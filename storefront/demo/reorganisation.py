"""What became of the demo city's agencies: last year's July made one of two, under a new name."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from storefront.agencies.beginnings import begin
from storefront.agencies.models import Agency, AgencyKind
from storefront.agencies.tree import confirm_change, propose_change
from storefront.agencies.tree_models import ChangeKind
from storefront.agencies.tree_plans import NewChange, Part
from storefront.agencies.tree_writing import bring_up_to_date
from storefront.core.calendar import instant_of
from storefront.core.permissions import CITY, OPERATOR, Actor, Grant, PersonId, Role
from storefront.demo import content
from storefront.demo.content import DemoAgency

PLANNING = "KB-B01"
PLANNING_BEFORE = "Badan Perencanaan Pembangunan Daerah"
RESEARCH, RESEARCH_NAME = "KB-L01", "Kantor Penelitian dan Pengembangan Daerah"
"""It bought nothing in its last months: the city's figures are the same with it and without."""
JULY = 7, 1


def reorganised_on(today: date) -> date:
    """The day on which it was, for a demo of a day."""
    return date(today.year - 1, *JULY)


def first_name(demo: DemoAgency) -> str:
    """What an agency was called when the demo's two years began."""
    return PLANNING_BEFORE if demo.code == PLANNING else demo.name


def name_then(agency: Agency, day: date, *, renamed_on: date) -> str:
    """What an agency was called on a day of the demo's two years; it bears its present name."""
    is_before = agency.code == PLANNING and day < renamed_on
    return PLANNING_BEFORE if is_before else agency.name


def reorganise(session: Session, *, today: date, confirmed_by: PersonId) -> None:
    """Let the planning board take over the research office, and bear its present name since."""
    day = reorganised_on(today)
    first = date(day.year, 1, 1)
    research = Agency(code=RESEARCH, name=RESEARCH_NAME, kind=AgencyKind.UNIT)
    session.add(research)
    session.flush()
    begin(session, [research], on=first, recorded_by=OPERATOR.person_id, now=instant_of(first))
    usual = NewChange(
        kind=ChangeKind.MERGE,
        agency_code=PLANNING,
        effective_on=day,
        document_number=f"Perda Kota Bandung 3/{day.year}",
        parts=(Part(code=RESEARCH),),
    )
    name = NewChange(
        kind=ChangeKind.RENAME,
        agency_code=PLANNING,
        effective_on=day,
        document_number=usual.document_number,
        new_name=next(demo.name for demo in content.agencies() if demo.code == PLANNING),
    )
    admin = Actor(confirmed_by, frozenset({Grant(Role.CITY_ADMIN, *CITY)}))
    proposed_at, confirmed_at = (instant_of(day - timedelta(days=days)) for days in (20, 13))
    for plan in (usual, name):
        change = propose_change(session, OPERATOR, plan, first_open=first, now=proposed_at)
        confirm_change(session, admin, change.id, first_open=first, now=confirmed_at)
    bring_up_to_date(session, today=today)
