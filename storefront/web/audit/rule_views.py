"""The rule by its versions, and who is exempt from its target, as the auditor reads them."""

from flask.typing import ResponseReturnValue

from storefront.web import rule_desk
from storefront.web.audit.office import audit
from storefront.web.rule_desk import RuleDesk

DESK = RuleDesk("audit")


@audit.get("/rules")
def rules() -> ResponseReturnValue:
    """What holds now, what held before, what is to come and what waits for a second person."""
    return rule_desk.show_rules(DESK)


@audit.get("/rules/<int:version>")
def rule(version: int) -> ResponseReturnValue:
    """One version of the rule."""
    return rule_desk.show_rule(DESK, version)


@audit.get("/exemptions")
def exemptions() -> ResponseReturnValue:
    """Agencies without a target, with their reasons and documents."""
    return rule_desk.show_exemptions(DESK)
