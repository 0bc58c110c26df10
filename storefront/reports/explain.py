"""Why a figure is what it is: its rule, its budget, and exactly the entries that add up to it.

Asked for the same day, position and time, it is the same for ever (`moments.py`). Official money
only: personal accounts never appear.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from storefront.core.errors import NotFound
from storefront.quota import log
from storefront.quota.models import Amounts, EntryKind, LedgerEntry, LogLine, QuotaAccount
from storefront.quota.rules import Rule
from storefront.reports.ceilings import Revision
from storefront.reports.city import CityQuota
from storefront.reports.explained_figures import (
    OF_AN_AGENCY_ALONE,
    WITH_PERSONAL,
    WITHOUT_ENTRIES,
    Figure,
    Question,
    amount_of,
    amount_of_share,
    classes_of,
)
from storefront.reports.figures import AgencyNode, Share
from storefront.reports.moments import Moment, counts_by
from storefront.reports.quota import AgencyQuota
from storefront.reports.sums import corrected_orders, official
from storefront.sellers.models import SellerClass

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class ExplainedEntry:
    """An entry that makes a figure. Amounts are signed rupiah."""

    position: int
    agency_code: str
    seller_class: SellerClass
    kind: EntryKind
    committed_change: int
    realised_change: int
    reference: str
    occurred_on: date
    period: str
    recorded_at: datetime
    rule_version: int

    @property
    def is_of_an_order(self) -> bool:
        """Else it stands under a document's number."""
        return self.kind is not EntryKind.ADJUST


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a figure stands on, beside its entries."""

    name: str
    """Whose figure it is: an agency's name; empty for the whole city."""
    code: str
    fiscal_year: int
    """That of the accounts: last year's figure is of the year before."""
    as_of: date
    at: Moment
    share: Share
    """Ceiling, target and what counts, for the formula."""
    rule: Rule
    revision: Revision | None
    codes: tuple[str, ...]
    """Whose accounts are summed."""
    included: tuple[AgencyNode, ...]
    """Agencies below among them."""
    personal_amount: int
    """Published sums of personal money beside the entries, where the rule counts them."""
    arranged_on: date | None
    position: log.Position


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A figure with all that it is made of."""

    question: Question
    basis: Basis
    amount: int | None
    """The figure as its page shows it; None where no budget gives one."""
    classes: tuple[SellerClass, ...]
    """Whose entries are summed."""
    rows: tuple[ExplainedEntry, ...]
    next_after: int | None
    """The position behind which the next page begins."""
    entries: int
    sums: Amounts
    """What all the entries come to, not those of this page alone."""

    @property
    def has_entries(self) -> bool:
        return self.question.figure not in WITHOUT_ENTRIES

    @property
    def personal_amount(self) -> int:
        """What the figure holds besides its entries: only the sums published of closed months."""
        return self.basis.personal_amount if self.question.figure in WITH_PERSONAL else 0

    @property
    def parts_amount(self) -> int:
        """What its parts come to, in that which the figure is of."""
        match self.question.figure:
            case Figure.COMMITTED:
                return self.sums.committed
            case Figure.IF_ALL:
                return self.sums.committed + self.sums.realised + self.personal_amount
            case _:
                return self.sums.realised + self.personal_amount

    @property
    def adds_up(self) -> bool:
        """Whether the entries make the figure. They do, unless somebody tampered."""
        match self.question.figure:
            case Figure.CEILING | Figure.TARGET:
                return True
            case Figure.MISSING | Figure.BEYOND:
                return self.parts_amount == self.basis.share.realised
            case _:
                return self.parts_amount == self.amount


def explain_agency(
    session: Session, figures: AgencyQuota, question: Question, *, after: int = 0
) -> Explanation:
    """A figure of an agency's page, with a page of its entries behind a position, oldest first.

    Call it in the snapshot that `figures` were read in. Raises `NotFound` for a part that is none.
    """
    before = figures.last_year
    is_before = question.figure is Figure.LAST_YEAR
    included = before.summed[1:] if is_before else figures.included
    basis = Basis(
        name=figures.agency_name,
        code=figures.agency_code,
        fiscal_year=figures.fiscal_year - is_before,
        as_of=figures.as_of,
        at=figures.at,
        share=before if is_before else figures,
        rule=before.rule if is_before else figures.rule,
        revision=before.revision if is_before else figures.revision,
        codes=(figures.agency_code, *(node.code for node in included)),
        included=included,
        personal_amount=before.personal_amount if is_before else _personal(figures),
        arranged_on=figures.arranged_on,
        position=figures.position,
    )
    return _explained(session, basis, question, amount_of(figures, question), after)


def explain_city(
    session: Session, figures: CityQuota, question: Question, *, after: int = 0
) -> Explanation:
    """A figure of the whole city, likewise. Raises `NotFound` for one that its page has not."""
    if question.figure in OF_AN_AGENCY_ALONE:
        raise NotFound
    basis = Basis(
        name="",
        code="",
        fiscal_year=figures.fiscal_year,
        as_of=figures.as_of,
        at=figures.at,
        share=figures,
        rule=figures.rule,
        revision=None,
        codes=figures.codes,
        included=(),
        personal_amount=figures.personal_amount,
        arranged_on=figures.arranged_on,
        position=figures.position,
    )
    amount = figures.national.realised if question.figure is Figure.NATIONAL else None
    return _explained(session, basis, question, amount, after)


def _personal(figures: AgencyQuota) -> int:
    return figures.personal_amount if figures.rule.counts_personal else 0


def _explained(
    session: Session, basis: Basis, question: Question, amount: int | None, after: int
) -> Explanation:
    if amount is None:
        amount = amount_of_share(basis.share, question.figure)
    classes = classes_of(question, basis.rule)
    rows: tuple[ExplainedEntry, ...] = ()
    next_after, entries, sums = None, 0, Amounts()
    if question.figure not in WITHOUT_ENTRIES:
        conditions = _conditions(question, basis, classes)
        rows, next_after = _page(session, conditions, after)
        entries, sums = _summed(session, conditions)
    return Explanation(
        question=question,
        basis=basis,
        amount=amount,
        classes=classes,
        rows=rows,
        next_after=next_after,
        entries=entries,
        sums=sums,
    )


def _conditions(
    question: Question, basis: Basis, classes: Collection[SellerClass]
) -> list[ColumnElement[bool]]:
    """Of an entry joined with its account and its line of the log, that it makes the figure."""
    accounts = (
        *official(basis.fiscal_year, basis.codes),
        QuotaAccount.seller_class.in_(classes),
    )
    conditions = [*accounts, *counts_by(basis.at)]
    match question.figure:
        case Figure.OF_CLASS | Figure.WHOLE | Figure.IF_ALL:
            pass
        case Figure.COMMITTED:
            conditions.append(LedgerEntry.committed_change != 0)
        case Figure.OF_MONTH:
            conditions.append(LedgerEntry.period == question.part)
        case Figure.UP_TO_MONTH:
            conditions += [LedgerEntry.period <= question.part, LedgerEntry.realised_change != 0]
        case Figure.CORRECTION:
            taking = corrected_orders(basis.at, *accounts)
            of_it = select(taking.c.reference).where(
                taking.c.account_id == LedgerEntry.account_id,
                taking.c.reference == LedgerEntry.reference,
            )
            conditions += [of_it.exists(), LedgerEntry.realised_change != 0]
        case _:
            conditions.append(LedgerEntry.realised_change != 0)
    return conditions


def _page(
    session: Session, conditions: Collection[ColumnElement[bool]], after: int
) -> tuple[tuple[ExplainedEntry, ...], int | None]:
    query = (
        _joined(
            LogLine.position,
            QuotaAccount.agency_code,
            QuotaAccount.seller_class,
            LedgerEntry.kind,
            LedgerEntry.committed_change,
            LedgerEntry.realised_change,
            LedgerEntry.reference,
            LedgerEntry.occurred_on,
            LedgerEntry.period,
            LedgerEntry.recorded_at,
            LedgerEntry.rule_version,
        )
        .where(*conditions, LogLine.position > after)
        .order_by(LogLine.position)
        .limit(PAGE + 1)
    )
    rows = [ExplainedEntry(**row._asdict()) for row in session.execute(query)]
    more = len(rows) > PAGE
    return tuple(rows[:PAGE]), rows[PAGE - 1].position if more else None


def _summed(session: Session, conditions: Collection[ColumnElement[bool]]) -> tuple[int, Amounts]:
    query = _joined(
        func.count(),
        func.coalesce(func.sum(LedgerEntry.committed_change), 0),
        func.coalesce(func.sum(LedgerEntry.realised_change), 0),
    ).where(*conditions)
    entries, committed, realised = session.execute(query).one()
    return int(entries), Amounts(int(committed), int(realised))


def _joined(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(QuotaAccount)
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
    )
