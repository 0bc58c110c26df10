"""Whoever wants to sell applies here, without an account: the city verifies first."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from storefront.core.errors import DomainError
from storefront.extensions import transaction
from storefront.sellers import applications
from storefront.web.clock import now
from storefront.web.errors import UNPROCESSABLE, show_beside_field
from storefront.web.identity import current_actor
from storefront.web.limits import APPLICATIONS, limiter
from storefront.web.seller_apply.forms import ApplicationForm

SEE_OTHER = 303

seller_apply = Blueprint("seller_apply", __name__)


@seller_apply.route("/sellers/apply", methods=["GET", "POST"])
@limiter.limit(APPLICATIONS, methods=["POST"])
def apply() -> ResponseReturnValue:
    """The form, and what it sends. A refusal stands beside its field, with all that was typed."""
    if request.method == "GET":
        return render_template("seller_apply/apply.html", form=ApplicationForm(formdata=None))
    form = ApplicationForm()
    if not form.validate():
        return render_template("seller_apply/apply.html", form=form), UNPROCESSABLE
    try:
        with transaction() as session:
            applications.apply(session, current_actor(), form.application(), now=now())
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return render_template("seller_apply/apply.html", form=form), UNPROCESSABLE
    return redirect(url_for("seller_apply.thanks"), code=SEE_OTHER)


@seller_apply.get("/sellers/apply/thanks")
def thanks() -> ResponseReturnValue:
    return render_template("seller_apply/thanks.html")
