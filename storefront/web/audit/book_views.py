"""The ledger: its state and its entries."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from storefront.agencies.queries import agency_tree
from storefront.core.calendar import fiscal_year
from storefront.exports.history import last_exports
from storefront.extensions import db, snapshot, transaction
from storefront.quota import checkpoints, log
from storefront.quota.periods import books_as_seen
from storefront.reports.acts import ActFilter, read_acts
from storefront.reports.check_history import last_run
from storefront.reports.ledger_book import BookFilter, closed_accounts, read_book
from storefront.reports.signal_desk import count_signals
from storefront.web.audit.office import audit
from storefront.web.clock import now, today
from storefront.web.identity import current_actor

YEARS = 4
MOST_SHOWN = 5
SIGN_INS = "account."


@audit.get("/")
def home() -> ResponseReturnValue:
    """How large the ledger is, whether it was found whole, and what was done last."""
    number_log()
    with snapshot() as session:
        position = log.latest(session)
        checkpoint = checkpoints.latest(session)
    actor = current_actor()
    run = last_run(db.session(), actor)
    return render_template(
        "audit/home.html",
        position=position,
        checkpoint=checkpoint,
        run=run,
        is_stale=run is None or run.is_stale(now()),
        open_month=books_as_seen(db.session()).first_open,
        open_signals=sum(count_signals(db.session(), actor).values()),
        acts=read_acts(db.session(), actor, ActFilter(without=SIGN_INS)).rows[:MOST_SHOWN],
        exports=last_exports(db.session(), actor, None, limit=MOST_SHOWN),
    )


@audit.get("/ledger")
def ledger() -> ResponseReturnValue:
    """Official entries, the latest first; by agency, year, or the number of an order."""
    number_log()
    this_year = fiscal_year(today())
    wanted = BookFilter(
        agency_code=request.args.get("agency", "").strip(),
        year=request.args.get("year", type=int),
        reference=request.args.get("number", "").strip().upper(),
        before=request.args.get("before", type=int),
    )
    return render_template(
        "audit/ledger.html",
        page=read_book(db.session(), current_actor(), wanted),
        wanted=wanted,
        agencies=agency_tree(db.session()),
        years=range(this_year, this_year - YEARS, -1),
    )


@audit.get("/ledger/personal")
def personal() -> ResponseReturnValue:
    """Personal accounts of a year as heads and seals."""
    this_year = fiscal_year(today())
    years = range(this_year, this_year - YEARS, -1)
    asked = request.args.get("year", this_year, type=int)
    year = asked if asked in years else this_year
    return render_template(
        "audit/personal.html",
        accounts=closed_accounts(db.session(), current_actor(), year),
        names={each.code: each.name for each in agency_tree(db.session())},
        year=year,
        years=years,
    )


def number_log() -> None:
    """Give positions to what has none yet, so that what is shown is all there is."""
    if log.has_unnumbered(db.session()):
        with transaction() as session:
            log.number(session)
