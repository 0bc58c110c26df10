"""The city's rule by its versions, and a new one, in two hands."""

from datetime import timedelta

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.errors import DomainError, NotFound
from storefront.extensions import db, transaction
from storefront.quota import rule_proposals
from storefront.quota.rules import rule_on
from storefront.web import rule_desk
from storefront.web.city.office import city
from storefront.web.city.rule_forms import RuleForm, usual_terms
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, show_beside_field
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.rule_desk import RuleDesk
from storefront.web.rule_words import BASES

SEE_OTHER = 303
DESK = RuleDesk("city", may_change=True)


@city.get("/rules")
def rules() -> ResponseReturnValue:
    """What holds now, what held before, what is to come and what waits for a second person.

    The form starts from what holds, or from what the address says: it was tried before.
    """
    usual = usual_terms(rule_on(db.session(), today()))
    form = RuleForm(
        formdata=request.args or None,
        effective_on=today() + timedelta(days=1),
        **usual,
    )
    return show_rules(form)


@city.post("/rules")
def propose_rule() -> ResponseReturnValue:
    """Propose a version from a day on. Nothing changes until another city admin confirms it."""
    form = RuleForm()
    if not form.validate():
        return show_rules(form), UNPROCESSABLE
    try:
        with transaction() as session:
            rule_proposals.propose_rule(
                session,
                current_actor(),
                form.terms,
                effective_on=form.first_day,
                basis=form.basis.data or "",
                now=now(),
            )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return show_rules(form), UNPROCESSABLE
    tell(_("Usulan aturan tercatat. Aturannya berlaku setelah admin kota lain mengonfirmasi."))
    return redirect(url_for("city.rules"), code=SEE_OTHER)


@city.post("/rules/proposals/<int:proposal_id>")
def decide_rule(proposal_id: int) -> ResponseReturnValue:
    """Be the second person (`decision` = `confirm`), or refuse; one's own is taken back so."""
    decision = request.form.get("decision", "")
    if decision not in {"confirm", "refuse"}:
        raise NotFound
    with transaction() as session:
        if decision == "confirm":
            rule = rule_proposals.confirm_rule(session, current_actor(), proposal_id, now=now())
            said = _("Aturan versi %(version)s ditetapkan.", version=rule.version)
        else:
            rule_proposals.refuse_rule(session, current_actor(), proposal_id, now=now())
            said = _("Usulan aturan ditolak.")
    tell(said)
    return redirect(url_for("city.rules"), code=SEE_OTHER)


@city.get("/rules/<int:version>")
def rule(version: int) -> ResponseReturnValue:
    """One version of the rule."""
    return rule_desk.show_rule(DESK, version)


def show_rules(form: RuleForm) -> str:
    """The page, also with a form that was sent."""
    bases = {base.value: _(about) for base, (_word, about) in BASES.items()}
    return rule_desk.show_rules(DESK, form=form, bases=bases)
