"""What quota figures are made of: who sums whom, ceilings, balances. Each is one bounded query.

An agency's figure sums itself and those below it that have no budget of their own (product.md,
"Ceiling"). Who is below whom is asked of a day: docs/attribution.md, "The tree by its dates".
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId, BudgetYear
from storefront.agencies.tree_models import SuccessionKind
from storefront.agencies.tree_queries import TreeNode, dated_agencies
from storefront.quota.models import Amounts, Fund, QuotaAccount, total
from storefront.quota.rule_models import RuleBase
from storefront.quota.rules import NATIONAL_CLASSES, RuleTerms
from storefront.sellers.models import SellerClass

ByClass = Mapping[SellerClass, Amounts]


@dataclass(frozen=True, kw_only=True)
class AgencyNode(TreeNode):
    """An agency where it stands in the tree, with its own ceiling of a year.

    The figures of one for practice are its own and no part of the city's.
    """

    ceiling_amount: int | None
    """Whole rupiah; None: no budget of its own was entered."""
    is_folded: bool = False
    """Merged, and its figures and ceiling are its successor's."""

    def has_row(self, year: int) -> bool:
        """Whether it is shown by itself among a year's agencies; else it is summed into others."""
        was_there = self.has_begun and not (self.ended_on and self.ended_on <= date(year, 1, 1))
        return not self.is_folded and (was_there or self.ceiling_amount is not None)


