"""Purchases that an agency made outside the store: recorded with evidence, approved by a second.

Approved, one is an `adjust` under its own number, on the account of its date's year (product.md,
"The quota ledger"). It touches no budget counter: those are over the orders of the store.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId, ExpenseAccount
from storefront.agencies.reach import agency_in_reach
from storefront.core import audit
from storefront.core.calendar import city_day, fiscal_year
from storefront.core.errors import N_, DomainError, NotAllowed, NotFound
from storefront.core.permissions import CITY, Action, Actor, allows, shop_scope
from storefront.core.text import one_line
from storefront.quota import corrections
from storefront.quota.correction_models import (
    Correction,
    CorrectionEvidence,
    CorrectionKind,
    CorrectionState,
    OffPlatformPurchase,
    OutsideChannel,
)
from storefront.quota.evidence import Evidence
from storefront.quota.ledger import Event, Movement, post
from storefront.quota.models import Amounts, EntryKind, Fund, LedgerEntry, QuotaKey
from storefront.quota.periods import books_as_seen
from storefront.quota.rules import rule_on
from storefront.sellers.classes import classes_on
from storefront.sellers.identity import LONGEST_NAME, InvalidNib, read_nib
from storefront.sellers.models import Seller, SellerClass, SellerId

MOST_AMOUNT = 1_000_000_000_000
LONGEST_DOCUMENT, LONGEST_DESCRIPTION, LONGEST_CODE, LONGEST_EVIDENCE = 80, 300, 40, 200
CAUSE = "approval"
LIKE_DAYS = timedelta(days=30)
"""So near to each other two records of the same sum and seller may be of the same purchase."""


class PurchaseIncomplete(DomainError):
    code = "purchase_incomplete"
    message = N_("Isi bagian ini, paling banyak %(most)d karakter.")


class SellerNameMissing(PurchaseIncomplete):
    field = "seller_name"


class DocumentNumberMissing(PurchaseIncomplete):
    field = "document_number"


class DescriptionMissing(PurchaseIncomplete):
    field = "description"


class ClassEvidenceMissing(PurchaseIncomplete):
    field = "class_evidence"


class AmountOutOfBounds(DomainError):
    code = "amount_out_of_bounds"
    message = N_("Isi jumlahnya, dari Rp1 sampai %(most_amount)s.")
    field = "amount"


class BoughtInTheFuture(DomainError):
    code = "bought_in_the_future"
    message = N_("Tanggal pembelian tidak boleh sesudah hari ini, %(today)s.")
    field = "bought_on"


class PurchaseYearClosed(DomainError):
    code = "purchase_year_closed"
    message = N_(
        "Tahun anggaran %(year)d sudah ditutup, jadi pembelian tahun itu tidak dapat dicatat lagi."
    )
    field = "bought_on"


class InvalidSellerNib(InvalidNib):
    field = "seller_nib"


class NibForClass(DomainError):
    code = "nib_for_class"
    message = N_("Isi NIB-nya agar kelasnya dapat diperiksa kota, atau pilih kelas lainnya.")
    field = "seller_nib"


class AccountNotListed(DomainError):
    code = "account_not_listed"
    message = N_("Pilih rekening belanja dari daftar.")
    field = "expense_account"


class EvidenceNeeded(DomainError):
    code = "evidence_needed"
    message = N_("Lampirkan buktinya: nota, faktur, atau kuitansi (PDF, JPG, PNG).")
    field = "evidence"


class OwnShop(NotAllowed):
    code = "own_shop"
    message = N_("Anda memegang peran di toko ini, jadi tidak dapat mencatat atau menyetujuinya.")


class NothingToReverse(DomainError):
    code = "nothing_to_reverse"
    message = N_("Hanya pembelian yang disetujui dan belum dibatalkan yang dapat dibatalkan.")


class ClassByTheCity(NotAllowed):
    code = "class_by_the_city"
    message = N_("Kelas penjual di luar toko hanya dapat dinyatakan oleh admin kota.")


@dataclass(frozen=True, kw_only=True)
class NewPurchase:
    """What an agency says of a purchase. The seller is one of the store by NIB or exact name."""

    bought_on: date
    document_number: str
    channel: OutsideChannel
    seller_name: str
    seller_nib: str
    claimed_class: SellerClass
    amount: int
    """Whole rupiah, tax included."""
    description: str
    reason: str
    """Why it was bought outside the store."""
    expense_account: str = ""
    activity_code: str = ""


@dataclass(frozen=True)
class StatedClass:
    """The city's word, as it approves, on a seller that is not of the store."""

    seller_class: SellerClass
    evidence: str


