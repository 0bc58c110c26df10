"""The city's rule by its dates: target and base, who counts, floor, and the seller's monthly cap.

How a version comes to be: `rule_proposals.py`. What it makes of figures: `reports/figures.py`.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from storefront.accounts.models import PersonDetails
from storefront.core.calendar import month_of
from storefront.quota.closing_models import PeriodClose
from storefront.quota.models import Fund
from storefront.quota.rule_models import QuotaRule, RuleBase, RuleProposal
from storefront.sellers.models import SellerClass

FIRST_VERSION = 1
SEEDED = ("target_permille", "seller_classes", "seller_monthly_cap_amount")
"""What of version 1 the settings said (contract.md, "Settings")."""
MOST_VERSIONS = 200

NATIONAL_CLASSES = frozenset({SellerClass.MICRO, SellerClass.SMALL, SellerClass.COOPERATIVE})
"""Who counts by the national instruction (Inpres 2/2022, third instruction): small too."""


@dataclass(frozen=True, kw_only=True)
class RuleTerms:
    """What a rule says. What is left out is as the city's programme began."""

    base: RuleBase = RuleBase.BUDGET
    """Of what the target is a share."""
    target_permille: int
    """400 is 40 %."""
    seller_classes: frozenset[SellerClass]
    """Which count toward the target."""
    funds: frozenset[Fund] = frozenset({Fund.OFFICIAL})
    """Which count. Personal money, where it does, only as the sums published of closed months."""
    keeps_last_year: bool = False
    """Whether no agency's target is below the share that it realised the year before."""
    seller_monthly_cap_amount: int
    """Whole rupiah of official money for one seller in a month; 0: no cap."""

    @property
    def counts_personal(self) -> bool:
        return Fund.PERSONAL in self.funds

    def counts(self, seller_class: SellerClass) -> bool:
        return seller_class in self.seller_classes


@dataclass(frozen=True, kw_only=True)
class Rule(RuleTerms):
    """A version of the rule, in force from a day until the next one."""

    version: int
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class RuleVersion(Rule):
    """A version with where it comes from; names are None for the installation's own."""

    basis: str
    proposed_by_name: str | None
    proposed_at: datetime | None
    adopted_by_name: str | None
    adopted_at: datetime


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


def rule_versions(session: Session) -> list[RuleVersion]:
    """The versions, the one that starts last first. One query."""
    proposer, adopter = aliased(PersonDetails), aliased(PersonDetails)
    query = (
        select(QuotaRule, proposer.name, adopter.name)
        .outerjoin(proposer, proposer.person_id == QuotaRule.proposed_by)
        .outerjoin(adopter, adopter.person_id == QuotaRule.adopted_by)
        .order_by(QuotaRule.effective_on.desc())
        .limit(MOST_VERSIONS)
    )
    return [
        RuleVersion(
            **vars(_rule(row)),
            basis=row.basis,
            proposed_by_name=proposed_by,
            proposed_at=row.proposed_at,
            adopted_by_name=adopted_by,
            adopted_at=row.adopted_at,
        )
        for row, proposed_by, adopted_by in session.execute(query)
    ]


def changed_terms(terms: RuleTerms, before: RuleTerms) -> tuple[str, ...]:
    """The names of the terms in which a rule says otherwise than another."""
    return tuple(
        each.name
        for each in fields(RuleTerms)
        if getattr(terms, each.name) != getattr(before, each.name)
    )


def differences_from_first(session: Session, terms: RuleTerms) -> dict[str, tuple[str, str]]:
    """What rule version 1 says otherwise than the settings, as (rule, setting) by their names.

    The settings only seeded it (contract.md, "Settings"): the start warns of what is returned.
    """
    query = select(*(getattr(QuotaRule, name) for name in SEEDED))
    first = session.execute(query.filter_by(version=FIRST_VERSION)).mappings().one()
    settings = as_said(terms)
    return {
        name: (str(first[name]), str(settings[name]))
        for name in SEEDED
        if first[name] != settings[name]
    }


def _rule(row: QuotaRule) -> Rule:
    return Rule(version=row.version, effective_on=row.effective_on, **vars(terms_of(row)))


def terms_of(row: QuotaRule | RuleProposal) -> RuleTerms:
    """What a row says."""
    return RuleTerms(
        base=RuleBase(row.base),
        target_permille=row.target_permille,
        seller_classes=frozenset(
            SellerClass(name) for name in row.seller_classes.split(",") if name
        ),
        funds=frozenset(Fund(name) for name in row.funds.split(",")),
        keeps_last_year=row.keeps_last_year,
        seller_monthly_cap_amount=row.seller_monthly_cap_amount,
    )


def as_said(terms: RuleTerms) -> dict[str, str | int | bool]:
    """The terms as a row and the audit log keep them."""
    return {
        "base": terms.base.value,
        "target_permille": terms.target_permille,
        "seller_classes": ",".join(sorted(terms.seller_classes)),
        "funds": ",".join(sorted(terms.funds)),
        "keeps_last_year": terms.keeps_last_year,
        "seller_monthly_cap_amount": terms.seller_monthly_cap_amount,
    }
