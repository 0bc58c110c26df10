"""A year read once, and measured by any rule: that in force, or one that is only proposed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId
from storefront.core.calendar import month_of
from storefront.programme.models import ParticipationMonth
from storefront.quota.models import Amounts, total
from storefront.quota.rule_models import RuleBase
from storefront.quota.rules import RuleTerms
from storefront.reports.ceilings import Ceiling, amounts_of, last_day_of, read_ceilings
from storefront.reports.figures import (
    AgencyNode,
    ByClass,
    Share,
    added,
    budget_above,
    counted_by,
    read_tree,
    summed_agencies,
)
from storefront.reports.moments import Moment
from storefront.reports.sums import read_by_agency


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a rule measures: the figures of an agency, or of the city, in a year."""

    ceiling_amount: int | None
    by_class: ByClass
    """Official money."""
    personal_amount: int = 0
    """What was published of closed months, for a rule that counts it; without a class, because
    nothing is published by class."""
    bears_itself: bool = True
    """Not of an agency that spends another's budget: it is measured there."""

    def under(
        self, rule: RuleTerms, *, before: "Measured | None" = None, is_exempt: bool = False
    ) -> Share:
        """The share by a rule. `before`: the year before, for a rule that keeps last year's.

        Last year is measured by this same rule, so that like is compared with like; a share beyond
        all of the base asks for no more than all of it.
        """
        target_permille = rule.target_permille
        if before is not None and rule.keeps_last_year:
            kept = before.under(replace(rule, keeps_last_year=False)).permille
            target_permille = max(target_permille, min(kept or 0, 1_000))
        personal = Amounts(realised=self.personal_amount if rule.counts_personal else 0)
        whole = total(self.by_class.values()) + personal
        return Share(
            ceiling_amount=self.ceiling_amount,
            base=rule.base,
            base_amount=self._base(rule, whole.realised),
            base_if_all_amount=self._base(rule, whole.realised + whole.committed),
            target_permille=target_permille,
            is_exempt=is_exempt,
            counted=counted_by(rule, self.by_class) + personal,
        )

    def _base(self, rule: RuleTerms, whole_amount: int) -> int | None:
        if rule.base is RuleBase.BUDGET:
            return self.ceiling_amount
        return whole_amount if self.bears_itself and whole_amount > 0 else None


@dataclass(frozen=True, kw_only=True)
class YearRead:
    """A year's tree, ceilings and balances."""

    tree: Mapping[AgencyId, AgencyNode]
    summed: Mapping[AgencyId, list[AgencyNode]]
    balances: Mapping[str, ByClass]
    personal: Mapping[str, int]

    def of(self, agency_id: AgencyId) -> Measured:
        """An agency's, with those below it that have no budget of their own."""
        node, codes = self.tree[agency_id], [each.code for each in self.summed[agency_id]]
        return Measured(
            ceiling_amount=node.ceiling_amount,
            by_class=added(self.balances.get(code, {}) for code in codes),
            personal_amount=sum(self.personal.get(code, 0) for code in codes),
            bears_itself=budget_above(self.tree, node) is None,
        )

    def of_all(self) -> Measured:
        """The city's: sums of the accounts, so that nothing counts twice."""
        nodes = self.tree.values()
        ceilings = [node.ceiling_amount for node in nodes if node.ceiling_amount is not None]
        return Measured(
            ceiling_amount=sum(ceilings) if ceilings else None,
            by_class=added(self.balances.get(node.code, {}) for node in nodes),
            personal_amount=sum(self.personal.get(node.code, 0) for node in nodes),
        )


def read_year(
    session: Session,
    year: int,
    at: Moment,
    *rules: RuleTerms,
    arranged_on: date | None = None,
) -> YearRead:
    """The year of every agency but those of practice at a moment, for measuring by these rules.

    The tree is that of the year's day at the moment; or, with `arranged_on`, that of such a day,
    mergers folded together.
    """
    every = read_tree_at(session, year, at, arranged_on=arranged_on)
    tree = {id_: node for id_, node in every.items() if not node.is_practice}
    return YearRead(
        tree=tree,
        summed=summed_agencies(tree),
        balances=read_by_agency(session, year, at),
        personal=read_personal(session, year, at, rules),
    )


