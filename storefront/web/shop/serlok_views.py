"""The programme as everybody sees it: its days, the league, and, signed in, one's own months."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from storefront.core.calendar import month_of
from storefront.extensions import db
from storefront.programme.calendar import plan
from storefront.programme.league import league
from storefront.programme.own import own_months
from storefront.web.clock import today
from storefront.web.identity import current_actor, current_identity
from storefront.web.shop.frame import serlok_notice
from storefront.web.shop.recent import recently

DAYS_SHOWN = 6
LEAGUE_LAG_S = 300
"""It changes when a month is closed."""

serlok = Blueprint("serlok", __name__)


@serlok.get("/serlok")
def show() -> ResponseReturnValue:
    """Public: the days, and figures that were published. One's own months are for oneself."""
    session, identity = db.session(), current_identity()
    own = []
    if identity is not None and identity.placements:
        own = own_months(session, current_actor(), today=today())
    return render_template(
        "shop/serlok.html",
        notice=serlok_notice(),
        months=plan(session, month_of(today()), DAYS_SHOWN),
        league=recently("league", lambda: league(db.session()), LEAGUE_LAG_S),
        own=own,
        today=today(),
    )