def check_purchase(
    session: Session, actor: Actor, agency_id: AgencyId, wanted: NewPurchase, *, now: datetime
) -> OffPlatformPurchase:
    """What would be proposed, not yet of any document: every rule but that of the evidence.

    Raises `NotFound`, or a refusal of the field at fault.
    """
    agency = agency_in_reach(session, actor, Action.RECORD_PURCHASE, agency_id)
    _check_day(session, wanted.bought_on, now)
    if not 0 < wanted.amount <= MOST_AMOUNT:
        raise AmountOutOfBounds(most_amount=MOST_AMOUNT)
    account = one_line(wanted.expense_account)
    if account and session.get(ExpenseAccount, account) is None:
        raise AccountNotListed
    corrections.read_reason(wanted.reason)
    nib = read_seller_nib(wanted.seller_nib)
    shop = find_shop(session, name=wanted.seller_name, nib=nib)
    if shop is None:
        name = _read(SellerNameMissing, wanted.seller_name, LONGEST_NAME)
        if not nib and wanted.claimed_class is not SellerClass.OTHER:
            raise NibForClass
        seller_class, basis = SellerClass.OTHER, ""
    else:
        _refuse_own_shop(actor, shop.id)
        word = classes_on(session, [shop.id], wanted.bought_on)[shop.id]
        name, nib, seller_class, basis = shop.name, shop.nib, word.seller_class, word.evidence
    return OffPlatformPurchase(
        agency_code=agency.code,
        bought_on=wanted.bought_on,
        document_number=_read(DocumentNumberMissing, wanted.document_number, LONGEST_DOCUMENT),
        channel=wanted.channel,
        seller_id=shop.id if shop else None,
        seller_name=name,
        seller_nib=nib,
        claimed_class=wanted.claimed_class if shop is None else seller_class,
        seller_class=seller_class,
        seller_class_evidence=basis,
        amount=wanted.amount,
        description=_read(DescriptionMissing, wanted.description, LONGEST_DESCRIPTION),
        expense_account=account,
        activity_code=one_line(wanted.activity_code)[:LONGEST_CODE],
    )


def propose_purchase(
    session: Session,
    actor: Actor,
    agency_id: AgencyId,
    wanted: NewPurchase,
    evidence: Evidence | None,
    *,
    now: datetime,
) -> Correction:
    """Propose that a purchase be counted. Raises as `check_purchase`, and `EvidenceNeeded`."""
    purchase = check_purchase(session, actor, agency_id, wanted, now=now)
    if evidence is None:
        raise EvidenceNeeded
    return _open(session, actor, agency_id, purchase, evidence, wanted.reason, None, now)


