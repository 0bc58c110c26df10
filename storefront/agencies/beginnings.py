"""An agency comes into the tree: its first edge and its first name."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.agencies.tree_models import AgencyEdge, AgencyName
from storefront.core.permissions import PersonId


def begin(
    session: Session,
    agencies: Collection[Agency],
    *,
    on: date,
    recorded_by: PersonId,
    now: datetime,
    change_id: int | None = None,
) -> None:
    """Let new agencies, already flushed, stand where they stand from a day on. Flushes."""
    recorded = {
        "valid_from": on,
        "change_id": change_id,
        "recorded_by": recorded_by,
        "recorded_at": now,
    }
    for agency in agencies:
        session.add(AgencyEdge(agency_id=agency.id, parent_id=agency.parent_id, **recorded))
        session.add(AgencyName(agency_id=agency.id, name=agency.name, **recorded))
    session.flush()
