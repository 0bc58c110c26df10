"""Tables that are only ever added to, whoever asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.append_only import KEYS, altered, definitions
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.core.signed_notes import Signer
from storefront.core.tree_tiles import TreeTile
from storefront.programme.calendar import cancel_day
from storefront.quota.checkpoints import issue
from storefront.quota.ledger import post
from storefront.quota.models import Amounts, EntryKind
from tests.closings import month_closed
from tests.factories import NOON, movement, signed_up

COLUMNS = {
    "audit_log": "subject",
    "audit_log_lines": "position",
    "checkpoints": "root",
    "ledger_entries": "account_seq",
    "ledger_keys": "name",
    "ledger_log": "position",
    "participation_months": "staff",
    "period_close_totals": "month",
    "period_closes": "month",
    "serlok_days": "reason",
    "tree_tiles": "hash",
}
ATTACKS = ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"]
REPLACE = "REPLACE INTO {0} SELECT * FROM {0}"


@pytest.fixture
def filled(session: Session) -> Session:
    """Rows in each of the tables."""
    actor = signed_up(session)
    with transaction(session):
        post(session, actor, [movement(EntryKind.COMMIT, Amounts(1_000))], now=NOON)
        audit.record(session, OPERATOR, "export.written", "5e", now=NOON)
        issue(session, Signer("toko.example/ledger", bytes(32)), now=NOON)
        session.add(TreeTile(tree="ledger", number=0, hash=bytes(32)))
        cancel_day(session, OPERATOR, "2026-12", reason="Pilkada", seen=0, now=NOON)
    month_closed(session)
    return session


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
