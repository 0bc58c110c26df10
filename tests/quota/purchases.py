"""Purchases outside the store, and who records and approves them."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.database import transaction
from storefront.core.permissions import Actor, Role, agency_scope
from storefront.quota.correction_models import OutsideChannel
from storefront.quota.evidence import PDF, Evidence
from storefront.quota.off_platform import approve_purchase, propose_purchase
from storefront.quota.off_platform_plans import NewPurchase
from storefront.sellers.models import SellerClass
from tests.factories import NOON, agency, signed_up

RECEIPT = Evidence("nota.pdf", PDF, b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
BOUGHT = NewPurchase(
    bought_on=date(2026, 10, 20),
    document_number="NOTA/77",
    channel=OutsideChannel.OUTLET_PAPER,
    seller_name="Kedai Bu Entin",
    seller_nib="9120001234567",
    claimed_class=SellerClass.MICRO,
    amount=1_250_000,
    description="Snack rapat koordinasi 50 kotak",
    reason="Toko belum daring saat rapat mendadak",
)


class Hands:
    """An agency's procurement officer, and the approver who is the second person."""

    def __init__(self, session: Session, code: str = "1.02.01") -> None:
        self.session = session
        self.agency: Agency = agency(session, code)
        scope = agency_scope(code)
        self.proposer: Actor = signed_up(session, Role.PROCUREMENT, scope)
        self.approver: Actor = signed_up(session, Role.APPROVER, scope)

    def propose(self, *, now: datetime = NOON, **changed: Any) -> int:
        wanted = replace(BOUGHT, **changed)
        with transaction(self.session) as session:
            proposed = propose_purchase(
                session, self.proposer, self.agency.id, wanted, RECEIPT, now=now
            )
            return proposed.id

    def approve(self, correction_id: int, *, now: datetime = NOON) -> None:
        with transaction(self.session) as session:
            approve_purchase(session, self.approver, correction_id, now=now)

    def approved(self, **changed: Any) -> int:
        correction_id = self.propose(**changed)
        self.approve(correction_id)
        return correction_id
