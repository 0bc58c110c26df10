"""Purchases that an agency made outside the store: recorded with evidence, approved by a second.

Approved, one is an `adjust` under its own number, on the account of its date's year (product.md,
"The quota ledger"). It touches no budget counter: those are over the orders of the store. What may
be said of one: `off_platform_plans.py`; what is sealed of it: `off_platform_documents.py`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId
from storefront.agencies.reach import agency_in_reach
from storefront.core import audit
from storefront.core.calendar import fiscal_year
from storefront.core.errors import N_, DomainError, NotAllowed, NotFound
from storefront.core.permissions import CITY, Action, Actor, allows
from storefront.quota import corrections
from storefront.quota.correction_models import (
    Correction,
    CorrectionKind,
    CorrectionState,
    OffPlatformPurchase,
)
from storefront.quota.evidence import Evidence
from storefront.quota.ledger import Event, Movement, post
from storefront.quota.models import Amounts, EntryKind, Fund, LedgerEntry, QuotaKey
from storefront.quota.off_platform_documents import document_in
from storefront.quota.off_platform_plans import (
    NewPurchase,
    PurchaseIncomplete,
    check_day,
    check_purchase,
    read_line,
    refuse_own_shop,
)
from storefront.quota.rules import rule_on
from storefront.sellers.models import SellerClass

LONGEST_EVIDENCE = 200
CAUSE = "approval"


class ClassEvidenceMissing(PurchaseIncomplete):
    field = "class_evidence"


class EvidenceNeeded(DomainError):
    code = "evidence_needed"
    message = N_("Lampirkan buktinya: nota, faktur, atau kuitansi (PDF, JPG, PNG).")
    field = "evidence"


class NothingToReverse(DomainError):
    code = "nothing_to_reverse"
    message = N_("Hanya pembelian yang disetujui dan belum dibatalkan yang dapat dibatalkan.")


class ClassByTheCity(NotAllowed):
    code = "class_by_the_city"
    message = N_("Kelas penjual di luar toko hanya dapat dinyatakan oleh admin kota.")


@dataclass(frozen=True)
class StatedClass:
    """The city's word, as it approves, on a seller that is not of the store."""

    seller_class: SellerClass
    evidence: str


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
    refuse_own_shop(actor, bought.seller_id)
    check_day(session, bought.bought_on, now)
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
    refuse_own_shop(actor, bought.seller_id)
    corrections.approve(session, actor, correction, now=now)
    check_day(session, bought.bought_on, now)
    if stated is not None:
        _state_class(actor, correction, bought, stated)
    bought.document_sha256 = corrections.digest_of(document_in(session, correction, bought))
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
        basis = read_line(ClassEvidenceMissing, stated.evidence, LONGEST_EVIDENCE)
        bought.seller_class, bought.seller_class_evidence = stated.seller_class, basis
