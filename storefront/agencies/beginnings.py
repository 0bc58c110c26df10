"""An agency comes into the tree: its first edge, name and kind."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.agencies.tree_models import AgencyEdge, AgencyKindSince, AgencyName
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
    recorded = {"valid_from": on, "recorded_by": recorded_by, "recorded_at": now}
    ordered = recorded | {"change_id": change_id}
    for agency in agencies:
        session.add(AgencyEdge(agency_id=agency.id, parent_id=agency.parent_id, **ordered))
        session.add(AgencyName(agency_id=agency.id, name=agency.name, **ordered))
        session.add(AgencyKindSince(agency_id=agency.id, kind=agency.kind, **recorded))
    session.flush()
