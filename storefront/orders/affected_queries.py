"""What was recorded late, as the city sees it: official orders; records that own money follows."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from storefront.accounts.models import PersonDetails
from storefront.core.calendar import city_day
from storefront.core.paging import Page, page_number
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.orders.correction_models import AffectedOrder, LateKind, LateRecord
from storefront.orders.models import Order
from storefront.quota.correction_models import Correction, CorrectionState
from storefront.quota.models import total
from storefront.quota.moves import Attribution, held_by, holder_of
from storefront.quota.periods import books_as_seen
from storefront.sellers.models import Seller, SellerClass

PAGE = 50
MOST_RECORDS = 200


@dataclass(frozen=True)
class Refused:
    """The document by which something was proposed and refused: why, and by whom."""

    number: str
    reason: str
    by_name: str


@dataclass(frozen=True, kw_only=True)
class AffectedRow:
    """An official order that the ledger holds elsewhere than is recorded. Amounts: open years."""

    number: str
    placed_on: date
    seller_name: str
    from_agency_code: str
    from_class: SellerClass
    to_agency_code: str
    to_class: SellerClass
    committed_amount: int
    realised_amount: int
    refused: Refused | None
    """By which it was decided that it stays; None: it waits."""

    @property
    def is_movable(self) -> bool:
        """Whether the ledger holds anything of it yet."""
        return bool(self.committed_amount or self.realised_amount)


@dataclass(frozen=True)
class LateRow:
    """A late record that waits for own money to follow. It says nothing of orders."""

    kind: LateKind
    name: str
    first_day: date
    last_day: date
    recorded_at: datetime
    refused: Refused | None


def list_affected(
    session: Session, actor: Actor, *, refused: bool = False, page: int = 1
) -> Page[AffectedRow]:
    """Official orders held elsewhere than is recorded, without a proposal that waits.

    Those that nobody decided on; with `refused` those that somebody decided stay where they are.
    Three reads. Raises `NotAllowed`.
    """
    require(actor, Action.CORRECT_ATTRIBUTION, CITY)
    number = page_number(page)
    query = (
        select(AffectedOrder, Order, Correction, _decider.name)
        .join(Order, Order.id == AffectedOrder.order_id)
        .outerjoin(Correction, Correction.id == AffectedOrder.refused_id)
        .outerjoin(_decider, _decider.person_id == Correction.decided_by)
        .where(
            AffectedOrder.correction_id.is_(None),
            AffectedOrder.refused_id.is_not(None)
            if refused
            else AffectedOrder.refused_id.is_(None),
        )
        .order_by(AffectedOrder.order_id)
        .offset((number - 1) * PAGE)
        .limit(PAGE + 1)
    )
    found = session.execute(query).all()
    shown = found[:PAGE]
    held = held_by(session, [order.number for _, order, _, _ in shown])
    books = books_as_seen(session)
    rows = []
    for row, order, document, decider in shown:
        sums = {
            key: amounts
            for key, amounts in held.get(order.number, {}).items()
            if not books.has_closed(key.fiscal_year)
        }
        holder = holder_of(sums, Attribution(order.agency_code, order.seller_class))
        amounts = total(sums.values())
        rows.append(
            AffectedRow(
                number=order.number,
                placed_on=city_day(order.placed_at),
                seller_name=order.seller_name,
                from_agency_code=holder.agency_code,
                from_class=holder.seller_class,
                to_agency_code=row.to_agency_code or holder.agency_code,
                to_class=row.to_class or holder.seller_class,
                committed_amount=amounts.committed,
                realised_amount=amounts.realised,
                refused=_refused(document, decider),
            )
        )
    return Page(rows, number, len(found) > PAGE, size=PAGE)


def count_affected(session: Session) -> int:
    """How many official orders wait to be proposed, counted no further than a page."""
    few = (
        select(AffectedOrder.order_id)
        .where(AffectedOrder.correction_id.is_(None), AffectedOrder.refused_id.is_(None))
        .limit(PAGE)
    )
    return int(session.scalar(select(func.count()).select_from(few.subquery())) or 0)


def late_records(
    session: Session, actor: Actor, *, correction_id: int | None = None, refused: bool = False
) -> list[LateRow]:
    """The late records that wait for a proposal, those of one, or those that were refused.

    Raises `NotAllowed`.
    """
    require(actor, Action.SEE_CITY, CITY)
    query = (
        select(LateRecord, PersonDetails.name, Seller.name, Correction, _decider.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == LateRecord.person_id)
        .outerjoin(Seller, Seller.id == LateRecord.seller_id)
        .outerjoin(Correction, Correction.id == LateRecord.correction_id)
        .outerjoin(_decider, _decider.person_id == Correction.decided_by)
        .order_by(LateRecord.id)
        .limit(MOST_RECORDS)
    )
    if correction_id is None:
        query = query.where(waits_or_refused(refused=refused))
    else:
        query = query.where(LateRecord.correction_id == correction_id)
    return [
        LateRow(
            row.kind,
            person or shop or "",
            row.first_day,
            row.last_day,
            row.recorded_at,
            _refused(document, decider),
        )
        for row, person, shop, document, decider in session.execute(query)
    ]


def waits_or_refused(*, refused: bool) -> ColumnElement[bool]:
    """Of late records: those that wait for a proposal, or those whose last one was refused."""
    if not refused:
        return and_(LateRecord.is_settled.is_(False), LateRecord.correction_id.is_(None))
    documents = select(Correction.id).where(Correction.state == CorrectionState.REFUSED)
    return and_(LateRecord.is_settled.is_(False), LateRecord.correction_id.in_(documents))


_decider = aliased(PersonDetails)


def _refused(document: Correction | None, decider: str | None) -> Refused | None:
    if document is None or document.state is not CorrectionState.REFUSED:
        return None
    return Refused(document.number, document.refusal, decider or "")