def propose_reversal(
    session: Session,
    actor: Actor,
    correction_id: int,
    *,
    reason: str,
    evidence: Evidence | None = None,
    now: datetime,
) -> Correction:
    """Propose that an approved purchase be counted no more: its opposite, decided likewise.

    Raises `NotFound`, `NothingToReverse` (also when one waits), `PurchaseYearClosed`,
    `CorrectionReasonMissing`, or `OwnShop`.
    """
    original, bought, agency = locked(session, actor, Action.RECORD_PURCHASE, correction_id)
    standing = select(Correction.id).where(
        Correction.reverses_id == correction_id, Correction.state != CorrectionState.REFUSED
    )
    is_over = original.state is not CorrectionState.APPROVED or original.reverses_id is not None
    if is_over or session.scalar(standing) is not None:
        raise NothingToReverse
    _refuse_own_shop(actor, bought.seller_id)
    _check_day(session, bought.bought_on, now)
    columns = ("agency_code", "bought_on", "document_number", "channel", "seller_id", "seller_name",
               "seller_nib", "claimed_class", "seller_class", "seller_class_evidence",
               "description", "expense_account", "activity_code")  # fmt: skip
    opposite = OffPlatformPurchase(
        **{name: getattr(bought, name) for name in columns}, amount=-bought.amount
    )
    return _open(session, actor, agency.id, opposite, evidence, reason, correction_id, now)


def approve_purchase(
    session: Session,
    actor: Actor,
    correction_id: int,
    *,
    stated: StatedClass | None = None,
    now: datetime,
) -> list[LedgerEntry]:
    """Be the second person: it counts from now on. Returns what was posted.

    `stated`: the class of a seller who is not of the store, which only the city may state; without
    it such a seller is `other`. Raises `NotFound`, `SecondPersonNeeded`, `AlreadyDecided`,
    `OwnShop`, `ClassByTheCity`, `PurchaseYearClosed`, or `NothingToTakeBack`.
    """
    correction, bought, agency = locked(session, actor, Action.CONFIRM, correction_id)
    _refuse_own_shop(actor, bought.seller_id)
    corrections.approve(session, actor, correction, now=now)
    _check_day(session, bought.bought_on, now)
    if stated is not None:
        _state_class(actor, correction, bought, stated)
    bought.document_sha256 = corrections.digest_of(_document(session, correction, bought))
    session.flush()
    event = Event(
        reference=correction.number,
        cause=CAUSE,
        occurred_on=bought.bought_on,
        rule_version=rule_on(session, bought.bought_on).version,
        snapshot_sha256=bought.document_sha256,
        reason=correction.reason,
    )
    year = fiscal_year(bought.bought_on)
    key = QuotaKey(agency.code, year, Fund.OFFICIAL, bought.seller_class)
    change = Amounts(realised=bought.amount)
    return post(session, actor, [Movement(event, key, EntryKind.ADJUST, change)], now=now)


def refuse_purchase(
    session: Session, actor: Actor, correction_id: int, *, reason: str, now: datetime
) -> None:
    """Refuse one that waits; or take the own one back. Raises as `approve_purchase`."""
    found = session.get(Correction, correction_id)
    is_own = found is not None and found.proposed_by == actor.person_id
    action = Action.RECORD_PURCHASE if is_own else Action.CONFIRM
    correction, _bought, _agency = locked(session, actor, action, correction_id)
    corrections.refuse(session, actor, correction, reason=reason, now=now)


def locked(
    session: Session, actor: Actor, action: Action, correction_id: int
) -> tuple[Correction, OffPlatformPurchase, Agency]:
    """A purchase's document, locked, for who may; for anybody else there is none: `NotFound`."""
    query = (
        select(Correction, OffPlatformPurchase)
        .join(OffPlatformPurchase, OffPlatformPurchase.correction_id == Correction.id)
        .where(Correction.id == correction_id)
        .with_for_update(of=Correction)
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).one_or_none()
    if row is None or row[0].agency_id is None:
        raise NotFound
    agency = agency_in_reach(session, actor, action, row[0].agency_id)
    return row[0], row[1], agency


def find_shop(session: Session, *, name: str, nib: str) -> Seller | None:
    """The store's shop of that NIB; without one, the only shop of exactly that name."""
    if nib:
        return session.scalar(select(Seller).filter_by(nib=nib, is_practice=False))
    alike = func.lower(Seller.name) == one_line(name).lower()
    shops = session.scalars(
        select(Seller).where(alike, Seller.is_practice.is_(False)).limit(2)
    ).all()
    return shops[0] if len(shops) == 1 else None


