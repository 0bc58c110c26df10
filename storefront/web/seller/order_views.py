"""The shop's orders: the list, one order, and what its seller does to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import Actor
from storefront.extensions import db, transaction
from storefront.orders import fulfilment
from storefront.orders.order_view import find_order
from storefront.orders.queries import OrderFilter, list_orders, of_shop
from storefront.orders.rows import OrderView
from storefront.orders.seller_desk import handovers
from storefront.orders.stages import Stage
from storefront.orders.year_end_notice import year_end_notice
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.security import safe_next
from storefront.web.seller.forms import (
    AnswerForm,
    CloseRestForm,
    OrderFilterForm,
    ShipForm,
    TakeBackForm,
)
from storefront.web.seller.order_words import DONE_TO, method_word, pill_of, timeline_of
from storefront.web.seller.pieces import PiecesForm
from storefront.web.seller.room import (
    SEE_OTHER,
    choose,
    current_shop,
    forget_counts,
    seller,
    stage_counts,
)

UNDER_WAY, ALL = "open", "all"
SHOWN = (
    Stage.TO_ANSWER,
    Stage.TO_SHIP,
    Stage.ON_THE_WAY,
    Stage.TO_BE_PAID,
    Stage.DONE,
    Stage.OVER,
)
"""The stages of which a seller hears."""
FORMS: Mapping[str, type[FlaskForm]] = {
    "accept": FlaskForm,
    "decline": AnswerForm,
    "ship": ShipForm,
    "close_rest": CloseRestForm,
    "take_back": TakeBackForm,
}


@dataclass
class Acting:
    """An act that was refused: what was asked, what was typed, and why not."""

    event: str
    form: FlaskForm
    pieces: PiecesForm
    message: str = ""

    @property
    def links(self) -> list[tuple[str, str]]:
        return self.pieces.links(self.event)

    @property
    def typed(self) -> str:
        """The words that would be lost where their form is shown no more."""
        words = (self.form[name].data for name in ("reason", "tracking") if name in self.form)
        return next((str(word) for word in words if word), "")


@seller.get("/orders")
def orders() -> ResponseReturnValue:
    """By default what is under way; other stages, days and numbers by address."""
    form = OrderFilterForm(request.args)
    is_valid = form.validate()
    wanted = OrderFilter(
        stage=_stage(),
        is_under_way=_status() == UNDER_WAY,
        from_day=form.from_day.data if is_valid else None,
        to_day=form.to_day.data if is_valid else None,
        number=form.number.data or "",
        page=request.args.get("page", 1, type=int),
    )
    page = list_orders(db.session(), wanted, of_shop(current_actor(), current_shop().seller_id))
    answer = render_template(
        "seller/orders.html",
        form=form,
        page=page,
        handovers=handovers(db.session(), page.rows),
        counts=stage_counts(),
        status=_status(),
        stages=SHOWN,
        address=_address,
        page_address=lambda at: _address(page=at),
        pill_of=lambda row: pill_of(row, today()),
        is_narrowed=bool(wanted.number or wanted.from_day or wanted.to_day),
    )
    return (answer, UNPROCESSABLE) if not is_valid else answer


@seller.get("/orders/<number>")
def order(number: str) -> ResponseReturnValue:
    return _page(_own_order(number))


@seller.post("/orders/<number>")
def act(number: str) -> ResponseReturnValue:
    """Accept, decline, ship; close the rest, take goods back. Refused, all typed is shown again."""
    _own_order(number)
    event = request.form.get("event", "")
    if event not in FORMS:
        unknown = Acting(event, FlaskForm(), PiecesForm(), _("Pilih dulu apa yang Anda lakukan."))
        return _page(_own_order(number), unknown), UNPROCESSABLE
    acting = Acting(event, FORMS[event](), PiecesForm.of(request.form))
    if acting.pieces.errors or not acting.form.validate():
        return _page(_own_order(number), acting), UNPROCESSABLE
    try:
        with transaction() as session:
            _act(session, current_actor(), number, acting)
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        _put(acting, refusal)
        forget_counts()
        return _page(_own_order(number), acting), status_of(refusal)
    detail = url_for("seller.order", number=number)
    back = safe_next(request.form.get("next"), otherwise=detail)
    message = _(DONE_TO[event], number=number)
    if back == detail:
        tell(message)
    else:
        tell(message, href=detail, link=_("Lihat"))
    return redirect(back, code=SEE_OTHER)


def _act(session: Session, actor: Actor, number: str, acting: Acting) -> None:
    form, pieces = acting.form, acting.pieces.wanted
    at = now()
    if acting.event == "accept":
        fulfilment.accept(session, actor, number, now=at)
    elif acting.event == "decline":
        fulfilment.decline(session, actor, number, reason=form["reason"].data or "", now=at)
    elif acting.event == "ship":
        tracking = form["tracking"].data or ""
        fulfilment.ship(session, actor, number, pieces=pieces, tracking=tracking, now=at)
    elif acting.event == "close_rest":
        fulfilment.close_rest(session, actor, number, reason=form["reason"].data or "", now=at)
    else:
        reason = form["reason"].data or ""
        fulfilment.take_back(session, actor, number, pieces=pieces, reason=reason, now=at)


def _put(acting: Acting, refusal: DomainError) -> None:
    """A refusal beside what it names: pieces, a field; a changed order, on top."""
    if isinstance(refusal, Conflict):
        acting.message = in_words(refusal)
    elif refusal.field == "quantity":
        acting.pieces.message = in_words(refusal)
    else:
        show_beside_field(acting.form, refusal)


def _own_order(number: str) -> OrderView:
    """An order of the person's own shops; the page goes on in that shop. Raises `NotFound`."""
    found = find_order(db.session(), current_actor(), number)
    if found.row.seller_id != current_shop().seller_id:
        choose(found.row.seller_id)
    return found


def _page(order: OrderView, acting: Acting | None = None) -> str:
    forms = {event: form(formdata=None) for event, form in FORMS.items()}
    pieces = {event: PiecesForm() for event in FORMS}
    if acting is not None and acting.event in FORMS:
        forms[acting.event], pieces[acting.event] = acting.form, acting.pieces
    return render_template(
        "seller/order.html",
        order=order,
        row=order.row,
        may=set(order.may),
        pill=pill_of(order.row, today()),
        handover=handovers(db.session(), [order.row])[order.row.number],
        steps=timeline_of(order),
        year_end=year_end_notice(db.session(), current_actor(), order.row.number, today=today()),
        forms=forms,
        pieces=pieces,
        to_ship=[(line, line.left_to_ship) for line in order.lines],
        to_take_back=[
            (line, line.received_quantity - line.returned_quantity) for line in order.lines
        ],
        acting=acting,
        method_word=method_word,
    )


def _status() -> str:
    """Which of the chips is on; an unknown one is as if none were."""
    asked = request.args.get("status", UNDER_WAY)
    return asked if asked in {UNDER_WAY, ALL, *SHOWN} else UNDER_WAY


def _stage() -> Stage | None:
    return Stage(_status()) if _status() in set(SHOWN) else None


def _address(**changed: str | int | None) -> str:
    """The address of this list with something changed; None takes it away."""
    names = ("status", "number", "from_day", "to_day")
    asked: dict[str, Any] = {name: request.args.get(name) for name in names}
    return url_for("seller.orders", **asked | changed)
