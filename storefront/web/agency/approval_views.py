"""Requests that wait for an approver, and the approver's word on one."""

from typing import NamedTuple

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import Action, require_anywhere
from storefront.extensions import db, transaction
from storefront.orders.approval_view import ApprovalView, approval_view
from storefront.orders.approvals import Decision, decide, pending_for
from storefront.orders.models import Order, OrderStatus
from storefront.orders.words import Event
from storefront.quota.rules import rule_on
from storefront.reports.gain import share_of
from storefront.web.agency.approval_checks import GOOD, checks, quota_share
from storefront.web.agency.forms import DecisionForm
from storefront.web.agency.office import agency, current_office
from storefront.web.agency.order_views import account_words
from storefront.web.agency.story import last_act, story
from storefront.web.agency.words import due_words
from storefront.web.clock import now, today
from storefront.web.components import rupiah
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303
SUBMITTED = OrderStatus.SUBMITTED


class Place(NamedTuple):
    """Where a request stands among those that wait, and which comes after it."""

    waiting: int
    has_more: bool
    position: int | None
    following: str | None


@agency.get("/approvals")
def approvals() -> ResponseReturnValue:
    """The most urgent first. Approvers of an agency also decide for those below without one."""
    asked = request.args.get("page", type=int)
    page = pending_for(db.session(), current_actor(), page=asked)
    at = now()
    return render_template(
        "agency/approvals.html",
        page=page,
        office=current_office(),
        due=lambda instant: due_words(instant, at),
    )


@agency.get("/approvals/<number>")
def approval(number: str) -> ResponseReturnValue:
    """All that bears on one request, and the two ways to answer it."""
    return _page(number, DecisionForm(formdata=None))


@agency.post("/approvals/<number>")
def decide_on(number: str) -> ResponseReturnValue:
    """Give one's word. Who comes too late, or is over a limit, sees the request as it is now."""
    require_anywhere(current_actor(), Action.APPROVE)
    form = DecisionForm()
    if not form.validate():
        return _page(number, form), UNPROCESSABLE
    decision = Decision(form.decision.data or "")
    try:
        with transaction() as session:
            order = decide(
                session,
                current_actor(),
                number,
                decision,
                form.sentence,
                now=now(),
                accepted_over_amount=form.accepted_over_amount,
            )
    except (NotAllowed, NotFound):
        raise
    except Conflict as refusal:
        return _page(number, form, in_words(refusal)), status_of(refusal)
    except DomainError as refusal:
        if refusal.field not in form:
            return _page(number, form, in_words(refusal)), status_of(refusal)
        show_beside_field(form, refusal)
        return _page(number, form), UNPROCESSABLE
    _tell(order, decision)
    return redirect(url_for("agency.approvals"), code=SEE_OTHER)


def _tell(order: Order, decision: Decision) -> None:
    said = {
        Decision.APPROVE: _("Permintaan %(number)s disetujui: %(amount)s kini menjadi komitmen."),
        Decision.REJECT: _("Permintaan %(number)s ditolak. Pemohon membaca alasan Anda."),
        Decision.SEND_BACK: _("Permintaan %(number)s dikembalikan ke pemohon untuk diperbaiki."),
    }[decision]
    message = said % {"number": order.number, "amount": rupiah(order.total_amount)}
    tell(message, href=url_for("agency.approval", number=order.number), link=_("Lihat lagi"))


def _page(number: str, form: DecisionForm, refusal: str | None = None) -> str:
    actor, at = current_actor(), now()
    require_anywhere(actor, Action.APPROVE)
    view = approval_view(db.session(), actor, number, now=at)
    found = checks(view, at)
    row = view.order.row
    over_amount = view.over_amount if view.may_exceed and row.status is SUBMITTED else 0
    form.over_amount.process_data(over_amount)
    if refusal:
        form.accepts_over.data = False  # what was accepted is no longer what it is
    rule = rule_on(db.session(), today())
    standing = share_of(
        db.session(), row.agency_code, view.order.budget_year, rule=rule, today=today()
    )
    return render_template(
        "agency/approval.html",
        view=view,
        order=view.order,
        row=row,
        checks=found,
        good=sum(check.state == GOOD for check in found),
        rule=rule,
        quota=standing,
        share=quota_share(view, standing),
        account=account_words(view.order),
        form=form,
        refusal=refusal,
        over_amount=over_amount,
        may_decide=Event.APPROVE in view.order.may,
        is_open=row.status is SUBMITTED,
        last_act=last_act(view.order),
        story=story(view.order),
        place=_place(view),
        due=due_words(row.decide_by, at) if row.decide_by else None,
    )


def _place(view: ApprovalView) -> Place:
    page = pending_for(db.session(), current_actor())
    numbers = [row.number for row in page.rows]
    if view.order.row.number not in numbers:
        return Place(len(numbers), page.has_next, None, numbers[0] if numbers else None)
    at = numbers.index(view.order.row.number)
    following = numbers[at + 1] if at + 1 < len(numbers) else None
    return Place(len(numbers), page.has_next, at + 1, following)
