"""Agencies behind plan, and the reminder that the city may send each of them once a month.

The plan is even: on a day of the year, as much of the target as of the year should be realised or
committed. It judges nobody: it says whom to help while there is time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import audit, outbox
from storefront.core.calendar import fiscal_year, month_of
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.reports.city import CityRow, city_quota
from storefront.reports.figures import Share, permille_of
from storefront.reports.forecast import MONTHS, Pace
from storefront.reports.models import PlanReminder

TOPIC = "behind_plan"


@dataclass(frozen=True, kw_only=True)
class BehindRow:
    """An agency behind plan, with what it takes to reach the target. Whole rupiah, thousandths."""

    code: str
    name: str
    permille: int
    """Realised and committed, of the base of the rule."""
    planned_permille: int
    """What the even plan asks for by today."""
    behind_amount: int
    missing_amount: int
    """Up to the target, once every commitment is realised."""
    monthly_amount: int
    reminded_at: datetime | None
    """When it was reminded this month."""


def planned_amount(share: Share, day: date) -> int | None:
    """What the even plan asks for by the end of a day; None where there is no target."""
    if share.target_amount is None:
        return None
    days = date(day.year, 12, 31).timetuple().tm_yday
    return share.target_amount * day.timetuple().tm_yday // days


def behind_plan(session: Session, actor: Actor, *, today: date) -> list[BehindRow]:
    """Agencies behind plan this year, the furthest behind first. Raises `NotAllowed`.

    Call it inside a snapshot, as `city_quota`, which it asks.
    """
    require(actor, Action.SEE_CITY, CITY)
    year = fiscal_year(today)
    reminded = {
        row.agency_code: row.sent_at
        for row in session.scalars(select(PlanReminder).filter_by(month=month_of(today)))
    }
    found = [
        _row(row, today, reminded.get(row.code))
        for row in city_quota(session, year, today=today).rows
        if _behind_amount(row, today) > 0
    ]
    return sorted(found, key=lambda row: (-row.behind_amount, row.code))


def remind(
    session: Session, actor: Actor, codes: Collection[str], *, today: date, now: datetime
) -> list[str]:
    """Write to those of the agencies that are behind plan and were not reminded this month.

    Returns their codes. What is no longer behind is left in peace. Raises `NotAllowed`.
    """
    require(actor, Action.REMIND_AGENCIES, CITY)
    month = month_of(today)
    told = []
    for row in behind_plan(session, actor, today=today):
        if row.code not in codes or row.reminded_at is not None:
            continue
        session.add(
            PlanReminder(agency_code=row.code, month=month, sent_by=actor.person_id, sent_at=now)
        )
        outbox.put(
            session,
            TOPIC,
            {
                "agency": row.code,
                "year": fiscal_year(today),
                "permille": row.permille,
                "planned_permille": row.planned_permille,
                "missing_amount": row.missing_amount,
                "monthly_amount": row.monthly_amount,
            },
            now=now,
        )
        audit.record(session, actor, "agency.reminded", row.code, {"month": month}, now=now)
        told.append(row.code)
    session.flush()
    return told


def _behind_amount(row: CityRow, today: date) -> int:
    planned = planned_amount(row, today)
    return 0 if planned is None else planned - row.realised - row.counted.committed


def _row(row: CityRow, today: date, reminded_at: datetime | None) -> BehindRow:
    missing = row.missing_if_all_amount or 0
    pace = Pace(missing_amount=missing, months_left=MONTHS + 1 - today.month)
    return BehindRow(
        code=row.code,
        name=row.name,
        permille=row.permille_if_all or 0,
        planned_permille=permille_of(planned_amount(row, today) or 0, row.base_amount) or 0,
        behind_amount=_behind_amount(row, today),
        missing_amount=missing,
        monthly_amount=pace.monthly_amount,
        reminded_at=reminded_at,
    )
