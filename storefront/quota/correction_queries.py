"""Corrections as pages show them: rows of frozen values, bounded, the latest first.

Of a `move` of own money nothing is told but the document itself: its orders never stand in a row.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency, ExpenseAccount
from storefront.core.errors import N_, Conflict, NotFound
from storefront.core.paging import Page, page_number
from storefront.core.permissions import PersonId
from storefront.quota.correction_models import (
    Correction,
    CorrectionEvidence,
    CorrectionKind,
    CorrectionState,
    MovedOrder,
    OffPlatformPurchase,
    OutsideChannel,
)
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass, SellerId

PAGE = 25
MOST_MOVES = 500


class EvidenceAltered(Conflict):
    code = "evidence_altered"
    message = N_("Berkas bukti ini tidak lagi sama dengan yang diajukan. Laporkan ke Inspektorat.")


@dataclass(frozen=True, kw_only=True)
class CorrectionFilter:
    """Which documents: of an agency (as its own, or as where orders move to), kind, state."""

    agency_code: str | None = None
    kind: CorrectionKind | None = None
    state: CorrectionState | None = None
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class CorrectionRow:
    """A document in a list. `amount`: of a purchase, whole rupiah; of a move, what it moves."""

    correction_id: int
    number: str
    kind: CorrectionKind
    fund: Fund
    state: CorrectionState
    agency_code: str | None
    agency_name: str | None
    other_agency_code: str | None
    reason: str
    proposed_by: PersonId
    proposed_by_name: str | None
    proposed_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    refusal: str
    reverses_number: str | None
    seller_name: str | None
    description: str | None
    bought_on: date | None
    amount: int | None


@dataclass(frozen=True, kw_only=True)
class PurchaseView:
    """What a document says of a purchase outside the store."""

    agency_code: str
    bought_on: date
    document_number: str
    channel: OutsideChannel
    seller_id: SellerId | None
    seller_name: str
    seller_nib: str
    claimed_class: SellerClass
    seller_class: SellerClass
    seller_class_evidence: str
    amount: int
    description: str
    expense_account: str
    expense_account_name: str | None
    activity_code: str
    document_sha256: str


@dataclass(frozen=True)
class EvidenceView:
    """The file beside a document, without its content."""

    file_name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class MoveView:
    """An official order in a document: from where to where, and how much as proposed."""

    reference: str
    from_agency_code: str
    from_class: SellerClass
    to_agency_code: str
    to_class: SellerClass
    committed_amount: int
    realised_amount: int


@dataclass(frozen=True)
class CorrectionView:
    """A document whole. `reversed_by`: the one that takes it back, or waits to."""

    row: CorrectionRow
    purchase: PurchaseView | None
    evidence: EvidenceView | None
    moves: tuple[MoveView, ...]
    reverses_id: int | None
    reversed_by: tuple[int, str, CorrectionState] | None

    @property
    def is_waiting(self) -> bool:
        return self.row.state is CorrectionState.PROPOSED


def list_corrections(session: Session, wanted: CorrectionFilter) -> Page[CorrectionRow]:
    """A page of documents, those that wait first. Two queries, whatever they hold.

    The caller has asked whether the reader may see that agency's, or all.
    """
    number = page_number(wanted.page)
    query = (
        _rows()
        .where(*_conditions(wanted))
        .order_by(Correction.id.desc())
        .offset((number - 1) * PAGE)
        .limit(PAGE + 1)
    )
    rows = [_row(*found) for found in session.execute(query)]
    return Page(rows[:PAGE], number, len(rows) > PAGE, size=PAGE)


def count_waiting(session: Session, agency_code: str | None = None) -> int:
    """How many wait for a second person: of an agency, or of all."""
    query = select(func.count()).where(Correction.state == CorrectionState.PROPOSED)
    if agency_code is not None:
        query = query.where(Correction.agency_code == agency_code)
    return int(session.scalar(query) or 0)


def find_correction(session: Session, correction_id: int) -> CorrectionView:
    """A document whole. Raises `NotFound`; the caller asks whether the reader may see it."""
    found = session.execute(_rows().where(Correction.id == correction_id)).one_or_none()
    if found is None:
        raise NotFound
    row = _row(*found)
    correction = found[0]
    follower = session.execute(
        select(Correction.id, Correction.number, Correction.state).where(
            Correction.reverses_id == correction_id, Correction.state != CorrectionState.REFUSED
        )
    ).one_or_none()
    return CorrectionView(
        row=row,
        purchase=_purchase(session, correction_id),
        evidence=_evidence(session, correction_id),
        moves=_moves(session, correction_id) if row.fund is Fund.OFFICIAL else (),
        reverses_id=correction.reverses_id,
        reversed_by=(follower.id, follower.number, follower.state) if follower else None,
    )


def read_content(session: Session, correction_id: int) -> tuple[EvidenceView, bytes]:
    """The file itself. Raises `NotFound`, or `EvidenceAltered` where it is not what was sent.

    The caller asks whether the reader may see it.
    """
    kept = session.execute(
        select(CorrectionEvidence, CorrectionEvidence.content).filter_by(
            correction_id=correction_id
        )
    ).one_or_none()
    if kept is None:
        raise NotFound
    row, content = kept
    if sha256(content).hexdigest() != row.sha256:
        raise EvidenceAltered
    return EvidenceView(row.file_name, row.media_type, row.size, row.sha256), content


def _rows() -> Select[*tuple[Any, ...]]:
    proposer, decider = aliased(PersonDetails), aliased(PersonDetails)
    original = aliased(Correction)
    moved = (
        select(func.sum(MovedOrder.committed_amount + MovedOrder.realised_amount))
        .where(MovedOrder.correction_id == Correction.id)
        .correlate(Correction)
        .scalar_subquery()
    )
    return (
        select(
            Correction,
            OffPlatformPurchase,
            Agency.name,
            proposer.name,
            decider.name,
            original.number,
            moved,
        )
        .outerjoin(OffPlatformPurchase, OffPlatformPurchase.correction_id == Correction.id)
        .outerjoin(Agency, Agency.id == Correction.agency_id)
        .outerjoin(proposer, proposer.person_id == Correction.proposed_by)
        .outerjoin(decider, decider.person_id == Correction.decided_by)
        .outerjoin(original, original.id == Correction.reverses_id)
    )


def _conditions(wanted: CorrectionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.agency_code is not None:
        conditions.append(
            or_(
                Correction.agency_code == wanted.agency_code,
                Correction.other_agency_code == wanted.agency_code,
            )
        )
    if wanted.kind is not None:
        conditions.append(Correction.kind == wanted.kind)
    if wanted.state is not None:
        conditions.append(Correction.state == wanted.state)
    return conditions


def _row(
    correction: Correction,
    bought: OffPlatformPurchase | None,
    agency_name: str | None,
    proposer: str | None,
    decider: str | None,
    reverses_number: str | None,
    moved: int | None,
) -> CorrectionRow:
    is_told = correction.fund is Fund.OFFICIAL
    return CorrectionRow(
        correction_id=correction.id,
        number=correction.number,
        kind=correction.kind,
        fund=correction.fund,
        state=correction.state,
        agency_code=correction.agency_code,
        agency_name=agency_name,
        other_agency_code=correction.other_agency_code,
        reason=correction.reason,
        proposed_by=correction.proposed_by,
        proposed_by_name=proposer,
        proposed_at=correction.proposed_at,
        decided_by_name=decider,
        decided_at=correction.decided_at,
        refusal=correction.refusal,
        reverses_number=reverses_number,
        seller_name=bought.seller_name if bought else None,
        description=bought.description if bought else None,
        bought_on=bought.bought_on if bought else None,
        amount=bought.amount if bought else int(moved or 0) if is_told else None,
    )


def _purchase(session: Session, correction_id: int) -> PurchaseView | None:
    query = (
        select(OffPlatformPurchase, ExpenseAccount.name)
        .outerjoin(ExpenseAccount, ExpenseAccount.code == OffPlatformPurchase.expense_account)
        .where(OffPlatformPurchase.correction_id == correction_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    bought, account_name = found
    same = set(PurchaseView.__dataclass_fields__) - {"expense_account_name"}
    return PurchaseView(
        **{name: getattr(bought, name) for name in same}, expense_account_name=account_name
    )


def _evidence(session: Session, correction_id: int) -> EvidenceView | None:
    kept = session.get(CorrectionEvidence, correction_id)
    return EvidenceView(kept.file_name, kept.media_type, kept.size, kept.sha256) if kept else None


def _moves(session: Session, correction_id: int) -> tuple[MoveView, ...]:
    query = (
        select(MovedOrder)
        .filter_by(correction_id=correction_id)
        .order_by(MovedOrder.id)
        .limit(MOST_MOVES)
    )
    return tuple(
        MoveView(
            reference=row.reference,
            from_agency_code=row.from_agency_code,
            from_class=row.from_class,
            to_agency_code=row.to_agency_code,
            to_class=row.to_class,
            committed_amount=row.committed_amount,
            realised_amount=row.realised_amount,
        )
        for row in session.scalars(query)
    )
