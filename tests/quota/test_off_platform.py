"""Purchases outside the store: proposed by one, approved by another, an entry of their own."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetYear
from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided
from storefront.core.errors import DomainError, NotFound
from storefront.core.permissions import CITY, OPERATOR, Grant, Role, agency_scope, shop_scope
from storefront.quota.correction_models import (
    Correction,
    CorrectionState,
    OffPlatformPurchase,
)
from storefront.quota.corrections import CorrectionReasonMissing, SecondPersonNeeded
from storefront.quota.ledger import NothingToTakeBack
from storefront.quota.models import Amounts, EntryKind, Fund, LedgerEntry, QuotaAccount, QuotaKey
from storefront.quota.off_platform import (
    ClassByTheCity,
    ClassEvidenceMissing,
    EvidenceNeeded,
    NothingToReverse,
    StatedClass,
    approve_purchase,
    propose_purchase,
    propose_reversal,
    refuse_purchase,
)
from storefront.quota.off_platform_plans import (
    AccountNotListed,
    AmountOutOfBounds,
    BoughtInTheFuture,
    DescriptionMissing,
    DocumentNumberMissing,
    InvalidSellerNib,
    NibForClass,
    OwnShop,
    PurchaseYearClosed,
    SellerNameMissing,
)
from storefront.quota.seals import verify
from storefront.sellers.models import ClassVerification, SellerClass
from tests.factories import NOON, agency, budget, shop, signed_up
from tests.quota.purchases import BOUGHT, RECEIPT, Hands
from tests.quota.test_settle import close_through

LATER = datetime(2027, 2, 1, 5, 0, tzinfo=UTC)


@pytest.fixture
def hands(session: Session) -> Hands:
    return Hands(session)


def account(session: Session, seller_class: SellerClass, year: int = 2026) -> Amounts:
    session.rollback()
    key = QuotaKey("1.02.01", year, Fund.OFFICIAL, seller_class)
    found = session.scalar(select(QuotaAccount).filter_by(**vars(key)))
    return found.balances if found else Amounts()


def test_nothing_counts_before_a_second_person_approved(session: Session, hands: Hands) -> None:
    hands.propose()
    assert session.scalar(select(LedgerEntry)) is None


def test_an_approved_purchase_is_an_adjust_under_its_own_number(
    session: Session, hands: Hands
) -> None:
    seller = shop(session, "Kedai Bu Entin")
    correction_id = hands.approved(seller_name="kedai bu entin", seller_nib="")
    entry = session.scalars(select(LedgerEntry)).one()
    document = session.get_one(Correction, correction_id)
    assert document.number == "KOR/0001/1.02.01/2026"
    assert (entry.reference, entry.kind) == (document.number, EntryKind.ADJUST)
    assert (entry.committed_change, entry.realised_change) == (0, 1_250_000)
    assert (entry.occurred_on, entry.period) == (date(2026, 10, 20), "2026-10")
    bought = session.get_one(OffPlatformPurchase, correction_id)
    assert (bought.seller_id, bought.seller_nib) == (seller.id, seller.nib)
    assert entry.snapshot_sha256 == bought.document_sha256
    assert account(session, SellerClass.MICRO) == Amounts(0, 1_250_000)
    assert verify(session) is None


def test_documents_are_numbered_without_gaps_per_agency_also_when_refused(
    session: Session, hands: Hands
) -> None:
    first = hands.propose()
    with transaction(session):
        refuse_purchase(session, hands.approver, first, reason="Nota tidak terbaca", now=NOON)
    hands.propose()
    schools = Hands(session, "1.01.01")
    schools.propose()
    session.rollback()
    numbers = session.scalars(select(Correction.number).order_by(Correction.id)).all()
    assert numbers == [
        "KOR/0001/1.02.01/2026",
        "KOR/0002/1.02.01/2026",
        "KOR/0001/1.01.01/2026",
    ]


def test_who_proposed_does_not_approve(session: Session, hands: Hands) -> None:
    correction_id = hands.propose()
    both = replace(
        hands.proposer,
        grants=hands.proposer.grants | {Grant(Role.APPROVER, *agency_scope("1.02.01"))},
    )
    with pytest.raises(SecondPersonNeeded), transaction(session):
        approve_purchase(session, both, correction_id, now=NOON)


def test_the_command_line_approves_nothing(session: Session, hands: Hands) -> None:
    correction_id = hands.propose()
    with pytest.raises(SecondPersonNeeded), transaction(session):
        approve_purchase(session, OPERATOR, correction_id, now=NOON)


@pytest.mark.parametrize("second", ["the proposer", "operator"])
def test_the_database_knows_the_second_person_too(
    session: Session, hands: Hands, second: str
) -> None:
    correction_id = hands.propose()
    by = hands.proposer.person_id if second == "the proposer" else second
    forged = {"state": CorrectionState.APPROVED, "decided_by": by, "decided_at": NOON}
    with pytest.raises(IntegrityError), transaction(session):
        session.execute(update(Correction).where(Correction.id == correction_id).values(forged))


def test_a_second_decision_is_refused(session: Session, hands: Hands) -> None:
    correction_id = hands.approved()
    with pytest.raises(AlreadyDecided), transaction(session):
        refuse_purchase(session, hands.approver, correction_id, reason="Keliru", now=NOON)
    with pytest.raises(AlreadyDecided):
        hands.approve(correction_id)
    assert len(session.scalars(select(LedgerEntry)).all()) == 1


def test_a_refusal_has_a_reason_and_taking_back_needs_none(session: Session, hands: Hands) -> None:
    first, second = hands.propose(), hands.propose()
    with pytest.raises(CorrectionReasonMissing), transaction(session):
        refuse_purchase(session, hands.approver, first, reason=" ", now=NOON)
    with transaction(session):
        refuse_purchase(session, hands.proposer, second, reason="", now=NOON)
    assert session.get_one(Correction, second).state is CorrectionState.REFUSED


@pytest.mark.parametrize("role", [Role.APPROVER, Role.PROCUREMENT, Role.AGENCY_ADMIN])
def test_another_agencys_documents_do_not_exist(session: Session, hands: Hands, role: Role) -> None:
    agency(session, "1.01.01", name="Dinas Pendidikan")
    stranger = signed_up(session, role, agency_scope("1.01.01"))
    correction_id = hands.propose()
    with pytest.raises(NotFound), transaction(session):
        approve_purchase(session, stranger, correction_id, now=NOON)
    with pytest.raises(NotFound), transaction(session):
        propose_purchase(session, stranger, hands.agency.id, BOUGHT, RECEIPT, now=NOON)


def test_the_class_is_what_the_city_had_verified_on_that_day(
    session: Session, hands: Hands
) -> None:
    seller = shop(session, seller_class=None)
    with transaction(session):
        session.add(
            ClassVerification(
                seller_id=seller.id,
                seller_class=SellerClass.COOPERATIVE,
                evidence="Akta koperasi",
                valid_from=date(2026, 10, 20),
                valid_to=date(2027, 10, 20),
                verified_by="city",
                verified_at=NOON,
            )
        )
    hands.approved(seller_nib=seller.nib, bought_on=date(2026, 10, 19))
    hands.approved(seller_nib=seller.nib, bought_on=date(2026, 10, 20))
    assert account(session, SellerClass.OTHER).realised == 1_250_000
    assert account(session, SellerClass.COOPERATIVE).realised == 1_250_000


def test_a_seller_who_is_not_of_the_store_is_other_whatever_the_agency_says(
    session: Session, hands: Hands
) -> None:
    correction_id = hands.approved(claimed_class=SellerClass.MICRO)
    assert account(session, SellerClass.OTHER) == Amounts(0, 1_250_000)
    bought = session.get_one(OffPlatformPurchase, correction_id)
    assert bought.claimed_class is SellerClass.MICRO


def test_the_city_may_state_such_a_sellers_class_as_it_approves(
    session: Session, hands: Hands
) -> None:
    city = signed_up(session, Role.CITY_ADMIN, CITY)
    stated = StatedClass(SellerClass.MICRO, "OSS 9120001234567, dilihat 12 November 2026")
    correction_id = hands.propose()
    with pytest.raises(ClassByTheCity), transaction(session):
        approve_purchase(session, hands.approver, correction_id, stated=stated, now=NOON)
    with pytest.raises(ClassEvidenceMissing), transaction(session):
        without = StatedClass(SellerClass.MICRO, "")
        approve_purchase(session, city, correction_id, stated=without, now=NOON)
    with transaction(session):
        approve_purchase(session, city, correction_id, stated=stated, now=NOON)
    assert account(session, SellerClass.MICRO) == Amounts(0, 1_250_000)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"bought_on": date(2026, 11, 13)}, BoughtInTheFuture),
        ({"bought_on": date(2025, 12, 31)}, PurchaseYearClosed),
        ({"amount": 0}, AmountOutOfBounds),
        ({"amount": -5}, AmountOutOfBounds),
        ({"amount": 10**12 + 1}, AmountOutOfBounds),
        ({"seller_nib": "123"}, InvalidSellerNib),
        ({"seller_nib": "", "seller_name": ""}, SellerNameMissing),
        ({"seller_nib": ""}, NibForClass),
        ({"document_number": " "}, DocumentNumberMissing),
        ({"description": "x" * 301}, DescriptionMissing),
        ({"expense_account": "9.9"}, AccountNotListed),
        ({"reason": ""}, CorrectionReasonMissing),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(
    hands: Hands, changed: dict[str, Any], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal) as refused:
        hands.propose(**changed)
    assert refused.value.field is not None


def test_evidence_is_needed(session: Session, hands: Hands) -> None:
    with pytest.raises(EvidenceNeeded), transaction(session):
        propose_purchase(session, hands.proposer, hands.agency.id, BOUGHT, None, now=NOON)


def test_a_year_that_was_closed_meanwhile_takes_no_more(session: Session, hands: Hands) -> None:
    correction_id = hands.propose()
    close_through(session, "2026-12")
    with pytest.raises(PurchaseYearClosed):
        hands.approve(correction_id, now=LATER)
    assert session.scalar(select(LedgerEntry)) is None


def test_a_purchase_of_a_closed_month_is_booked_in_the_first_open_one(
    session: Session, hands: Hands
) -> None:
    close_through(session, "2026-10")
    hands.approved()
    assert session.scalars(select(LedgerEntry.period)).one() == "2026-11"


def test_nobody_records_or_approves_for_the_own_shop(session: Session, hands: Hands) -> None:
    seller = shop(session)
    owner = {Grant(Role.SELLER, *shop_scope(seller.id))}
    hands.proposer = replace(hands.proposer, grants=hands.proposer.grants | owner)
    with pytest.raises(OwnShop):
        hands.propose(seller_nib=seller.nib)
    hands.proposer = replace(hands.proposer, grants=hands.proposer.grants - owner)
    correction_id = hands.propose(seller_nib=seller.nib)
    hands.approver = replace(hands.approver, grants=hands.approver.grants | owner)
    with pytest.raises(OwnShop):
        hands.approve(correction_id)


def test_it_touches_no_budget(session: Session, hands: Hands) -> None:
    counters = budget(session, hands.agency, ceiling=100)
    hands.approved()
    session.rollback()
    after = session.get_one(BudgetYear, counters.id)
    assert (after.committed_amount, after.spent_amount) == (0, 0)


def reversal(session: Session, hands: Hands, correction_id: int) -> int:
    with transaction(session):
        proposed = propose_reversal(
            session, hands.proposer, correction_id, reason="Ternyata pesanan toko", now=NOON
        )
        return proposed.id


def test_a_cancelled_purchase_is_taken_back_by_its_opposite(session: Session, hands: Hands) -> None:
    correction_id = hands.approved()
    opposite = reversal(session, hands, correction_id)
    assert account(session, SellerClass.OTHER).realised == 1_250_000
    hands.approve(opposite)
    assert account(session, SellerClass.OTHER).realised == 0
    changes = session.scalars(select(LedgerEntry.realised_change).order_by(LedgerEntry.id))
    assert changes.all() == [1_250_000, -1_250_000]


def test_a_purchase_is_taken_back_once(session: Session, hands: Hands) -> None:
    waiting = hands.propose()
    with pytest.raises(NothingToReverse):
        reversal(session, hands, waiting)
    hands.approve(waiting)
    first = reversal(session, hands, waiting)
    with pytest.raises(NothingToReverse):
        reversal(session, hands, waiting)
    with transaction(session):
        refuse_purchase(session, hands.approver, first, reason="Bukan pesanan toko", now=NOON)
    again = reversal(session, hands, waiting)
    hands.approve(again)
    with pytest.raises(NothingToReverse):
        reversal(session, hands, again)


def test_what_is_no_longer_there_cannot_be_taken_back(session: Session, hands: Hands) -> None:
    correction_id = hands.approved()
    opposite = reversal(session, hands, correction_id)
    with transaction(session):  # as if the account had come to hold less
        session.execute(update(QuotaAccount).values(realised_amount=10))
    with pytest.raises(NothingToTakeBack):
        hands.approve(opposite)
