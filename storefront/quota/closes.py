"""Closing a month in two hands: one person of the city proposes it, another confirms.

What is closed stays closed (`periods.close_month`), so the second person's word is what does it.
With it the ledger's position, the rule's version, every official account's totals and a signed
checkpoint are written down, and never change again.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core import audit, outbox
from storefront.core.calendar import city_day, month_after, month_of
from storefront.core.deciding import AlreadyDecided, decide, require_second_hand
from storefront.core.errors import N_, Conflict, NotFound
from storefront.core.permissions import CITY, Action, Actor, PersonId, require
from storefront.core.signed_notes import Signer
from storefront.quota import checkpoints
from storefront.quota.closing_models import (
    CloseProposal,
    CloseState,
    PeriodClose,
    PeriodCloseTotal,
    QuotaMonth,
)
from storefront.quota.models import Fund, QuotaAccount
from storefront.quota.periods import MonthNotOver, close_month, open_books
from storefront.quota.rules import rule_on


class CloseWaits(Conflict):
    code = "close_waits"
    message = N_("Penutupan bulan %(month)s sudah diusulkan dan menunggu orang kedua.")


def propose_close(session: Session, actor: Actor, *, now: datetime) -> CloseProposal:
    """Propose to close the first open month; nothing is closed by it.

    Raises `NotAllowed`, `MonthNotOver`, or `CloseWaits`.
    """
    require(actor, Action.CLOSE_MONTH, CITY)
    month = open_books(session).first_open
    if month >= month_of(city_day(now)):
        raise MonthNotOver(month=month)
    if find_waiting(session) is not None:
        raise CloseWaits(month=month)
    proposed = CloseProposal(
        month=month, state=CloseState.WAITING, proposed_by=actor.person_id, proposed_at=now
    )
    session.add(proposed)
    session.flush()
    outbox.put(session, "close_proposed", {"month": month}, now=now)
    audit.record(session, actor, "close.proposed", month, {}, now=now)
    return proposed


def confirm_close(
    session: Session, actor: Actor, month: str, *, signer: Signer, now: datetime
) -> PeriodClose:
    """Be the second person: the month is closed, and what it closed with is written down.

    Whoever is to keep its checkpoint hears of it. Raises `NotAllowed`; `NotFound` where nobody
    proposed that month; `SecondCityAdminNeeded` for the proposer and the command line;
    `AlreadyDecided`; or what `close_month` raises: `MonthNotOver`, `CommitmentStands`.
    """
    require(actor, Action.CLOSE_MONTH, CITY)
    proposed = _proposal(session, month)
    require_second_hand(actor, proposed.proposed_by)
    _decide(session, proposed, CloseState.CONFIRMED, actor.person_id, now)
    rule_version = rule_on(session, last_day_of(month)).version
    closed = close_month(session, actor, now=now)
    if closed != month:
        raise AlreadyDecided  # somebody closed it past its proposal
    issued = checkpoints.issue_and_announce(session, signer, now=now)
    close = PeriodClose(
        month=month,
        position=issued.ledger.size,
        rule_version=rule_version,
        checkpoint_size=issued.ledger.size,
        proposed_by=proposed.proposed_by,
        proposed_at=proposed.proposed_at,
        confirmed_by=actor.person_id,
        confirmed_at=now,
    )
    session.add(close)
    session.flush()
    session.add_all(_totals(session, month))
    session.flush()
    return close


def refuse_close(session: Session, actor: Actor, month: str, *, now: datetime) -> None:
    """Refuse a proposal, or take one's own back: the month stays open.

    Raises `NotAllowed`, `NotFound` or `AlreadyDecided`.
    """
    require(actor, Action.CLOSE_MONTH, CITY)
    proposed = _proposal(session, month)
    _decide(session, proposed, CloseState.REFUSED, actor.person_id, now)
    audit.record(session, actor, "close.refused", month, {}, now=now)


def find_waiting(session: Session) -> CloseProposal | None:
    """The proposal that waits for its second person: at most one, for months close in order."""
    query = select(CloseProposal).filter_by(state=CloseState.WAITING)
    return session.scalar(query.order_by(CloseProposal.id).limit(1))


def last_day_of(month: str) -> date:
    """The last day of a YYYY-MM."""
    return date.fromisoformat(f"{month_after(month)}-01") - timedelta(days=1)


def _proposal(session: Session, month: str) -> CloseProposal:
    query = select(CloseProposal).filter_by(month=month).order_by(CloseProposal.id.desc()).limit(1)
    proposed = session.scalar(query)
    if proposed is None:
        raise NotFound
    return proposed


def _decide(
    session: Session, proposed: CloseProposal, state: CloseState, by: PersonId, at: datetime
) -> None:
    decide(
        session,
        CloseProposal,
        CloseProposal.id == proposed.id,
        CloseProposal.state == CloseState.WAITING,
        state=state,
        decided_by=by,
        decided_at=at,
    )


def _totals(session: Session, month: str) -> list[PeriodCloseTotal]:
    """Every official account of a year that was open: whole, and what of it ends by the month.

    An account of a year that was closed before cannot have changed since that year's last close.
    """
    until = {"committed": QuotaMonth.committed_change, "realised": QuotaMonth.realised_change}
    ended = [
        func.sum(column).filter(QuotaMonth.period <= month).label(f"ended_{name}_amount")
        for name, column in until.items()
    ]
    known = [func.sum(column).label(f"known_{name}_amount") for name, column in until.items()]
    query = (
        select(QuotaAccount, *known, *ended)
        .join(QuotaMonth, QuotaMonth.account_id == QuotaAccount.id)
        .where(QuotaAccount.fund == Fund.OFFICIAL, QuotaAccount.fiscal_year >= int(month[:4]))
        .group_by(QuotaAccount.id)
        .order_by(QuotaAccount.id)
    )
    return [
        PeriodCloseTotal(
            month=month,
            agency_code=account.agency_code,
            fiscal_year=account.fiscal_year,
            fund=account.fund,
            seller_class=account.seller_class,
            known_committed_amount=int(sums[0]),
            known_realised_amount=int(sums[1]),
            ended_committed_amount=int(sums[2] or 0),
            ended_realised_amount=int(sums[3] or 0),
        )
        for account, *sums in session.execute(query)
    ]
