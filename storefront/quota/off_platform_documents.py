"""What is approved of a purchase outside the store: the ledger seals the digest of it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.quota.correction_models import Correction, CorrectionEvidence, OffPlatformPurchase


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


def document_in(
    session: Session, correction: Correction, bought: OffPlatformPurchase
) -> dict[str, str | int | None]:
    """The same, with the evidence and the original that the database knows. Two queries at most."""
    evidence = select(CorrectionEvidence.sha256).filter_by(correction_id=correction.id)
    original = select(Correction.number).filter_by(id=correction.reverses_id)
    return document(
        correction,
        bought,
        evidence_sha256=session.scalar(evidence),
        reverses=session.scalar(original) if correction.reverses_id else None,
    )
