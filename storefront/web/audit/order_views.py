"""One official order as the auditor reads it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.core.errors import NotFound
from storefront.extensions import db
from storefront.orders.order_view import find_order
from storefront.quota.models import Fund
from storefront.web.audit.office import audit
from storefront.web.identity import current_actor


@audit.get("/orders/<number>")
def order(number: str) -> ResponseReturnValue:
    """Who asked, who approved, what came, what was paid, and what stands in the ledger."""
    view = find_order(db.session(), current_actor(), number)
    if view.row.fund is not Fund.OFFICIAL:  # one's own, privately: not on this side
        raise NotFound
    return render_template("audit/order.html", order=view, row=view.row)
