"""What agencies have paid for their orders, the latest first: the treasurer's own list."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import Action, Actor, agency_scope, require
from storefront.orders.models import Order, PaymentMethod
from storefront.payments.models import AgencyPayment
from storefront.quota.models import Fund


@dataclass(frozen=True)
class PaidRow:
    """A payment of an agency for one order. Amounts in rupiah, gross of taxes withheld."""

    order_number: str
    purpose: str
    seller_name: str
    method: PaymentMethod
    paid_on: date
    proof_number: str
    gross_amount: int
    withheld_amount: int

    @property
    def net_amount(self) -> int:
        """What reached the seller."""
        return self.gross_amount - self.withheld_amount


def paid_by_agency(
    session: Session, actor: Actor, agency_code: str, *, page: int | None = 1
) -> Page[PaidRow]:
    """The payments for an agency's official orders. One query. Raises `NotAllowed`."""
    require(actor, Action.PAY, agency_scope(agency_code))
    at = page_number(page)
    of_code = select(Agency.id).where(Agency.code == agency_code).scalar_subquery()
    query = (
        select(AgencyPayment, Order.purpose, Order.seller_name)
        .join(Order, Order.number == AgencyPayment.reference)
        .where(Order.agency_id == of_code, Order.fund == Fund.OFFICIAL)
        .order_by(AgencyPayment.paid_on.desc(), AgencyPayment.id.desc())
        .offset((at - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    found = [
        PaidRow(
            order_number=paid.reference,
            purpose=purpose,
            seller_name=seller_name,
            method=PaymentMethod(paid.method),
            paid_on=paid.paid_on,
            proof_number=paid.proof_number,
            gross_amount=paid.gross_amount,
            withheld_amount=paid.withheld_amount,
        )
        for paid, purpose, seller_name in session.execute(query)
    ]
    return Page(found[:PAGE_SIZE], at, has_next=len(found) > PAGE_SIZE)
