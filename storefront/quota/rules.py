"""The city's rule by its dates: the target, which classes count, the seller's monthly cap."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.calendar import month_of
from storefront.core.errors import N_, Conflict, DomainError
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.quota.closing_models import PeriodClose
from storefront.quota.models import QuotaRule
from storefront.quota.periods import open_books
from storefront.sellers.models import SellerClass

FIRST_VERSION = 1

NATIONAL_CLASSES = frozenset({SellerClass.MICRO, SellerClass.SMALL, SellerClass.COOPERATIVE})
"""Who counts by the national instruction (Inpres 2/2022, third instruction): small too."""


class RuleInClosedMonth(DomainError):
    code = "rule_in_closed_month"
    message = N_("Bulan %(month)s sudah ditutup; aturan baru berlaku paling cepat sesudahnya.")
    field = "effective_on"


class RuleOfThatDayExists(Conflict):
    code = "rule_of_that_day_exists"
    message = N_("Sudah ada aturan yang berlaku mulai %(day)s.")
    field = "effective_on"


@dataclass(frozen=True, kw_only=True)
class RuleTerms:
    """What a rule says."""

    target_permille: int
    """400 is 40 %."""
    seller_classes: frozenset[SellerClass]
    """Which count toward the target."""
    seller_monthly_cap_amount: int
    """Whole rupiah of official money for one seller in a month; 0: no cap."""


@dataclass(frozen=True, kw_only=True)
class Rule(RuleTerms):
    """A version of the rule, in force from a day until the next one."""

    version: int
    effective_on: date

    def counts(self, seller_class: SellerClass) -> bool:
        return seller_class in self.seller_classes


_IN_FORCE = (
    select(QuotaRule)
    .where(QuotaRule.effective_on <= bindparam("day"))
    .order_by(QuotaRule.effective_on.desc())
    .limit(1)
)


def rule_on(session: Session, day: date) -> Rule:
    """The rule in force on a day. The first one is older than any day that is asked about."""
    return _rule(session.scalars(_IN_FORCE, {"day": day}).one())


def rule_as_known(session: Session, day: date, known_at: datetime | None) -> Rule:
    """The rule in force on a day as it was known at an instant; None: as it is known now.

    A closed month keeps the version it closed with: that is the one of its last day. Whether a
    version came later with a day further back makes no difference to who asks for an earlier time.
    """
    kept = select(PeriodClose.rule_version).where(PeriodClose.month == month_of(day))
    if known_at is not None:
        kept = kept.where(PeriodClose.confirmed_at <= known_at)
    if month_of(day + timedelta(days=1)) != month_of(day):
        version = session.scalar(kept)
        if version is not None:
            return rule_of(session, version)
    if known_at is None:
        return rule_on(session, day)
    stood = or_(QuotaRule.version == FIRST_VERSION, QuotaRule.adopted_at <= known_at)
    return _rule(session.scalars(_IN_FORCE.where(stood), {"day": day}).one())


def rule_of(session: Session, version: int) -> Rule:
    """A version by its number. It must be there."""
    return _rule(session.get_one(QuotaRule, version))


def rule_versions(session: Session) -> list[Rule]:
    """All versions, the one that starts last first."""
    query = select(QuotaRule).order_by(QuotaRule.effective_on.desc())
    return [_rule(row) for row in session.scalars(query)]


def adopt(
    session: Session, actor: Actor, terms: RuleTerms, *, effective_on: date, now: datetime
) -> Rule:
    """Put a new version in force from a day on, and return it. Nothing posted is rewritten.

    Raises `NotAllowed`; `RuleInClosedMonth`, for a closed month keeps the version it closed with;
    `RuleOfThatDayExists`.
    """
    require(actor, Action.CHANGE_RULES, CITY)
    books = open_books(session)
    if effective_on < books.first_day:
        raise RuleInClosedMonth(month=f"{effective_on:%Y-%m}")
    if session.scalar(select(QuotaRule.version).filter_by(effective_on=effective_on)) is not None:
        raise RuleOfThatDayExists(day=effective_on.isoformat())
    row = QuotaRule(
        version=session.scalars(select(func.max(QuotaRule.version))).one() + 1,
        effective_on=effective_on,
        target_permille=terms.target_permille,
        seller_classes=",".join(sorted(terms.seller_classes)),
        seller_monthly_cap_amount=terms.seller_monthly_cap_amount,
        adopted_by=actor.person_id,
        adopted_at=now,
    )
    session.add(row)
    audit.record(session, actor, "rule.adopted", str(row.version), _as_said(terms), now=now)
    return _rule(row)


def differences_from_first(session: Session, terms: RuleTerms) -> dict[str, tuple[str, str]]:
    """What rule version 1 says otherwise than the settings, as (rule, setting) by their names.

    The settings only seeded it (contract.md, "Settings"): the start warns of what is returned.
    """
    first = _as_said(_rule(session.get_one(QuotaRule, FIRST_VERSION)))
    settings = _as_said(terms)
    return {
        name: (str(first[name]), str(settings[name]))
        for name in first
        if first[name] != settings[name]
    }


def _rule(row: QuotaRule) -> Rule:
    return Rule(
        version=row.version,
        effective_on=row.effective_on,
        target_permille=row.target_permille,
        seller_classes=frozenset(
            SellerClass(name) for name in row.seller_classes.split(",") if name
        ),
        seller_monthly_cap_amount=row.seller_monthly_cap_amount,
    )


def _as_said(terms: RuleTerms) -> dict[str, str | int]:
    return {
        "target_permille": terms.target_permille,
        "seller_classes": ",".join(sorted(terms.seller_classes)),
        "seller_monthly_cap_amount": terms.seller_monthly_cap_amount,
    }
