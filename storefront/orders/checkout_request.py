"""What a buyer asks for at checkout: wishes only. Nothing here says whose order it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date

from storefront.agencies.models import PlacementId
from storefront.orders.models import Delivery
from storefront.quota.models import Fund
from storefront.sellers.models import SellerId


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What may differ from order to order; None: as for all orders, else as is usual."""

    expense_account: str | None = None
    delivery: Delivery | None = None
    outlet_code: str | None = None
    deliver_on: date | None = None
    note: str | None = None

    def or_else(self, others: "Wishes") -> "Wishes":
        """These wishes, and the others' where these say nothing."""
        own = {name.name: getattr(self, name.name) for name in fields(self)}
        chosen = {
            name: getattr(others, name) if value is None else value for name, value in own.items()
        }
        return Wishes(**chosen)


@dataclass(frozen=True, kw_only=True)
class CheckoutRequest:
    """A checkout as it was sent. `item_ids` empty: the whole cart.

    `revision` names the state of the cart that the buyer saw: sent again, it finds the purchase
    that was made of it. None where the sender did not say.
    """

    fund: Fund
    item_ids: tuple[int, ...] = ()
    revision: int | None = None
    placement_id: PlacementId | None = None
    purpose: str = ""
    exception_reason: str = ""
    """Why it is asked for though the budget no longer holds it, where the agency lets one ask."""
    activity_code: str = ""
    address: str = ""
    expected_total: int | None = None
    for_all: Wishes = Wishes()
    by_seller: Mapping[SellerId, Wishes] = field(default_factory=dict)

    def wishes_for(self, seller_id: SellerId) -> Wishes:
        return self.by_seller.get(seller_id, Wishes()).or_else(self.for_all)
