"""Checkout: what is shown before it is sent, and the sending of it."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies.budgets import CeilingReached
from storefront.agencies.placements import NoPlacement
from storefront.catalog.stock import OutOfStock
from storefront.core.calendar import fiscal_year
from storefront.core.errors import Conflict, DomainError
from storefront.core.permissions import NOBODY, Actor
from storefront.extensions import db, payment_gateway, transaction
from storefront.orders import processes
from storefront.orders.checkout import EmptyCart
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.quote import Quote, quote
from storefront.orders.rework import as_before
from storefront.quota.models import Fund
from storefront.reports.gain import share_of
from storefront.sellers.models import SellerId
from storefront.web.clock import now, today
from storefront.web.components import day_plain
from storefront.web.errors import in_words, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import warn
from storefront.web.payment_addresses import addresses_of
from storefront.web.shop.buyer_views import AS_BEFORE
from storefront.web.shop.checkout_forms import (
    CheckoutForm,
    chosen_items,
    fill,
    fill_choices,
    form_for,
    offer_choices,
    request_of,
    sellers_named,
)
from storefront.web.shop.recent import recent_rule

checkout = Blueprint("checkout", __name__)

RECALCULATE = "recalculate"


@dataclass(frozen=True)
class Refusal:
    """What was wrong with what was sent, and with which status it is answered."""

    error: DomainError | None
    status: int


@checkout.get("/checkout")
def show() -> ResponseReturnValue:
    """The form with the usual choices: it can be sent as it is shown."""
    actor = current_actor()
    if actor is NOBODY:
        return _sign_in_first()
    wanted = _usual_wishes(actor)
    try:
        seen = _quote(actor, wanted)
    except DomainError as refusal:
        return _turned_away(refusal)
    form = form_for(_sellers(seen), formdata=None)
    fill(form, seen)
    return _page(form, seen)


@checkout.post("/checkout")
def submit() -> ResponseReturnValue:
    """Place the purchase; or, with `action=recalculate`, show what it comes to now."""
    actor = current_actor()
    if actor is NOBODY:
        return _sign_in_first()
    named = sellers_named(request.form)
    form = form_for(named)
    is_good = form.validate()
    wanted = request_of(form, named, _items())
    if request.form.get("action") == RECALCULATE:
        return _again(actor, wanted, None)
    if not is_good:
        return _again(actor, wanted, Refusal(None, HTTPStatus.UNPROCESSABLE_ENTITY))
    try:
        bought = processes.buy(
            transaction, payment_gateway(), actor, wanted, addresses=addresses_of, now=now()
        )
    except DomainError as refusal:
        return _again(actor, wanted, Refusal(refusal, status_of(refusal)))
    cookie.pop(AS_BEFORE, None)
    here = url_for("purchases.show", number=bought.purchase_number)
    return redirect(bought.redirect_url or here, code=HTTPStatus.SEE_OTHER)


def _again(actor: Actor, wanted: CheckoutRequest, refusal: Refusal | None) -> ResponseReturnValue:
    """The same page with all that was typed, the new total, and what is wrong beside its field."""
    try:
        seen = _quote(actor, replace(wanted, revision=None))
    except DomainError as nothing_to_show:
        return _turned_away(
            nothing_to_show if refusal is None else refusal.error or nothing_to_show
        )
    form = form_for(_sellers(seen))
    if refusal is None:
        fill_choices(form, seen)
        return _page(form, seen)
    form.validate()
    told = list(seen.problems) if wanted.fund is seen.wanted.fund else []
    if refusal.error is not None and refusal.error.code not in {each.code for each in told}:
        told.insert(0, refusal.error)
    for problem in told:
        _put_beside(form, problem, seen)
    return _page(form, seen, conflict=_conflict(refusal)), refusal.status


def _page(form: CheckoutForm, seen: Quote, *, conflict: str | None = None) -> str:
    offer_choices(form, seen)
    share = share_of(
        db.session(),
        seen.placement.agency_code,
        fiscal_year(today()),
        rule=recent_rule(today()),
        today=today(),
    )
    return render_template(
        "shop/checkout.html", form=form, quote=seen, share=share, conflict=conflict
    )


def _put_beside(form: CheckoutForm, problem: DomainError, seen: Quote) -> None:
    """A refusal beside its field: the order's own where there are several orders."""
    if isinstance(problem, Conflict):
        return
    name = "expense_account" if isinstance(problem, CeilingReached) else problem.field
    seller_id = problem.details.get("seller_id")
    if seller_id is not None and len(seen.orders) > 1:
        name = f"{name}_{seller_id}"
    if name is not None and name in form:
        form[name].errors = [*form[name].errors, in_words(problem)]
    elif isinstance(problem, OutOfStock):
        form.form_errors.append(f"{problem.details['name']}: {in_words(problem)}")
    else:
        form.form_errors.append(in_words(problem))


def _conflict(refusal: Refusal) -> str | None:
    return in_words(refusal.error) if isinstance(refusal.error, Conflict) else None


def _quote(actor: Actor, wanted: CheckoutRequest) -> Quote:
    session = db.session()
    session.rollback()  # what was read before a refused purchase is old
    return quote(session, actor, wanted, rule=recent_rule(today()), now=now())


def _turned_away(refusal: DomainError) -> ResponseReturnValue:
    """There is nothing to show a form of: an empty cart, or nobody to buy for."""
    if isinstance(refusal, NoPlacement):
        page = render_template("shop/no_placement.html", message=in_words(refusal))
        return page, status_of(refusal)
    if isinstance(refusal, EmptyCart):
        warn(in_words(refusal))
        return redirect(url_for("cart.show"), code=HTTPStatus.SEE_OTHER)
    raise refusal


def _sign_in_first() -> ResponseReturnValue:
    items = list(_items())
    back = url_for("checkout.show", item=items or None)
    return redirect(url_for("account.login", next=back), code=HTTPStatus.SEE_OTHER)


def _items() -> tuple[int, ...]:
    """The chosen items, from the address, also of a form that was sent to it."""
    return chosen_items(request.values.getlist("item"))


def _sellers(seen: Quote) -> list[SellerId]:
    return [order.seller.id for order in seen.orders]


def _usual_wishes(actor: Actor) -> CheckoutRequest:
    """What the form begins with, so that it can be sent as it is shown.

    After an order's goods went back into the cart: what that one was asked for with.
    """
    usual = CheckoutRequest(
        fund=Fund.OFFICIAL, purpose=str(_("Kebutuhan kantor, %(day)s", day=day_plain(today())))
    )
    before = as_before(db.session(), actor, str(cookie.get(AS_BEFORE, "")))
    if before is None:
        return replace(usual, item_ids=_items())
    return replace(before, item_ids=_items(), purpose=before.purpose or usual.purpose)
