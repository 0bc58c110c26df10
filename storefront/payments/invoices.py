"""What agencies pay by invoice, outside the store: recorded by their treasurers from a proof."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import Actor
from storefront.payments.models import AgencyMethod, AgencyPayment


@dataclass(frozen=True)
class Proof:
    """What a treasurer reads from the paper: amounts in whole rupiah, gross of taxes withheld."""

    method: AgencyMethod
    paid_on: date
    number: str
    gross_amount: int
    withheld_amount: int = 0


class ProofDiffers(DomainError):
    """The proof is recorded for this order with other figures."""

    code = "proof_differs"
    message = N_("Nomor bukti %(proof)s sudah dicatat untuk pesanan ini dengan isi yang berbeda.")
    field = "proof_number"


class PaidInTheFuture(DomainError):
    code = "paid_in_the_future"
    message = N_("Tanggal bayar %(paid_on)s belum tiba.")
    field = "paid_on"


class WithheldExceedsGross(DomainError):
    code = "withheld_exceeds_gross"
    message = N_("Potongan pajak tidak boleh melebihi jumlah kotor, yaitu %(gross_amount)s.")
    field = "withheld_amount"


class NothingPaid(DomainError):
    code = "nothing_paid"
    message = N_("Jumlah kotor harus lebih dari nol.")
    field = "gross_amount"


def record_agency_payment(
    session: Session, actor: Actor, *, reference: str, proof: Proof, now: datetime
) -> AgencyPayment:
    """Keep what the agency paid for an order.

    The same proof with the same figures again is the payment that is known. Who may record it,
    and that the order is not paid for twice, the caller checks under the order's lock.
    Raises `NothingPaid`, `WithheldExceedsGross`, `PaidInTheFuture` or `ProofDiffers`.
    """
    if proof.gross_amount < 1:
        raise NothingPaid
    if not 0 <= proof.withheld_amount <= proof.gross_amount:
        raise WithheldExceedsGross(gross_amount=proof.gross_amount)
    if proof.paid_on > city_day(now):
        raise PaidInTheFuture(paid_on=proof.paid_on)
    known = session.scalar(
        select(AgencyPayment).filter_by(reference=reference, proof_number=proof.number)
    )
    if known:
        if _proof_of(known) != proof:
            raise ProofDiffers(proof=proof.number)
        return known
    payment = AgencyPayment(
        reference=reference,
        method=proof.method,
        paid_on=proof.paid_on,
        proof_number=proof.number,
        gross_amount=proof.gross_amount,
        withheld_amount=proof.withheld_amount,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    session.add(payment)
    session.flush()
    return payment


def _proof_of(payment: AgencyPayment) -> Proof:
    return Proof(
        payment.method,
        payment.paid_on,
        payment.proof_number,
        payment.gross_amount,
        payment.withheld_amount,
    )