def read_year_of(
    session: Session,
    year: int,
    agency_id: AgencyId,
    at: Moment,
    *rules: RuleTerms,
    arranged_on: date | None = None,
) -> Measured:
    """The same of one agency, with those summed into it."""
    tree = read_tree_at(session, year, at, arranged_on=arranged_on)
    summed = summed_agencies(tree)
    codes = [node.code for node in summed[agency_id]]
    return YearRead(
        tree=tree,
        summed=summed,
        balances=read_by_agency(session, year, at, codes),
        personal=read_personal(session, year, at, rules, codes),
    ).of(agency_id)


def read_tree_at(
    session: Session,
    year: int,
    at: Moment,
    *,
    arranged_on: date | None = None,
    ceilings: Mapping[AgencyId, Ceiling] | None = None,
) -> dict[AgencyId, AgencyNode]:
    """The tree with the year's ceilings as of a moment, or with those that were read already."""
    known = read_ceilings(session, year, at) if ceilings is None else ceilings
    return read_tree(
        session,
        year,
        on=arranged_on or last_day_of(year, at),
        known_at=at.known_at,
        folded=arranged_on is not None,
        ceilings=amounts_of(known),
    )


def floor_of(
    session: Session,
    year: int,
    agency_id: AgencyId,
    at: Moment,
    rule: RuleTerms,
    *,
    arranged_on: date | None = None,
) -> Measured | None:
    """What a rule that keeps last year's share looks back to; None for any other."""
    if not rule.keeps_last_year:
        return None
    return read_year_of(session, year - 1, agency_id, at, rule, arranged_on=arranged_on)


def read_personal(
    session: Session,
    year: int,
    at: Moment,
    rules: Iterable[RuleTerms],
    codes: Collection[str] | None = None,
) -> dict[str, int]:
    """Personal money by agency code: the published sums of whole months over by then, nothing else.

    What was withheld is in none of them, so that no figure tells more than what was published
    (product.md, "Privacy"). Nothing is read where it counts by no rule.
    """
    if not any(rule.counts_personal for rule in rules):
        return {}
    query = (
        select(ParticipationMonth.agency_code, func.sum(ParticipationMonth.realised_amount))
        .where(*_published(year, at, codes), ParticipationMonth.is_withheld.is_(False))
        .group_by(ParticipationMonth.agency_code)
    )
    return {code: int(amount or 0) for code, amount in session.execute(query)}


@dataclass(frozen=True)
class PublishedMonth:
    """What was published of an agency's personal money in a closed month; None: withheld."""

    agency_code: str
    month: str
    amount: int | None


def personal_months(
    session: Session, year: int, at: Moment, codes: Collection[str]
) -> tuple[PublishedMonth, ...]:
    """What `read_personal` adds up, month by month, and what was withheld of it. One query."""
    query = (
        select(
            ParticipationMonth.agency_code,
            ParticipationMonth.month,
            ParticipationMonth.realised_amount,
        )
        .where(*_published(year, at, codes))
        .order_by(ParticipationMonth.month, ParticipationMonth.agency_code)
    )
    return tuple(PublishedMonth(*row) for row in session.execute(query))


def _published(year: int, at: Moment, codes: Collection[str] | None) -> list[ColumnElement[bool]]:
    """Of a published month, that it was over and known at the moment."""
    conditions = [
        ParticipationMonth.month.between(f"{year}-01", f"{year}-12"),
        ParticipationMonth.month < month_of(at.as_of + timedelta(days=1)),
    ]
    if at.known_at is not None:
        conditions.append(ParticipationMonth.published_at <= at.known_at)
    if codes is not None:
        conditions.append(ParticipationMonth.agency_code.in_(codes))
    return conditions
