"""The buyer's own orders: the list, one order, and what its buyer does to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import NOBODY
from storefront.extensions import db, login_manager, transaction
from storefront.orders import fulfilment, rework
from storefront.orders.order_view import find_order
from storefront.orders.queries import OrderFilter, count_by_stage, list_orders, of_buyer
from storefront.orders.words import Event
from storefront.orders.year_end_notice import year_end_notice
from storefront.web.clock import now, today
from storefront.web.components import number as in_figures
from storefront.web.errors import UNPROCESSABLE, in_words, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn
from storefront.web.shop.order_forms import ACTS, REWORK, ActForm, pieces_of, read_order_filter
from storefront.web.shop.order_stages import STAGE_WORDS
from storefront.web.shop.order_story import headline, way_of

SEE_OTHER = 303
AS_BEFORE = "as_before"
"""In the cookie: the number of the order whose purpose checkout proposes again."""

buyer = Blueprint("buyer", __name__)


@buyer.before_request
def _signed_in_only() -> ResponseReturnValue | None:
    """Whoever is not is asked to sign in, and comes back here."""
    if current_actor() is not NOBODY:
        return None
    return cast(ResponseReturnValue, login_manager.unauthorized())


@buyer.get("/orders")
def orders() -> ResponseReturnValue:
    """Those of the person who is signed in, by stage, day and number."""
    session, own = db.session(), of_buyer(current_actor())
    wanted = read_order_filter()
    return render_template(
        "shop/orders.html",
        page=list_orders(session, wanted, own),
        counts=count_by_stage(session, own),
        wanted=wanted,
        stages=STAGE_WORDS,
        address=lambda **changed: _address(wanted, **changed),
        address_of_page=lambda number: _address(wanted, page=number),
    )


@buyer.get("/orders/<number>")
def order(number: str) -> ResponseReturnValue:
    return _page(number, ActForm(formdata=None))


@buyer.post("/orders/<number>")
def act(number: str) -> ResponseReturnValue:
    """Let the buyer receive, cancel, or give up the rest. A refusal keeps what was typed."""
    form = ActForm()
    event = ACTS.get(form.event.data or "")
    is_good = form.validate()
    if is_good and form.event.data == REWORK:
        return _once_more(number, form)
    if not is_good or event is None:
        refusal = form.event.errors[0] if form.event.errors else None
        return _page(number, form, refusal, event), UNPROCESSABLE
    try:
        pieces = pieces_of(request.form) if event is Event.RECEIVE else None
    except ValueError as wrong:
        return _page(number, form, str(wrong), event), UNPROCESSABLE
    try:
        _do(number, event, form.reason.data or "", pieces)
    except (NotFound, NotAllowed):
        raise
    except DomainError as refusal:
        if isinstance(refusal, Conflict) or refusal.field != "reason":
            return _page(number, form, in_words(refusal), event), status_of(refusal)
        form.reason.errors = [in_words(refusal)]
        return _page(number, form, None, event), UNPROCESSABLE
    tell(_done(event))
    return redirect(url_for("buyer.order", number=number), code=SEE_OTHER)


def _once_more(number: str, form: ActForm) -> ResponseReturnValue:
    """Back into the cart; what could not be put there is said on its page."""
    try:
        with transaction() as session:
            missing = rework.rework(session, current_actor(), number, now=now())
    except NotFound:
        raise
    except DomainError as refusal:
        return _page(number, form, in_words(refusal)), status_of(refusal)
    cookie[AS_BEFORE] = number
    tell(_("Isi pesanan kembali ke keranjang. Periksa, lalu pesan atau ajukan lagi."))
    for each in missing:
        counts = {"held": in_figures(each.held), "wanted": in_figures(each.wanted)}
        warn(_("%(name)s: hanya %(held)s dari %(wanted)s.", name=each.name, **counts))
    return redirect(url_for("cart.show"), code=SEE_OTHER)


def _do(number: str, event: Event, reason: str, pieces: fulfilment.Pieces | None) -> None:
    with transaction() as session:
        actor, at = current_actor(), now()
        if event is Event.RECEIVE:
            fulfilment.receive(session, actor, number, pieces=pieces, reason=reason, now=at)
        elif event is Event.CANCEL:
            fulfilment.cancel(session, actor, number, reason=reason, now=at)
        else:
            fulfilment.close_rest(session, actor, number, reason=reason, now=at)


def _done(event: Event) -> str:
    words: Mapping[Event, str] = {
        Event.RECEIVE: _("Penerimaan barang sudah tercatat."),
        Event.CANCEL: _("Pesanan dibatalkan, dan stoknya kembali ke penjual."),
        Event.CLOSE_REST: _("Sisa pesanan tidak akan dikirim."),
    }
    return words[event]


def _page(
    number: str, form: ActForm, refusal: str | None = None, event: Event | None = None
) -> str:
    """The order as its buyer sees it; anybody else's page of it lies on their own side."""
    view = find_order(db.session(), current_actor(), number)
    if not view.is_own:
        raise NotFound
    return render_template(
        "shop/order.html",
        order=view,
        headline=headline(view),
        year_end=year_end_notice(db.session(), current_actor(), number, today=today()),
        way=way_of(view),
        pill=STAGE_WORDS[view.row.stage],
        form=form,
        refusal=refusal,
        tried=event,
        may=set(view.may),
        events=Event,
        once_more=view.row.status in rework.ONCE_MORE,
        typed=request.form,
    )


def _address(wanted: OrderFilter, **changed: Any) -> str:
    """The address of a list; whatever changes, it is the first page, unless the page is named."""
    asked = replace(wanted, **({"page": 1} | changed))
    status = asked.stage or asked.status
    arguments: dict[str, Any] = {
        "status": status.value if status else None,
        "number": asked.number or None,
        "from": asked.from_day.isoformat() if asked.from_day else None,
        "to": asked.to_day.isoformat() if asked.to_day else None,
        "page": asked.page if asked.page and asked.page > 1 else None,
    }
    return url_for("buyer.orders", **arguments)
