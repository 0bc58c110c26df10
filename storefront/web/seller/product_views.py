"""The shop's goods: the list, and the form of one, new or known."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storefront.catalog import listing
from storefront.catalog.models import Product, ProductId, ProductState
from storefront.catalog.own_products import (
    OwnProduct,
    count_own_products,
    find_own_product,
    list_own_products,
)
from storefront.catalog.queries import category_tree
from storefront.catalog.stock import StockChanged
from storefront.catalog.wishes import VariantRefused
from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import Role
from storefront.core.text import one_line
from storefront.extensions import db, transaction
from storefront.sellers.models import Seller, SellerState
from storefront.web.clock import now
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn
from storefront.web.security import safe_next
from storefront.web.seller.preview import preview_of
from storefront.web.seller.product_forms import BIGGEST_ID, ProductForm
from storefront.web.seller.room import SEE_OTHER, current_class, current_shop, seller
from storefront.web.seller.shots import Shots

ROOM_FOR_PICTURES = 66_000_000
"""Eight photographs of 8 MB and the words; others may send no more than pages need."""
PICTURE_FORMS = {"seller.add_product", "seller.change_product"}
ADD_ROW, PREVIEW = "add_row", "preview"


@dataclass
class Draft:
    """What the page of a product shows: its form, its pictures, and what it is in the shop."""

    form: ProductForm
    shots: Shots
    product: OwnProduct | None = None
    message: str = ""
    """What clashed with somebody else's act."""


@seller.url_value_preprocessor
def _make_room(endpoint: str | None, _values: object) -> None:
    """Before the form is read, which CSRF does first of all; for a seller alone."""
    if endpoint in PICTURE_FORMS and current_actor().scopes(Role.SELLER):
        request.max_content_length = ROOM_FOR_PICTURES


@seller.get("/products")
def products() -> ResponseReturnValue:
    state = request.args.get("state", type=ProductState)
    q = one_line(request.args.get("q", ""))[:100]
    seller_id = current_shop().seller_id
    page = request.args.get("page", 1, type=int)
    return render_template(
        "seller/products.html",
        page=list_own_products(db.session(), seller_id, state=state, q=q, page=page),
        counts=count_own_products(db.session(), seller_id),
        state=state,
        q=q,
        states=ProductState,
        address=lambda at: url_for("seller.products", state=state, q=q or None, page=at),
        is_open=current_shop().state is SellerState.ACTIVE,
    )


@seller.get("/products/new")
def new_product() -> ResponseReturnValue:
    return _page(Draft(ProductForm.empty(), Shots()))


@seller.post("/products/new")
def add_product() -> ResponseReturnValue:
    return _sent(None)


@seller.get("/products/<int:product_id>")
def product(product_id: int) -> ResponseReturnValue:
    found = _own(product_id)
    return _page(Draft(ProductForm.of(found), Shots.of(found.pictures), found))


@seller.post("/products/<int:product_id>")
def change_product(product_id: int) -> ResponseReturnValue:
    return _sent(_own(product_id))


@seller.post("/products/<int:product_id>/state")
def turn_product(product_id: int) -> ResponseReturnValue:
    """Put up or take down, from the list."""
    found, event = _own(product_id), request.form.get("event")
    verbs = {"put_up": listing.put_up, "take_down": listing.take_down}
    back = safe_next(request.form.get("next"), otherwise=url_for("seller.products"))
    if event not in verbs:
        warn(_("Pilih dulu: tampilkan atau turunkan."))
        return redirect(back, code=SEE_OTHER)
    try:
        with transaction() as session:
            verbs[event](session, current_actor(), found.product_id, now=now())
    except Conflict as refusal:
        warn(in_words(refusal))
        return redirect(back, code=SEE_OTHER)
    if event == "put_up":
        _tell_it_is_up(found.name, found.slug)
    else:
        tell(_("%(name)s diturunkan dari toko.", name=found.name))
    return redirect(back, code=SEE_OTHER)


