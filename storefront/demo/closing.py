"""The demo's closed months: all but the last two (contract.md, product.md "The quota ledger")."""

from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.grants import counts
from storefront.accounts.models import CityRole
from storefront.core.calendar import instant_of, month_after, month_of
from storefront.core.database import UnitOfWork
from storefront.core.permissions import CITY, OPERATOR, Actor, Grant, Role
from storefront.core.signed_notes import Signer
from storefront.programme.closing import close_and_publish
from storefront.quota.closes import propose_close
from storefront.quota.periods import books_as_seen


def close_past_months(transaction: UnitOfWork, *, signer: Signer, today: date) -> None:
    """Close and publish month after month, until this one and the one before are left.

    Whoever seeds proposes, the demo's city admin confirms.
    """
    now = instant_of(today, time(0, 15))
    while True:
        with transaction() as session:
            first_open = books_as_seen(session).first_open
            if month_after(month_after(first_open)) > month_of(today):  # two are left open
                return
            proposed = propose_close(session, OPERATOR, now=now)
            close_and_publish(session, _city_admin(session), proposed.month, signer=signer, now=now)


def _city_admin(session: Session) -> Actor:
    query = select(CityRole.person_id).where(CityRole.role == Role.CITY_ADMIN, counts())
    person_id = session.scalars(query.order_by(CityRole.id).limit(1)).one()
    return Actor(person_id, frozenset({Grant(Role.CITY_ADMIN, *CITY)}))
