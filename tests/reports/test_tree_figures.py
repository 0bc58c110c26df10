"""Figures as it was, and as it is arranged today, when agencies were renamed, moved and merged."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.agencies.tree_models import (
    AgencyChange,
    AgencyEdge,
    AgencySuccession,
    ChangeKind,
    SuccessionKind,
)
from storefront.core.database import transaction
from storefront.reports.city import city_quota
from storefront.reports.quota import agency_quota
from tests.factories import CONFIRMER, IMPORTER, NOON, agency, budget
from tests.reports.made import booked

TODAY = NOON.date()
MERGED_ON = date(2026, 7, 1)
RECORDED = {"recorded_by": IMPORTER, "recorded_at": NOON}


def merged(
    session: Session,
    old: Agency,
    new: Agency,
    on: date = MERGED_ON,
    kind: SuccessionKind = SuccessionKind.MERGE,
) -> None:
    with transaction(session):
        change = AgencyChange(
            kind=ChangeKind(kind.value),
            agency_id=new.id,
            effective_on=on,
            document_number="PERDA-8",
            proposed_by=IMPORTER,
            proposed_at=NOON,
            confirmed_by=CONFIRMER,
            confirmed_at=NOON,
        )
        session.add(change)
        session.flush()
        edge = {"agency_id": old.id, "parent_id": new.id, "valid_from": on}
        session.add(AgencyEdge(**edge, **RECORDED))
        session.add(
            AgencySuccession(
                old_id=old.id,
                new_id=new.id,
                effective_on=on,
                kind=kind,
                takes_over=True,
                change_id=change.id,
                **RECORDED,
            )
        )


def two_agencies(session: Session, *, own_budget: bool = True) -> tuple[Agency, Agency]:
    """Trade and industry: each with a budget of 1,000 and something realised."""
    trade = agency(session, "D-1", name="Dinas Perdagangan")
    industry = agency(session, "D-2", name="Dinas Perindustrian")
    budget(session, trade, ceiling=1_000)
    if own_budget:
        budget(session, industry, ceiling=1_000)
    booked(session, "D-1", realised=300)
    booked(session, "D-2", realised=200)
    return trade, industry


def test_as_it_was_a_merged_agency_keeps_its_own_figures(session: Session) -> None:
    trade, industry = two_agencies(session)
    merged(session, industry, trade)
    figures = city_quota(session, 2026, today=TODAY)
    assert [(row.code, row.realised, row.ceiling_amount) for row in figures.rows] == [
        ("D-1", 300, 1_000),
        ("D-2", 200, 1_000),
    ]
    assert figures.rows[1].ended_on == MERGED_ON
    assert figures.rows[1].heir == "Dinas Perdagangan"


def test_as_it_is_today_its_figures_and_ceiling_are_its_successors(session: Session) -> None:
    trade, industry = two_agencies(session)
    merged(session, industry, trade)
    figures = city_quota(session, 2026, today=TODAY, arranged_on=TODAY)
    (row,) = figures.rows
    assert (row.code, row.realised, row.ceiling_amount) == ("D-1", 500, 2_000)
    own = agency_quota(session, "D-1", 2026, today=TODAY, arranged_on=TODAY)
    assert (own.realised, own.ceiling_amount) == (500, 2_000)
    assert [node.code for node in own.included] == ["D-2"]


def test_the_citys_sum_is_the_same_by_either_arrangement(session: Session) -> None:
    trade, industry = two_agencies(session)
    merged(session, industry, trade)
    was = city_quota(session, 2026, today=TODAY)
    now = city_quota(session, 2026, today=TODAY, arranged_on=TODAY)
    assert (was.realised, was.ceiling_amount) == (now.realised, now.ceiling_amount) == (500, 2_000)


def test_a_chain_of_mergers_ends_at_who_goes_on(session: Session) -> None:
    trade, industry = two_agencies(session)
    cooperatives = agency(session, "D-3", name="Dinas Koperasi")
    merged(session, industry, trade)
    merged(session, trade, cooperatives, date(2026, 9, 1))
    (row,) = city_quota(session, 2026, today=TODAY, arranged_on=TODAY).rows
    assert (row.code, row.realised, row.ceiling_amount) == ("D-3", 500, 2_000)


def test_a_successor_without_a_budget_passes_the_ceiling_on_to_who_bears_it(
    session: Session,
) -> None:
    top = agency(session, "S-1", name="Sekretariat Daerah")
    bureau = agency(session, "S-1.1", name="Bagian Umum", parent=top)
    old = agency(session, "D-2", name="Kantor Arsip")
    budget(session, top, ceiling=1_000)
    budget(session, old, ceiling=500)
    booked(session, "D-2", realised=200)
    merged(session, old, bureau)
    rows = {row.code: row for row in city_quota(session, 2026, today=TODAY, arranged_on=TODAY).rows}
    assert (rows["S-1"].realised, rows["S-1"].ceiling_amount) == (200, 1_500)
    assert rows["S-1.1"].ceiling_amount is None


def test_what_a_split_left_behind_keeps_its_own_figures(session: Session) -> None:
    trade, industry = two_agencies(session)
    merged(session, industry, trade, kind=SuccessionKind.SPLIT)
    figures = city_quota(session, 2026, today=TODAY, arranged_on=TODAY)
    assert [(row.code, row.realised) for row in figures.rows] == [("D-1", 300), ("D-2", 200)]


def test_a_merger_of_a_later_year_changes_no_figure_of_the_year_before(session: Session) -> None:
    trade, industry = two_agencies(session, own_budget=False)
    before = city_quota(session, 2026, today=date(2027, 2, 1))
    merged(session, industry, trade, date(2027, 1, 1))
    after = city_quota(session, 2026, today=date(2027, 2, 1))
    assert after == before
    assert [row.code for row in after.rows] == ["D-1", "D-2"]


def test_an_arrangement_that_names_its_day_gives_the_same_figures_for_ever(
    session: Session,
) -> None:
    trade, industry = two_agencies(session)
    merged(session, industry, trade)
    asked = city_quota(session, 2026, today=TODAY, arranged_on=TODAY)
    merged(session, trade, agency(session, "D-3", name="Dinas Koperasi"), date(2026, 12, 1))
    again = city_quota(session, 2026, today=TODAY, arranged_on=TODAY)
    assert {row.code: row for row in asked.rows}["D-1"] == again.rows[0]


def test_who_merged_in_an_earlier_year_has_no_row_and_is_summed_into_its_successor(
    session: Session,
) -> None:
    trade = agency(session, "D-1", name="Dinas Perdagangan")
    industry = agency(session, "D-2", name="Dinas Perindustrian")
    budget(session, trade, ceiling=1_000)
    merged(session, industry, trade, date(2025, 7, 1))
    booked(session, "D-2", realised=200)
    (row,) = city_quota(session, 2026, today=TODAY).rows
    assert (row.code, row.realised) == ("D-1", 200)
