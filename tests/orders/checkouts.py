"""What tests of checkout start from: a buyer, an approver, a cart, and the sending of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.catalog.models import VariantId
from storefront.core.calendar import city_day
from storefront.core.database import transaction
from storefront.core.permissions import Actor, Role
from storefront.orders import cart
from storefront.orders.cart import CartOwner
from storefront.orders.checkout import place_purchase
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.models import CartItem, Purchase
from storefront.orders.quote import Quote, quote
from storefront.quota.models import Fund
from storefront.quota.rules import Rule, rule_on
from tests.factories import LONG_AGO, NOON, actor_of, agency, placed

OWN = CheckoutRequest(fund=Fund.PERSONAL)
OFFICIAL = CheckoutRequest(fund=Fund.OFFICIAL, purpose="Konsumsi rapat koordinasi")


@dataclass
class Buyer:
    """Somebody placed in an agency that has an approver, with a cart."""

    session: Session
    actor: Actor
    agency: Agency

    def gathers(self, *things: tuple[VariantId, int], now: datetime = NOON) -> list[CartItem]:
        owner = CartOwner(person_id=self.actor.person_id)
        with transaction(self.session):
            return [
                cart.add(self.session, owner, variant_id, quantity, now=now)
                for variant_id, quantity in things
            ]

    def quote(self, wanted: CheckoutRequest = OWN, *, now: datetime = NOON) -> Quote:
        self.session.rollback()
        return quote(self.session, self.actor, wanted, rule=rule(self.session, now), now=now)

    def places(self, wanted: CheckoutRequest = OWN, *, now: datetime = NOON) -> Purchase:
        """Sends what the page shows, with the total that it shows."""
        seen = self.quote(wanted, now=now)
        return self.sends(replace(seen.wanted, expected_total=seen.total_amount), now=now)

    def sends(self, wanted: CheckoutRequest, *, now: datetime = NOON) -> Purchase:
        with transaction(self.session) as session:
            return place_purchase(session, self.actor, wanted, rule=rule(session, now), now=now)


def buyer(
    session: Session, at: Agency | None = None, *, since: date = LONG_AGO, until: date | None = None
) -> Buyer:
    at = at or agency(session)
    placement = placed(session, at, Role.BUYER, since=since, until=until)
    placed(session, at, Role.APPROVER)
    return Buyer(session, actor_of(placement, at), at)


def rule(session: Session, now: datetime) -> Rule:
    return rule_on(session, city_day(now))
