"""The city's rule by its versions, and a new one."""

from datetime import timedelta

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.errors import DomainError
from storefront.extensions import db, transaction
from storefront.quota import rules as quota_rules
from storefront.web.city.forms import PERMILLE_IN_PERCENT, RuleForm
from storefront.web.city.office import city
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, show_beside_field
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303


@city.get("/rules")
def rules() -> ResponseReturnValue:
    """What holds now, what held before, and what is to come. The form starts from what holds."""
    rule = quota_rules.rule_on(db.session(), today())
    form = RuleForm(
        formdata=None,
        effective_on=today() + timedelta(days=1),
        target_percent=rule.target_permille // PERMILLE_IN_PERCENT,
        seller_classes=[each.value for each in rule.seller_classes],
        cap_amount=rule.seller_monthly_cap_amount,
    )
    return _page(form)


@city.post("/rules")
def adopt_rule() -> ResponseReturnValue:
    """A new version from a day on. What is posted keeps the version it was posted under."""
    form = RuleForm()
    if not form.validate():
        return _page(form), UNPROCESSABLE
    try:
        with transaction() as session:
            adopted = quota_rules.adopt(
                session, current_actor(), form.terms, effective_on=form.first_day, now=now()
            )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(form), UNPROCESSABLE
    tell(_("Aturan versi %(version)s tercatat.", version=adopted.version))
    return redirect(url_for("city.rules"), code=SEE_OTHER)


def _page(form: RuleForm) -> str:
    session = db.session()
    return render_template(
        "city/rules.html",
        form=form,
        versions=quota_rules.rule_versions(session),
        in_force=quota_rules.rule_on(session, today()).version,
        today=today(),
    )
