"""A page of a position shows the same for ever, whatever is recorded after it for days before."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.agency_list import COLUMNS, import_agencies
from storefront.agencies.beginnings import begin
from storefront.agencies.models import Agency, AgencyKind, BudgetRevision, RevisionState
from storefront.agencies.tree import confirm_change, propose_change
from storefront.agencies.tree_models import SINCE_EVER, AgencyEdge, AgencyName, ChangeKind
from storefront.agencies.tree_plans import NewChange, Part
from storefront.agencies.tree_queries import tree_on
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.tabular import read_table
from storefront.programme.models import ParticipationMonth
from storefront.quota.models import EntryKind, Fund
from storefront.quota.rule_models import QuotaExemption
from storefront.reports.bulletins import bulletin_figures
from storefront.reports.city import city_quota
from storefront.reports.close_differences import close_difference
from storefront.reports.closes import find_close
from storefront.reports.explain import explain_agency, explain_city
from storefront.reports.explained_figures import Figure, Question
from storefront.reports.moments import Asked
from storefront.reports.quota import agency_quota
from storefront.sellers.models import SellerClass
from tests.agencies.made import city_admin
from tests.closings import closed_until
from tests.factories import CONFIRMER, IMPORTER, NOON, agency
from tests.factories_rules import adopted, exempted, terms
from tests.reports.made import booked

FIRST_OPEN, TENTH = date(2026, 6, 1), date(2026, 6, 10)
AT_THE_TENTH = instant_of(TENTH)
SETTLED_BY = AT_THE_TENTH - timedelta(hours=1)


@pytest.fixture(autouse=True)
def city(session: Session) -> None:
    """Three agencies and a board above one, entries in May; May is closed on 10 June."""
    adopted(
        session,
        terms(funds=frozenset(Fund), keeps_last_year=True),
        effective_on=date(2026, 1, 5),
        now=instant_of(date(2026, 1, 5)),
    )
    board = agency(session, "S-1", name="Sekretariat Daerah")
    for code in ("D-1", "D-2"):
        unit = agency(session, code, name=f"Dinas {code}")
        revised(session, unit, 1, 1_000)
    agency(session, "D-3", name="Bagian Umum", parent=board)
    exempted(session, agency(session, "D-2"), now=SETTLED_BY)
    for code in ("D-1", "D-2", "D-3"):
        booked(session, code, committed=50, realised=100, day=date(2026, 3, 4))
        booked(session, code, realised=30, day=date(2026, 5, 20))
        booked(session, code, realised=7, day=date(2026, 6, 9), order=f"P-{code}")
    closed_until(session, "2026-05", now=AT_THE_TENTH)


def revised(session: Session, of: Agency, revision: int, total: int, **said: Any) -> None:
    stands: dict[str, Any] = {
        "effective_on": date(2026, 1, 2),
        "confirmed_at": instant_of(date(2026, 1, 2)),
    } | said
    with transaction(session):
        session.add(
            BudgetRevision(
                agency_id=of.id,
                fiscal_year=2026,
                revision=revision,
                document_number=f"DPPA-{revision}",
                total_amount=total,
                state=RevisionState.CONFIRMED,
                proposed_by=IMPORTER,
                proposed_at=stands["confirmed_at"],
                confirmed_by=CONFIRMER,
                **stands,
            )
        )


def changed(session: Session, kind: ChangeKind, code: str, **said: Any) -> None:
    """A change of the tree that a second person confirms in November, from 1 June on."""
    plan = NewChange(
        kind=kind, agency_code=code, effective_on=FIRST_OPEN, document_number="Perda 8", **said
    )
    by, second = city_admin(session), city_admin(session)
    with transaction(session):
        change_id = propose_change(session, by, plan, first_open=FIRST_OPEN, now=NOON).id
    with transaction(session):
        confirm_change(session, second, change_id, first_open=FIRST_OPEN, now=NOON)


def renamed(session: Session) -> None:
    changed(session, ChangeKind.RENAME, "D-1", new_name="Badan Baru")


def moved(session: Session) -> None:
    changed(session, ChangeKind.MOVE, "D-3", new_parent_code="D-1")


def merged(session: Session) -> None:
    changed(session, ChangeKind.MERGE, "D-1", parts=(Part(code="D-2"),))


def split(session: Session) -> None:
    changed(
        session, ChangeKind.SPLIT, "D-1",
        parts=(Part(code="D-8", name="Dinas Kopi"), Part(code="D-9", name="Dinas Teh")),
    )  # fmt: skip


def began(session: Session) -> None:
    with transaction(session):
        new = Agency(code="D-7", name="Dinas Baru", kind=AgencyKind.DINAS)
        session.add(new)
        session.flush()
        begin(session, [new], on=FIRST_OPEN, recorded_by=IMPORTER, now=NOON)


def exempt(session: Session) -> None:
    exempted(session, agency(session, "D-1"), valid_from=FIRST_OPEN)


def not_exempt(session: Session) -> None:
    """Ended early, on a day that a later figure is of."""
    with transaction(session):
        row = session.scalars(select(QuotaExemption)).one()
        row.ended_on, row.ended_by, row.ended_at = FIRST_OPEN, CONFIRMER, NOON


def ruled(session: Session) -> None:
    adopted(session, terms(target_permille=900), effective_on=FIRST_OPEN)


def rebudgeted(session: Session) -> None:
    said = {"effective_on": FIRST_OPEN, "confirmed_at": NOON}
    revised(session, agency(session, "D-1"), 2, 9_000, **said)


def adjusted(session: Session) -> None:
    booked(session, "D-1", realised=1_000, day=date(2026, 6, 5))


def taken_back(session: Session) -> None:
    booked(session, "D-1", realised=-7, day=date(2026, 6, 9), kind=EntryKind.REVERSE, order="P-D-1")


def classed(session: Session) -> None:
    """A move of an order to another class, in the ledger."""
    for amount, seller_class in ((-7, SellerClass.MICRO), (7, SellerClass.OTHER)):
        booked(
            session, "D-1", realised=amount, day=date(2026, 6, 9), kind=EntryKind.MOVE,
            order="P-D-1", seller_class=seller_class,
        )  # fmt: skip


def published(session: Session) -> None:
    with transaction(session):
        session.add(
            ParticipationMonth(
                agency_code="D-1", month="2026-04", is_withheld=False, buyers=5,
                realised_amount=777, published_at=NOON, staff=20,
            )
        )  # fmt: skip


LATER = (
    renamed, moved, merged, split, began, exempt, not_exempt, ruled, rebudgeted, adjusted,
    taken_back, classed, published,
)  # fmt: skip


def shown(session: Session, asked: Asked) -> list[Any]:
    """Every agency's page and the city's, in both arrangements, with what explains them."""
    session.rollback()
    found: list[Any] = []
    for arranged_on in (None, TENTH):
        city = city_quota(session, 2026, today=NOON.date(), asked=asked, arranged_on=arranged_on)
        agencies = [
            agency_quota(
                session, code, 2026, today=NOON.date(), asked=asked, arranged_on=arranged_on
            )
            for code in ("D-1", "D-2", "D-3", "S-1")
        ]
        found += [city, *agencies]
        question = Question(Figure.REALISED, "")
        found += [explain_agency(session, each, question) for each in agencies]
        found.append(explain_city(session, city, question))
    return found


@pytest.mark.parametrize("later", LATER)
def test_what_is_recorded_after_a_position_changes_nothing_of_it(
    session: Session, later: Callable[[Session], None]
) -> None:
    close = find_close(session, city_admin(session), "2026-05")
    then = Asked(as_of=TENTH, position=close.position, known_at=close.confirmed_at)
    before, today = shown(session, then), shown(session, Asked(as_of=TENTH))
    later(session)
    assert shown(session, then) == before
    assert shown(session, Asked(as_of=TENTH)) != today


@pytest.mark.parametrize("later", LATER)
def test_a_close_its_bulletin_and_its_difference_stay_as_they_were(
    session: Session, later: Callable[[Session], None]
) -> None:
    admin = city_admin(session)

    def papers() -> list[Any]:
        session.rollback()
        return [
            find_close(session, admin, "2026-05"),
            bulletin_figures(session, admin, "2026-05"),
            close_difference(session, admin, "2026-02", "2026-05").accounts,
        ]

    before = papers()
    later(session)
    assert papers() == before
    closed_until(session, "2026-06")
    assert papers() == before


def test_the_kind_of_an_agency_is_that_of_the_day_as_known_then(session: Session) -> None:
    table = read_table(b"code,name,kind,parent_code\nD-1,Dinas D-1,badan,\n", columns=COLUMNS)
    by = city_admin(session)
    with transaction(session):
        import_agencies(session, by, table, now=NOON)

    def kind(day: date, **asked: Any) -> AgencyKind:
        city = city_quota(session, 2026, today=NOON.date(), asked=Asked(as_of=day, **asked))
        return {row.code: row.kind for row in city.rows}["D-1"]

    assert kind(NOON.date()) is AgencyKind.BADAN
    assert kind(NOON.date() - timedelta(days=1)) is AgencyKind.DINAS
    assert kind(NOON.date(), position=9, known_at=AT_THE_TENTH) is AgencyKind.DINAS


def test_what_stood_before_the_tree_was_dated_was_always_known(session: Session) -> None:
    """A migration wrote it down, later than the oldest positions."""
    with transaction(session):
        old = Agency(code="D-0", name="Dinas Lama", kind=AgencyKind.DINAS)
        session.add(old)
        session.flush()
        begin(session, [old], on=SINCE_EVER, recorded_by=IMPORTER, now=NOON)
    assert old.id in tree_on(session, TENTH, AT_THE_TENTH)


def test_a_correction_of_an_earlier_day_is_known_from_when_it_was_recorded(
    session: Session,
) -> None:
    unit, board = agency(session, "D-1"), agency(session, "S-1")
    recorded = {"recorded_by": IMPORTER, "recorded_at": AT_THE_TENTH, "agency_id": unit.id}
    with transaction(session):
        session.add(AgencyName(name="Dinas Kopi", valid_from=FIRST_OPEN, **recorded))
        session.add(AgencyEdge(parent_id=board.id, valid_from=FIRST_OPEN, **recorded))
    before = tree_on(session, TENTH, AT_THE_TENTH - timedelta(seconds=1))[unit.id]
    after = tree_on(session, TENTH, AT_THE_TENTH)[unit.id]
    assert (before.name, before.parent_id) == ("Dinas D-1", None)
    assert (after.name, after.parent_id) == ("Dinas Kopi", board.id)
