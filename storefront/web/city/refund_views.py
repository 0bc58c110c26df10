"""Refunds made at the gateway's side: the city says to which orders they belong."""

from collections.abc import Mapping

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from storefront.core.errors import DomainError, NotFound
from storefront.extensions import db, transaction
from storefront.orders import processes
from storefront.orders.held_refunds import HeldRefund, held_refunds
from storefront.payments.models import RefundId
from storefront.web.city.forms import shares_form, shares_of_form
from storefront.web.city.office import city
from storefront.web.clock import now
from storefront.web.errors import UNPROCESSABLE, in_words
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303


@city.get("/refunds")
def refunds() -> ResponseReturnValue:
    """What waits, each with the orders of its purchase."""
    return _page(_holds())


@city.post("/refunds/<int:refund_id>")
def allocate_refund(refund_id: int) -> ResponseReturnValue:
    """Say whose money it is. The orders move at once, and their buyers' money with them."""
    holds = _holds()
    hold = next((each for each in holds if each.refund_id == refund_id), None)
    if hold is None:
        raise NotFound
    form = shares_form(hold)
    if not form.validate():
        return _page(holds, {hold.refund_id: form}), UNPROCESSABLE
    try:
        processes.allocate_refund(
            transaction,
            current_actor(),
            hold.refund_id,
            shares_of_form(form, hold),
            now=now(),
        )
    except DomainError as refusal:
        if refusal.field != "amount":
            raise
        first = form[hold.orders[0].number]
        first.errors = [*first.errors, in_words(refusal)]
        return _page(holds, {hold.refund_id: form}), UNPROCESSABLE
    tell(_("Terbagi. Pesanan dan buku kuota sudah menyesuaikan."))
    return redirect(url_for("city.refunds"), code=SEE_OTHER)


def _holds() -> list[HeldRefund]:
    return held_refunds(db.session(), current_actor(), now=now())


def _page(holds: list[HeldRefund], sent: Mapping[RefundId, FlaskForm] | None = None) -> str:
    forms = {hold.refund_id: shares_form(hold, is_empty=True) for hold in holds}
    forms.update(sent or {})
    return render_template(
        "city/refunds.html", holds=holds, forms=forms, sent=next(iter((sent or {}).values()), None)
    )
