"""An agency's quota page: where it stands, by which rule, and from which state of the ledger."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId, BudgetRevision, RevisionState
from storefront.core.calendar import month_of
from storefront.core.errors import NotFound
from storefront.orders.models import Order
from storefront.quota import log
from storefront.quota.models import Amounts, EntryKind, Fund, LedgerEntry, QuotaAccount, total
from storefront.quota.rules import Rule, rule_on
from storefront.reports.figures import (
    AgencyNode,
    Share,
    added,
    counted_by,
    counted_nationally,
    permille_of,
    read_balances,
    read_tree,
    summed_agencies,
)
from storefront.sellers.models import SellerClass


@dataclass(frozen=True, kw_only=True)
class ClassFigure:
    """What went to one class of sellers."""

    seller_class: SellerClass
    counts: bool
    """Toward the city's target."""
    counts_nationally: bool
    sellers: int
    amounts: Amounts
    permille: int | None
    """Realised, of the ceiling."""


@dataclass(frozen=True, kw_only=True)
class MonthFigure:
    """What was booked in a period, and realised up to its end, of the classes that count."""

    month: str
    change: Amounts
    realised_so_far: int
    permille: int | None
    """Realised so far, of the ceiling."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """The version of the budget that the ceiling is from."""

    number: int
    effective_on: date
    document_number: str


@dataclass(frozen=True, kw_only=True)
class AgencyQuota(Share):
    """The figures of an agency and fiscal year. `counted` is by the city's rule."""

    agency_code: str
    agency_name: str
    fiscal_year: int
    as_of: date
    rule: Rule
    """That in force on `as_of`, for the whole year (product.md)."""
    included: tuple[AgencyNode, ...]
    """Agencies below without a budget of their own, summed in."""
    borrowed_from: AgencyNode | None
    """The nearest agency above whose budget it spends, where it has none: there its figure counts.
    """
    revision: Revision | None
    whole: Amounts
    """All classes."""
    national: Amounts
    by_class: tuple[ClassFigure, ...]
    by_month: tuple[MonthFigure, ...]
    correction_amount: int
    """"Koreksi tahun lalu", nought or below: what orders of closed years took from this one."""
    last_year: Share
    arranged_on: date | None
    """Of which day the tree is, mergers folded together; None: as it was on `as_of`."""
    position: log.Position
    """The state of the ledger that all this was read from."""

    @property
    def national_permille(self) -> int | None:
        return permille_of(self.national.realised, self.ceiling_amount)

    @property
    def is_silent(self) -> bool:
        """Whether nothing was committed or realised for anybody."""
        return not self.whole


def agency_quota(
    session: Session,
    agency_code: str,
    year: int,
    *,
    today: date,
    arranged_on: date | None = None,
) -> AgencyQuota:
    """The quota page's figures, in whole rupiah, by running balances and sums of periods.

    The tree is that of the day of the figures; or, with `arranged_on`, that of such a day, mergers
    folded together.

    Who states the position empties the log's queue first (`log.number`), in a unit of work of its
    own; call this inside a snapshot, so that all figures are of one state. Raises `NotFound`.
    """
    as_of = min(today, date(year, 12, 31))
    rule = rule_on(session, as_of)
    tree = read_tree(session, year, on=arranged_on or as_of, folded=arranged_on is not None)
    node = next((node for node in tree.values() if node.code == agency_code), None)
    if node is None:
        raise NotFound
    summed = summed_agencies(tree)[node.id]
    codes = [each.code for each in summed]
    by_class = added(read_balances(session, year, codes).values())
    return AgencyQuota(
        agency_code=node.code,
        agency_name=node.name,
        fiscal_year=year,
        as_of=as_of,
        rule=rule,
        included=tuple(summed[1:]),
        borrowed_from=_budget_above(tree, node),
        ceiling_amount=node.ceiling_amount,
        target_permille=rule.target_permille,
        revision=_revision(session, node.id, year, as_of),
        counted=counted_by(rule, by_class),
        whole=total(by_class.values()),
        national=counted_nationally(by_class),
        by_class=_by_class(session, summed, year, rule, by_class, node.ceiling_amount),
        by_month=_by_month(session, codes, year, rule, as_of, node.ceiling_amount),
        correction_amount=_correction(session, codes, year, rule),
        last_year=_year_before(session, node.id, year - 1, arranged_on),
        arranged_on=arranged_on,
        position=log.latest(session),
    )


def _budget_above(tree: dict[AgencyId, AgencyNode], node: AgencyNode) -> AgencyNode | None:
    if node.ceiling_amount is not None:
        return None
    while node.parent_id is not None and node.parent_id in tree:
        node = tree[node.parent_id]
        if node.ceiling_amount is not None:
            return node
    return None


