"""What quota figures are made of: who sums whom, ceilings, balances. Each is one bounded query.

An agency's figure sums itself and those below it that have no budget of their own (product.md,
"Ceiling").
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId, AgencyKind, BudgetYear
from storefront.quota.models import Amounts, Fund, QuotaAccount, total
from storefront.quota.rules import NATIONAL_CLASSES, Rule
from storefront.sellers.models import SellerClass

ByClass = Mapping[SellerClass, Amounts]


@dataclass(frozen=True, kw_only=True)
class AgencyNode:
    """An agency where it stands in the tree, with its own ceiling of a year."""

    id: AgencyId
    code: str
    name: str
    kind: AgencyKind
    parent_id: AgencyId | None
    is_practice: bool
    """Its figures are its own and no part of the city's."""
    ceiling_amount: int | None
    """Whole rupiah; None: no budget of its own was entered."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """What reached those who count, against a ceiling. No ceiling: no percentage, no target."""

    ceiling_amount: int | None
    target_permille: int
    counted: Amounts

    @property
    def target_amount(self) -> int | None:
        """Rupiah that are the target; rounded up, so that reaching it is reaching the share."""
        if self.ceiling_amount is None:
            return None
        return -(-self.ceiling_amount * self.target_permille // 1_000)

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
        if self.target_amount is None:
            return None
        return max(self.target_amount - self.realised - self.counted.committed, 0)

    @property
    def realised(self) -> int:
        return self.counted.realised

    @property
    def permille(self) -> int | None:
        """The share realised, in thousandths of the ceiling, rounded down."""
        return permille_of(self.realised, self.ceiling_amount)

    @property
    def permille_if_all(self) -> int | None:
        """The share once every commitment is realised."""
        return permille_of(self.realised + self.counted.committed, self.ceiling_amount)

    @property
    def is_reached(self) -> bool:
        return self.missing_amount == 0

    @property
    def is_reached_if_all(self) -> bool:
        return self.missing_if_all_amount == 0


def permille_of(amount: int, whole: int | None) -> int | None:
    """Thousandths of a whole; None where there is none. Never a division by nothing."""
    return amount * 1_000 // whole if whole else None


def read_tree(session: Session, year: int) -> dict[AgencyId, AgencyNode]:
    """Every agency by its id, in the order of codes, with the year's own ceiling. One query."""
    query = (
        select(Agency, BudgetYear.ceiling_amount)
        .outerjoin(
            BudgetYear, (BudgetYear.agency_id == Agency.id) & (BudgetYear.fiscal_year == year)
        )
        .order_by(Agency.code)
    )
    return {
        agency.id: AgencyNode(
            id=agency.id,
            code=agency.code,
            name=agency.name,
            kind=agency.kind,
            parent_id=agency.parent_id,
            is_practice=agency.is_practice,
            ceiling_amount=ceiling,
        )
        for agency, ceiling in session.execute(query)
    }


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


def counted_by(rule: Rule, by_class: ByClass) -> Amounts:
    """What counts toward the target by the city's rule."""
    return total(amounts for kind, amounts in by_class.items() if rule.counts(kind))


def counted_nationally(by_class: ByClass) -> Amounts:
    """What counts by the national instruction: small enterprises too."""
    return total(amounts for kind, amounts in by_class.items() if kind in NATIONAL_CLASSES)
