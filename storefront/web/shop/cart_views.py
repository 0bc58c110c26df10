"""The cart's page, and what changes it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.catalog.models import VariantId
from storefront.catalog.queries import find_offers
from storefront.core.errors import DomainError, NotFound
from storefront.core.permissions import NOBODY
from storefront.extensions import db, transaction
from storefront.orders import cart as carts
from storefront.orders.cart_view import CartView, show_cart
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field
from storefront.web.identity import current_actor
from storefront.web.limits import GUESTS_CARTS, limiter
from storefront.web.shop.cart_forms import BIGGEST_ID, AddForm, QuantityForm
from storefront.web.shop.carts import owner, owner_to_be

SEE_OTHER = 303

cart = Blueprint("cart", __name__)


@cart.get("/cart")
def show() -> ResponseReturnValue:
    return _page(_view())


@cart.post("/cart/items")
@limiter.limit(GUESTS_CARTS, exempt_when=lambda: current_actor() is not NOBODY)
def add() -> ResponseReturnValue:
    """Put a variant in. A refusal shows it alone, with what was typed and what can be done."""
    form = AddForm()
    if not form.validate():
        return _refused(form), UNPROCESSABLE
    variant_id, quantity = VariantId(form.variant_id.data or 0), form.quantity.data or 0
    whose = owner_to_be()
    try:
        with transaction() as session:
            carts.add(session, whose, variant_id, quantity, now=now())
    except NotFound:
        raise
    except DomainError as refusal:
        _put_beside(form, refusal)
        return _refused(form), UNPROCESSABLE
    flash(_("Barang sudah ada di keranjang Anda."))
    return redirect(url_for("cart.show"), code=SEE_OTHER)


@cart.post("/cart/items/<int:item_id>")
def change(item_id: int) -> ResponseReturnValue:
    """Set the quantity of an item, or take it out (`remove`, or a quantity of 0)."""
    whose = owner()
    if whose is None or item_id > BIGGEST_ID:
        raise NotFound
    if "remove" in request.form:
        return _take_out(whose, item_id)
    form = QuantityForm()
    if not form.validate():
        return _page(_view(), item_id, form), UNPROCESSABLE
    if not form.quantity.data:
        return _take_out(whose, item_id)
    try:
        with transaction() as session:
            carts.set_quantity(session, whose, item_id, form.quantity.data, now=now())
    except NotFound:
        raise
    except DomainError as refusal:
        _put_beside(form, refusal)
        return _page(_view(), item_id, form), UNPROCESSABLE
    return redirect(url_for("cart.show"), code=SEE_OTHER)


def _take_out(whose: carts.CartOwner, item_id: int) -> ResponseReturnValue:
    with transaction() as session:
        carts.remove(session, whose, item_id, now=now())
    flash(_("Barang dikeluarkan dari keranjang."))
    return redirect(url_for("cart.show"), code=SEE_OTHER)


def _view() -> CartView:
    return show_cart(db.session(), owner(), today=today())


def _page(view: CartView, item_id: int | None = None, form: QuantityForm | None = None) -> str:
    """`item_id` and `form`: the item that was changed wrongly, and what was typed there."""
    return render_template(
        "shop/cart.html", cart=view, changed_id=item_id, form=form, most=carts.MOST_PIECES
    )


def _refused(form: AddForm) -> str:
    wanted = VariantId(0 if form.variant_id.errors else form.variant_id.data or 0)
    offer = find_offers(db.session(), [wanted]).get(wanted)
    return render_template("shop/not_added.html", form=form, offer=offer, most=carts.MOST_PIECES)


def _put_beside(form: AddForm | QuantityForm, refusal: DomainError) -> None:
    """A refusal that names no field of ours is said beside the quantity."""
    if refusal.field in form:
        show_beside_field(form, refusal)
    else:
        form.quantity.errors = [*form.quantity.errors, in_words(refusal)]
