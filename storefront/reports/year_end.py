"""The end of a budget year for the whole city: where commitments stand, and what was corrected."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.orders.models import Order, OrderStatus, YearEndDecision
from storefront.quota.models import Fund, QuotaAccount
from storefront.reports.last_year import AgencyCorrection, corrections_by_agency


@dataclass(frozen=True, kw_only=True)
class AgencyStanding:
    """An agency whose commitments of a year, or an older one, keep December from closing."""

    code: str
    name: str
    committed_amount: int
    """In rupiah of the quota amount, of all classes."""
    orders: int
    """Open on the budget of that year, or an older one."""
    chosen: int
    """Of those, for which its approver has chosen."""


@dataclass(frozen=True, kw_only=True)
class AgencyWaiting:
    """An agency with orders that no budget bears ("perlu rincian anggaran")."""

    code: str
    name: str
    orders: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class CityYearEnd:
    fiscal_year: int
    standing: tuple[AgencyStanding, ...]
    """The largest commitment first."""
    waiting: tuple[AgencyWaiting, ...]
    corrections: tuple[tuple[str, AgencyCorrection], ...]
    """Agencies' names, and what closed years took from `corrected_year`."""
    corrected_year: int

    @property
    def committed_amount(self) -> int:
        return sum(row.committed_amount for row in self.standing)

    @property
    def correction_amount(self) -> int:
        return sum(correction.amount for _, correction in self.corrections)


def city_year_end(session: Session, actor: Actor, year: int, *, corrected_year: int) -> CityYearEnd:
    """Who still has commitments of a year, whose orders wait, and which year bore corrections.

    Five queries, however many agencies. Raises `NotAllowed`.
    """
    require(actor, Action.SEE_CITY, CITY)
    names = dict(session.execute(select(Agency.code, Agency.name)).all())
    orders = _open_orders(session, year)
    standing = [
        AgencyStanding(
            code=code,
            name=names.get(code, code),
            committed_amount=amount,
            orders=orders[code][0],
            chosen=orders[code][1],
        )
        for code, amount in _committed(session, year).items()
    ]
    return CityYearEnd(
        fiscal_year=year,
        standing=tuple(sorted(standing, key=lambda row: (-row.committed_amount, row.code))),
        waiting=tuple(_waiting(session)),
        corrections=tuple(
            (names.get(each.agency_code, each.agency_code), each)
            for each in corrections_by_agency(session, corrected_year)
        ),
        corrected_year=corrected_year,
    )


def count_standing(session: Session, year: int) -> int:
    """How many agencies keep December of a year from closing. One query."""
    return len(_committed(session, year))


def _committed(session: Session, year: int) -> dict[str, int]:
    query = (
        select(QuotaAccount.agency_code, func.sum(QuotaAccount.committed_amount))
        .where(QuotaAccount.fiscal_year <= year, QuotaAccount.committed_amount > 0)
        .group_by(QuotaAccount.agency_code)
    )
    return {code: int(amount) for code, amount in session.execute(query)}


def _open_orders(session: Session, year: int) -> defaultdict[str, tuple[int, int]]:
    """How many orders are open, and for how many of them somebody has chosen, by agency."""
    query = (
        select(Order.agency_code, func.count(Order.id), func.count(YearEndDecision.order_id))
        .outerjoin(
            YearEndDecision,
            (YearEndDecision.order_id == Order.id)
            & (YearEndDecision.fiscal_year == Order.budget_year),
        )
        .where(
            Order.fund == Fund.OFFICIAL,
            Order.status == OrderStatus.APPROVED,
            Order.budget_year <= year,
        )
        .group_by(Order.agency_code)
    )
    found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for code, orders, chosen in session.execute(query):
        found[code] = (orders, chosen)
    return found


def _waiting(session: Session) -> list[AgencyWaiting]:
    query = (
        select(Agency.code, Agency.name, func.count(Order.id), func.sum(Order.committed_amount))
        .join(Order, Order.agency_id == Agency.id)
        .where(Order.waits_for.is_not(None))
        .group_by(Agency.code, Agency.name)
        .order_by(Agency.code)
    )
    return [
        AgencyWaiting(code=code, name=name, orders=orders, amount=int(amount))
        for code, name, orders, amount in session.execute(query)
    ]
