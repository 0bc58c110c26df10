"""What a request would do for its agency's quota, before it is sent."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.quota.rules import Rule
from storefront.reports.figures import (
    Share,
    added,
    counted_by,
    read_balances,
    read_tree,
    summed_agencies,
)


def share_of(
    session: Session, agency_code: str, year: int, *, rule: Rule, today: date
) -> Share | None:
    """Where an agency stands by its running balances; None where no budget bears it.

    An agency without a budget of its own counts where the nearest one above has one (product.md,
    "Ceiling"). Two reads.
    """
    tree = read_tree(session, year, on=today)
    node = next((node for node in tree.values() if node.code == agency_code), None)
    while node is not None and node.ceiling_amount is None:
        node = tree.get(node.parent_id) if node.parent_id is not None else None
    if node is None:
        return None
    codes = [each.code for each in summed_agencies(tree)[node.id]]
    by_class = added(read_balances(session, year, codes).values())
    return Share(
        ceiling_amount=node.ceiling_amount,
        target_permille=rule.target_permille,
        counted=counted_by(rule, by_class),
    )
