"""By which arrangement of the agencies a page shows its figures, as its address says."""

from datetime import date

from flask import request

from storefront.web.clock import today

ARGUMENT = "tree"
THEN, TODAY = "then", "today"


def asked_arrangement() -> date | None:
    """The day of the arrangement; None: as it was (`tree=then`, and whatever is no day).

    `tree=today` is the arrangement of today; with a day (YYYY-MM-DD) in its place the same address
    gives the same arrangement for ever.
    """
    asked = request.args.get(ARGUMENT, THEN)
    if asked == TODAY:
        return today()
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return None
    return min(day, today())


def arrangement_word(arranged_on: date | None) -> str:
    """The same as it stands in an address: links from such a page keep it."""
    if arranged_on is None:
        return THEN
    return TODAY if arranged_on == today() else arranged_on.isoformat()
