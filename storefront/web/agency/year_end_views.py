"""The end of a budget year: what becomes of each open order, the choice, and what waits after."""

from collections.abc import Collection, Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from storefront.core.calendar import fiscal_year
from storefront.core.errors import N_, Conflict, NotFound
from storefront.core.permissions import Action
from storefront.extensions import db, transaction
from storefront.orders.models import YearEndChoice
from storefront.orders.year_end import (
    Chosen,
    NothingChosen,
    Outcome,
    choice_is_open,
    choose,
    ending_year,
)
from storefront.orders.year_end_all import choose_for_all
from storefront.orders.year_end_view import waiting_orders, year_end
from storefront.web.agency.office import agency, current_office
from storefront.web.agency.words import Pill
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn

SEE_OTHER = 303
OUTCOMES: Mapping[Outcome, Pill] = {
    Outcome.CANCEL: Pill(N_("Dibatalkan"), "x", "ban"),
    Outcome.CANCEL_REST: Pill(N_("Sisanya dibatalkan"), "x", "ban"),
    Outcome.CARRY: Pill(N_("Dipindahkan"), "go", "calendar-days"),
}


@agency.get("/year-end", endpoint="year_end")
def show_year_end() -> ResponseReturnValue:
    """Each open order with what happens to it, what was chosen, and what it frees."""
    return _page()


@agency.post("/year-end")
def choose_year_end() -> ResponseReturnValue:
    """Choose for the orders that are ticked, or for `all` that are open (`choice`)."""
    office = current_office()
    office.require(Action.CHOOSE_YEAR_END)
    asked = request.form.get("choice", "")
    if asked not in set(YearEndChoice):
        raise NotFound
    ticked, choice, code = request.form.getlist("number"), YearEndChoice(asked), office.code
    try:
        if request.form.get("all"):
            made = choose_for_all(transaction, current_actor(), code, choice, now=now())
        else:
            with transaction() as session:
                made = choose(session, current_actor(), code, ticked, choice, now=now())
    except NothingChosen as refusal:
        return _page(in_words(refusal), ticked), UNPROCESSABLE
    except Conflict as refusal:
        return _page(in_words(refusal), ticked), status_of(refusal)
    _tell(made, choice)
    page = request.args.get("page", type=int)
    return redirect(url_for("agency.year_end", page=page), code=SEE_OTHER)


def outcome_pill(outcome: Outcome) -> Pill:
    """What becomes of an order, in the reader's language."""
    pill = OUTCOMES[outcome]
    return pill._replace(text=_(pill.text))


def _page(refusal: str | None = None, ticked: Collection[str] = ()) -> str:
    office, session, actor = current_office(), db.session(), current_actor()
    office.require(Action.SEE_AGENCY_ORDERS)
    page, waiting_page = (request.args.get(name, type=int) for name in ("page", "waiting_page"))
    year = ending_year(session, today=today()) or fiscal_year(today())
    is_open = choice_is_open(year, now=now())
    return render_template(
        "agency/year_end.html",
        office=office,
        figures=year_end(session, actor, office.code, year, page=page),
        waiting=waiting_orders(session, actor, office.code, page=waiting_page),
        year=year,
        is_over=fiscal_year(today()) > year,
        is_open=is_open,
        may_choose=is_open and office.may(Action.CHOOSE_YEAR_END),
        may_propose=office.may(Action.PROPOSE_BUDGET),
        outcomes=Outcome,
        outcome_pill=outcome_pill,
        refusal=refusal,
        ticked=ticked,
    )


def _tell(made: Chosen, choice: YearEndChoice) -> None:
    if made.orders and choice is YearEndChoice.CARRY:
        message = ngettext(
            "%(num)s pesanan akan dipindahkan ke tahun berikutnya.",
            "%(num)s pesanan akan dipindahkan ke tahun berikutnya.",
            made.orders,
        )
        tell(message)
    elif made.orders:
        message = ngettext(
            "%(num)s pesanan akan dibatalkan bila belum dikirim.",
            "%(num)s pesanan akan dibatalkan bila belum dikirim.",
            made.orders,
        )
        tell(message)
    if made.left_out:
        shown = ", ".join(made.left_out[:3]) + (" ..." if made.left_out[3:] else "")
        warn(
            ngettext(
                "%(num)s pesanan tidak diubah, karena sudah dikirim semua atau sudah selesai:"
                " %(numbers)s",
                "%(num)s pesanan tidak diubah, karena sudah dikirim semua atau sudah selesai:"
                " %(numbers)s",
                len(made.left_out),
                numbers=shown,
            )
        )
