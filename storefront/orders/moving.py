"""Moves of orders in two hands: a city admin proposes them from what was found, another approves.

Official orders are proposed by number. Of own money nobody may see which orders there are, nor
whether there are any (product.md, "Privacy"): there the late records themselves are proposed, and
what they touch is moved as it is approved, without a word of it in document, page or audit log.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core import audit
from storefront.core.calendar import city_day
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.orders.affected import Late, chunks_of, expectation
from storefront.orders.affected_queries import waits_or_refused
from storefront.orders.correction_models import AffectedOrder, LateRecord
from storefront.orders.models import Order
from storefront.quota import corrections
from storefront.quota.correction_models import Correction, CorrectionKind, MovedOrder
from storefront.quota.evidence import Evidence
from storefront.quota.ledger import Event
from storefront.quota.models import Amounts, Fund, QuotaKey, total
from storefront.quota.moves import Attribution, Move, held_by, holder_of, move
from storefront.quota.periods import books_as_seen, open_books
from storefront.quota.rules import rule_on

MOST_AT_ONCE = 200
"""Orders in one proposal, and late records of own money in one document."""


class NothingChosen(DomainError):
    code = "nothing_chosen"
    message = N_("Pilih pesanan yang akan dipindahkan, paling banyak %(most)d sekali usul.")
    field = "orders"


class NoLongerToMove(Conflict):
    code = "no_longer_to_move"
    message = N_("Daftarnya berubah: sebagian sudah diusulkan atau tidak perlu lagi. Periksa lagi.")


class NothingInTheLedger(DomainError):
    code = "nothing_in_the_ledger"
    message = N_("Pesanan %(number)s belum tercatat di buku kuota, jadi belum dapat dipindahkan.")
    field = "orders"


class NoLateRecords(DomainError):
    code = "no_late_records"
    message = N_("Tidak ada catatan terlambat yang menunggu.")


def propose_moves(
    session: Session,
    actor: Actor,
    numbers: Sequence[str],
    *,
    reason: str,
    evidence: Evidence | None = None,
    now: datetime,
) -> list[Correction]:
    """Propose that official orders go where they belong; a document per agency and where to.

    A file, where there is one, stands beside each of them.

    Raises `NotAllowed`, `NothingChosen`, `NoLongerToMove`, `NothingInTheLedger`, or
    `CorrectionReasonMissing`.
    """
    require(actor, Action.CORRECT_ATTRIBUTION, CITY)
    chosen = set(numbers)
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise NothingChosen(most=MOST_AT_ONCE)
    query = (
        select(AffectedOrder, Order)
        .join(Order, Order.id == AffectedOrder.order_id)
        .where(Order.number.in_(chosen), AffectedOrder.correction_id.is_(None))
        .order_by(AffectedOrder.order_id)
        .with_for_update(of=AffectedOrder)
    )
    found = [(row, order) for row, order in session.execute(query)]
    if len(found) < len(chosen):
        raise NoLongerToMove
    held, books = held_by(session, chosen), books_as_seen(session)
    documents: defaultdict[tuple[str, str], list[tuple[AffectedOrder, MovedOrder]]]
    documents = defaultdict(list)
    for row, order in found:
        open_sums = {
            key: amounts
            for key, amounts in held.get(order.number, {}).items()
            if not books.has_closed(key.fiscal_year)
        }
        if not any(open_sums.values()):
            raise NothingInTheLedger(number=order.number)
        line = _line(row, order, open_sums)
        documents[line.from_agency_code, line.to_agency_code].append((row, line))
    proposed = [
        _document(session, actor, codes, documents[codes], reason, now)
        for codes in sorted(documents)
    ]
    for correction in proposed:
        corrections.attach(session, correction, evidence)
    session.flush()
    return proposed


def propose_personal(
    session: Session, actor: Actor, *, reason: str, refused: bool = False, now: datetime
) -> Correction:
    """Propose that own money follow the late records that wait, whatever there is of it.

    With `refused` those whose proposal was refused are proposed again instead.
    Raises `NotAllowed`, `NoLateRecords`, or `CorrectionReasonMissing`.
    """
    require(actor, Action.CORRECT_ATTRIBUTION, CITY)
    query = (
        select(LateRecord)
        .where(waits_or_refused(refused=refused))
        .order_by(LateRecord.id)
        .limit(MOST_AT_ONCE)
        .with_for_update()
    )
    records = session.scalars(query).all()
    if not records:
        raise NoLateRecords
    wanted = corrections.NewCorrection(
        kind=CorrectionKind.MOVE, agency=None, reason=reason, fund=Fund.PERSONAL
    )
    correction = corrections.open_correction(session, actor, wanted, now=now)
    for record in records:
        record.correction_id = correction.id
    session.flush()
    details: audit.Details = {"kind": "move", "fund": "personal"}
    audit.record(session, actor, "correction.proposed", correction.number, details, now=now)
    return correction


def approve_move(session: Session, actor: Actor, correction_id: int, *, now: datetime) -> None:
    """Be the second person: the ledger's amounts go where the document says.

    Raises `NotAllowed`, `NotFound`, `SecondPersonNeeded`, `AlreadyDecided`, or `YearClosed` where
    an order's year was closed meanwhile.
    """
    correction = _locked(session, actor, correction_id)
    corrections.approve(session, actor, correction, now=now)
    if correction.fund is Fund.PERSONAL:
        _move_personal(session, actor, correction, now)
        return
    lines = session.scalars(select(MovedOrder).filter_by(correction_id=correction_id)).all()
    to = {line.reference: Attribution(line.to_agency_code, line.to_class) for line in lines}
    orders = session.scalars(
        select(Order).where(Order.number.in_(to)).order_by(Order.id).with_for_update()
    ).all()
    _move(session, actor, correction, [(order, to[order.number]) for order in orders], now)
    rows = session.scalars(select(AffectedOrder).filter_by(correction_id=correction_id)).all()
    numbers = {order.id: order.number for order in orders}
    for row in rows:
        done = to[numbers[row.order_id]]
        is_done = row.to_agency_code in {None, done.agency_code}
        if is_done and row.to_class in {None, done.seller_class}:
            session.delete(row)
        else:  # something else was recorded meanwhile: it is found still to be moved
            row.correction_id = None
    session.flush()


def refuse_move(
    session: Session, actor: Actor, correction_id: int, *, reason: str, now: datetime
) -> None:
    """Refuse a move: somebody decided that its orders and records stay where they are.

    They are then listed as refused, and wait no longer; who takes the own proposal back decides
    nothing, and they wait again. Raises `NotAllowed`, `NotFound`, `CorrectionReasonMissing`, or
    `AlreadyDecided`.
    """
    correction = _locked(session, actor, correction_id)
    corrections.refuse(session, actor, correction, reason=reason, now=now)
    is_taken_back = actor.person_id == correction.proposed_by
    session.execute(
        update(AffectedOrder)
        .where(AffectedOrder.correction_id == correction_id)
        .values(correction_id=None, refused_id=None if is_taken_back else correction_id)
    )
    if is_taken_back:  # else a record keeps the document that was refused
        session.execute(
            update(LateRecord)
            .where(LateRecord.correction_id == correction_id)
            .values(correction_id=None)
        )


def _line(row: AffectedOrder, order: Order, held: dict[QuotaKey, Amounts]) -> MovedOrder:
    holder = holder_of(held, Attribution(order.agency_code, order.seller_class))
    sums = total(held.values())
    return MovedOrder(
        reference=order.number,
        from_agency_code=holder.agency_code,
        from_class=holder.seller_class,
        to_agency_code=row.to_agency_code or holder.agency_code,
        to_class=row.to_class or holder.seller_class,
        committed_amount=sums.committed,
        realised_amount=sums.realised,
    )


def _document(
    session: Session,
    actor: Actor,
    codes: tuple[str, str],
    moved: Sequence[tuple[AffectedOrder, MovedOrder]],
    reason: str,
    now: datetime,
) -> Correction:
    old, new = codes
    wanted = corrections.NewCorrection(
        kind=CorrectionKind.MOVE,
        agency=session.scalars(select(Agency).filter_by(code=old)).one(),
        reason=reason,
        other_agency_code=new if new != old else None,
    )
    correction = corrections.open_correction(session, actor, wanted, now=now)
    for row, line in moved:
        row.correction_id = line.correction_id = correction.id
        session.add(line)
    session.flush()
    details: audit.Details = {"kind": "move", "from": old, "to": new, "orders": len(moved)}
    audit.record(session, actor, "correction.proposed", correction.number, details, now=now)
    return correction


def _move_personal(session: Session, actor: Actor, correction: Correction, now: datetime) -> None:
    """Move what the records touch of own money in open years. Nothing tells how much that was."""
    records = session.scalars(
        select(LateRecord).filter_by(correction_id=correction.id).order_by(LateRecord.id)
    ).all()
    wanted: dict[int, tuple[Order, Attribution]] = {}
    for record in records:
        for order, to in _personal_of(session, record):
            before = wanted.get(order.id)
            if before is not None:  # one record says its agency, another its seller's class
                is_of_person = record.person_id is not None
                agency_code = to.agency_code if is_of_person else before[1].agency_code
                seller_class = before[1].seller_class if is_of_person else to.seller_class
                to = Attribution(agency_code, seller_class)  # noqa: PLW2901
            wanted[order.id] = (order, to)
        record.is_settled = True
    ids = sorted(wanted)
    session.execute(select(Order.id).where(Order.id.in_(ids)).order_by(Order.id).with_for_update())
    _move(session, actor, correction, [wanted[each] for each in ids], now)
    session.flush()


def _personal_of(session: Session, record: LateRecord) -> list[tuple[Order, Attribution]]:
    late = Late(
        person_id=record.person_id,
        seller_id=record.seller_id,
        first_day=record.first_day,
        last_day=record.last_day,
    )
    expected, books = expectation(session, late), books_as_seen(session)
    found = []
    for orders in chunks_of(session, late, Fund.PERSONAL):
        held = held_by(session, [order.number for order in orders])
        for order in orders:
            amounts = held.get(order.number, {})
            if not any(
                each for key, each in amounts.items() if not books.has_closed(key.fiscal_year)
            ):
                continue
            holder = holder_of(amounts, Attribution(order.agency_code, order.seller_class))
            found.append((order, expected(city_day(order.placed_at), holder)))
    return found


def _move(
    session: Session,
    actor: Actor,
    correction: Correction,
    orders: Sequence[tuple[Order, Attribution]],
    now: datetime,
) -> None:
    open_books(session)
    today = city_day(now)
    version = rule_on(session, today).version
    moves = [
        Move(
            Event(
                reference=order.number,
                cause=f"move {correction.number}",
                occurred_on=today,
                rule_version=version,
                snapshot_sha256=order.snapshot_sha256,
                reason=correction.reason,
            ),
            to,
        )
        for order, to in orders
    ]
    move(session, actor, moves, now=now)


def _locked(session: Session, actor: Actor, correction_id: int) -> Correction:
    """A move's document, locked, for who may decide moves; else there is none."""
    require(actor, Action.CORRECT_ATTRIBUTION, CITY)
    correction = session.get(
        Correction, correction_id, with_for_update=True, populate_existing=True
    )
    if correction is None or correction.kind is not CorrectionKind.MOVE:
        raise NotFound
    return correction
