"""Late records find the orders that they touch; moves are proposed by one, approved by another."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonNumber
from storefront.agencies.models import Agency, PlacementKind
from storefront.agencies.moves import add_placement, end_placement, move_placement
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided
from storefront.core.errors import NotAllowed
from storefront.core.identifiers import Employment
from storefront.core.permissions import CITY, OPERATOR, Actor, Role, agency_scope
from storefront.orders.affected_queries import count_affected, late_records, list_affected
from storefront.orders.agency_payments import pay
from storefront.orders.correction_models import AffectedOrder, LateRecord
from storefront.orders.moving import (
    NoLateRecords,
    NoLongerToMove,
    NothingChosen,
    NothingInTheLedger,
    approve_move,
    propose_moves,
    propose_personal,
    refuse_move,
)
from storefront.quota.correction_models import Correction, CorrectionState, MovedOrder
from storefront.quota.corrections import SecondPersonNeeded
from storefront.quota.models import Amounts, EntryKind, Fund, LedgerEntry, QuotaAccount
from storefront.quota.seals import verify
from storefront.reports.reconciliation import reconcile
from storefront.sellers import verification
from storefront.sellers.models import ClassVerification, SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, person, placed, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
    proof,
    received_order,
)
from tests.orders.late_records import (
    COBLONG,
    FIRST_OCTOBER,
    move_buyer,
    number_of,
    placement_there,
    told,
)

IN_OCTOBER = instant_of(date(2026, 10, 20))


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def coblong(session: Session) -> Agency:
    return agency(session, COBLONG, name="Kecamatan Coblong")


@pytest.fixture
def city(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.fixture
def second(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def balances(session: Session, fund: Fund = Fund.OFFICIAL) -> dict[tuple[str, str], Amounts]:
    session.rollback()
    accounts = session.scalars(select(QuotaAccount).filter_by(fund=fund))
    return {(a.agency_code, a.seller_class.value): a.balances for a in accounts if a.balances}


def affected(session: Session) -> list[AffectedOrder]:
    session.rollback()
    return list(session.scalars(select(AffectedOrder).order_by(AffectedOrder.order_id)))


def proposed(session: Session, city: Actor, *numbers: str) -> int:
    with transaction(session):
        (made,) = propose_moves(session, city, numbers, reason="SK 821/114", now=NOON)
        return made.id


def approve(session: Session, by: Actor, correction_id: int) -> None:
    with transaction(session):
        approve_move(session, by, correction_id, now=NOON)


def test_a_placement_recorded_late_moves_nothing_by_itself(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    assert told(session) == 1
    (row,) = affected(session)
    assert (row.order_id, row.to_agency_code) == (found(session, number).id, COBLONG)
    assert balances(session) == {("1.02.01", "micro"): Amounts(100_000, 0)}


def test_orders_before_it_and_of_others_are_not_touched(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    approved_order(session, of, now=instant_of(date(2026, 9, 30)))
    other = replace(of, placement=placed(session, of.agency))
    other = replace(other, buyer=replace(of.buyer, person_id=other.placement.person_id))
    approved_order(session, other, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    assert told(session) == 0


def test_a_placement_of_today_or_later_is_not_late(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    number_of(session, of)
    with transaction(session):
        wanted = placement_there(of, coblong, since=NOON.date())
        move_placement(session, city, of.placement.id, wanted, now=NOON)
    assert told(session) == 0
    assert late_records(session, city) == []


def test_who_had_no_placement_before_has_no_late_record(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    newcomer = person(session, "Asep Sunandar")
    nip = "198703122010011999"
    with transaction(session):
        session.add(
            PersonNumber(
                nip=nip, person_id=newcomer, employment=Employment.PNS, since=FIRST_OCTOBER
            )
        )
        session.flush()
        wanted = replace(placement_there(of, coblong), nip=nip)
        add_placement(session, city, newcomer, wanted, now=NOON)
    told(session)
    assert late_records(session, city) == []


def test_with_a_second_placement_in_the_agency_of_the_order_it_is_right(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    approved_order(session, of, now=IN_OCTOBER)
    number_of(session, of)
    with transaction(session):
        acting = replace(placement_there(of, coblong), kind=PlacementKind.ACTING)
        add_placement(session, city, of.buyer.person_id, acting, now=NOON)
    assert told(session) == 0


def test_an_end_recorded_late_says_nothing_until_it_is_known_where_else(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    approved_order(session, of, now=IN_OCTOBER)
    number_of(session, of)
    with transaction(session):
        last = FIRST_OCTOBER - timedelta(days=1)
        end_placement(session, city, of.placement.id, last_day=last, now=NOON)
    assert told(session) == 0
    with transaction(session):
        wanted = placement_there(of, coblong)
        add_placement(session, city, of.buyer.person_id, wanted, now=NOON)
    assert told(session) == 1


def test_a_move_is_proposed_by_one_and_approved_by_another(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    told(session)
    correction_id = proposed(session, city, number)
    assert balances(session) == {("1.02.01", "micro"): Amounts(100_000, 0)}
    for wrong in (city, OPERATOR):
        with pytest.raises(SecondPersonNeeded):
            approve(session, wrong, correction_id)
    approve(session, second, correction_id)
    assert balances(session) == {(COBLONG, "micro"): Amounts(100_000, 0)}
    assert affected(session) == []
    assert found(session, number).agency_code == "1.02.01"
    with pytest.raises(AlreadyDecided):
        approve(session, second, correction_id)
    assert verify(session) is None
    assert all(identity.holds for identity in reconcile(session, now=NOON))


def test_what_happens_after_a_move_is_booked_where_the_order_is_held(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    told(session)
    approve(session, second, proposed(session, city, number))
    received_order(session, of, number)
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000), now=NOON)
    assert balances(session) == {(COBLONG, "micro"): Amounts(0, 100_000)}
    assert all(identity.holds for identity in reconcile(session, now=NOON))


def test_an_order_that_was_moved_is_not_found_again(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    there = move_buyer(session, of, city, coblong)
    told(session)
    approve(session, second, proposed(session, city, number))
    with transaction(session):
        last = date(2026, 10, 25)
        end_placement(session, city, there.id, last_day=last, now=NOON)
    assert told(session) == 0
    assert affected(session) == []


def test_a_record_put_right_before_anybody_proposed_takes_the_order_off_the_list(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    approved_order(session, of, now=IN_OCTOBER)
    there = move_buyer(session, of, city, coblong)
    told(session)
    with transaction(session):
        end_placement(session, city, there.id, last_day=date(2026, 10, 10), now=NOON)
        back = placement_there(of, of.agency, since=date(2026, 10, 11))
        add_placement(session, city, of.buyer.person_id, back, now=NOON)
    told(session)
    assert affected(session) == []


def test_a_refused_move_can_be_proposed_again(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    told(session)
    correction_id = proposed(session, city, number)
    assert list_affected(session, city).rows == []
    with pytest.raises(NoLongerToMove):
        proposed(session, second, number)
    with transaction(session):
        refuse_move(session, second, correction_id, reason="SK belum ada", now=NOON)
    assert list_affected(session, city).rows == [], "somebody decided that it stays"
    assert count_affected(session) == 0
    (row,) = list_affected(session, city, refused=True).rows
    assert row.refused is not None
    assert (row.refused.number, row.refused.reason) == ("KOR/0001/1.02.01/2026", "SK belum ada")
    assert row.committed_amount == 100_000
    approve(session, second, proposed(session, city, number))


def test_a_request_that_is_not_approved_yet_waits_for_its_first_entry(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    number = placed_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    assert told(session) == 1
    assert not list_affected(session, city).rows[0].is_movable
    with pytest.raises(NothingInTheLedger):
        proposed(session, city, number)


def test_nothing_chosen_is_told(session: Session, city: Actor) -> None:
    with pytest.raises(NothingChosen), transaction(session):
        propose_moves(session, city, [], reason="SK", now=NOON)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AGENCY_ADMIN, Role.PROCUREMENT])
def test_only_the_city_moves_orders(session: Session, of: Around, role: Role) -> None:
    staff = signed_up(session, role, agency_scope(of.agency.code))
    with pytest.raises(NotAllowed), transaction(session):
        propose_moves(session, staff, ["P-1-1"], reason="SK", now=NOON)
    with pytest.raises(NotAllowed), transaction(session):
        propose_personal(session, staff, reason="SK", now=NOON)


def word_of(session: Session, of: Around) -> int:
    query = select(ClassVerification.id).filter_by(seller_id=of.shop.id)
    return session.scalars(query).one()


def test_a_class_revoked_from_a_past_day_is_moved_likewise(
    session: Session, of: Around, city: Actor, second: Actor
) -> None:
    before = approved_order(session, of, now=instant_of(date(2026, 9, 30)))
    after = approved_order(session, of, now=IN_OCTOBER)
    with transaction(session):
        word = word_of(session, of)
        verification.revoke(
            session, city, word, reason="Omzet di atas batas", since=FIRST_OCTOBER, now=NOON
        )
    assert told(session) == 1
    approve(session, second, proposed(session, city, after))
    assert balances(session) == {
        ("1.02.01", "micro"): Amounts(100_000, 0),
        ("1.02.01", "other"): Amounts(100_000, 0),
    }
    assert found(session, after).seller_class is SellerClass.MICRO
    assert found(session, before).seller_class is SellerClass.MICRO


def test_a_class_verified_anew_for_past_days_is_found(
    session: Session, of: Around, city: Actor
) -> None:
    approved_order(session, of, now=IN_OCTOBER)
    with transaction(session):
        verification.verify(
            session,
            city,
            of.shop.id,
            seller_class=SellerClass.SMALL,
            evidence="OSS 2026",
            valid_from=FIRST_OCTOBER,
            valid_to=date(2027, 10, 1),
            now=NOON,
        )
    assert told(session) == 1
    assert affected(session)[0].to_class is SellerClass.SMALL


def test_agency_and_class_of_one_order_move_in_one_document(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    with transaction(session):
        verification.revoke(
            session, city, word_of(session, of), reason="Palsu", since=FIRST_OCTOBER, now=NOON
        )
    told(session)
    approve(session, second, proposed(session, city, number))
    assert balances(session) == {(COBLONG, "other"): Amounts(100_000, 0)}
    assert affected(session) == []


def test_own_money_follows_the_records_without_a_word_of_it(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    number = paid_order(session, of, now=IN_OCTOBER)
    received_order(session, of, number)
    move_buyer(session, of, city, coblong)
    assert told(session) == 0
    assert affected(session) == []
    assert [row.name for row in late_records(session, city)] == ["Rina Amelia"]
    with transaction(session):
        correction = propose_personal(session, city, reason="SK 821/114", now=NOON)
        correction_id = correction.id
    approve(session, second, correction_id)
    assert balances(session, Fund.PERSONAL) == {(COBLONG, "micro"): Amounts(0, 100_000)}
    assert session.scalar(select(MovedOrder)) is None
    assert late_records(session, city) == []
    moved = session.scalars(select(LedgerEntry).filter_by(kind=EntryKind.MOVE)).all()
    assert [entry.realised_change for entry in moved] == [-100_000, 100_000]


def test_a_document_of_own_money_is_the_same_where_there_is_none(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    move_buyer(session, of, city, coblong)
    told(session)
    with transaction(session):
        correction = propose_personal(session, city, reason="SK 821/114", now=NOON)
        correction_id, number = correction.id, correction.number
    assert number == "KOR/0001/KOTA/2026"
    approve(session, second, correction_id)
    assert session.get_one(Correction, correction_id).state is CorrectionState.APPROVED
    with pytest.raises(NoLateRecords), transaction(session):
        propose_personal(session, city, reason="SK", now=NOON)


def test_a_move_taken_back_by_its_proposer_waits_again(
    session: Session, of: Around, city: Actor, coblong: Agency
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    told(session)
    correction_id = proposed(session, city, number)
    with transaction(session):
        personal_id = propose_personal(session, city, reason="SK", now=NOON).id
    with transaction(session):
        refuse_move(session, city, correction_id, reason="", now=NOON)
        refuse_move(session, city, personal_id, reason="", now=NOON)
    assert [row.number for row in list_affected(session, city).rows] == [number]
    assert list_affected(session, city, refused=True).rows == []
    assert len(late_records(session, city)) == 1


def test_records_of_own_money_that_were_refused_stay_until_proposed_again(
    session: Session, of: Around, city: Actor, second: Actor, coblong: Agency
) -> None:
    move_buyer(session, of, city, coblong)
    told(session)
    with transaction(session):
        correction_id = propose_personal(session, city, reason="SK", now=NOON).id
    with transaction(session):
        refuse_move(session, second, correction_id, reason="SK belum ada", now=NOON)
    assert late_records(session, city) == []
    (row,) = late_records(session, city, refused=True)
    assert row.refused is not None
    assert row.refused.reason == "SK belum ada"
    with pytest.raises(NoLateRecords), transaction(session):
        propose_personal(session, city, reason="SK", now=NOON)
    with transaction(session):
        again = propose_personal(session, city, reason="SK 2", refused=True, now=NOON).id
    assert late_records(session, city, refused=True) == []
    approve(session, second, again)
    assert session.scalars(select(LateRecord.is_settled)).one() is True


def test_the_list_costs_the_same_however_long(
    session: Session, of: Around, city: Actor, coblong: Agency, count_selects: CountSelects
) -> None:
    for _ in range(3):
        approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city, coblong)
    told(session)
    with count_selects() as selects:
        assert len(list_affected(session, city).rows) == 3
    assert len(selects) == 3
