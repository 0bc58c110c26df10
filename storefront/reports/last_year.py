"""What orders of closed years took from a later one ("koreksi tahun lalu"), order by order.

Of an account: over its orders, the negative part of what the order's entries there sum to in
realised (product.md, "The quota ledger"). The sums are kept with the log, so whoever asks numbers
it first.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.orders.models import Order
from storefront.quota.closing_models import QuotaCorrection
from storefront.quota.models import Fund, LedgerEntry, QuotaAccount
from storefront.sellers.models import SellerClass


@dataclass(frozen=True, kw_only=True)
class CorrectionRow:
    """An order that took something from a year. `amount` is below nought, in rupiah."""

    number: str
    agency_name: str
    seller_name: str
    seller_class: SellerClass
    purpose: str
    amount: int
    realised_years: tuple[int, ...]
    """The years that realised it."""


@dataclass(frozen=True)
class AgencyCorrection:
    """What orders of closed years took from one agency's year, of all classes."""

    agency_code: str
    orders: int
    amount: int


def corrections_of(
    session: Session, codes: Collection[str], year: int, *, page: int | None = 1
) -> Page[CorrectionRow]:
    """The orders behind the correction of agencies and a year, of all classes, the largest first.

    Two queries, whatever their number. The caller has asked whether one may see it.
    """
    at = page_number(page)
    query = (
        select(QuotaCorrection, QuotaAccount.seller_class, Order)
        .join(QuotaAccount, QuotaAccount.id == QuotaCorrection.account_id)
        .outerjoin(Order, Order.number == QuotaCorrection.reference)
        .where(
            QuotaAccount.fiscal_year == year,
            QuotaAccount.fund == Fund.OFFICIAL,
            QuotaAccount.agency_code.in_(codes),
        )
        .order_by(
            QuotaCorrection.realised_amount, QuotaCorrection.reference, QuotaCorrection.account_id
        )
        .offset((at - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).all()
    shown = found[:PAGE_SIZE]
    years = _realised_years(session, [taken.reference for taken, *_ in shown])
    rows = []
    for taken, seller_class, joined in shown:
        order = cast("Order | None", joined)  # a document of another kind has none
        rows.append(
            CorrectionRow(
                number=taken.reference,
                agency_name=order.agency_name if order else "",
                seller_name=order.seller_name if order else "",
                seller_class=seller_class,
                purpose=order.purpose if order else "",
                amount=taken.realised_amount,
                realised_years=tuple(years[taken.reference]),
            )
        )
    return Page(rows, at, has_next=len(found) > PAGE_SIZE)


def corrections_by_agency(session: Session, year: int) -> list[AgencyCorrection]:
    """The same for the whole city, summed by agency. One query."""
    query = (
        select(QuotaAccount.agency_code, func.count(), func.sum(QuotaCorrection.realised_amount))
        .join(QuotaAccount, QuotaAccount.id == QuotaCorrection.account_id)
        .where(QuotaAccount.fiscal_year == year, QuotaAccount.fund == Fund.OFFICIAL)
        .group_by(QuotaAccount.agency_code)
        .order_by(QuotaAccount.agency_code)
    )
    return [
        AgencyCorrection(code, orders, int(amount))
        for code, orders, amount in session.execute(query)
    ]


def _realised_years(session: Session, references: Collection[str]) -> dict[str, list[int]]:
    realised = func.sum(LedgerEntry.realised_change)
    query = (
        select(LedgerEntry.reference, QuotaAccount.fiscal_year)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(LedgerEntry.reference.in_(references))
        .group_by(LedgerEntry.reference, QuotaAccount.fiscal_year)
        .having(realised > 0)
        .order_by(LedgerEntry.reference, QuotaAccount.fiscal_year)
    )
    years: defaultdict[str, list[int]] = defaultdict(list)
    for reference, year in session.execute(query):
        years[reference].append(year)
    return years
