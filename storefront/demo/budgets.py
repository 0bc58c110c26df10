"""What the demo's agencies may spend: two years of budgets, each with a revision in between."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from storefront.agencies.models import (
    Agency,
    BudgetLine,
    BudgetRevision,
    BudgetRevisionLine,
    BudgetYear,
    ExpenseAccount,
    RevisionState,
)
from storefront.core.calendar import instant_of
from storefront.core.money import share
from storefront.core.permissions import OPERATOR, PersonId
from storefront.demo import content
from storefront.demo.chance import Chance
from storefront.demo.content import DemoAgency

MILLION = 1_000_000
SIZES = {
    "secretariat": (330, 480),
    "inspectorate": (135, 180),
    "dinas": (200, 440),
    "badan": (170, 330),
    "hospital": (225, 375),
    "kecamatan": (100, 170),
    "unit": (190, 255),
    "bumd": (160, 275),
}
"""Rupiah in millions: the part of an agency's goods and services that a shop like this can meet."""
WITHOUT_BUDGET = "KB-R03"
"""It spends from the budget of the agency above it."""
REVISED_ON = (9, 14)


@dataclass(frozen=True)
class Purse:
    """The counters of an agency's year: its row and its lines."""

    year: BudgetYear
    lines: tuple[BudgetLine, ...]


class Budgets:
    """Every agency's purse by code and year. Below one without its own: that of its parent."""

    def __init__(self) -> None:
        self.purses: dict[tuple[str, int], Purse] = {}
        self.bearer: dict[str, Agency] = {}

    def purse(self, agency_code: str, year: int) -> Purse:
        return self.purses[self.bearer[agency_code].code, year]


def add_budgets(
    session: Session, agencies: dict[str, Agency], *, years: tuple[int, int], today: date,
    confirmed_by: PersonId,
) -> Budgets:  # fmt: skip
    """Both years' budgets, revised each September where that is past."""
    for account in content.expense_accounts():
        session.add(ExpenseAccount(code=account.code, name=account.name))
    session.flush()
    budgets = Budgets()
    for demo in content.agencies():
        agency = agencies[demo.code]
        if demo.code == WITHOUT_BUDGET and demo.parent_code:
            budgets.bearer[demo.code] = agencies[demo.parent_code]
            continue
        budgets.bearer[demo.code] = agency
        for year in years:
            budgets.purses[demo.code, year] = _purse(
                session, demo, agency, year=year, today=today, confirmed_by=confirmed_by
            )
    session.flush()
    return budgets


def _purse(
    session: Session, demo: DemoAgency, agency: Agency, *, year: int, today: date,
    confirmed_by: PersonId,
) -> Purse:  # fmt: skip
    chance = Chance(f"budget {demo.code} {year}")
    total = chance.between(*SIZES[demo.kind]) * MILLION
    places = _places(demo)
    revisions = [(1, date(year, 1, 2), f"DPA/{agency.code}/{year}", total)]
    revised_on = date(year, *REVISED_ON)
    if revised_on <= today:
        changed = total * chance.between(970, 1_080) // 1_000 // 100_000 * 100_000
        revisions.append((2, revised_on, f"DPPA/{agency.code}/{year}", changed))
    counters = BudgetYear(agency_id=agency.id, fiscal_year=year)
    session.add(counters)
    session.flush()
    lines: tuple[BudgetLine, ...] = ()
    for number, effective_on, document, amount in revisions:
        parts = share(amount // 50_000, [weight for *_, weight in places])
        session.add(
            BudgetRevision(
                agency_id=agency.id,
                fiscal_year=year,
                revision=number,
                effective_on=effective_on,
                document_number=document,
                total_amount=amount,
                state=RevisionState.CONFIRMED,
                proposed_by=OPERATOR.person_id,
                proposed_at=instant_of(effective_on),
                confirmed_by=confirmed_by,
                confirmed_at=instant_of(effective_on),
                lines=[
                    BudgetRevisionLine(
                        activity_code=code,
                        activity_name=name,
                        expense_account=account,
                        amount=part * 50_000,
                    )
                    for (code, name, account, _), part in zip(places, parts, strict=True)
                ],
            )
        )
        counters.ceiling_amount, counters.revision = amount, number
        lines = tuple(
            BudgetLine(
                budget_year_id=counters.id,
                activity_code=code,
                activity_name=name,
                expense_account=account,
                ceiling_amount=part * 50_000,
            )
            for (code, name, account, _), part in zip(places, parts, strict=True)
        )
    session.add_all(lines)
    return Purse(counters, lines)


def _places(demo: DemoAgency) -> list[tuple[str, str, str, int]]:
    """Where money stands: activity code and name, expense account, and its weight."""
    places = {
        (activity.code, account): (activity.code, activity.name, account, activity.weight)
        for activity in content.activities_of(demo)
        for account in activity.expense_accounts
    }
    return list(places.values())
