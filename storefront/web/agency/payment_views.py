"""What an agency owes its sellers, and the treasurer's record of paying it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.calendar import city_day
from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import Action, agency_scope, require
from storefront.extensions import db, transaction
from storefront.orders.agency_payments import pay
from storefront.orders.models import Order
from storefront.orders.payment_history import paid_by_agency
from storefront.orders.queries import OrderFilter, list_orders, of_agency
from storefront.orders.rows import OrderRow, OrderView
from storefront.orders.words import Event
from storefront.payments.invoices import Proof
from storefront.payments.models import AgencyMethod
from storefront.web.agency.forms import PaymentForm
from storefront.web.agency.office import agency, current_office
from storefront.web.agency.order_views import account_words, official_order
from storefront.web.agency.story import last_act
from storefront.web.agency.words import NOTHING, age_words
from storefront.web.clock import now, today
from storefront.web.components import rupiah
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303


@agency.get("/payments")
def payments() -> ResponseReturnValue:
    """What was received and is not paid; beneath it what was paid, by its proof."""
    office = current_office()
    office.require(Action.PAY)
    of = of_agency(current_actor(), office.code)
    asked = request.args.get("page", type=int)
    wanted = OrderFilter(is_payable=True, oldest_first=True, page=asked)
    paid_page = request.args.get("paid_page", type=int)
    return render_template(
        "agency/payments.html",
        page=list_orders(db.session(), wanted, of),
        paid=paid_by_agency(db.session(), current_actor(), office.code, page=paid_page),
        age=_age,
    )


@agency.get("/payments/<number>")
def payment(number: str) -> ResponseReturnValue:
    """The form, filled with what is owed and nothing withheld."""
    view = _payable(number)
    form = PaymentForm(
        formdata=None,
        paid_on=today(),
        gross_amount=view.row.payable_amount,
        withheld_amount=0,
    )
    return _page(view, form)


@agency.get("/payments/<number>/net")
def net_of_payment(number: str) -> ResponseReturnValue:
    """What reaches the seller by the figures typed so far: a part of the form's page."""
    _payable(number)
    form = PaymentForm(request.args, meta={"csrf": False})
    return render_template("agency/_net.html", net_amount=_net(form))


@agency.post("/payments/<number>")
def record_payment(number: str) -> ResponseReturnValue:
    """Record a payment. A refusal stands beside its field, with all that was typed."""
    view, form = _payable(number), PaymentForm()
    if not form.validate():
        return _page(view, form), UNPROCESSABLE
    try:
        with transaction() as session:
            order = pay(session, current_actor(), number, proof=_proof(form), now=now())
    except (NotAllowed, NotFound):
        raise
    except Conflict as refusal:
        return _page(_payable(number), form, in_words(refusal)), status_of(refusal)
    except DomainError as refusal:
        if refusal.field not in form:
            return _page(_payable(number), form, in_words(refusal)), status_of(refusal)
        show_beside_field(form, refusal)
        return _page(_payable(number), form), UNPROCESSABLE
    _tell(order, form)
    return redirect(url_for("agency.payments"), code=SEE_OTHER)


def _payable(number: str) -> OrderView:
    view = official_order(number)
    require(current_actor(), Action.PAY, agency_scope(view.row.agency_code))
    return view


def _proof(form: PaymentForm) -> Proof:
    """The form's values; it has been validated, so none is missing."""
    if form.paid_on.data is None or form.gross_amount.data is None:
        raise TypeError("the form was not validated")
    return Proof(
        method=AgencyMethod(form.method.data),
        paid_on=form.paid_on.data,
        number=form.proof_number.data or "",
        gross_amount=form.gross_amount.data,
        withheld_amount=form.withheld_amount.data or 0,
    )


def _page(view: OrderView, form: PaymentForm, refusal: str | None = None) -> str:
    return render_template(
        "agency/payment.html",
        order=view,
        row=view.row,
        form=form,
        refusal=refusal,
        account=account_words(view),
        last_act=last_act(view),
        may_pay=Event.PAY in view.may and view.row.payable_amount > 0,
        net_amount=_net(form),
        today=today(),
    )


def _net(form: PaymentForm) -> int | None:
    gross, withheld = form.gross_amount.data, form.withheld_amount.data
    return None if gross is None or withheld is None or withheld > gross else gross - withheld


def _age(row: OrderRow) -> str:
    return age_words(city_day(row.received_at), today()) if row.received_at else NOTHING


def _tell(order: Order, form: PaymentForm) -> None:
    message = _(
        "Pembayaran %(amount)s untuk %(number)s tercatat, dan dihitung sebagai realisasi.",
        amount=rupiah(form.gross_amount.data or 0),
        number=order.number,
    )
    tell(message, href=url_for("agency.order", number=order.number), link=_("Lihat pesanan"))
