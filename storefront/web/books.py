"""What a page does before it states a figure: positions for what has none, sums up to them."""

from storefront.extensions import db, transaction
from storefront.quota import log
from storefront.reports import folding

MOST_BATCHES = 10
"""Of one page. What stands behind after so many lines is the worker's; the page says where it is.
"""


def bring_up_to_date() -> None:
    """Number the log and fold what it holds, if anything waits: the page then shows all there is.

    Outside any unit of work, before the snapshot that the page reads in.
    """
    if log.has_unnumbered(db.session()):
        with transaction() as writing:
            log.number(writing)
    for _ in range(MOST_BATCHES):
        if not folding.is_behind(db.session()):
            return
        with transaction() as writing:
            folding.fold(writing)
