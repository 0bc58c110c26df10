"""The rule by its versions, and who is exempt: for the city, which changes it, and the auditor."""

from dataclasses import dataclass
from typing import Any

from flask import render_template

from storefront.core.errors import NotFound
from storefront.extensions import db
from storefront.quota.exemptions import list_exemptions
from storefront.quota.rule_proposals import waiting_rules
from storefront.quota.rules import rule_on, rule_versions
from storefront.web.clock import today
from storefront.web.identity import current_actor
from storefront.web.rule_words import terms_in_words


@dataclass(frozen=True)
class RuleDesk:
    """The endpoints of one side's pages, and whether one may propose and confirm there."""

    side: str
    may_change: bool = False

    @property
    def rules(self) -> str:
        return f"{self.side}.rules"

    @property
    def rule(self) -> str:
        return f"{self.side}.rule"

    @property
    def exemptions(self) -> str:
        return f"{self.side}.exemptions"

    @property
    def agency(self) -> str:
        return f"{self.side}.agency"


def show_rules(desk: RuleDesk, **more: Any) -> str:
    """What holds now, what held before, what is to come and what waits for a second person.

    `more` is what the form of a new version needs, where there is one.
    """
    session = db.session()
    return render_template(
        "city/rules.html",
        desk=desk,
        waiting=waiting_rules(session, current_actor()),
        own=current_actor().person_id,
        in_words=terms_in_words,
        versions=rule_versions(session),
        in_force=rule_on(session, today()),
        today=today(),
        **more,
    )


def show_rule(desk: RuleDesk, version: int) -> str:
    """One version: what it says, what it changed, who decided it, which figures it judges."""
    versions = rule_versions(db.session())
    at = next((at for at, each in enumerate(versions) if each.version == version), None)
    if at is None:
        raise NotFound
    shown, older = versions[at], versions[at + 1 :]
    before = older[0] if older else None
    return render_template(
        "city/rule.html",
        desk=desk,
        rule=shown,
        before=before,
        following=versions[at - 1] if at else None,
        terms=terms_in_words(shown, before),
        today=today(),
    )


def show_exemptions(desk: RuleDesk, **more: Any) -> str:
    """All that were ever proposed, with reason, document and who decided."""
    return render_template(
        "city/exemptions.html",
        desk=desk,
        rows=list_exemptions(db.session(), current_actor()),
        own=current_actor().person_id,
        today=today(),
        **more,
    )
