"""Part of the first identity: each `adjust` is one approved document, as it was approved."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from storefront.quota.correction_models import (
    Correction,
    CorrectionEvidence,
    CorrectionState,
    OffPlatformPurchase,
)
from storefront.quota.corrections import digest_of
from storefront.quota.models import Amounts, EntryKind, LedgerEntry
from storefront.quota.off_platform_documents import document
from storefront.reports.breaches import Breach, unlike

CHUNK = 1_000


def adjust_breaches(session: Session) -> Iterator[Breach]:
    """Where entries and approved purchases outside the store differ: in sum, or in what they say.

    The entry is sealed with the document's digest, which holds that of its evidence: a document
    changed afterwards no longer has it. (The file itself is looked at when somebody opens it.)
    """
    sums = (
        select(
            LedgerEntry.reference,
            func.sum(LedgerEntry.committed_change).label("committed"),
            func.sum(LedgerEntry.realised_change).label("realised"),
            func.min(LedgerEntry.snapshot_sha256).label("sealed"),
        )
        .where(LedgerEntry.kind == EntryKind.ADJUST)
        .group_by(LedgerEntry.reference)
        .subquery()
    )
    original = aliased(Correction)
    approved = (
        select(
            Correction,
            OffPlatformPurchase,
            CorrectionEvidence.sha256,
            original.number,
            sums.c.committed,
            sums.c.realised,
            sums.c.sealed,
        )
        .join(OffPlatformPurchase, OffPlatformPurchase.correction_id == Correction.id)
        .outerjoin(CorrectionEvidence, CorrectionEvidence.correction_id == Correction.id)
        .outerjoin(original, original.id == Correction.reverses_id)
        .outerjoin(sums, sums.c.reference == Correction.number)
        .where(Correction.state == CorrectionState.APPROVED)
        .order_by(Correction.id)
        .execution_options(yield_per=CHUNK)
    )
    for correction, bought, evidence, reverses, committed, realised, sealed in session.execute(
        approved
    ):
        kept = Amounts(int(committed or 0), int(realised or 0))
        yield from unlike(correction.number, kept, Amounts(realised=bought.amount))
        due = digest_of(document(correction, bought, evidence_sha256=evidence, reverses=reverses))
        if sealed is not None and sealed != due:
            yield Breach(correction.number, "documents as sealed", 0, 1)
    strangers = (
        select(sums.c.reference, sums.c.committed, sums.c.realised)
        .outerjoin(
            Correction,
            (Correction.number == sums.c.reference)
            & (Correction.state == CorrectionState.APPROVED),
        )
        .where(Correction.id.is_(None))
        .order_by(sums.c.reference)
    )
    for reference, committed, realised in session.execute(strangers):
        kept = Amounts(int(committed), int(realised))
        yield from unlike(f"{reference}, which is no approved document", kept, Amounts())
