"""The live figure of the front page: official money that reached small sellers this month."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from storefront.core.calendar import month_of
from storefront.orders.models import Order
from storefront.quota.models import Fund, LedgerEntry, QuotaAccount
from storefront.quota.rules import rule_on


@dataclass(frozen=True)
class MonthInFront:
    """What was realised in a month for sellers whose class counts, and how many they were."""

    month: str
    realised_amount: int
    sellers: int


@dataclass(frozen=True)
class FrontFigure:
    """This month so far, and the month before, whole."""

    this_month: MonthInFront
    month_before: MonthInFront

    @property
    def more_sellers(self) -> int:
        return self.this_month.sellers - self.month_before.sellers


def front_figure(session: Session, *, today: date) -> FrontFigure:
    """Public: official money only, of the whole city, never a person's.

    It sums the entries of two months, and nobody needs it to the second: keep the answer a while.
    """
    this_month = month_of(today)
    month_before = month_of(date.fromordinal(today.replace(day=1).toordinal() - 1))
    rule = rule_on(session, today)
    query = (
        select(
            LedgerEntry.period,
            func.sum(LedgerEntry.realised_change),
            func.count(Order.seller_id.distinct()),
        )
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .outerjoin(Order, Order.number == LedgerEntry.reference)
        .where(
            LedgerEntry.period.in_([this_month, month_before]),
            LedgerEntry.realised_change != 0,
            QuotaAccount.fund == Fund.OFFICIAL,
            QuotaAccount.seller_class.in_(rule.seller_classes),
            or_(Order.id.is_(None), Order.is_practice.is_(False)),
        )
        .group_by(LedgerEntry.period)
    )
    found = {
        period: MonthInFront(period, int(realised), sellers)
        for period, realised, sellers in session.execute(query)
    }
    return FrontFigure(
        found.get(this_month, MonthInFront(this_month, 0, 0)),
        found.get(month_before, MonthInFront(month_before, 0, 0)),
    )
