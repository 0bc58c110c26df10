"""What an order says for ever: frozen at its submission (product.md, "Attribution", 2 and 3)."""

from dataclasses import dataclass
from datetime import datetime

from storefront.accounts.models import PersonDetails
from storefront.agencies.placements import CurrentPlacement
from storefront.catalog.models import SHOP_PLACE, StockPolicy
from storefront.core.calendar import city_day, fiscal_year
from storefront.core.identifiers import order_number
from storefront.orders import lifecycle
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.drafts import DraftLine, DraftOrder
from storefront.orders.funding import Funding
from storefront.orders.models import Channel, Order, OrderLine, OrderPeople
from storefront.orders.snapshot import snapshot_sha256
from storefront.quota.models import Fund
from storefront.quota.rules import Rule


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What all orders of a purchase have in common. `number` is the purchase's."""

    number: str
    wanted: CheckoutRequest
    placement: CurrentPlacement
    buyer: PersonDetails
    rule: Rule
    now: datetime


def freeze(submission: Submission, draft: DraftOrder, funding: Funding, *, position: int) -> Order:
    """An order in its first statuses, with its lines and people, not yet in the session."""
    placement, seller = submission.placement, draft.seller
    first = lifecycle.FIRST[submission.wanted.fund]
    people = OrderPeople(
        buyer_nip=placement.nip,
        buyer_name=submission.buyer.name,
        buyer_position=placement.position,
        phone=submission.buyer.phone,
        address=draft.address,
    )
    lines = [_line(line, place) for place, line in enumerate(draft.lines, start=1)]
    order = Order(
        number=order_number(submission.number, position),
        position=position,
        fund=submission.wanted.fund,
        channel=Channel.ONLINE,
        outlet_code=draft.outlet.code if draft.outlet else None,
        is_practice=placement.is_practice,
        status=first.status,
        payment_status=first.payment_status,
        fulfilment_status=first.fulfilment_status,
        buyer_id=placement.person_id,
        placement_id=placement.placement_id,
        agency_id=placement.agency_id,
        agency_code=placement.agency_code,
        agency_name=placement.agency_name,
        parent_agency_code=placement.parent_agency_code,
        seller_id=seller.id,
        seller_name=seller.name,
        seller_class=draft.seller_class.seller_class,
        seller_class_evidence=draft.seller_class.evidence,
        seller_nib=seller.nib,
        seller_npwp=seller.npwp,
        goods_amount=draft.goods_amount,
        tax_amount=draft.tax_amount,
        delivery_amount=draft.delivery_amount,
        total_amount=draft.total_amount,
        quota_amount=draft.total_amount,
        budget_amount=draft.total_amount,
        purpose=_purpose(submission.wanted),
        activity_code=funding.activity_code,
        activity_name=funding.activity_name,
        expense_account=funding.expense_account,
        budget_agency_id=funding.budget_agency_id,
        budget_year=fiscal_year(city_day(submission.now)),
        budget_line_id=funding.budget_line_id,
        approval_agency_id=funding.approval_agency_id,
        decide_by=funding.decide_by,
        exception_reason=funding.exception_reason,
        delivery=draft.delivery,
        deliver_on=draft.deliver_on,
        note=draft.wishes.note or "",
        placed_at=submission.now,
        rule_version=submission.rule.version,
        people=people,
        lines=lines,
    )
    order.snapshot_sha256 = snapshot_sha256(order, people, lines)
    return order


def _line(line: DraftLine, position: int) -> OrderLine:
    offer = line.offer
    return OrderLine(
        position=position,
        variant_id=offer.variant_id,
        place=SHOP_PLACE,
        is_counted=offer.stock_policy is StockPolicy.COUNTED,
        sku=offer.sku,
        product_name=offer.product_name,
        product_slug=offer.product_slug,
        variant_name=offer.variant_name,
        category_path=offer.category_path,
        unit=offer.unit,
        picture_key=offer.picture_key,
        quantity=line.quantity,
        unit_price_amount=offer.price_amount,
        line_amount=line.amount,
        tax_amount=line.tax_amount,
    )


def _purpose(wanted: CheckoutRequest) -> str:
    """Own money needs none, and says none."""
    return wanted.purpose if wanted.fund is Fund.OFFICIAL else ""
