"""Closed months as the city and the auditor read them, and the month that comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency
from storefront.agencies.tree_queries import tree_on
from storefront.core.calendar import city_day, instant_of, month_after, month_of
from storefront.core.errors import NotFound
from storefront.core.paging import PAGE_SIZE, Page
from storefront.core.permissions import CITY, Action, Actor, PersonId, require
from storefront.orders.models import FulfilmentStatus, Order, OrderStatus
from storefront.payments.queries import refunds_on_hold
from storefront.quota import correction_queries
from storefront.quota.closes import find_waiting, last_day_of
from storefront.quota.closing_models import PeriodClose, PeriodCloseTotal, QuotaMonth
from storefront.quota.models import Amounts, Fund, QuotaAccount, total
from storefront.quota.periods import DECEMBER, books_as_seen

MOST_MARKS = 60
"""Five years of months."""


@dataclass(frozen=True, kw_only=True)
class CloseRow:
    """A closed month. People by their name; where there is none, by the opaque id."""

    month: str
    position: int
    checkpoint_size: int
    rule_version: int
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str
    confirmed_at: datetime


class CloseMark(NamedTuple):
    """A state of the ledger that a close names."""

    month: str
    position: int
    confirmed_at: datetime


@dataclass(frozen=True, kw_only=True)
class AgencyTotal:
    """An agency's official accounts of a year at a close, all classes together."""

    code: str
    name: str
    fiscal_year: int
    known: Amounts
    """Whole, at the close's position."""
    ended: Amounts
    """What of it has a period up to the month."""


@dataclass(frozen=True, kw_only=True)
class CloseView(CloseRow):
    """A close with what it kept."""

    totals: tuple[AgencyTotal, ...]

    @property
    def known(self) -> Amounts:
        return total(row.known for row in self.totals)

    @property
    def ended(self) -> Amounts:
        return total(row.ended for row in self.totals)


@dataclass(frozen=True, kw_only=True)
class AgencyMonth:
    """What a month changed on an agency's official accounts, all classes and years together."""

    code: str
    name: str
    change: Amounts


@dataclass(frozen=True, kw_only=True)
class OpenMatters:
    """What may still change the month's figures: counts, and reasons to wait, never a bar."""

    unpaid: int
    """Official orders whose goods were accepted by the month's end and are not paid."""
    to_approve: int
    """Requests submitted by the month's end that nobody decided."""
    corrections: int
    """Corrections that wait for their second person."""
    refunds: int
    """Refunds made at the gateway that belong to no order yet."""
    commitments: int
    """Accounts of the year with a commitment, before December can close; else nought."""

    @property
    def any(self) -> bool:
        return bool(self.unpaid or self.to_approve or self.corrections or self.refunds)


@dataclass(frozen=True, kw_only=True)
class NextClose:
    """The first open month, and who proposed to close it, if anybody did."""

    month: str
    is_over: bool
    change: Amounts
    agencies: tuple[AgencyMonth, ...]
    matters: OpenMatters
    proposed_by: str | None
    proposed_by_id: PersonId | None
    proposed_at: datetime | None

    @property
    def is_proposed(self) -> bool:
        return self.proposed_at is not None


