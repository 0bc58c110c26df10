"""The operator who owns the database and the key, and would like the past to be another."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from storefront.core.append_only import definitions
from storefront.core.database import transaction
from storefront.core.signed_notes import Signer, TreeHead
from storefront.core.tree_tiles import TreeTile, keep_tiles, root_at
from storefront.quota.log import LEDGER_TREE
from storefront.quota.models import (
    NO_SEAL,
    Amounts,
    Checkpoint,
    LedgerEntry,
    LogLine,
    Mark,
    MarkName,
    QuotaAccount,
    TreeName,
)
from storefront.quota.seals import seal_of


@contextmanager
def triggers_lifted(session: Session) -> Iterator[None]:
    """What only an owner of the database can do, and hide: they stand again afterwards."""
    dialect = session.get_bind().dialect.name
    session.expire_all()
    with transaction(session):
        for name in definitions(dialect):
            table = "" if dialect == "sqlite" else f" ON {name.partition('_refuse_')[0]}"
            session.execute(text(f"DROP TRIGGER {name}{table}"))
        yield
        session.flush()
        for statement in definitions(dialect).values():
            session.execute(text(statement))
    session.expire_all()


def rewrite(session: Session, position: int, signer: Signer) -> None:
    """Take one rupiah more for an entry, and make all that follows from it anew."""
    with triggers_lifted(session):
        query = select(LedgerEntry).join(LogLine, LogLine.entry_id == LedgerEntry.id)
        entry = session.scalars(query.where(LogLine.position == position)).one()
        entry.committed_change += 1
        reseal(session, signer)


def cut(session: Session, size: int, signer: Signer) -> None:
    """Leave the first entries and forget the rest, as if they had never been."""
    with triggers_lifted(session):
        kept = select(LogLine.entry_id).where(LogLine.position <= size).scalar_subquery()
        session.execute(delete(LogLine).where(LogLine.position > size))
        session.execute(delete(LedgerEntry).where(LedgerEntry.id.not_in(kept)))
        session.execute(update(Mark).filter_by(name=MarkName.LOG_SIZE).values(value=size))
        reseal(session, signer)


def reseal(session: Session, signer: Signer) -> None:
    """Seals, balances, accounts, stored hashes and checkpoints, all as if it had been so ever."""
    session.flush()
    for account in session.scalars(select(QuotaAccount)):
        seal, balances = NO_SEAL, Amounts()
        query = select(LedgerEntry).filter_by(account_id=account.id)
        entries = session.scalars(query.order_by(LedgerEntry.account_seq)).all()
        for entry in entries:
            balances += entry.change
            entry.committed_after, entry.realised_after = balances.committed, balances.realised
            entry.seal = seal = seal_of(entry, account.key, seal)
        account.last_seal, account.entry_count = seal, len(entries)
        account.committed_amount, account.realised_amount = balances.committed, balances.realised
    session.flush()
    size = session.get_one(Mark, MarkName.LOG_SIZE).value
    session.execute(delete(TreeTile).filter_by(tree=LEDGER_TREE.name))
    keep_tiles(session, LEDGER_TREE, size)
    for made in session.scalars(select(Checkpoint).filter_by(tree=TreeName.LEDGER)).all():
        if made.size > size:
            session.delete(made)
            continue
        root = root_at(session, LEDGER_TREE, made.size)
        made.root = root.hex()
        made.note = signer.sign(TreeHead(signer.name, made.size, root).text)
    session.flush()
