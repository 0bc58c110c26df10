"""An agency's official orders: the list, and one order. Never what somebody bought privately."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from storefront.agencies.queries import expense_accounts
from storefront.core.errors import NotFound
from storefront.core.permissions import Action, agency_scope, allows
from storefront.extensions import db
from storefront.orders.order_view import find_order
from storefront.orders.queries import OrderFilter, count_by_stage, list_orders, of_agency
from storefront.orders.rows import OrderView
from storefront.orders.stages import Stage
from storefront.orders.words import Event
from storefront.orders.year_end_notice import year_end_notice
from storefront.quota.models import Fund
from storefront.quota.rules import rule_on
from storefront.web.agency.forms import OrderSearch
from storefront.web.agency.office import agency, current_office
from storefront.web.agency.story import story
from storefront.web.agency.words import NOTHING, ON_ONES_LIST
from storefront.web.clock import today
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor


@agency.get("/orders")
def orders() -> ResponseReturnValue:
    """By stage, number and day of submission. An unknown stage is all stages."""
    form = OrderSearch(request.args)
    is_right = form.validate()
    stage = _stage(request.args.get("stage"))
    of = of_agency(current_actor(), current_office().code)
    wanted = OrderFilter(
        stage=stage,
        number=(form.number.data or "") if is_right else "",
        from_day=form.first_day.data if is_right else None,
        to_day=form.last_day.data if is_right else None,
        page=request.args.get("page", type=int),
    )
    kept = _kept(form)
    page = render_template(
        "agency/orders.html",
        page=list_orders(db.session(), wanted, of),
        counts=count_by_stage(db.session(), of),
        stages=ON_ONES_LIST,
        stage=stage,
        form=form,
        is_filtered=bool(kept),
        address=lambda number=None, stage=stage: url_for(
            "agency.orders", stage=stage.value if stage else None, page=number, **kept
        ),
    )
    return page if is_right else (page, UNPROCESSABLE)


@agency.get("/orders/<number>")
def order(number: str) -> ResponseReturnValue:
    """What was bought, where it stands, what it counts for, and what was paid."""
    view = official_order(number)
    actor, scope = current_actor(), agency_scope(view.row.agency_code)
    rule = rule_on(db.session(), today())
    return render_template(
        "agency/order.html",
        order=view,
        row=view.row,
        story=story(view),
        account=account_words(view),
        counts=rule.counts(view.row.seller_class),
        year_end=year_end_notice(db.session(), actor, number, today=today()),
        may_decide=Event.APPROVE in view.may,
        may_pay=view.row.payable_amount > 0 and allows(actor, Action.PAY, scope),
    )


def official_order(number: str) -> OrderView:
    """An official order of an agency whose orders the reader may see. Raises `NotFound`.

    Its buyer and its seller reach it on their own sides.
    """
    view = find_order(db.session(), current_actor(), number)
    scope = agency_scope(view.row.agency_code)
    if view.row.fund is not Fund.OFFICIAL or not allows(
        current_actor(), Action.SEE_AGENCY_ORDERS, scope
    ):
        raise NotFound
    return view


def account_words(view: OrderView) -> str:
    """The expense account by code and name, as it is called today."""
    names = expense_accounts(db.session())
    return f"{view.expense_account} {names.get(view.expense_account, '')}".strip() or NOTHING


def _stage(asked: str | None) -> Stage | None:
    return Stage(asked) if asked in set(Stage) else None


def _kept(form: OrderSearch) -> dict[str, Any]:
    """What was asked for, for the addresses of the other pages and stages."""
    fields = (form.number, form.first_day, form.last_day)
    return {
        field.name: field.raw_data[0] for field in fields if field.raw_data and field.raw_data[0]
    }