def list_closes(session: Session, actor: Actor, *, page: int = 1) -> Page[CloseRow]:
    """A page of closes, the latest month first. One query. Raises `NotAllowed`."""
    require(actor, Action.SEE_CITY, CITY)
    proposer, confirmer = aliased(PersonDetails), aliased(PersonDetails)
    query = (
        select(PeriodClose, proposer.name, confirmer.name)
        .outerjoin(proposer, proposer.person_id == PeriodClose.proposed_by)
        .outerjoin(confirmer, confirmer.person_id == PeriodClose.confirmed_by)
        .order_by(PeriodClose.month.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    rows = [_row(*found) for found in session.execute(query)]
    return Page(rows[:PAGE_SIZE], page, has_next=len(rows) > PAGE_SIZE)


def find_close(session: Session, actor: Actor, month: str) -> CloseView:
    """A close with every agency's totals. Raises `NotAllowed`, or `NotFound`."""
    require(actor, Action.SEE_CITY, CITY)
    close = session.get(PeriodClose, month)
    if close is None:
        raise NotFound
    names = _people(session, close.proposed_by, close.confirmed_by)
    row = _row(close, names.get(close.proposed_by), names.get(close.confirmed_by))
    return CloseView(**vars(row), totals=_totals(session, close))


def close_marks(session: Session) -> list[CloseMark]:
    """The states that closes name, the latest first: no figure, so for everybody who sees one."""
    query = select(PeriodClose.month, PeriodClose.position, PeriodClose.confirmed_at)
    latest = query.order_by(PeriodClose.month.desc()).limit(MOST_MARKS)
    return [CloseMark(*row) for row in session.execute(latest)]


def month_closed_before(session: Session, month: str) -> str | None:
    """The month whose close was kept before that of another."""
    return session.scalar(select(func.max(PeriodClose.month)).where(PeriodClose.month < month))


def next_close(session: Session, actor: Actor, *, now: datetime) -> NextClose:
    """The month that would be closed now. Number the log first. Raises `NotAllowed`."""
    require(actor, Action.SEE_CITY, CITY)
    month = books_as_seen(session).first_open
    waiting = find_waiting(session)
    by = waiting.proposed_by if waiting else None
    agencies = _changes(session, month)
    return NextClose(
        month=month,
        is_over=month < month_of(city_day(now)),
        change=total(each.change for each in agencies),
        agencies=agencies,
        matters=_matters(session, month),
        proposed_by=_people(session, by).get(by, by) if by else None,
        proposed_by_id=by,
        proposed_at=waiting.proposed_at if waiting else None,
    )


def _row(close: PeriodClose, proposer: str | None, confirmer: str | None) -> CloseRow:
    return CloseRow(
        month=close.month,
        position=close.position,
        checkpoint_size=close.checkpoint_size,
        rule_version=close.rule_version,
        proposed_by=proposer or close.proposed_by,
        proposed_at=close.proposed_at,
        confirmed_by=confirmer or close.confirmed_by,
        confirmed_at=close.confirmed_at,
    )


def _people(session: Session, *person_ids: PersonId) -> Mapping[PersonId, str]:
    query = select(PersonDetails.person_id, PersonDetails.name).where(
        PersonDetails.person_id.in_(person_ids)
    )
    return dict(session.execute(query).all())


def _totals(session: Session, close: PeriodClose) -> tuple[AgencyTotal, ...]:
    """Agencies by the names that they had at the month's end, as known at the close."""
    kept = PeriodCloseTotal
    tree = tree_on(session, last_day_of(close.month), close.confirmed_at)
    names = {node.code: node.name for node in tree.values()}
    query = (
        select(
            kept.agency_code,
            kept.fiscal_year,
            func.sum(kept.known_committed_amount),
            func.sum(kept.known_realised_amount),
            func.sum(kept.ended_committed_amount),
            func.sum(kept.ended_realised_amount),
        )
        .where(kept.month == close.month)
        .group_by(kept.agency_code, kept.fiscal_year)
    )
    rows = [
        AgencyTotal(
            code=code,
            name=names.get(code, ""),
            fiscal_year=year,
            known=Amounts(int(sums[0]), int(sums[1])),
            ended=Amounts(int(sums[2]), int(sums[3])),
        )
        for code, year, *sums in session.execute(query)
    ]
    return tuple(sorted(rows, key=lambda row: (row.fiscal_year, row.name, row.code)))


def _changes(session: Session, month: str) -> tuple[AgencyMonth, ...]:
    query = (
        select(
            QuotaAccount.agency_code,
            func.coalesce(Agency.name, ""),
            func.sum(QuotaMonth.committed_change),
            func.sum(QuotaMonth.realised_change),
        )
        .join(QuotaMonth, QuotaMonth.account_id == QuotaAccount.id)
        .outerjoin(Agency, Agency.code == QuotaAccount.agency_code)
        .where(QuotaMonth.period == month, QuotaAccount.fund == Fund.OFFICIAL)
        .group_by(QuotaAccount.agency_code, Agency.name)
    )
    rows = [
        AgencyMonth(code=code, name=name, change=Amounts(int(committed), int(realised)))
        for code, name, committed, realised in session.execute(query)
    ]
    return tuple(sorted(rows, key=lambda row: (row.name, row.code)))


def _matters(session: Session, month: str) -> OpenMatters:
    ends = instant_of(date.fromisoformat(f"{month_after(month)}-01"))
    official = (Order.fund == Fund.OFFICIAL, Order.is_practice.is_(False))
    unpaid = select(func.count()).where(
        *official,
        Order.status == OrderStatus.APPROVED,
        Order.fulfilment_status == FulfilmentStatus.RECEIVED,
        Order.received_at < ends,
    )
    to_approve = select(func.count()).where(
        *official, Order.status == OrderStatus.SUBMITTED, Order.placed_at < ends
    )
    return OpenMatters(
        unpaid=session.scalar(unpaid) or 0,
        to_approve=session.scalar(to_approve) or 0,
        corrections=correction_queries.count_waiting(session),
        refunds=len(refunds_on_hold(session)),
        commitments=_commitments(session, month),
    )


def _commitments(session: Session, month: str) -> int:
    if int(month[5:]) != DECEMBER:
        return 0
    standing = select(func.count()).where(
        QuotaAccount.fiscal_year <= int(month[:4]), QuotaAccount.committed_amount > 0
    )
    return session.scalar(standing) or 0
