"""The running sums of months and what closes kept, compared with the entries they are of.

Part of the second identity: entries = balances = months, and the totals that a close wrote down.
"""

from collections.abc import Iterator

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from storefront.quota.closing_models import QuotaCorrection, QuotaMonth
from storefront.quota.models import Fund, LedgerEntry, LogLine, QuotaAccount
from storefront.quota.months import SUMS, corrections, month_sums
from storefront.reports.breaches import Breach


def month_breaches(session: Session) -> Iterator[Breach]:
    """Every month row and kept correction that numbered entries do not come to."""
    yield from _months(session)
    yield from _corrections(session)


def _months(session: Session) -> Iterator[Breach]:
    nothing = [literal(0).label(f"nothing_{name}") for name in SUMS]
    kept = select(
        QuotaMonth.account_id.label("account_id"),
        QuotaMonth.period.label("period"),
        *(getattr(QuotaMonth, name).label(f"kept_{name}") for name in SUMS),
        *nothing,
    )
    due = (
        select(LedgerEntry.account_id, LedgerEntry.period, *nothing, *month_sums())
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .group_by(LedgerEntry.account_id, LedgerEntry.period)
    )
    both = union_all(kept, due).subquery()
    columns = list(both.c)[2:]
    sums = [func.sum(column) for column in columns]
    pairs = list(zip(sums[: len(SUMS)], sums[len(SUMS) :], strict=True))
    unlike = pairs[0][0] != pairs[0][1]
    for one, other in pairs[1:]:
        unlike |= one != other
    query = (
        select(QuotaAccount, both.c.period, *sums)
        .join(both, both.c.account_id == QuotaAccount.id)
        .group_by(QuotaAccount.id, both.c.period)
        .having(unlike)
        .order_by(QuotaAccount.id, both.c.period)
    )
    for account, period, *found in session.execute(query):
        where = f"{account.key}, month {period}"
        for name, one, other in zip(SUMS, found[: len(SUMS)], found[len(SUMS) :], strict=True):
            if one != other:
                yield Breach(where, name, int(one), int(other), account.fund is Fund.PERSONAL)


def _corrections(session: Session) -> Iterator[Breach]:
    due = corrections().subquery()
    kept = select(
        QuotaCorrection.account_id.label("account_id"),
        QuotaCorrection.reference.label("reference"),
        QuotaCorrection.realised_amount.label("kept"),
        literal(0).label("due"),
    )
    should = select(due.c.account_id, due.c.reference, literal(0), due.c.realised)
    both = union_all(kept, should).subquery()
    sums = (func.sum(both.c.kept), func.sum(both.c.due))
    query = (
        select(QuotaAccount, both.c.reference, *sums)
        .join(both, both.c.account_id == QuotaAccount.id)
        .group_by(QuotaAccount.id, both.c.reference)
        .having(sums[0] != sums[1])
        .order_by(QuotaAccount.id, both.c.reference)
    )
    for account, reference, one, other in session.execute(query):
        where = f"{account.key}, correction of {reference}"
        is_private = account.fund is Fund.PERSONAL
        yield Breach(where, "realised_amount", int(one), int(other), is_private)
