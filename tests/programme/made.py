"""Published months, written as the month's close writes them."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.programme.models import ParticipationMonth
from tests.factories import NOON, agency


def publish(
    session: Session,
    code: str,
    month: str,
    *,
    staff: int | None = 20,
    buyers: int | None = None,
    on_serlok_day: int | None = None,
    name: str | None = None,
) -> None:
    """An agency's row; without buyers: withheld."""
    agency(session, code, name=name or f"Dinas {code}")
    with transaction(session):
        session.add(
            ParticipationMonth(
                agency_code=code,
                month=month,
                is_withheld=buyers is None,
                buyers=buyers,
                realised_amount=None if buyers is None else 123_456,
                published_at=NOON,
                staff=staff,
                serlok_day=date.fromisoformat(f"{month}-08") if staff else None,
                serlok_buyers=on_serlok_day,
            )
        )
