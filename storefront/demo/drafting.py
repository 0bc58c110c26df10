"""The demo's orders as rows in their first statuses, frozen as a checkout freezes them."""

from collections.abc import Collection
from datetime import date, timedelta

from storefront.catalog.models import SHOP_PLACE
from storefront.core.calendar import city_day, fiscal_year, working_days_after
from storefront.core.identifiers import order_number
from storefront.demo import content
from storefront.demo.chance import Chance
from storefront.demo.deciders import Deciders
from storefront.demo.reorganisation import name_then
from storefront.demo.shops import Good
from storefront.demo.wish import Wish
from storefront.orders import lifecycle
from storefront.orders.expiry import decide_by
from storefront.orders.models import Channel, Delivery, Order, OrderLine, OrderPeople
from storefront.orders.snapshot import snapshot_sha256
from storefront.orders.taxes import tax_in
from storefront.quota.models import Fund

DAYS_TO_DECIDE = 3


class Drafting:
    """Makes orders of wishes."""

    def __init__(
        self,
        deciders: Deciders,
        chance: Chance,
        rule_version: int,
        *,
        renamed_on: date,
        days_off: Collection[date],
    ) -> None:
        self._deciders = deciders
        self._chance = chance
        self._rule_version = rule_version
        self._renamed_on = renamed_on
        self._days_off = days_off

    def order(self, purchase_number: str, position: int, wish: Wish) -> Order:
        """The order of a wish, not yet in the session."""
        seller, agency, day = wish.shop.seller, wish.agency, city_day(wish.at)
        lines = [_line(good, pieces, at, wish) for at, (good, pieces) in enumerate(wish.goods, 1)]
        delivery_amount = _delivery_amount(wish)
        total = wish.goods_amount + delivery_amount
        parent = self._deciders.parent_of(agency)
        first = lifecycle.FIRST[wish.fund]
        people = _people(wish)
        lead = max((good.variant.lead_days for good, _ in wish.goods), default=0)
        order = Order(
            number=order_number(purchase_number, position),
            position=position,
            fund=wish.fund,
            channel=Channel.ONLINE,
            is_practice=False,
            status=first.status,
            payment_status=first.payment_status,
            fulfilment_status=first.fulfilment_status,
            buyer_id=wish.buyer.person_id,
            placement_id=wish.buyer.placement.id,
            agency_id=agency.id,
            agency_code=agency.code,
            agency_name=name_then(agency, day, renamed_on=self._renamed_on),
            parent_agency_code=parent.code if parent else None,
            seller_id=seller.id,
            seller_name=seller.name,
            seller_class=wish.shop.seller_class,
            seller_class_evidence=wish.shop.evidence,
            seller_nib=seller.nib,
            seller_npwp=seller.npwp,
            goods_amount=wish.goods_amount,
            tax_amount=sum(line.tax_amount for line in lines),
            delivery_amount=delivery_amount,
            total_amount=total,
            quota_amount=total,
            budget_amount=total,
            paid_amount=0,
            refunded_amount=0,
            withheld_amount=0,
            purpose=wish.purpose,
            activity_code=wish.line.activity_code if wish.line else "",
            activity_name=wish.line.activity_name if wish.line else "",
            expense_account=wish.line.expense_account if wish.line else "",
            budget_agency_id=wish.purse.year.agency_id if wish.purse else None,
            budget_year=fiscal_year(day),
            budget_line_id=wish.line.id if wish.line else None,
            delivery=Delivery.OFFICE if wish.fund is Fund.OFFICIAL else Delivery.HOME,
            deliver_on=working_days_after(day, DAYS_TO_DECIDE + lead, self._days_off),
            note=self._note(),
            placed_at=wish.at,
            rule_version=self._rule_version,
            exception_reason=wish.exception_reason,
            holds_stock=True,
            event_count=0,
            lines=lines,
            people=people,
            events=[],
        )
        if wish.fund is Fund.OFFICIAL:
            order.approval_agency_id = self._deciders.approving(agency).id
            order.decide_by = decide_by(
                wish.at, order.deliver_on, agency.request_days, self._days_off
            )
            order.decide_by = max(order.decide_by, wish.at + timedelta(hours=1))
        order.snapshot_sha256 = snapshot_sha256(order, people, lines)
        return order

    def _note(self) -> str:
        if not self._chance.is_one_in(6):
            return ""
        return self._chance.one_of(content.remarks("buyer_note"))


def _people(wish: Wish) -> OrderPeople:
    is_official = wish.fund is Fund.OFFICIAL
    return OrderPeople(
        buyer_nip=wish.buyer.nip,
        buyer_name=wish.buyer.name,
        buyer_position=wish.buyer.placement.position,
        phone="",
        address=wish.agency.address if is_official else wish.buyer.home,
    )


def _delivery_amount(wish: Wish) -> int:
    seller = wish.shop.seller
    free_from = seller.free_delivery_from_amount
    is_free = free_from is not None and wish.goods_amount >= free_from
    return 0 if is_free else seller.office_delivery_amount


def _line(good: Good, pieces: int, position: int, wish: Wish) -> OrderLine:
    amount = good.variant.price_amount * pieces
    return OrderLine(
        position=position,
        variant_id=good.variant.id,
        place=SHOP_PLACE,
        is_counted=good.is_counted,
        sku=good.variant.sku,
        product_name=good.product.name,
        product_slug=good.product.slug,
        variant_name=good.variant.name,
        category_path=good.category.path,
        unit=good.product.unit,
        picture_key=good.product.picture_key,
        quantity=pieces,
        unit_price_amount=good.variant.price_amount,
        line_amount=amount,
        tax_amount=tax_in(amount, is_pkp=good.shop.demo.is_pkp, day=city_day(wish.at)),
        shipped_quantity=0,
        received_quantity=0,
        returned_quantity=0,
        cancelled_quantity=0,
    )
