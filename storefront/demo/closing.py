"""The demo's closed months: all but the last two (contract.md, product.md "The quota ledger")."""

from datetime import date, time

from storefront.core.calendar import instant_of, month_after, month_of
from storefront.core.database import UnitOfWork
from storefront.core.permissions import OPERATOR
from storefront.programme.closing import close_and_publish
from storefront.quota.periods import books_as_seen


def close_past_months(transaction: UnitOfWork, *, today: date) -> None:
    """Close and publish month after month, until this one and the one before are left."""
    now = instant_of(today, time(0, 15))
    while True:
        with transaction() as session:
            first_open = books_as_seen(session).first_open
            if month_after(month_after(first_open)) > month_of(today):  # two are left open
                return
            close_and_publish(session, OPERATOR, now=now)
