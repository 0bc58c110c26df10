"""Moving what orders hold to another agency or class: a correction that a second person approved.

The rule's words are product.md's, "The quota ledger"; the figures stand in docs/ledger.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core.permissions import Actor
from storefront.quota.ledger import Event, Movement, YearClosed, post
from storefront.quota.models import Amounts, EntryKind, LedgerEntry, QuotaAccount, QuotaKey
from storefront.quota.periods import Books, open_books
from storefront.sellers.models import SellerClass


@dataclass(frozen=True)
class Attribution:
    """What a `move` changes of an account's key: whose it is, and the seller's class."""

    agency_code: str
    seller_class: SellerClass


@dataclass(frozen=True)
class Move:
    """That an order go to an agency and class, and why."""

    event: Event
    to: Attribution


def move(
    session: Session, actor: Actor, moves: Iterable[Move], *, now: datetime
) -> list[LedgerEntry]:
    """Bring all that orders' entries sum to in open years to another agency or class.

    Minus on the old accounts, plus on the new, committed and realised alike, each in its own
    fiscal year; what stands in a closed year stays. Later `settle`s follow (`standing.py`). It
    occurs on the day of its approval: nothing that was shown as of an earlier day changes.
    The caller holds the orders' locks. Nothing to move posts nothing. Raises `YearClosed` where
    all of an order that would have to move stands in closed years, or `CauseTold`.
    """
    books, wanted = open_books(session), list(moves)
    held = held_by(session, [each.event.reference for each in wanted])
    movements = []
    for each in wanted:
        changes = _moved(held.get(each.event.reference, {}), each.to, books)
        movements += [
            Movement(each.event, key, EntryKind.MOVE, by) for key, by in changes.items() if by
        ]
    return post(session, actor, movements, now=now)


def held_by(session: Session, references: Iterable[str]) -> dict[str, dict[QuotaKey, Amounts]]:
    """What the entries of several references sum to, by account; one read, for pages."""
    query = (
        select(
            LedgerEntry.reference,
            QuotaAccount,
            func.sum(LedgerEntry.committed_change),
            func.sum(LedgerEntry.realised_change),
        )
        .join(QuotaAccount, LedgerEntry.account_id == QuotaAccount.id)
        .where(LedgerEntry.reference.in_(references))
        .group_by(LedgerEntry.reference, QuotaAccount.id)
    )
    held: defaultdict[str, dict[QuotaKey, Amounts]] = defaultdict(dict)
    for reference, account, committed, realised in session.execute(query):
        held[reference][account.key] = Amounts(int(committed), int(realised))
    return dict(held)


def holder_of(held: Mapping[QuotaKey, Amounts], otherwise: Attribution) -> Attribution:
    """Whose account holds an order: that of the latest year whose sum is not nought."""
    held_now = [key for key, amounts in held.items() if amounts]
    key = max(held_now, key=attrgetter("fiscal_year"), default=None)
    return Attribution(key.agency_code, key.seller_class) if key else otherwise


def _moved(
    held: Mapping[QuotaKey, Amounts], to: Attribution, books: Books
) -> Mapping[QuotaKey, Amounts]:
    changes: defaultdict[QuotaKey, Amounts] = defaultdict(Amounts)
    closed: list[int] = []
    for key, amounts in held.items():
        there = replace(key, agency_code=to.agency_code, seller_class=to.seller_class)
        if not amounts or there == key:
            continue
        if books.has_closed(key.fiscal_year):
            closed.append(key.fiscal_year)
            continue
        changes[key] -= amounts
        changes[there] += amounts
    if closed and not changes:
        raise YearClosed(year=max(closed))
    return changes
