"""An order of the demo while it is told, and what may happen to it."""

from dataclasses import dataclass
from datetime import date

from storefront.core.permissions import PersonId
from storefront.demo.wish import Wish
from storefront.orders.models import Order
from storefront.orders.parties import Party
from storefront.orders.words import Event
from storefront.payments.models import GatewayPayment
from storefront.quota.models import Fund


@dataclass
class Told:
    """An order, and what is needed to tell on."""

    order: Order
    wish: Wish
    payment: GatewayPayment | None = None

    @property
    def is_official(self) -> bool:
        return self.wish.fund is Fund.OFFICIAL

    @property
    def buyer(self) -> PersonId:
        return self.wish.buyer.person_id


@dataclass(frozen=True)
class Step:
    """Something that will happen to an order, unless its time is still to come."""

    told: Told
    event: Event
    by: PersonId
    party: Party
    reason: str = ""
    occurred_on: date | None = None
    """The day of the fact, where it was brought to the store later."""
