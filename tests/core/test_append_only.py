"""Tables that are only ever added to, whoever asks."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storefront.access.view_models import PrivateLook, ViewRecord
from storefront.agencies.tree_models import (
    AgencyChange,
    AgencySuccession,
    ChangeKind,
    ChangeState,
    SuccessionKind,
)
from storefront.core import audit
from storefront.core.append_only import KEYS, altered, definitions
from storefront.core.database import Base, transaction
from storefront.core.permissions import OPERATOR
from storefront.core.signed_notes import Signer
from storefront.core.tree_tiles import TreeTile
from storefront.programme.calendar import cancel_day
from storefront.quota.checkpoints import issue
from storefront.quota.ledger import post
from storefront.quota.models import Amounts, EntryKind
from storefront.reports.check_models import CheckFinding, CheckRun
from storefront.reports.signal_models import (
    Signal,
    SignalKind,
    SignalNote,
    SignalStatus,
    SignalThreshold,
)
from tests.closings import month_closed
from tests.factories import NOON, agency, movement, signed_up

COLUMNS = {
    "agency_edges": "valid_from",
    "agency_kinds": "kind",
    "agency_names": "name",
    "agency_successions": "takes_over",
    "audit_log": "subject",
    "audit_log_lines": "position",
    "check_findings": "what",
    "check_runs": "root",
    "checkpoints": "root",
    "ledger_entries": "account_seq",
    "ledger_keys": "name",
    "ledger_log": "position",
    "participation_months": "staff",
    "period_close_totals": "month",
    "period_closes": "month",
    "private_looks": "reason",
    "quota_rules": "target_permille",
    "serlok_days": "reason",
    "signal_notes": "text",
    "signal_thresholds": "amount",
    "tree_tiles": "hash",
    "views_log": "reason",
}
HOUR = timedelta(hours=1)
ATTACKS = ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"]
REPLACE = "REPLACE INTO {0} SELECT * FROM {0}"


@pytest.fixture
def filled(session: Session) -> Session:
    """Rows in each of the tables."""
    actor = signed_up(session)
    agency(session, "2.01")
    with transaction(session):
        post(session, actor, [movement(EntryKind.COMMIT, Amounts(1_000))], now=NOON)
        audit.record(session, OPERATOR, "export.written", "5e", now=NOON)
        issue(session, Signer("toko.example/ledger", bytes(32)), now=NOON)
        session.add(TreeTile(tree="ledger", number=0, hash=bytes(32)))
        cancel_day(session, OPERATOR, "2026-12", reason="Pilkada", seen=0, now=NOON)
    month_closed(session)
    with transaction(session):
        session.add_all(_looked_and_noted())
        session.flush()
        session.add_all(_of_those())
    return session


def _looked_and_noted() -> list[Base]:
    """What people saw, and what a check and a look for signals found."""
    who, kind = OPERATOR.person_id, SignalKind.PRICE
    return [
        ViewRecord(at=NOON, person_id=who, kind="order", subject="P-1", reason=""),
        PrivateLook(
            person_id=who, subject="seller 1", reason="x", begun_at=NOON, until=NOON + HOUR
        ),
        SignalThreshold(
            kind=kind, since=NOON.date(), amount=1, days=1, permille=1, least=1,
            set_by=who, set_at=NOON,
        ),
        Signal(
            id=1, kind=kind, identity="x", agency_code="1", year=2026, facts="{}", orders="[]",
            first_seen_at=NOON, last_seen_at=NOON, holds=True, status=SignalStatus.OPEN,
        ),
        CheckRun(
            number=1, at=NOON, duration_ms=1, asked_by=who, position=0, root="0", counts="{}",
            breach_count=1, new_count=0,
        ),
        AgencyChange(
            id=1, kind=ChangeKind.MERGE, agency_id=1, effective_on=NOON.date(),
            document_number="Perwal 1", state=ChangeState.PROPOSED, proposed_by=who,
            proposed_at=NOON,
        ),
    ]  # fmt: skip


def _of_those() -> list[Base]:
    """A note on the signal, a finding of the check, a successor by the change."""
    who = OPERATOR.person_id
    return [
        SignalNote(signal_id=1, at=NOON, written_by=who, status=SignalStatus.OPEN, text="x"),
        CheckFinding(
            run_number=1, subject="orders", place="P-1", what="is 1", is_note=False, is_new=False
        ),
        AgencySuccession(
            old_id=2, new_id=1, effective_on=NOON.date(), kind=SuccessionKind.MERGE,
            takes_over=True, change_id=1, recorded_by=who, recorded_at=NOON,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("table", KEYS)
@pytest.mark.parametrize("attack", [*ATTACKS, REPLACE])
def test_the_database_refuses_to_change_what_stands(
    filled: Session, table: str, attack: str
) -> None:
    if attack is REPLACE and filled.get_bind().dialect.name != "sqlite":
        attack = "TRUNCATE {} CASCADE"
    with pytest.raises(DBAPIError, match="append-only"), transaction(filled):
        filled.execute(text(attack.format(table, COLUMNS[table])))


@pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", KEYS)
def test_a_replace_is_refused_also_where_delete_triggers_do_not_fire(
    filled: Session, table: str
) -> None:
    filled.execute(text("PRAGMA recursive_triggers = OFF"))
    with pytest.raises(DBAPIError, match="append-only"), transaction(filled):
        filled.execute(text(REPLACE.format(table)))


@pytest.mark.parametrize("fresh_database", ["postgresql"], indirect=True)
def test_a_conflict_that_would_update_is_refused(filled: Session) -> None:
    with pytest.raises(DBAPIError, match="append-only"), transaction(filled):
        filled.execute(
            text(
                "INSERT INTO ledger_log SELECT * FROM ledger_log"
                " ON CONFLICT (position) DO UPDATE SET entry_id = 1"
            )
        )


@pytest.mark.parametrize("table", KEYS)
@pytest.mark.parametrize("softened", [False, True])
def test_a_trigger_dropped_or_reworded_is_named(
    session: Session, table: str, *, softened: bool
) -> None:
    dialect = session.get_bind().dialect.name
    name = f"{table}_refuse_update"
    made = definitions(dialect)[name]
    on = "" if dialect == "sqlite" else f" ON {table}"
    with transaction(session):
        session.execute(text(f"DROP TRIGGER {name}{on}"))
        if softened:
            session.execute(text(made.replace("BEFORE", "AFTER")))
    assert altered(session) == name


@pytest.mark.parametrize("fresh_database", ["postgresql"], indirect=True)
def test_a_trigger_put_to_sleep_is_named(session: Session) -> None:
    with transaction(session):
        session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER audit_log_refuse_delete"))
    assert altered(session) == "audit_log_refuse_delete"


def test_a_trigger_that_nobody_ordered_is_named(session: Session) -> None:
    body = "BEGIN SELECT 1; END"
    if session.get_bind().dialect.name == "postgresql":
        body = "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    with transaction(session):
        session.execute(text(f"CREATE TRIGGER a_stranger BEFORE UPDATE ON audit_log {body}"))
    assert altered(session) == "a_stranger"
