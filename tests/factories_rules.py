"""Makers of rules and exemptions, each in two hands."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.quota.exemptions import confirm_exemption, propose_exemption
from storefront.quota.rule_models import QuotaExemption
from storefront.quota.rule_proposals import confirm_rule, propose_rule
from storefront.quota.rules import Rule, RuleTerms
from storefront.sellers.models import SellerClass
from tests.factories import NOON, signed_up

TODAY = NOON.date()
BASIS = "Peraturan Wali Kota 12/2026"
COUNTED = frozenset({SellerClass.MICRO, SellerClass.COOPERATIVE})


def terms(**changed: object) -> RuleTerms:
    """The city's rule as it began, some of it changed."""
    usual: dict[str, object] = {
        "target_permille": 400,
        "seller_classes": COUNTED,
        "seller_monthly_cap_amount": 30_000_000,
    }
    return RuleTerms(**(usual | changed))  # type: ignore[arg-type]


def adopted(
    session: Session, said: RuleTerms, *, effective_on: date = TODAY, now: datetime = NOON
) -> Rule:
    """A rule in force from a day on: proposed by one city admin, confirmed by another."""
    one, another = (signed_up(session, Role.CITY_ADMIN, CITY) for _ in range(2))
    with transaction(session):
        waiting = propose_rule(session, one, said, effective_on=effective_on, basis=BASIS, now=now)
    with transaction(session):
        return confirm_rule(session, another, waiting.id, now=now)


def exempted(
    session: Session,
    of: Agency,
    *,
    valid_from: date = date(2026, 1, 1),
    valid_to: date = date(2026, 12, 31),
    now: datetime = NOON,
) -> QuotaExemption:
    """An agency without a target from a day to a day."""
    one, another = (signed_up(session, Role.CITY_ADMIN, CITY) for _ in range(2))
    with transaction(session):
        waiting = propose_exemption(
            session,
            one,
            of.code,
            valid_from=valid_from,
            valid_to=valid_to,
            reason="Belanjanya obat yang tidak dijual usaha mikro.",
            document_number="SK 900/17/2026",
            now=now,
        )
    with transaction(session):
        return confirm_exemption(session, another, waiting.id, now=now)
