"""What an agency wants done with a request that its budget no longer holds: chosen by the city.

The city chooses, in one hand: it binds nobody's money. Each request above the ceiling still takes
its buyer's reason and its approver's word (`orders/approvals.py`).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from storefront.agencies.models import OverCeiling
from storefront.agencies.reach import agency_by_code
from storefront.core import audit
from storefront.core.permissions import CITY, Action, Actor, require


def choose_over_ceiling(
    session: Session, actor: Actor, agency_code: str, wanted: OverCeiling, *, now: datetime
) -> None:
    """Refuse such requests, or let them go to the approver with a reason: from now on.

    What was approved stays approved; what waits is decided by the choice of that moment. Raises
    `NotAllowed` or `NotFound`.
    """
    require(actor, Action.MANAGE_AGENCIES, CITY)
    agency = agency_by_code(session, actor, Action.MANAGE_AGENCIES, agency_code)
    if agency.over_ceiling is wanted:
        return
    details = {"from": agency.over_ceiling.value, "to": wanted.value}
    agency.over_ceiling = wanted
    session.flush()
    audit.record(session, actor, "agency.over_ceiling", agency.code, details, now=now)
