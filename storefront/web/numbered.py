"""Positions for what has none yet: before a page states how far the ledger goes."""

from storefront.extensions import db, transaction
from storefront.quota import log


def number_log() -> None:
    """Give positions to what has none yet, so that what is shown is all there is."""
    if log.has_unnumbered(db.session()):
        with transaction() as session:
            log.number(session)