def read_seller_nib(typed: str) -> str:
    """13 digits, or nothing. Raises `InvalidSellerNib`."""
    if not typed.strip():
        return ""
    try:
        return read_nib(typed)
    except InvalidNib:
        raise InvalidSellerNib from None


def document(
    correction: Correction,
    bought: OffPlatformPurchase,
    *,
    evidence_sha256: str | None,
    reverses: str | None,
) -> dict[str, str | int | None]:
    """What is approved, by the names of its columns: the ledger seals the digest of it.

    `reverses`: the number of the document that it takes back.
    """
    return {
        "number": correction.number,
        "agency_code": bought.agency_code,
        "bought_on": bought.bought_on.isoformat(),
        "document_number": bought.document_number,
        "channel": bought.channel.value,
        "seller_id": bought.seller_id,
        "seller_name": bought.seller_name,
        "seller_nib": bought.seller_nib,
        "seller_class": bought.seller_class.value,
        "seller_class_evidence": bought.seller_class_evidence,
        "amount": bought.amount,
        "description": bought.description,
        "expense_account": bought.expense_account,
        "activity_code": bought.activity_code,
        "reason": correction.reason,
        "reverses": reverses,
        "evidence_sha256": evidence_sha256,
    }


def _document(
    session: Session, correction: Correction, bought: OffPlatformPurchase
) -> dict[str, str | int | None]:
    evidence = select(CorrectionEvidence.sha256).filter_by(correction_id=correction.id)
    original = select(Correction.number).filter_by(id=correction.reverses_id)
    return document(
        correction,
        bought,
        evidence_sha256=session.scalar(evidence),
        reverses=session.scalar(original) if correction.reverses_id else None,
    )


def _open(
    session: Session,
    actor: Actor,
    agency_id: AgencyId,
    purchase: OffPlatformPurchase,
    evidence: Evidence | None,
    reason: str,
    reverses_id: int | None,
    now: datetime,
) -> Correction:
    wanted = corrections.NewCorrection(
        kind=CorrectionKind.ADJUST,
        agency=session.get_one(Agency, agency_id),
        reason=reason,
        reverses_id=reverses_id,
    )
    correction = corrections.open_correction(session, actor, wanted, now=now)
    purchase.correction_id = correction.id
    session.add(purchase)
    corrections.attach(session, correction, evidence)
    session.flush()
    details: audit.Details = {
        "agency": purchase.agency_code,
        "amount": purchase.amount,
        "bought_on": purchase.bought_on.isoformat(),
        "document": purchase.document_number,
    }
    audit.record(session, actor, "correction.proposed", correction.number, details, now=now)
    return correction


def _state_class(
    actor: Actor, correction: Correction, bought: OffPlatformPurchase, stated: StatedClass
) -> None:
    if not allows(actor, Action.MANAGE_SELLERS, CITY):
        raise ClassByTheCity
    if bought.seller_id is None and correction.reverses_id is None:
        basis = _read(ClassEvidenceMissing, stated.evidence, LONGEST_EVIDENCE)
        bought.seller_class, bought.seller_class_evidence = stated.seller_class, basis


def _check_day(session: Session, day: date, now: datetime) -> None:
    today = city_day(now)
    if day > today:
        raise BoughtInTheFuture(today=today)
    if books_as_seen(session).has_closed(fiscal_year(day)):
        raise PurchaseYearClosed(year=fiscal_year(day))


def _refuse_own_shop(actor: Actor, seller_id: SellerId | None) -> None:
    if seller_id is not None and any(g.scope == shop_scope(seller_id) for g in actor.grants):
        raise OwnShop


def _read(missing: type[PurchaseIncomplete], typed: str, most: int) -> str:
    text = one_line(typed)
    if not text or len(text) > most:
        raise missing(most=most)
    return text
