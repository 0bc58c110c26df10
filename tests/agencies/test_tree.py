"""The tree of agencies changed: renamed, moved, merged, split, in two hands and by days."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.access.actors import find_actor
from storefront.agencies import tree_refusals as refusals
from storefront.agencies.grants import NotTheSecondPerson
from storefront.agencies.models import Agency
from storefront.agencies.moves import PlacedAfterTheEnd, add_placement
from storefront.agencies.placements import AgencyEnded, placement_for, placements_on
from storefront.agencies.reach import reaches
from storefront.agencies.tree import confirm_change, propose_change, refuse_change
from storefront.agencies.tree_models import AgencyChange, ChangeKind, ChangeState
from storefront.agencies.tree_plans import NewChange, Part
from storefront.agencies.tree_queries import tree_on
from storefront.agencies.tree_writing import bring_up_to_date, is_behind
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided
from storefront.core.errors import DomainError, NotAllowed, NotFound
from storefront.core.permissions import OPERATOR, Action, Actor, Role, agency_scope
from tests.agencies.made import TODAY, below, city_admin, employee, staff, wanted
from tests.factories import NOON, agency, placed, signed_up

FIRST_OPEN = date(2026, 9, 1)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def admin(session: Session) -> Actor:
    return city_admin(session)


@pytest.fixture
def second(session: Session) -> Actor:
    return city_admin(session)


@pytest.fixture(autouse=True)
def trade(session: Session) -> Agency:
    return agency(session, "D-1", name="Dinas Perdagangan")


@pytest.fixture(autouse=True)
def industry(session: Session) -> Agency:
    return agency(session, "D-2", name="Dinas Perindustrian")


def plan(kind: ChangeKind, code: str = "D-1", on: date = TODAY, **more: Any) -> NewChange:
    return NewChange(
        kind=kind, agency_code=code, effective_on=on, document_number="Perda 8/2026", **more
    )


def rename(name: str = "Dinas Niaga", on: date = TODAY) -> NewChange:
    return plan(ChangeKind.RENAME, on=on, new_name=name)


def merge(*old: str, on: date = TODAY, into: str = "D-1") -> NewChange:
    return plan(ChangeKind.MERGE, into, on, parts=tuple(Part(code=code) for code in old))


def proposed(session: Session, by: Actor, of: NewChange, *, now: datetime = NOON) -> int:
    with transaction(session):
        return propose_change(session, by, of, first_open=FIRST_OPEN, now=now).id


def confirmed(session: Session, by: Actor, change_id: int, *, now: datetime = NOON) -> None:
    with transaction(session):
        confirm_change(session, by, change_id, first_open=FIRST_OPEN, now=now)


def changed(session: Session, by: Actor, second: Actor, of: NewChange) -> int:
    change_id = proposed(session, by, of)
    confirmed(session, second, change_id)
    return change_id


def name_of(session: Session, of: Agency) -> str:
    session.rollback()
    return session.scalars(select(Agency.name).filter_by(id=of.id)).one()


def test_a_new_name_holds_once_a_second_person_confirms_it(
    session: Session, admin: Actor, second: Actor, trade: Agency
) -> None:
    change_id = proposed(session, admin, rename())
    assert name_of(session, trade) == "Dinas Perdagangan"
    confirmed(session, second, change_id)
    assert name_of(session, trade) == "Dinas Niaga"
    assert tree_on(session, TODAY - timedelta(days=1))[trade.id].name == "Dinas Perdagangan"


def test_who_proposed_does_not_confirm(session: Session, admin: Actor) -> None:
    change_id = proposed(session, admin, rename())
    with pytest.raises(NotTheSecondPerson):
        confirmed(session, admin, change_id)


def test_the_command_line_proposes_and_never_confirms(
    session: Session, admin: Actor, trade: Agency
) -> None:
    own = proposed(session, admin, rename())
    with pytest.raises(NotTheSecondPerson):
        confirmed(session, OPERATOR, own)
    confirmed(session, admin, proposed(session, OPERATOR, rename("Dinas Pasar")))
    assert name_of(session, trade) == "Dinas Pasar"


def test_an_agency_admin_of_an_agency_it_touches_may_be_the_second_person(
    session: Session, admin: Actor, trade: Agency, industry: Agency
) -> None:
    change_id = proposed(session, admin, merge("D-2"))
    stranger = staff(session, Role.AGENCY_ADMIN, agency(session))
    with pytest.raises(NotFound):
        confirmed(session, stranger, change_id)
    confirmed(session, staff(session, Role.AGENCY_ADMIN, industry), change_id)
    assert tree_on(session, TODAY)[industry.id].heir_id == trade.id


def test_the_database_refuses_one_person_in_both_hands(session: Session, admin: Actor) -> None:
    change_id = proposed(session, admin, rename())
    change = "UPDATE agency_changes SET confirmed_by = proposed_by WHERE id = :id"
    with pytest.raises(IntegrityError), transaction(session):
        session.execute(text(change), {"id": change_id})


def test_only_the_city_proposes(session: Session) -> None:
    with pytest.raises(NotAllowed):
        proposed(session, signed_up(session, Role.AGENCY_ADMIN, agency_scope("D-1")), rename())


def test_a_refused_change_never_holds(
    session: Session, admin: Actor, second: Actor, trade: Agency
) -> None:
    change_id = proposed(session, admin, rename())
    with transaction(session):
        refuse_change(session, second, change_id, now=NOON)
    with pytest.raises(AlreadyDecided):
        confirmed(session, second, change_id)
    assert name_of(session, trade) == "Dinas Perdagangan"


def test_a_change_of_a_later_day_waits_for_it(
    session: Session, admin: Actor, second: Actor, trade: Agency
) -> None:
    changed(session, admin, second, rename(on=TOMORROW))
    assert name_of(session, trade) == "Dinas Perdagangan"
    assert not is_behind(session, today=TODAY)
    assert is_behind(session, today=TOMORROW)
    with transaction(session):
        assert bring_up_to_date(session, today=TOMORROW) == 1
    with transaction(session):
        assert bring_up_to_date(session, today=TOMORROW) == 0
    assert name_of(session, trade) == "Dinas Niaga"


def test_an_order_bears_the_name_and_parent_of_its_own_day_whatever_the_worker_has_done(
    session: Session, admin: Actor, second: Actor, trade: Agency, industry: Agency
) -> None:
    buyer = placed(session, trade)
    changed(session, admin, second, rename(on=TOMORROW))
    move = plan(ChangeKind.MOVE, on=TOMORROW, new_parent_code=industry.code)
    changed(session, admin, second, move)
    today, tomorrow = (
        placement_for(session, buyer.person_id, day, None) for day in (TODAY, TOMORROW)
    )
    assert (today.agency_name, today.parent_agency_code) == ("Dinas Perdagangan", None)
    assert (tomorrow.agency_name, tomorrow.parent_agency_code) == ("Dinas Niaga", "D-2")


def test_a_moved_agency_is_in_the_reach_of_its_new_parent_and_not_of_the_old(
    session: Session, admin: Actor, second: Actor, trade: Agency, industry: Agency
) -> None:
    clinic = below(session, trade)
    old, new = (staff(session, Role.AGENCY_ADMIN, at) for at in (trade, industry))
    changed(session, admin, second, plan(ChangeKind.MOVE, clinic.code, new_parent_code="D-2"))
    assert reaches(session, new, Action.MANAGE_ROSTER, clinic.id)
    assert not reaches(session, old, Action.MANAGE_ROSTER, clinic.id)


def grants_in(session: Session, actor: Actor, code: str, day: date) -> set[Role]:
    found = find_actor(session, actor.person_id, today=day)
    assert found is not None
    return {grant.role for grant in found.grants if grant.scope_id == code}


def test_after_a_merger_the_successors_roles_count_in_the_old_agency_and_not_before(
    session: Session, admin: Actor, second: Actor, trade: Agency
) -> None:
    approver = staff(session, Role.APPROVER, trade)
    buyer = staff(session, Role.BUYER, trade)
    changed(session, admin, second, merge("D-2", on=TOMORROW))
    assert grants_in(session, approver, "D-2", TODAY) == set()
    assert grants_in(session, approver, "D-2", TOMORROW) == {Role.APPROVER}
    assert grants_in(session, approver, "D-1", TOMORROW) == {Role.APPROVER}
    assert grants_in(session, buyer, "D-2", TOMORROW) == set()


def test_roles_follow_a_chain_of_mergers(session: Session, admin: Actor, second: Actor) -> None:
    last = agency(session, "D-3", name="Dinas Koperasi")
    changed(session, admin, second, merge("D-2"))
    changed(session, admin, second, merge("D-1", into="D-3"))
    treasurer = staff(session, Role.TREASURER, last)
    assert grants_in(session, treasurer, "D-2", TODAY) == {Role.TREASURER}


def test_nobody_orders_for_an_agency_that_is_no_more_and_is_told_whom_to_ask(
    session: Session, admin: Actor, second: Actor, industry: Agency
) -> None:
    buyer = placed(session, industry).person_id
    changed(session, admin, second, merge("D-2", on=TOMORROW))
    assert placement_for(session, buyer, TODAY, None).agency_code == "D-2"
    with pytest.raises(AgencyEnded, match="Dinas Perdagangan"):
        placement_for(session, buyer, TOMORROW, None)
    assert len(placements_on(session, buyer, TOMORROW)) == 1


def test_nobody_is_placed_anew_where_an_agency_ended(
    session: Session, admin: Actor, second: Actor, industry: Agency
) -> None:
    changed(session, admin, second, merge("D-2"))
    person_id = employee(session)
    with pytest.raises(PlacedAfterTheEnd), transaction(session):
        add_placement(session, admin, person_id, wanted(industry, since=TODAY), now=NOON)


def test_what_stood_below_passes_to_the_successor(
    session: Session, admin: Actor, second: Actor, trade: Agency, industry: Agency
) -> None:
    unit = below(session, industry)
    changed(session, admin, second, merge("D-2"))
    assert tree_on(session, TODAY)[unit.id].parent_id == trade.id
    assert tree_on(session, TODAY - timedelta(days=1))[unit.id].parent_id == industry.id


def test_a_split_makes_its_successors_and_the_first_takes_over(
    session: Session, admin: Actor, second: Actor
) -> None:
    parts = (Part(code="D-7", name="Dinas Pasar"), Part(code="D-8", name="Dinas Ekspor"))
    changed(session, admin, second, plan(ChangeKind.SPLIT, parts=parts))
    tree = {node.code: node for node in tree_on(session, TODAY).values()}
    assert tree["D-1"].heir_id == tree["D-7"].id == tree["D-1"].parent_id
    assert tree["D-8"].parent_id is None
    before = {node.code: node for node in tree_on(session, TODAY - timedelta(days=1)).values()}
    assert not before["D-7"].has_begun
    assert grants_in(session, staff(session, Role.TREASURER, agency(session, "D-7")), "D-1", TODAY)
    other = staff(session, Role.TREASURER, agency(session, "D-8"))
    assert not grants_in(session, other, "D-1", TODAY)


REFUSED = [
    (rename(on=date(2026, 8, 31)), refusals.ChangeTooEarly),
    (rename(on=TODAY + timedelta(days=800)), refusals.ChangeTooFar),
    (rename(" "), refusals.NameMissing),
    (rename("x" * 161), refusals.NameMissing),
    (rename("Dinas Perdagangan"), refusals.SameName),
    (plan(ChangeKind.MOVE, new_parent_code="X"), refusals.ParentUnknown),
    (plan(ChangeKind.MOVE), refusals.SameParent),
    (plan(ChangeKind.MOVE, new_parent_code="D-1"), refusals.TreeImpossible),
    (plan(ChangeKind.MOVE, new_parent_code="D-1.01"), refusals.TreeImpossible),
    (merge(), refusals.PartsWrong),
    (merge("D-2", "D-2"), refusals.PartsWrong),
    (merge("D-1"), refusals.PartsWrong),
    (merge("X"), refusals.PartUnknown),
    (merge("D-1", into="D-1.01"), refusals.TreeImpossible),
    (merge("L-1"), refusals.PracticeMixed),
    (plan(ChangeKind.SPLIT, parts=(Part(code="D-2"),)), refusals.PartsWrong),
    (plan(ChangeKind.SPLIT, parts=(Part(code="D-2"), Part(code="D-9"))), refusals.PartUnnamed),
    (
        plan(ChangeKind.SPLIT, parts=(Part(code="D-2"), Part(code="D 9", name="Dinas"))),
        refusals.PartUnnamed,
    ),
    (plan(ChangeKind.RENAME, "D-99", new_name="Dinas"), NotFound),
]


@pytest.mark.parametrize(("of", "refusal"), REFUSED, ids=lambda each: str(each)[:90])
def test_what_breaks_a_rule_is_refused_and_nothing_is_kept(
    session: Session,
    admin: Actor,
    trade: Agency,
    of: NewChange,
    refusal: type[DomainError],
) -> None:
    below(session, trade)
    agency(session, "L-1", name="Instansi Latihan", is_practice=True)
    with pytest.raises(refusal):
        proposed(session, admin, of)
    assert session.scalar(select(func.count()).select_from(AgencyChange)) == 0


def test_a_document_is_needed(session: Session, admin: Actor, trade: Agency) -> None:
    bare = NewChange(
        kind=ChangeKind.RENAME,
        agency_code=trade.code,
        effective_on=TODAY,
        document_number="  ",
        new_name="Dinas Niaga",
    )
    with pytest.raises(refusals.DocumentMissing):
        proposed(session, admin, bare)


def test_a_ring_that_would_only_come_later_is_refused_too(
    session: Session, admin: Actor, second: Actor
) -> None:
    later = plan(ChangeKind.MOVE, "D-2", TOMORROW, new_parent_code="D-1")
    changed(session, admin, second, later)
    with pytest.raises(refusals.TreeImpossible):
        proposed(session, admin, plan(ChangeKind.MOVE, "D-1", TODAY, new_parent_code="D-2"))


def test_the_tree_is_looked_at_again_at_the_confirmation(
    session: Session, admin: Actor, second: Actor
) -> None:
    one = proposed(session, admin, plan(ChangeKind.MOVE, "D-1", new_parent_code="D-2"))
    other = proposed(session, admin, plan(ChangeKind.MOVE, "D-2", new_parent_code="D-1"))
    confirmed(session, second, one)
    with pytest.raises(refusals.TreeImpossible):
        confirmed(session, second, other)
    session.rollback()
    state = session.scalars(select(AgencyChange.state).filter_by(id=other)).one()
    assert state is ChangeState.PROPOSED


def test_a_month_that_closed_meanwhile_is_not_changed_by_a_confirmation(
    session: Session, admin: Actor, second: Actor
) -> None:
    change_id = proposed(session, admin, rename(on=date(2026, 9, 15)))
    with pytest.raises(refusals.ChangeTooEarly), transaction(session):
        confirm_change(session, second, change_id, first_open=date(2026, 10, 1), now=NOON)


def test_who_is_merged_changes_no_more(session: Session, admin: Actor, second: Actor) -> None:
    changed(session, admin, second, merge("D-2", on=TOMORROW))
    for of in (
        plan(ChangeKind.RENAME, "D-2", new_name="Dinas Pabrik"),
        merge("D-1", into="D-2"),
    ):
        with pytest.raises(refusals.AgencyOver):
            proposed(session, admin, of)
    with pytest.raises(refusals.PartUnknown):
        proposed(session, admin, merge("D-2"))


def test_who_has_a_later_change_is_not_ended_before_it(
    session: Session, admin: Actor, second: Actor
) -> None:
    changed(session, admin, second, plan(ChangeKind.RENAME, "D-2", TOMORROW, new_name="Pabrik"))
    with pytest.raises(refusals.LaterChangeStands):
        proposed(session, admin, merge("D-2"))


def test_the_day_of_a_change_is_the_citys(
    session: Session, admin: Actor, second: Actor, trade: Agency
) -> None:
    change_id = proposed(session, admin, rename(on=TOMORROW))
    confirmed(session, second, change_id, now=instant_of(TOMORROW))
    assert name_of(session, trade) == "Dinas Niaga"


def test_what_waits_already_is_not_proposed_again_by_whatever_document(
    session: Session, admin: Actor
) -> None:
    waiting = proposed(session, admin, rename())
    again = replace(rename(), document_number="Perda 9/2026")
    with pytest.raises(refusals.SameChangeWaits):
        proposed(session, admin, again)
    proposed(session, admin, rename("Dinas Dagang"))  # another name is another proposal
    with transaction(session):
        refuse_change(session, admin, waiting, now=NOON)
    proposed(session, admin, again)


def test_a_move_and_a_merger_wait_once_and_a_split_by_its_order_and_names(
    session: Session, admin: Actor
) -> None:
    agency(session, "D-3", name="Dinas Pasar")
    for once in (
        plan(ChangeKind.MOVE, "D-2", new_parent_code="D-1"),
        merge("D-2", "D-3"),
        plan(ChangeKind.SPLIT, parts=(Part(code="N-1", name="Niaga"), Part(code="D-3"))),
    ):
        proposed(session, admin, once)
        with pytest.raises(refusals.SameChangeWaits):
            proposed(session, admin, once)
    with pytest.raises(refusals.SameChangeWaits):
        proposed(session, admin, merge("D-3", "D-2"))
    for other in (
        plan(ChangeKind.MOVE, "D-2", new_parent_code="D-3"),
        merge("D-2"),
        plan(ChangeKind.SPLIT, parts=(Part(code="D-3"), Part(code="N-1", name="Niaga"))),
        plan(ChangeKind.SPLIT, parts=(Part(code="N-1", name="Dagang"), Part(code="D-3"))),
    ):
        proposed(session, admin, other)
