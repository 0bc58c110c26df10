"""The demo's money: what was paid at the gateway, given back there, and paid by agencies."""

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, instant_of
from storefront.core.permissions import SYSTEM, PersonId
from storefront.demo.chance import Chance
from storefront.demo.fates import PAY_WITHIN
from storefront.demo.told import Told
from storefront.orders.models import Order, PaymentMethod, Purchase
from storefront.payments.models import (
    AgencyMethod,
    AgencyPayment,
    ChargeMethod,
    GatewayPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    RefundAllocation,
    RefundOrigin,
    RefundStatus,
)

PPH22_ABOVE = 2_000_000
PPH22_PERMILLE = 15
"""What a treasurer withholds (product.md, "Facts of the field": PMK 59/2022)."""


class DemoPayments:
    """Keeps the rows of `payments` in step with the history."""

    def __init__(self, session: Session, chance: Chance) -> None:
        self._session = session
        self._chance = chance
        self._refunds: list[tuple[str, GatewayPayment, int, datetime]] = []

    def open(self, purchase: Purchase, at: datetime) -> GatewayPayment:
        """The attempt of a purchase of own money."""
        payment = GatewayPayment(
            reference=purchase.number,
            attempt=1,
            amount=purchase.total_amount,
            status=GatewayPaymentStatus.OPEN,
            idempotency_key=f"{purchase.number}-1",
            provider_session_id=f"cs_demo_{purchase.number[2:].lower()}",
            redirect_url=None,
            refunded_amount=0,
            created_at=at,
            expires_at=at + PAY_WITHIN,
        )
        self._session.add(payment)
        return payment

    def settle(self, told: Told, at: datetime) -> None:
        payment = told.payment
        if payment is None:
            return
        told.order.payment_method = PaymentMethod.CARD
        if payment.status is GatewayPaymentStatus.OPEN:
            payment.status = GatewayPaymentStatus.SETTLED
            payment.settled_at = at
            payment.charge_method = ChargeMethod.CARD
            payment.payment_intent_id = f"pi_demo_{payment.reference[2:].lower()}"

    def expire(self, told: Told) -> None:
        if told.payment is not None:
            told.payment.status = GatewayPaymentStatus.EXPIRED

    def refund(self, told: Told, at: datetime) -> None:
        order, payment = told.order, told.payment
        if payment is None:
            return
        payment.refunded_amount += order.total_amount
        order.refunded_amount, order.paid_amount = order.total_amount, 0
        self._refunds.append((order.number, payment, order.total_amount, at))

    def pay_by_agency(self, order: Order, by: PersonId, paid_on: date, at: datetime) -> None:
        """The whole, less what is withheld; `at` is when its proof was recorded."""
        gross = order.total_amount
        withheld = gross * PPH22_PERMILLE // 1_000 if gross > PPH22_ABOVE else 0
        method = self._chance.weighted(list(AgencyMethod), [6, 3, 1])
        order.paid_amount, order.withheld_amount = gross, withheld
        order.paid_at = at if paid_on == city_day(at) else instant_of(paid_on, time(12))
        order.payment_method = PaymentMethod(method.value)
        number = self._chance.between(1, 900)
        self._session.add(
            AgencyPayment(
                reference=order.number,
                method=method,
                paid_on=paid_on,
                proof_number=f"{number:03}/KW/{order.agency_code}/{paid_on:%m/%Y}",
                gross_amount=gross,
                withheld_amount=withheld,
                recorded_by=by,
                recorded_at=at,
            )
        )

    def write_refunds(self) -> None:
        """What went back at the gateway, once its payments have their ids."""
        self._session.flush()
        for number, payment, amount, at in self._refunds:
            self._session.add(
                GatewayRefund(
                    payment_id=payment.id,
                    origin=RefundOrigin.STORE,
                    reference=number,
                    cause="declined",
                    amount=amount,
                    status=RefundStatus.SUCCEEDED,
                    idempotency_key=f"refund-{number}",
                    provider_refund_id=f"re_demo_{number[2:].lower()}",
                    created_at=at,
                    settled_at=at,
                    allocated_at=at,
                    allocated_by=SYSTEM.person_id,
                )
            )
        self._session.flush()
        made = select(GatewayRefund).order_by(GatewayRefund.id)
        self._session.add_all(
            RefundAllocation(refund_id=refund.id, reference=refund.reference, amount=refund.amount)
            for refund in self._session.scalars(made)
        )
