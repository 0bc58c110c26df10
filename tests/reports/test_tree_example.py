"""The worked example of docs/attribution.md, "A merger, worked", figure by figure."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.tree import confirm_change, propose_change
from storefront.agencies.tree_models import ChangeKind
from storefront.agencies.tree_plans import NewChange, Part
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.quota.periods import begin_in
from storefront.reports.city import CityQuota, city_quota
from tests.agencies.made import city_admin
from tests.factories import agency, budget
from tests.reports.made import booked

MILLION = 1_000_000
MERGED_ON, FIRST_OPEN = date(2026, 7, 1), date(2026, 5, 1)
YEAR_END = date(2026, 12, 31)

Figures = dict[str, tuple[int, int | None, int | None]]
"""By code: realised and ceiling in millions of rupiah, and the share in per mille."""


@pytest.fixture(autouse=True)
def story(session: Session) -> None:
    """Two agencies, each with budgets and purchases of two years; then the one is merged."""
    with transaction(session):
        begin_in(session, OPERATOR, year=2025)
    trade = agency(session, "D-1", name="Dinas Perdagangan")
    industry = agency(session, "D-2", name="Dinas Perindustrian")
    for of, year, ceiling in (
        (trade, 2025, 800), (industry, 2025, 400), (trade, 2026, 1_000), (industry, 2026, 500),
    ):  # fmt: skip
        budget(session, of, year=year, ceiling=ceiling * MILLION)
    for code, day, realised in (
        ("D-1", date(2025, 5, 4), 200),
        ("D-2", date(2025, 5, 4), 140),
        ("D-1", date(2026, 5, 4), 400),
        ("D-2", date(2026, 5, 4), 100),
        ("D-2", date(2026, 8, 3), 50),  # ordered in June, paid by the successor's treasurer
    ):
        booked(session, code, realised=realised * MILLION, day=day, fiscal_year=day.year)


def merge(session: Session) -> None:
    second = city_admin(session)
    plan = NewChange(
        kind=ChangeKind.MERGE,
        agency_code="D-1",
        effective_on=MERGED_ON,
        document_number="Perda 8/2026",
        parts=(Part(code="D-2"),),
    )
    now = instant_of(date(2026, 6, 20))
    with transaction(session):
        change_id = propose_change(session, OPERATOR, plan, first_open=FIRST_OPEN, now=now).id
    with transaction(session):
        confirm_change(session, second, change_id, first_open=FIRST_OPEN, now=now)


def figures(of: CityQuota) -> Figures:
    return {
        row.code: (
            row.realised // MILLION,
            row.ceiling_amount // MILLION if row.ceiling_amount is not None else None,
            row.permille,
        )
        for row in of.rows
    }


@pytest.mark.parametrize(
    ("year", "arranged_on", "expected"),
    [
        (2025, None, {"D-1": (200, 800, 250), "D-2": (140, 400, 350)}),
        (2025, YEAR_END, {"D-1": (340, 1_200, 283)}),
        (2026, None, {"D-1": (400, 1_000, 400), "D-2": (150, 500, 300)}),
        (2026, YEAR_END, {"D-1": (550, 1_500, 366)}),
        (2026, date(2026, 6, 30), {"D-1": (400, 1_000, 400), "D-2": (150, 500, 300)}),
    ],
)
def test_each_figure_of_the_example_is_as_the_document_says(
    session: Session, year: int, arranged_on: date | None, expected: Figures
) -> None:
    merge(session)
    found = city_quota(session, year, today=YEAR_END, arranged_on=arranged_on)
    assert figures(found) == expected


def test_what_was_asked_of_2025_before_the_merger_is_answered_the_same_after_it(
    session: Session,
) -> None:
    asked = city_quota(session, 2025, today=YEAR_END)
    arranged = city_quota(session, 2025, today=YEAR_END, arranged_on=date(2026, 6, 30))
    merge(session)
    assert city_quota(session, 2025, today=YEAR_END) == asked
    again = city_quota(session, 2025, today=YEAR_END, arranged_on=date(2026, 6, 30))
    assert again == arranged
