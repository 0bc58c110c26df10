"""The quota export: per agency, fiscal year, month, fund and class, what the entries come to.

Only groups with entries have a row. Of personal money there is one row per closed month, as it was
published, and nothing that it could be split or subtracted by (product.md, "Privacy").
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId, BudgetRevision, RevisionState
from storefront.core.calendar import city_day, month_after, month_of
from storefront.exports.asked import ExportRequest
from storefront.exports.rows import Row, Sheet
from storefront.programme.models import ParticipationMonth
from storefront.quota.closing_models import QuotaMonth
from storefront.quota.models import Fund, QuotaAccount
from storefront.quota.months import SUMS
from storefront.quota.rules import Rule, rule_on

COLUMNS = (
    "agency_code",
    "agency_name",
    "fiscal_year",
    "month",
    "fund",
    "seller_class",
    "counts",
    "budget",
    "committed",
    "realised",
    "reversed",
    "off_platform",
    "buyers",
    "withheld",
)
SUMMED = ("committed", "realised", "reversed", "off_platform")


class _Place(NamedTuple):
    """What rows are sorted by, in Python: engines differ in how they sort text."""

    agency_code: str
    month: str
    fund: str
    seller_class: str


def sheet(session: Session, request: ExportRequest, *, now: datetime) -> Sheet:
    """The groups asked for, by agency, month, fund and class."""
    rule = rule_on(session, request.as_of(city_day(now)))
    return Sheet(columns=COLUMNS, rows=_rows(session, request, rule), summed=SUMMED)


def _rows(session: Session, request: ExportRequest, rule: Rule) -> Iterator[Row]:
    names = _names(session, request)
    ceilings = _Ceilings(session, request.year)
    figures = _official(session, request, rule) | _personal(session, request, rule)
    for place in sorted(figures):
        name, agency_id = names.get(place.agency_code, ("", None))
        counts, *sums = figures[place]
        yield (
            place.agency_code,
            name,
            request.year,
            place.month,
            place.fund,
            place.seller_class or None,
            counts,
            ceilings.at_end_of(place.month, agency_id),
            *sums,
        )


def _official(session: Session, request: ExportRequest, rule: Rule) -> dict[_Place, Row]:
    query = (
        select(
            QuotaAccount.agency_code,
            QuotaMonth.period,
            QuotaAccount.fund,
            QuotaAccount.seller_class,
            *(getattr(QuotaMonth, name) for name in SUMS),
        )
        .join(QuotaMonth, QuotaMonth.account_id == QuotaAccount.id)
        .where(QuotaAccount.fund == Fund.OFFICIAL, QuotaAccount.fiscal_year == request.year)
    )
    if request.agency_code is not None:
        query = query.where(QuotaAccount.agency_code == request.agency_code)
    if request.first_day:
        query = query.where(QuotaMonth.period >= month_of(request.first_day))
    if request.last_day:
        query = query.where(QuotaMonth.period <= month_of(request.last_day))
    return {
        _Place(code, month, fund.value, seller_class.value): (
            "yes" if rule.counts(seller_class) else "no",
            *sums,
            None,
            None,
        )
        for code, month, fund, seller_class, *sums in session.execute(query)
    }


def _personal(session: Session, request: ExportRequest, rule: Rule) -> dict[_Place, Row]:
    """Published months; what was withheld shows nothing, and counts by no rule."""
    first = month_of(request.first_day) if request.first_day else f"{request.year}-01"
    last = month_of(request.last_day) if request.last_day else f"{request.year}-12"
    query = select(ParticipationMonth).where(
        ParticipationMonth.month.between(
            max(first, f"{request.year}-01"), min(last, f"{request.year}-12")
        )
    )
    if request.agency_code is not None:
        query = query.where(ParticipationMonth.agency_code == request.agency_code)
    return {
        _Place(row.agency_code, row.month, Fund.PERSONAL.value, ""): (
            "yes" if rule.counts_personal and not row.is_withheld else "no",
            None,
            row.realised_amount,
            None,
            None,
            row.buyers,
            "yes" if row.is_withheld else "no",
        )
        for row in session.scalars(query)
    }


def _names(session: Session, request: ExportRequest) -> dict[str, tuple[str, AgencyId]]:
    query = select(Agency.code, Agency.name, Agency.id)
    if request.agency_code is not None:
        query = query.where(Agency.code == request.agency_code)
    return {code: (name, agency_id) for code, name, agency_id in session.execute(query)}


class _Ceilings:
    """The agencies' own budgets of a year, by the day from which each revision is effective."""

    def __init__(self, session: Session, year: int) -> None:
        query = (
            select(
                BudgetRevision.agency_id, BudgetRevision.effective_on, BudgetRevision.total_amount
            )
            .where(
                BudgetRevision.fiscal_year == year,
                BudgetRevision.state == RevisionState.CONFIRMED,
            )
            .order_by(BudgetRevision.agency_id, BudgetRevision.revision)
        )
        self._revisions: defaultdict[AgencyId, list[tuple[date, int]]] = defaultdict(list)
        for agency_id, effective_on, total in session.execute(query):
            self._revisions[agency_id].append((effective_on, total))

    def at_end_of(self, month: str, agency_id: AgencyId | None) -> int | None:
        """The ceiling as of the month's end: of those effective by then, the last revision's."""
        if agency_id is None:
            return None
        over = date.fromisoformat(f"{month_after(month)}-01")
        effective = [total for since, total in self._revisions[agency_id] if since < over]
        return effective[-1] if effective else None
