"""Several people who are the second hand of one proposal at once: one of them is, and once."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided
from storefront.core.permissions import CITY, OPERATOR, Actor, Role, agency_scope
from storefront.orders.moving import approve_move, propose_moves
from storefront.programme.closing import close_and_publish
from storefront.quota.closes import propose_close
from storefront.quota.closing_models import PeriodClose
from storefront.quota.models import EntryKind, LedgerEntry
from storefront.quota.off_platform import approve_purchase
from storefront.quota.periods import books_as_seen
from storefront.quota.rule_models import QuotaRule
from storefront.quota.rule_proposals import confirm_rule, propose_rule
from storefront.quota.seals import verify
from tests.closings import SIGNER
from tests.factories import NOON, agency, signed_up
from tests.factories_orders import approved_order, around
from tests.factories_rules import BASIS, TODAY, terms
from tests.orders.late_records import COBLONG, move_buyer, told
from tests.quota.purchases import Hands
from tests.threads import in_threads

AT_ONCE = 4
IN_OCTOBER = instant_of(date(2026, 10, 20))
Decide = Callable[[Session, Actor], object]


def decided_by(engine: Engine, actors: list[Actor], decide: Decide) -> int:
    """How many of them decided; the others were told that somebody had."""

    def one(thread: int) -> bool:
        try:
            with Session(engine) as own, transaction(own):
                decide(own, actors[thread])
        except AlreadyDecided:
            return False
        return True

    return sum(in_threads(len(actors), one))


def admins(session: Session) -> list[Actor]:
    return [signed_up(session, Role.CITY_ADMIN, CITY) for _ in range(AT_ONCE)]


def entries(session: Session, kind: EntryKind) -> int:
    session.rollback()
    return session.scalar(select(func.count(LedgerEntry.id)).filter_by(kind=kind)) or 0


def test_a_purchase_outside_the_store_is_approved_once(engine: Engine, session: Session) -> None:
    hands = Hands(session)
    correction_id = hands.propose()
    scope = agency_scope(hands.agency.code)
    approvers = [signed_up(session, Role.APPROVER, scope) for _ in range(AT_ONCE)]
    decided = decided_by(
        engine, approvers, lambda own, by: approve_purchase(own, by, correction_id, now=NOON)
    )
    assert (decided, entries(session, EntryKind.ADJUST)) == (1, 1)
    assert verify(session) is None


def test_a_move_is_approved_once(engine: Engine, session: Session) -> None:
    of, city = around(session), admins(session)
    number = approved_order(session, of, now=IN_OCTOBER)
    move_buyer(session, of, city[0], agency(session, COBLONG, name="Kecamatan Coblong"))
    told(session)
    with transaction(session):
        (made,) = propose_moves(session, city[0], [number], reason="SK 821", now=NOON)
        correction_id = made.id
    others = [*city[1:], signed_up(session, Role.CITY_ADMIN, CITY)]
    decided = decided_by(
        engine, others, lambda own, by: approve_move(own, by, correction_id, now=NOON)
    )
    assert (decided, entries(session, EntryKind.MOVE)) == (1, 2)
    assert verify(session) is None


def test_a_month_is_closed_once(engine: Engine, session: Session) -> None:
    confirming = admins(session)
    with transaction(session):
        month = propose_close(session, OPERATOR, now=NOON).month
    decided = decided_by(
        engine,
        confirming,
        lambda own, by: close_and_publish(own, by, month, signer=SIGNER, now=NOON),
    )
    session.rollback()
    assert decided == 1
    assert session.scalars(select(PeriodClose.month)).all() == [month]
    assert books_as_seen(session).first_open == "2026-02"


def test_a_rule_is_adopted_once(engine: Engine, session: Session) -> None:
    proposer, confirming = signed_up(session, Role.CITY_ADMIN, CITY), admins(session)
    with transaction(session):
        proposed = propose_rule(
            session, proposer, terms(target_permille=450), effective_on=TODAY, basis=BASIS, now=NOON
        )
        proposal_id = proposed.id
    decided = decided_by(
        engine, confirming, lambda own, by: confirm_rule(own, by, proposal_id, now=NOON)
    )
    session.rollback()
    assert decided == 1
    assert session.scalars(select(QuotaRule.version).order_by(QuotaRule.version)).all() == [1, 2]