def _revision(session: Session, agency_id: AgencyId, year: int, as_of: date) -> Revision | None:
    query = (
        select(BudgetRevision)
        .where(
            BudgetRevision.agency_id == agency_id,
            BudgetRevision.fiscal_year == year,
            BudgetRevision.state == RevisionState.CONFIRMED,
            BudgetRevision.effective_on <= as_of,
        )
        .order_by(BudgetRevision.revision.desc())
        .limit(1)
    )
    row = session.scalar(query)
    if row is None:
        return None
    return Revision(
        number=row.revision, effective_on=row.effective_on, document_number=row.document_number
    )


def _by_class(
    session: Session,
    summed: Collection[AgencyNode],
    year: int,
    rule: Rule,
    by_class: dict[SellerClass, Amounts],
    ceiling_amount: int | None,
) -> tuple[ClassFigure, ...]:
    query = (
        select(Order.seller_class, func.count(Order.seller_id.distinct()))
        .where(
            Order.agency_id.in_([node.id for node in summed]),
            Order.fund == Fund.OFFICIAL,
            Order.budget_year == year,
            Order.committed_amount + Order.realised_amount > 0,
        )
        .group_by(Order.seller_class)
    )
    sellers = dict(session.execute(query).all())
    return tuple(
        ClassFigure(
            seller_class=seller_class,
            counts=rule.counts(seller_class),
            counts_nationally=bool(counted_nationally({seller_class: Amounts(1)})),
            sellers=sellers.get(seller_class, 0),
            amounts=amounts,
            permille=permille_of(amounts.realised, ceiling_amount),
        )
        for seller_class, amounts in by_class.items()
    )


def _by_month(
    session: Session,
    codes: Collection[str],
    year: int,
    rule: Rule,
    as_of: date,
    ceiling_amount: int | None,
) -> tuple[MonthFigure, ...]:
    """January to the month of `as_of`, and what was booked later on accounts of the year."""
    query = (
        select(
            LedgerEntry.period,
            func.sum(LedgerEntry.committed_change),
            func.sum(LedgerEntry.realised_change),
        )
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(*_counting_accounts(codes, year, rule))
        .group_by(LedgerEntry.period)
    )
    changes: defaultdict[str, Amounts] = defaultdict(Amounts)
    for period, committed, realised in session.execute(query):
        changes[period] = Amounts(int(committed), int(realised))
    shown = {f"{year}-{month:02}" for month in range(1, 13)}
    months = sorted({month for month in shown if month <= month_of(as_of)} | changes.keys())
    so_far = accumulate(changes[month].realised for month in months)
    return tuple(
        MonthFigure(
            month=month,
            change=changes[month],
            realised_so_far=realised,
            permille=permille_of(realised, ceiling_amount),
        )
        for month, realised in zip(months, so_far, strict=True)
    )


def _correction(session: Session, codes: Collection[str], year: int, rule: Rule) -> int:
    """The negative part of what each order's entries on an account sum to in realised.

    Only an order that was reversed there can have one, so only those are summed.
    """
    reversed_there = (
        select(LedgerEntry.account_id, LedgerEntry.reference)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(*_counting_accounts(codes, year, rule), LedgerEntry.kind == EntryKind.REVERSE)
        .distinct()
        .subquery()
    )
    realised = func.sum(LedgerEntry.realised_change)
    by_order = (
        select(realised.label("realised"))
        .join(
            reversed_there,
            (reversed_there.c.account_id == LedgerEntry.account_id)
            & (reversed_there.c.reference == LedgerEntry.reference),
        )
        .group_by(LedgerEntry.account_id, LedgerEntry.reference)
        .having(realised < 0)
        .subquery()
    )
    return int(session.scalar(select(func.coalesce(func.sum(by_order.c.realised), 0))) or 0)


def _counting_accounts(
    codes: Collection[str], year: int, rule: Rule
) -> tuple[ColumnElement[bool], ...]:
    return (
        QuotaAccount.agency_code.in_(codes),
        QuotaAccount.fiscal_year == year,
        QuotaAccount.fund == Fund.OFFICIAL,
        QuotaAccount.seller_class.in_(rule.seller_classes),
    )


def _year_before(
    session: Session, agency_id: AgencyId, year: int, arranged_on: date | None
) -> Share:
    """The year before, whole, by the rule that was in force on its last day."""
    last_day = date(year, 12, 31)
    rule = rule_on(session, last_day)
    tree = read_tree(session, year, on=arranged_on or last_day, folded=arranged_on is not None)
    summed = summed_agencies(tree)[agency_id]
    by_class = added(read_balances(session, year, [node.code for node in summed]).values())
    return Share(
        ceiling_amount=tree[agency_id].ceiling_amount,
        target_permille=rule.target_permille,
        counted=counted_by(rule, by_class),
    )
