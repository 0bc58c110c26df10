"""What a request would do for its agency's quota, before it is sent and before it is approved."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.quota.exemptions import exemptions_on
from storefront.quota.rule_models import RuleBase
from storefront.quota.rules import Rule
from storefront.reports.figures import (
    Share,
    budget_above,
    read_balances,
    read_tree,
    summed_agencies,
)
from storefront.reports.measures import YearRead, floor_of, read_personal
from storefront.reports.moments import Moment


def share_of(
    session: Session, agency_code: str, year: int, *, rule: Rule, today: date
) -> Share | None:
    """Where an agency stands by its running balances; None where no budget bears it.

    An agency without a budget of its own counts where the nearest one above has one (product.md,
    "Ceiling"). Three reads, and those that a term of the rule asks for.
    """
    tree = read_tree(session, year, on=today)
    own = next((node for node in tree.values() if node.code == agency_code), None)
    if own is None:
        return None
    node = budget_above(tree, own) or own
    if node.ceiling_amount is None and rule.base is RuleBase.BUDGET:
        return None
    at, summed = Moment(as_of=today, is_current=True), summed_agencies(tree)
    codes = [each.code for each in summed[node.id]]
    read = YearRead(
        tree=tree,
        summed=summed,
        balances=read_balances(session, year, codes),
        personal=read_personal(session, year, at, [rule], codes),
    )
    return read.of(node.id).under(
        rule,
        before=floor_of(session, year, node.id, at, rule),
        is_exempt=node.id in exemptions_on(session, today),
    )