@dataclass(frozen=True, kw_only=True)
class Share:
    """What reached those who count, against the rule's base. No base: no percentage, no target."""

    ceiling_amount: int | None
    """The goods-and-services budget; None: none was entered."""
    base: RuleBase
    base_amount: int | None
    """Of what it is a share, by the rule: the ceiling, or all that was realised."""
    base_if_all_amount: int | None
    """The same once every commitment, of any class, is realised."""
    target_permille: int
    """The rule's, or the share of last year where the rule keeps it and that was higher."""
    is_exempt: bool = False
    """Figures, and no target (`quota/exemptions.py`)."""
    counted: Amounts

    @property
    def target_amount(self) -> int | None:
        """Rupiah that are the target; rounded up, so that reaching it is reaching the share."""
        return self._target_of(self.base_amount)

    @property
    def missing_amount(self) -> int | None:
        """Rupiah still to be realised; nought once the target is reached."""
        return None if self.target_amount is None else max(self.target_amount - self.realised, 0)

    @property
    def beyond_amount(self) -> int | None:
        """Rupiah realised beyond the target."""
        return None if self.target_amount is None else max(self.realised - self.target_amount, 0)

    @property
    def missing_if_all_amount(self) -> int | None:
        """Rupiah missing once every commitment is realised."""
        target_amount = self._target_of(self.base_if_all_amount)
        if target_amount is None:
            return None
        return max(target_amount - self.realised - self.counted.committed, 0)

    @property
    def realised(self) -> int:
        return self.counted.realised

    @property
    def permille(self) -> int | None:
        """The share realised, in thousandths of the base, rounded down."""
        return permille_of(self.realised, self.base_amount)

    @property
    def permille_if_all(self) -> int | None:
        """The share once every commitment is realised."""
        return permille_of(self.realised + self.counted.committed, self.base_if_all_amount)

    @property
    def is_reached(self) -> bool:
        return self.missing_amount == 0

    @property
    def is_reached_if_all(self) -> bool:
        return self.missing_if_all_amount == 0

    def _target_of(self, base_amount: int | None) -> int | None:
        if base_amount is None or self.is_exempt:
            return None
        return -(-base_amount * self.target_permille // 1_000)


def permille_of(amount: int, whole: int | None) -> int | None:
    """Thousandths of a whole; None where there is none. Never a division by nothing."""
    return amount * 1_000 // whole if whole else None


def read_tree(
    session: Session,
    year: int,
    *,
    on: date,
    known_at: datetime | None = None,
    folded: bool = False,
    ceilings: Mapping[AgencyId, int] | None = None,
) -> dict[AgencyId, AgencyNode]:
    """Every agency by its id, in the order of codes, with the year's own ceiling. One query.

    The ceiling is today's, or of `ceilings` where they are given (`ceilings.py`: as of a day).
    Names and parents are those of the day `on`, as known at an instant or now. With `folded`, who
    was merged by then is summed into who took over, ceiling and all, as if they had been one
    already.
    """
    query = (
        dated_agencies(on, known_at)
        .add_columns(BudgetYear.ceiling_amount)
        .outerjoin(
            BudgetYear, (BudgetYear.agency_id == Agency.id) & (BudgetYear.fiscal_year == year)
        )
    )
    tree = {row.id: AgencyNode(**row._asdict()) for row in session.execute(query)}
    if ceilings is not None:
        tree = {id_: replace(node, ceiling_amount=ceilings.get(id_)) for id_, node in tree.items()}
    return _folded(tree) if folded else tree


def _folded(tree: Mapping[AgencyId, AgencyNode]) -> dict[AgencyId, AgencyNode]:
    """The tree with every merged agency's ceiling added where its successor's spending counts.

    What a split left behind cannot be divided among its successors: it keeps its own figures.
    """
    folded = dict(tree)
    merged = [node for node in tree.values() if node.ended_by is SuccessionKind.MERGE]
    for node in merged:
        folded[node.id] = replace(node, ceiling_amount=None, is_folded=True)
    for node in merged:
        bearer = _bearer(folded, node)
        if bearer is not None and node.ceiling_amount is not None:
            ceiling = node.ceiling_amount + (bearer.ceiling_amount or 0)
            folded[bearer.id] = replace(bearer, ceiling_amount=ceiling)
    return folded


def _bearer(tree: Mapping[AgencyId, AgencyNode], node: AgencyNode) -> AgencyNode | None:
    """The nearest agency above with a budget; where there is none, the nearest that goes on."""
    heir, at = None, node.parent_id
    while at is not None:
        above = tree[at]
        if above.ceiling_amount is not None:
            return above
        if heir is None and not above.is_folded:
            heir = above
        at = above.parent_id
    return heir


def summed_agencies(tree: Mapping[AgencyId, AgencyNode]) -> dict[AgencyId, list[AgencyNode]]:
    """For each agency those whose entries make its figure, itself first.

    One below counts where no agency on the way up to it has a budget of its own.
    """
    children: defaultdict[AgencyId | None, list[AgencyNode]] = defaultdict(list)
    for node in tree.values():
        children[node.parent_id].append(node)

    def of(node: AgencyNode) -> Iterable[AgencyNode]:
        yield node
        for child in children[node.id]:
            if child.ceiling_amount is None:
                yield from of(child)

    return {node.id: list(of(node)) for node in tree.values()}


def budget_above(tree: Mapping[AgencyId, AgencyNode], node: AgencyNode) -> AgencyNode | None:
    """The nearest agency above whose budget one spends that has none of its own."""
    if node.ceiling_amount is not None:
        return None
    while node.parent_id is not None and node.parent_id in tree:
        node = tree[node.parent_id]
        if node.ceiling_amount is not None:
            return node
    return None


def read_balances(
    session: Session, year: int, codes: Collection[str] | None = None
) -> dict[str, dict[SellerClass, Amounts]]:
    """Official balances of a year by agency code and class; of all agencies, or of some."""
    query = select(QuotaAccount).filter_by(fiscal_year=year, fund=Fund.OFFICIAL)
    if codes is not None:
        query = query.where(QuotaAccount.agency_code.in_(codes))
    balances: defaultdict[str, dict[SellerClass, Amounts]] = defaultdict(dict)
    for account in session.scalars(query):
        balances[account.agency_code][account.seller_class] = account.balances
    return dict(balances)


def added(of_agencies: Iterable[ByClass]) -> dict[SellerClass, Amounts]:
    """Several agencies' balances as one; every class is there."""
    sums = dict.fromkeys(SellerClass, Amounts())
    for by_class in of_agencies:
        for seller_class, amounts in by_class.items():
            sums[seller_class] += amounts
    return sums


def counted_by(rule: RuleTerms, by_class: ByClass) -> Amounts:
    """What counts toward the target by the city's rule."""
    return total(amounts for kind, amounts in by_class.items() if rule.counts(kind))


def counted_nationally(by_class: ByClass) -> Amounts:
    """What counts by the national instruction: small enterprises too."""
    return total(amounts for kind, amounts in by_class.items() if kind in NATIONAL_CLASSES)
