"""What became of the demo city's agencies: last year's July made one of two, under a new name."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy.orm import Session

from storefront.agencies.beginnings import begin
from storefront.agencies.models import Agency, AgencyKind
from storefront.agencies.tree import confirm_change, propose_change
from storefront.agencies.tree_history import pending_changes
from storefront.agencies.tree_models import ChangeKind
from storefront.agencies.tree_plans import NewChange, Part
from storefront.agencies.tree_writing import bring_up_to_date
from storefront.core.calendar import city_day, instant_of
from storefront.core.permissions import OPERATOR, Actor
from storefront.demo import content
from storefront.demo.content import DemoAgency
from storefront.demo.timeline import Act
from storefront.quota.periods import open_books

PLANNING = "KB-B01"
PLANNING_BEFORE = "Badan Perencanaan Pembangunan Daerah"
RESEARCH, RESEARCH_NAME = "KB-L01", "Kantor Penelitian dan Pengembangan Daerah"
"""It bought nothing in its last months: the city's figures are the same with it and without."""
JULY = 7, 1
PROPOSED_BEFORE, CONFIRMED_BEFORE = timedelta(days=20), timedelta(days=13)
PROPOSED_AT, CONFIRMED_AT = time(10, 15), time(13, 5)
STATISTICS, STATISTICS_NAME = "KB-D15", "Dinas Komunikasi, Informatika dan Statistik"
LEFT_BEFORE = timedelta(days=3)


def reorganised_on(today: date) -> date:
    """The day on which it was, for a demo of a day."""
    return date(today.year - 1, *JULY)


def first_name(demo: DemoAgency) -> str:
    """What an agency was called when the demo's two years began."""
    return PLANNING_BEFORE if demo.code == PLANNING else demo.name


def name_then(agency: Agency, day: date, *, renamed_on: date) -> str:
    """What an agency was called on a day of the demo's two years."""
    return agency.name if agency.code != PLANNING or day < renamed_on else _planning_now()


def add_research(session: Session, *, first: date) -> None:
    """The office that there was in the beginning, and is no more."""
    research = Agency(code=RESEARCH, name=RESEARCH_NAME, kind=AgencyKind.UNIT)
    session.add(research)
    session.flush()
    begin(session, [research], on=first, recorded_by=OPERATOR.person_id, now=instant_of(first))


def reorganised(
    session: Session, *, today: date, proposer: Actor, confirmer: Actor
) -> Iterator[Act]:
    """The planning board takes over the research office, and bears its present name since."""
    day = reorganised_on(today)
    document = f"Perda Kota Bandung 3/{day.year}"
    merger = NewChange(
        kind=ChangeKind.MERGE,
        agency_code=PLANNING,
        effective_on=day,
        document_number=document,
        parts=(Part(code=RESEARCH),),
    )
    name = NewChange(
        kind=ChangeKind.RENAME,
        agency_code=PLANNING,
        effective_on=day,
        document_number=document,
        new_name=_planning_now(),
    )
    for plan in (merger, name):
        yield Act(
            instant_of(day - PROPOSED_BEFORE, PROPOSED_AT),
            partial(_propose, session, proposer, plan),
        )
    yield Act(
        instant_of(day - CONFIRMED_BEFORE, CONFIRMED_AT),
        partial(_confirm_all, session, confirmer),
    )
    yield Act(instant_of(day), lambda at: bring_up_to_date(session, today=city_day(at)))


def renaming_left(session: Session, *, today: date, proposer: Actor) -> Iterator[Act]:
    """A change that waits for its second person: a new name from next January on."""
    next_year = today.year + 1
    plan = NewChange(
        kind=ChangeKind.RENAME,
        agency_code=STATISTICS,
        effective_on=date(next_year, 1, 1),
        document_number=f"Perda Kota Bandung 7/{today.year}",
        new_name=STATISTICS_NAME,
    )
    at = instant_of(today - LEFT_BEFORE, PROPOSED_AT)
    yield Act(at, partial(_propose, session, proposer, plan))


def _propose(session: Session, actor: Actor, plan: NewChange, now: datetime) -> None:
    first_open = open_books(session).first_day
    propose_change(session, actor, plan, first_open=first_open, now=now)


def _confirm_all(session: Session, actor: Actor, now: datetime) -> None:
    first_open = open_books(session).first_day
    for change_id in sorted(change.change_id for change in pending_changes(session, actor)):
        confirm_change(session, actor, change_id, first_open=first_open, now=now)


def _planning_now() -> str:
    return next(demo.name for demo in content.agencies() if demo.code == PLANNING)
