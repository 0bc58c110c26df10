"""Placing a purchase: the one gate. What the page showed before it was advice.

Locks are taken in the order of docs/architecture.md: cart, purchase and orders, variants. Budget
counters and the seller's month are looked at here and moved at the approval.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.agencies.placements import placement_for
from storefront.catalog import capacity, stock
from storefront.catalog.stock import Taking
from storefront.core.calendar import city_day
from storefront.core.errors import N_, Conflict, DomainError
from storefront.core.identifiers import purchase_number
from storefront.core.permissions import Action, Actor, agency_scope, require
from storefront.orders import lifecycle
from storefront.orders.cart import CartOwner, items_of, locked_cart, take_out
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.drafts import draft_orders, look_around
from storefront.orders.freezing import Submission, freeze
from storefront.orders.funding import fund_orders
from storefront.orders.models import Cart, CartItem, Order, Purchase
from storefront.quota.rules import Rule

MOST_AMOUNT = 1_000_000_000_000
"""Of a purchase, in rupiah: beyond it somebody mistyped a quantity."""


class EmptyCart(DomainError):
    code = "empty_cart"
    message = N_("Keranjang Anda kosong. Pilih barang dahulu.")


class CartChanged(Conflict):
    code = "cart_changed"
    message = N_("Isi keranjang berubah sejak halaman ini dibuka. Periksa lagi sebelum memesan.")


class TotalChanged(Conflict):
    """The total is not the one that the buyer saw. `total_amount` is that of now."""

    code = "total_changed"
    message = N_("Jumlahnya sekarang %(total_amount)s. Periksa lagi, lalu kirim sekali lagi.")
    field = "expected_total"

    @property
    def total_amount(self) -> int:
        return int(str(self.details["total_amount"]))


class TooMuch(DomainError):
    code = "too_much"
    message = N_("Satu pembelian paling banyak %(most_amount)s. Kurangi jumlah barangnya.")


def place_purchase(
    session: Session, actor: Actor, wanted: CheckoutRequest, *, rule: Rule, now: datetime
) -> Purchase:
    """Make the chosen items of the actor's cart a purchase with one order per seller; return it.

    Sent again for the same cart, revision and fund it returns the purchase that exists: the cart's
    lock lets one at a time look (contract.md, "Addresses"). Whose order it is, the day's placement
    says (product.md, "Attribution"); stock is taken, and what was bought leaves the cart.
    Raises `EmptyCart`, `CartChanged`, `TotalChanged`, `TooMuch`, `NoPlacement`, `AgencyEnded`,
    `ChoosePlacement`, `NotAllowed`, and whatever stands against a draft (`drafts.py`,
    `funding.py`), `OutOfStock` or `DayFull`; then nothing is written and the cart is as it was.
    """
    cart = locked_cart(session, CartOwner(person_id=actor.person_id))
    if cart is None:
        raise EmptyCart
    items = items_of(session, cart, wanted.item_ids)
    known = _placed_before(session, cart, wanted, anything_left=bool(items))
    if known is not None:
        return known
    _check_cart(cart, wanted, items)
    placement = placement_for(session, actor.person_id, city_day(now), wanted.placement_id)
    require(actor, Action.SHOP, agency_scope(placement.agency_code))
    around = look_around(session, actor, wanted, placement=placement, now=now)
    drafts = draft_orders(session, around, items)
    funds = fund_orders(session, around, drafts, rule=rule)
    for problem in [*(p for draft in drafts for p in draft.problems), *funds.problems]:
        raise problem
    total_amount = sum(draft.total_amount for draft in drafts)
    if total_amount > MOST_AMOUNT:
        raise TooMuch(most_amount=MOST_AMOUNT)
    if wanted.expected_total != total_amount:
        raise TotalChanged(total_amount=total_amount)
    submission = Submission(
        number=purchase_number(),
        wanted=wanted,
        placement=placement,
        buyer=session.get_one(PersonDetails, actor.person_id),
        rule=rule,
        now=now,
    )
    purchase = Purchase(
        number=submission.number,
        buyer_id=actor.person_id,
        cart_id=cart.id,
        cart_revision=cart.revision,
        fund=wanted.fund,
        total_amount=total_amount,
        placed_at=now,
        orders=[
            freeze(submission, draft, funds.of(draft), position=position)
            for position, draft in enumerate(drafts, start=1)
        ],
    )
    session.add(purchase)
    session.flush()
    _take(session, actor, purchase.orders, now)
    take_out(session, cart, items, now=now)
    for order in purchase.orders:
        lifecycle.begin(session, actor, order, now=now)
    return purchase


def _placed_before(
    session: Session, cart: Cart, wanted: CheckoutRequest, *, anything_left: bool
) -> Purchase | None:
    """The purchase that this very request made already, if it did.

    A sender that names no revision is answered so only when the cart holds nothing of what was
    asked for and has not changed since.
    """
    if wanted.revision is None and anything_left:
        return None
    revision = cart.revision - 1 if wanted.revision is None else wanted.revision
    return session.scalar(
        select(Purchase).filter_by(cart_id=cart.id, cart_revision=revision, fund=wanted.fund)
    )


def _check_cart(cart: Cart, wanted: CheckoutRequest, items: Sequence[CartItem]) -> None:
    if wanted.revision not in {None, cart.revision}:
        raise CartChanged
    if not items:
        raise EmptyCart
    if wanted.item_ids and len(items) < len(set(wanted.item_ids)):
        raise CartChanged


def _take(session: Session, actor: Actor, orders: Sequence[Order], now: datetime) -> None:
    """Take days, then pieces, each by rising variant ids over all orders.

    Pieces are taken last, and all at once: that locks products, and no variant comes after them.
    """
    lines = [(line, order) for order in orders for line in order.lines]
    for line, order in sorted(lines, key=lambda pair: pair[0].variant_id):
        if not line.is_counted and order.deliver_on is not None:
            capacity.take_day(session, {line.variant_id: line.quantity}, day=order.deliver_on)
    takings = [
        Taking(line.variant_id, line.quantity, order.number, line.place)
        for line, order in lines
        if line.is_counted
    ]
    stock.take_all(session, actor, takings, now=now)
