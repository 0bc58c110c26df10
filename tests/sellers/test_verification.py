"""The city verifies, refuses, suspends and reinstates."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import DomainError, NotAllowed, NotFound
from storefront.core.outbox import due
from storefront.core.permissions import CITY, NOBODY, Actor, Role
from storefront.sellers import applications, verification
from storefront.sellers.classes import classes_on
from storefront.sellers.models import ClassVerification, Seller, SellerClass, SellerId, SellerState
from storefront.sellers.verification import (
    EvidenceMissing,
    PeriodInvalid,
    ReasonMissing,
    SellerStateChanged,
)
from tests.factories import NOON, shop, signed_up
from tests.sellers.test_applications import WENING

TODAY = date(2026, 11, 12)
YEAR_END = date(2026, 12, 31)


@pytest.fixture
def official(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.fixture
def applicant(session: Session) -> Seller:
    with transaction(session):
        return applications.apply(session, NOBODY, WENING, now=NOON)


def verified(
    session: Session,
    actor: Actor,
    seller: Seller,
    seller_class: SellerClass = SellerClass.MICRO,
    *,
    evidence: str = "OSS 12 Mei 2026",
    valid_from: date = TODAY,
    valid_to: date = YEAR_END,
) -> ClassVerification:
    with transaction(session):
        return verification.verify(
            session,
            actor,
            seller.id,
            seller_class=seller_class,
            evidence=evidence,
            valid_from=valid_from,
            valid_to=valid_to,
            now=NOON,
        )


def state_of(session: Session, seller: Seller) -> SellerState:
    return session.scalars(select(Seller.state).filter_by(id=seller.id)).one()


def topics(session: Session) -> list[str]:
    return [message.topic for message in due(session, now=NOON)]


def test_the_first_verification_opens_the_shop_and_tells_the_applicant(
    session: Session, official: Actor, applicant: Seller
) -> None:
    verified(session, official, applicant)
    assert state_of(session, applicant) is SellerState.ACTIVE
    assert classes_on(session, [applicant.id], TODAY)[applicant.id].seller_class == "micro"
    assert topics(session) == ["seller_applied", "seller_verified"]


def test_a_later_verification_changes_the_class_and_tells_nobody_twice(
    session: Session, official: Actor, applicant: Seller
) -> None:
    verified(session, official, applicant)
    verified(session, official, applicant, SellerClass.SMALL)
    assert classes_on(session, [applicant.id], TODAY)[applicant.id].seller_class == "small"
    assert topics(session).count("seller_verified") == 1


def test_a_refusal_gives_its_reason(session: Session, official: Actor, applicant: Seller) -> None:
    with transaction(session):
        verification.refuse(session, official, applicant.id, reason="NIB tidak aktif", now=NOON)
    seller = session.get_one(Seller, applicant.id)
    assert (seller.state, seller.state_reason) == (SellerState.REFUSED, "NIB tidak aktif")
    assert topics(session)[-1] == "seller_refused"


def test_a_suspended_shop_can_be_reinstated(session: Session, official: Actor) -> None:
    seller = shop(session)
    with transaction(session):
        verification.suspend(session, official, seller.id, reason="Keluhan", now=NOON)
    assert state_of(session, seller) is SellerState.SUSPENDED
    with transaction(session):
        back = verification.reinstate(session, official, seller.id, now=NOON)
    assert (back.state, back.state_reason) == (SellerState.ACTIVE, "")


def test_every_act_is_in_the_audit_log(
    session: Session, official: Actor, applicant: Seller
) -> None:
    verified(session, official, applicant)
    with transaction(session):
        verification.suspend(session, official, applicant.id, reason="Keluhan", now=NOON)
        verification.reinstate(session, official, applicant.id, now=NOON)
    acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["seller.applied", "seller.verified", "seller.suspend", "seller.reinstate"]


@pytest.mark.parametrize("act", ["suspend", "reinstate"])
def test_an_applicant_cannot_be_suspended_or_reinstated(
    session: Session, official: Actor, applicant: Seller, act: str
) -> None:
    with pytest.raises(SellerStateChanged), transaction(session):
        getattr(verification, act)(session, official, applicant.id, reason="x", now=NOON)


def test_a_refused_applicant_is_not_verified(
    session: Session, official: Actor, applicant: Seller
) -> None:
    with transaction(session):
        verification.refuse(session, official, applicant.id, reason="NIB", now=NOON)
    with pytest.raises(SellerStateChanged):
        verified(session, official, applicant)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"evidence": "  "}, EvidenceMissing),
        ({"evidence": "x" * 201}, EvidenceMissing),
        ({"valid_from": YEAR_END, "valid_to": TODAY}, PeriodInvalid),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2026, 11, 11)}, PeriodInvalid),
    ],
)
def test_a_verification_needs_evidence_and_a_period(
    session: Session,
    official: Actor,
    applicant: Seller,
    said: dict[str, object],
    refusal: type[DomainError],
) -> None:
    with pytest.raises(refusal):
        verified(session, official, applicant, **said)  # type: ignore[arg-type]
    assert state_of(session, applicant) is SellerState.APPLIED


def test_a_refusal_needs_a_reason(session: Session, official: Actor, applicant: Seller) -> None:
    with pytest.raises(ReasonMissing), transaction(session):
        verification.refuse(session, official, applicant.id, reason=" ", now=NOON)


def test_a_word_on_a_class_can_be_taken_back_once(
    session: Session, official: Actor, applicant: Seller
) -> None:
    word = verified(session, official, applicant)
    with transaction(session):
        verification.revoke(session, official, word.id, reason="Omzet naik", now=NOON)
    assert classes_on(session, [applicant.id], TODAY)[applicant.id].seller_class == "other"
    with pytest.raises(SellerStateChanged), transaction(session):
        verification.revoke(session, official, word.id, reason="Omzet naik", now=NOON)


def test_only_the_city_decides(session: Session, applicant: Seller) -> None:
    buyer = signed_up(session)
    with pytest.raises(NotAllowed):
        verified(session, buyer, applicant)
    for act in (verification.refuse, verification.suspend, verification.reinstate):
        with pytest.raises(NotAllowed), transaction(session):
            act(session, buyer, applicant.id, reason="x", now=NOON)


def test_a_shop_that_does_not_exist_is_not_found(session: Session, official: Actor) -> None:
    with pytest.raises(NotFound), transaction(session):
        verification.suspend(session, official, SellerId(404), reason="x", now=NOON)