def _sent(known: OwnProduct | None) -> ResponseReturnValue:
    """A button of the form: one more row, one picture less, or save. All typed is kept."""
    seller_id = current_shop().seller_id
    form = ProductForm()
    shots = Shots.sent(request.form, known.pictures if known else (), seller_id)
    draft = Draft(form, shots, known)
    shots.take_in(form.picture.data or (), seller_id)
    if _is_only_a_change_of_the_form(form):
        return _page(draft)
    if not form.validate() or shots.errors:
        return _page(draft), UNPROCESSABLE
    try:
        with transaction() as session:
            saved = _save(session, draft)
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        _put(draft, refusal)
        return _page(draft), status_of(refusal)
    if form.is_live.data:
        _tell_it_is_up(saved.name, saved.slug)
    else:
        tell(_("%(name)s tersimpan, dan belum tampil di toko.", name=saved.name))
    return redirect(url_for("seller.product", product_id=saved.id), code=SEE_OTHER)


def _is_only_a_change_of_the_form(form: ProductForm) -> bool:
    """Change it, if that is all that the button asks for."""
    if request.form.get("action") == ADD_ROW:
        form.add_row()
        return True
    if "drop_row" in request.form:
        form.drop_row(request.form["drop_row"])
        return True
    is_about_shots = "drop_shot" in request.form or "first_shot" in request.form
    return is_about_shots or request.form.get("action") == PREVIEW


def _save(session: Session, draft: Draft) -> Product:
    """The product as wished, its pictures, and whether it is shown: all of it, or nothing."""
    actor, at, form = current_actor(), now(), draft.form
    is_live = bool(form.is_live.data)
    if draft.product is None:
        seller_id = current_shop().seller_id
        saved = listing.create(session, actor, seller_id, form.wish, live=is_live, now=at)
    else:
        saved = listing.change(session, actor, draft.product.product_id, form.wish, now=at)
    draft.shots.save(session, actor, saved.id, at)
    if draft.product is not None and is_live != (form.seen_state.data == ProductState.LIVE):
        turn = listing.put_up if is_live else listing.take_down
        turn(session, actor, saved.id, now=at)
    return saved


def _put(draft: Draft, refusal: DomainError) -> None:
    """A refusal beside the input that it is about; what others did meanwhile, on top."""
    form = draft.form
    if isinstance(refusal, VariantRefused):
        form.put_beside(refusal)
    elif isinstance(refusal, StockChanged):
        row = next(row for row in form.rows if row.variant_id.data == refusal.details["variant_id"])
        row.stock.errors = [*row.stock.errors, in_words(refusal)]
        row.seen_stock.show(int(str(refusal.details["left"])))
    elif isinstance(refusal, Conflict):
        draft.message = in_words(refusal)
    else:
        show_beside_field(form, refusal)


def _own(product_id: int) -> OwnProduct:
    if product_id > BIGGEST_ID:
        raise NotFound
    return find_own_product(db.session(), current_shop().seller_id, ProductId(product_id))


def _page(draft: Draft) -> str:
    draft.form.offer_categories(category_tree(db.session()))
    if draft.shots.errors:
        draft.form.picture.errors = [*draft.form.picture.errors, *draft.shots.errors]
    shop = db.session().get_one(Seller, current_shop().seller_id)
    return render_template(
        "seller/product.html",
        form=draft.form,
        shots=draft.shots,
        product=draft.product,
        message=draft.message,
        preview=preview_of(draft.form, draft.shots, shop, current_class().seller_class),
        is_open=shop.state is SellerState.ACTIVE,
    )


def _tell_it_is_up(name: str, slug: str) -> None:
    if current_shop().state is not SellerState.ACTIVE:
        tell(_("%(name)s tersimpan, dan tampil begitu toko Anda aktif.", name=name))
        return
    href = url_for("shop.product", slug=slug)
    tell(_("%(name)s tersimpan dan tampil di toko.", name=name), href=href, link=_("Lihat"))
