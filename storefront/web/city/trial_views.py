"""A rule tried on last year, and on this one so far, before anybody adopts it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from storefront.core.calendar import fiscal_year
from storefront.extensions import db, snapshot
from storefront.quota.rules import rule_on
from storefront.reports.trial import TrialSort
from storefront.reports.trial import try_rule as trial_of
from storefront.web.agency_words import STATES
from storefront.web.city.office import city
from storefront.web.city.rule_forms import RuleForm, TermsForm, usual_terms
from storefront.web.city.rule_views import show_rules
from storefront.web.clock import today
from storefront.web.errors import UNPROCESSABLE
from storefront.web.rule_words import terms_in_words

SEE_OTHER = 303
NOT_TRIED = ("effective_on", "basis")
"""Fields of a proposal that a trial needs nothing of."""


@city.post("/rules/trial")
def try_rule() -> ResponseReturnValue:
    """From the form to the trial's own address, which can be kept and passed on."""
    form = RuleForm()
    form.validate()
    for name in NOT_TRIED:
        form[name].errors = []
    if form.errors:
        return show_rules(form), UNPROCESSABLE
    return redirect(url_for("city.rule_trial", **form.as_sent), code=SEE_OTHER)


@city.get("/rules/trial")
def rule_trial() -> ResponseReturnValue:
    """What the terms of the address would make of every agency's figure. Writes nothing.

    An address that names no rule tries the one in force.
    """
    form = TermsForm(formdata=request.args, meta={"csrf": False})
    if not form.validate():
        usual = usual_terms(rule_on(db.session(), today()))
        form = TermsForm(formdata=None, meta={"csrf": False}, **usual)
    this_year = fiscal_year(today())
    years = (this_year - 1, this_year)
    asked = request.args.get("year", type=int)
    year = asked if asked in years else years[0]
    sort = request.args.get("sort", TrialSort.CHANGE, type=TrialSort)
    with snapshot() as session:
        trial = trial_of(
            session,
            form.terms,
            year,
            today=today(),
            sort=sort,
            page=request.args.get("page", type=int),
        )
    return render_template(
        "city/rule_trial.html",
        trial=trial,
        said=form.as_sent,
        terms=terms_in_words(trial.terms, trial.rule),
        sort=sort,
        states=STATES,
        years=years,
        year=year,
    )
