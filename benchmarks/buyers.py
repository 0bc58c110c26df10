"""Buyers who are signed in, each with two things in the cart."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import Person, PersonDetails, SignInSession
from storefront.agencies.models import Agency, Placement, PlacementKind, PlacementRole
from storefront.catalog.models import Variant
from storefront.core.calendar import city_day, fiscal_year
from storefront.core.database import transaction
from storefront.core.identifiers import digest, opaque_id, secret_token
from storefront.core.permissions import PersonId, Role
from storefront.orders.models import Cart, CartItem
from tests.factories import CONFIRMER, IMPORTER, LONG_AGO, agency, budget, placed

AGENCIES = 20
ACTIVITY, ACCOUNT = "1.02.02.2.02", "5.1.02.01.01.0052"
ENOUGH = 900_000_000_000
_numbers = count(1)


def gathered(app: Flask, session: Session, *, carts: int, shops: int) -> list[str]:
    """Make as many buyers as carts, and return the cookie of each.

    `shops`: from how many the two things of a cart come.
    """
    agencies = [_agency(session, number) for number in range(1, AGENCIES + 1)]
    pairs = _pairs(session, shops)
    now = datetime.now(UTC)
    cookies = []
    with transaction(session):
        for number in range(carts):
            person_id = _buyer(session, agencies[number % AGENCIES], now)
            session.add(
                Cart(
                    person_id=person_id,
                    changed_at=now,
                    items=[
                        CartItem(variant_id=each.id, quantity=1, seen_amount=each.price_amount)
                        for each in next(pairs)
                    ],
                )
            )
            cookies.append(_signed_in(app, session, person_id, now))
    return cookies


def _agency(session: Session, number: int) -> Agency:
    """An agency with an approver, and with a budget that this year's buyers can't use up."""
    code = f"9.{number:02}"
    known = session.scalar(select(Agency).filter_by(code=code))
    if known is not None:
        return known
    made = agency(session, code, name=f"Dinas {number}")
    placed(session, made, Role.APPROVER)
    year = fiscal_year(city_day(datetime.now(UTC)))
    budget(session, made, year=year, ceiling=ENOUGH, line=ENOUGH, activity=ACTIVITY)
    return made


def _pairs(session: Session, shops: int) -> Iterator[tuple[Variant, Variant]]:
    """Two variants of different products, over and over, each time further on."""
    by_shop: dict[int, list[Variant]] = {}
    for variant in session.scalars(select(Variant).where(Variant.position == 1)):
        by_shop.setdefault(variant.seller_id, []).append(variant)
    shelves = list(by_shop.values())
    for number in count(0, 2):
        shelf = shelves[number // 2 % len(shelves)]
        other = shelf if shops == 1 else shelves[(number // 2 + 1) % len(shelves)]
        at = number // 2 // len(shelves) * 2
        yield shelf[at % len(shelf)], other[(at + 1) % len(other)]


def _buyer(session: Session, at: Agency, now: datetime) -> PersonId:
    number = next(_numbers)
    person_id = PersonId(opaque_id())
    session.add(Person(person_id=person_id, created_at=now))
    session.flush()
    session.add(PersonDetails(person_id=person_id, name=f"Pembeli {number}"))
    session.add(
        Placement(
            person_id=person_id,
            agency_id=at.id,
            nip=f"1987031220{number:08}",
            kind=PlacementKind.DEFINITIVE,
            position="Perencana Ahli Muda",
            valid_from=LONG_AGO,
            recorded_by=IMPORTER,
            recorded_at=now,
            roles=[
                PlacementRole(
                    role=Role.BUYER,
                    proposed_by=IMPORTER,
                    proposed_at=now,
                    confirmed_by=CONFIRMER,
                    confirmed_at=now,
                )
            ],
        )
    )
    return person_id


def _signed_in(app: Flask, session: Session, person_id: PersonId, now: datetime) -> str:
    """Without a password, whose hashing would be all that is measured."""
    key = secret_token()
    session.add(
        SignInSession(
            key_digest=digest(key),
            person_id=person_id,
            epoch=session.scalars(
                select(Person.session_epoch).filter_by(person_id=person_id)
            ).one(),
            device="benchmark",
            created_at=now,
            seen_at=now,
        )
    )
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    signed = signer.dumps({"_user_id": key, "_fresh": False}) if signer else ""
    return f"session={signed}"
