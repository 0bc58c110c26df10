"""What an explanation of a figure holds: what it stands on, and all that it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from storefront.quota import log
from storefront.quota.exemptions import Exemption
from storefront.quota.models import Amounts, total
from storefront.quota.rules import Rule
from storefront.reports.ceilings import Revision
from storefront.reports.explained_entries import ExplainedEntry, ExplainedOrder
from storefront.reports.explained_figures import (
    OF_BOTH,
    OF_COMMITTED,
    WITH_PERSONAL,
    WITHOUT_ENTRIES,
    Figure,
    Question,
)
from storefront.reports.explained_parts import SellerPart
from storefront.reports.explained_steps import Step
from storefront.reports.figures import AgencyNode, Share
from storefront.reports.measures import PublishedMonth
from storefront.reports.moments import Moment
from storefront.reports.outlook import Outlook
from storefront.sellers.models import SellerClass


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a figure stands on, beside its entries."""

    name: str
    """Whose figure it is: an agency's name; empty for the whole city."""
    code: str
    fiscal_year: int
    """That of the accounts: last year's figure is of the year before."""
    as_of: date
    at: Moment
    share: Share
    """Ceiling, target and what counts, for the formula."""
    rule: Rule
    revision: Revision | None
    codes: tuple[str, ...]
    """Whose accounts are summed."""
    included: tuple[AgencyNode, ...]
    """Agencies below among them."""
    personal_amount: int
    """Published sums of personal money beside the entries, where the rule counts them."""
    arranged_on: date | None
    position: log.Position
    exemption: Exemption | None = None
    """Why there is no target, where there is none."""
    ahead: Outlook | None = None
    """What the year will come to, for the figures that are about that."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A figure with all that it is made of."""

    question: Question
    basis: Basis
    amount: int | None
    """The figure as its page shows it; None where no budget gives one."""
    classes: tuple[SellerClass, ...]
    """Whose entries are summed."""
    steps: tuple[Step, ...] = ()
    """How it follows from other figures, where it does."""
    rows: tuple[ExplainedEntry, ...] = ()
    next_after: int | None = None
    """The position behind which the next page begins."""
    entries: int = 0
    sums: Amounts = field(default_factory=Amounts)
    """What all the entries come to, not those of this page alone; of a category their shares."""
    shares: Mapping[int, Amounts] | None = None
    """What of each entry belongs to the category, by position."""
    categories: Mapping[str, Amounts] | None = None
    """What each category got, by its slug: together all that is counted."""
    category_names: Mapping[str, str] = field(default_factory=dict)
    sellers: tuple[SellerPart, ...] = ()
    """Whom it is made of, where it is of sellers."""
    personal: tuple[PublishedMonth, ...] = ()
    """What was published of personal money, where it is in the figure."""
    orders: Mapping[str, ExplainedOrder] = field(default_factory=dict)
    """The orders behind the rows, by number."""

    @property
    def has_entries(self) -> bool:
        return self.question.figure not in WITHOUT_ENTRIES

    @property
    def shows_committed(self) -> bool:
        """Whether what the entries changed of committed is in the figure."""
        return self.question.figure in OF_COMMITTED | OF_BOTH

    @property
    def shows_realised(self) -> bool:
        return self.question.figure not in OF_COMMITTED

    @property
    def is_count(self) -> bool:
        """Whether the figure is a number of sellers, not rupiah."""
        return self.question.figure is Figure.SELLERS

    @property
    def personal_amount(self) -> int:
        """What the figure holds besides its entries: only the sums published of closed months."""
        return self.basis.personal_amount if self.question.figure in WITH_PERSONAL else 0

    @property
    def parts_amount(self) -> int:
        """What its parts come to, in that which the figure is of."""
        figure = self.question.figure
        if figure is Figure.SELLERS:
            return len(self.sellers)
        if figure in OF_COMMITTED:
            return self.sums.committed
        if figure in {Figure.IF_ALL, Figure.MISSING_IF_ALL}:
            return self.sums.committed + self.sums.realised + self.personal_amount
        return self.sums.realised + self.personal_amount

    @property
    def is_of_the_formula(self) -> bool:
        """Whether its parts make what the figure is reckoned from, and not the figure itself."""
        return self.question.figure in {Figure.MISSING, Figure.BEYOND, Figure.MISSING_IF_ALL}

    @property
    def adds_up(self) -> bool:
        """Whether the parts make the figure. They do, unless somebody tampered."""
        share = self.basis.share
        match self.question.figure:
            case Figure.MISSING | Figure.BEYOND:
                return self.parts_amount == share.realised
            case Figure.MISSING_IF_ALL:
                return self.parts_amount == share.realised + share.counted.committed
            case _ if not self.has_entries:
                return True
            case _:
                return self.parts_amount == self.amount and self._categories_make_the_whole

    @property
    def _categories_make_the_whole(self) -> bool:
        if self.categories is None:
            return True
        personal = Amounts(realised=self.basis.personal_amount)
        return total(self.categories.values()) + personal == self.basis.share.counted
