"""What an agency pays for an official order: recorded by its treasurer, from the proof."""

from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, instant_of
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import Actor
from storefront.orders.accounting import figures_of, in_total
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import Order, PaymentMethod
from storefront.orders.parties import acting_as
from storefront.orders.transitions import WHO, check
from storefront.orders.words import Event
from storefront.payments.invoices import Proof, record_agency_payment
from storefront.payments.models import AgencyPayment


class MoreThanAccepted(DomainError):
    """Only what was accepted is paid for, gross of taxes; `left_amount` of it is not paid yet."""

    code = "more_than_accepted"
    message = N_("Yang sudah diterima dan belum dibayar tinggal %(left_amount)s.")
    field = "gross_amount"


class PaidBeforeApproval(DomainError):
    code = "paid_before_approval"
    message = N_(
        "Pesanan ini baru disetujui %(approved_on)s; tanggal bayar tidak boleh sebelumnya."
    )
    field = "paid_on"


class ProofNumberMissing(DomainError):
    code = "proof_number_missing"
    message = N_("Isi nomor bukti bayar, paling panjang %(most)s huruf.")
    field = "proof_number"


MOST_PROOF_NUMBER = 80


def pay(session: Session, actor: Actor, number: str, *, proof: Proof, now: datetime) -> Order:
    """Record what the order's agency paid, gross of taxes withheld, and return the order.

    It counts from the date on the proof. The same proof sent again is the payment that is known.
    Raises `NotFound`, `MoreThanAccepted`, `PaidBeforeApproval`, `ProofNumberMissing`, what
    `record_agency_payment` raises, and what `lifecycle.apply` raises.
    """
    order = locked(session, actor, number)
    acting_as(session, actor, order, WHO[Event.PAY])
    if not 0 < len(proof.number.strip()) <= MOST_PROOF_NUMBER:
        raise ProofNumberMissing(most=MOST_PROOF_NUMBER)
    is_known = _is_known(session, order, proof)
    if not is_known:
        _check(order, proof)
    record_agency_payment(session, actor, reference=order.number, proof=proof, now=now)
    if is_known:
        return order
    order.paid_amount += proof.gross_amount
    order.withheld_amount += proof.withheld_amount
    order.payment_method = PaymentMethod(proof.method)
    order.paid_at = now if proof.paid_on == city_day(now) else instant_of(proof.paid_on, time(12))
    apply(session, actor, order, Event.PAY, occurred_on=proof.paid_on, now=now)
    return order


def payable_amount(order: Order) -> int:
    """Rupiah that were accepted and are not paid yet. The order's lines are loaded."""
    return max(in_total(order, figures_of(order).accepted) - order.paid_amount, 0)


def _is_known(session: Session, order: Order, proof: Proof) -> bool:
    known = select(AgencyPayment.id).filter_by(reference=order.number, proof_number=proof.number)
    return session.scalar(known) is not None


def _check(order: Order, proof: Proof) -> None:
    check(order, Event.PAY)
    if order.approved_at is not None and proof.paid_on < city_day(order.approved_at):
        raise PaidBeforeApproval(approved_on=city_day(order.approved_at))
    if proof.gross_amount > payable_amount(order):
        raise MoreThanAccepted(left_amount=payable_amount(order))
