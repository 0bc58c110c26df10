"""The seller's first page: what waits, how the month goes, what runs out."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.catalog.low_stock import list_low
from storefront.catalog.own_products import count_own_products
from storefront.core.calendar import month_of
from storefront.extensions import db
from storefront.orders.month_buckets import last_months
from storefront.orders.seller_desk import handovers, waiting_orders
from storefront.orders.seller_sales import sales_by_month
from storefront.quota.rules import Rule, rule_on
from storefront.sellers.caps import NO_CAP, promised_in
from storefront.sellers.models import Seller
from storefront.web.clock import today
from storefront.web.identity import current_actor
from storefront.web.seller.order_words import pill_of
from storefront.web.seller.room import current_class, current_shop, seller, stage_counts

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Room:
    """Official money promised to the shop this month. `cap_amount` None: there is no limit."""

    promised_amount: int
    cap_amount: int | None

    @property
    def left_amount(self) -> int:
        return max((self.cap_amount or 0) - self.promised_amount, 0)


@seller.get("/")
def home() -> ResponseReturnValue:
    session, actor, seller_id = db.session(), current_actor(), current_shop().seller_id
    waiting = waiting_orders(session, actor, seller_id)
    months = last_months(today(), MONTHS_SHOWN)
    rule = rule_on(session, today())
    return render_template(
        "seller/home.html",
        shop=session.get_one(Seller, seller_id),
        verified=current_class(),
        counts=stage_counts(),
        waiting=waiting,
        handovers=handovers(session, waiting),
        pill_of=lambda row: pill_of(row, today()),
        sales=sales_by_month(session, actor, seller_id, months=months),
        room=_room(rule),
        rule=rule,
        low=list_low(session, seller_id),
        products=count_own_products(session, seller_id),
    )


def _room(rule: Rule) -> Room:
    session, seller_id = db.session(), current_shop().seller_id
    cap = rule.seller_monthly_cap_amount
    promised = promised_in(session, seller_id, month_of(today()))
    return Room(promised, None if cap == NO_CAP else cap)
