"""Checkpoints: signed roots of the ledger's log, and of the audit log, that others keep.

What stands before a checkpoint that somebody else holds can't be changed unseen, by nobody
(product.md, "The log"). The signer is handed in; its public key is kept with the first checkpoint
that it signs, and with the first of all the origin is settled for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import audit_positions, outbox, tree_tiles
from storefront.core.audit_positions import AUDIT_TREE
from storefront.core.paging import PAGE_SIZE, Page
from storefront.core.signed_notes import Signer, TreeHead, VerifierKey
from storefront.core.tree_tiles import Tree
from storefront.quota import log
from storefront.quota.log import LEDGER_TREE
from storefront.quota.models import Checkpoint, LedgerKey, Mark, MarkName, TreeName

ISSUED = "checkpoint_issued"
"""The outbox's topic; its payload names the sizes: `{"ledger": 812, "audit": 90}`."""
LARGEST = 2**63 - 1
"""What the database can be asked for."""
TREES = {TreeName.LEDGER: LEDGER_TREE, TreeName.AUDIT: AUDIT_TREE}
NUMBER: dict[TreeName, Callable[[Session], int]] = {
    TreeName.LEDGER: log.number,
    TreeName.AUDIT: audit_positions.number,
}


@dataclass(frozen=True)
class CheckpointRow:
    """A checkpoint as a list shows it."""

    tree: TreeName
    size: int
    root: str
    issued_at: datetime


@dataclass(frozen=True)
class Issued:
    """Checkpoints of one moment."""

    ledger: Checkpoint
    audit: Checkpoint

    @property
    def sizes(self) -> dict[str, int]:
        return {TreeName.LEDGER.value: self.ledger.size, TreeName.AUDIT.value: self.audit.size}


def issue(session: Session, signer: Signer, *, now: datetime) -> Issued:
    """A checkpoint of all that is committed, of either log; the one that stands for its size.

    Positions are given first, under their lock, which is held to the end of the unit of work: so
    checkpoints are issued one at a time, each over what the one before covered.
    """
    ledger, audit = (_issue(session, signer, name, now) for name in TREES)
    return Issued(ledger, audit)


def issue_and_announce(session: Session, signer: Signer, *, now: datetime) -> Issued:
    """The same, and whoever is to keep it hears of it: every night, and at every close of a month.

    A close calls this in its own unit of work and keeps `Issued.ledger.size` with its figures.
    """
    issued = issue(session, signer, now=now)
    told = outbox.last(session, ISSUED)
    if told is None or told.payload != issued.sizes:
        outbox.put(session, ISSUED, issued.sizes, now=now)
    return issued


def is_due(session: Session, *, since: datetime) -> bool:
    """Whether a log has grown beyond what was announced, and nothing was since an instant."""
    told = outbox.last(session, ISSUED)
    if told is not None and told.written_at >= since:
        return False
    if log.has_unnumbered(session) or audit_positions.has_unnumbered(session):
        return True
    size = session.scalars(select(Mark.value).filter_by(name=MarkName.LOG_SIZE)).one()
    sizes = {TreeName.LEDGER.value: size, TreeName.AUDIT.value: audit_positions.size(session)}
    return sizes != told.payload if told else any(sizes.values())


def find(session: Session, size: int, tree: TreeName = TreeName.LEDGER) -> Checkpoint | None:
    """The checkpoint at exactly this size."""
    if not 0 <= size <= LARGEST:
        return None
    return session.get(Checkpoint, (tree, size))


def latest(
    session: Session, tree: TreeName = TreeName.LEDGER, *, up_to: int | None = None
) -> Checkpoint | None:
    """The last checkpoint of a tree, or the last that covers no more than a position."""
    query = select(Checkpoint).filter_by(tree=tree).order_by(Checkpoint.size.desc()).limit(1)
    if up_to is not None:
        query = query.where(Checkpoint.size <= up_to)
    return session.scalar(query)


def list_checkpoints(session: Session, *, page: int = 1) -> Page[CheckpointRow]:
    """A page of the checkpoints of both trees, the latest first."""
    query = (
        select(Checkpoint.tree, Checkpoint.size, Checkpoint.root, Checkpoint.issued_at)
        .order_by(Checkpoint.issued_at.desc(), Checkpoint.tree.desc(), Checkpoint.size.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    rows = [CheckpointRow(*row) for row in session.execute(query)]
    return Page(rows[:PAGE_SIZE], page, has_next=len(rows) > PAGE_SIZE)


def keys(session: Session) -> list[VerifierKey]:
    """Every key that ever signed a checkpoint here, the newest first."""
    query = select(LedgerKey).order_by(LedgerKey.since.desc(), LedgerKey.id.desc())
    return [_verifier(row) for row in session.scalars(query)]


def origin_of(tree: TreeName, name: str) -> str:
    """The first line of a tree's checkpoints: the ledger's is the key's own name."""
    return name if tree is TreeName.LEDGER else f"{name}/{tree.value}"


def frozen_name(session: Session) -> str | None:
    """The name under which checkpoints are signed since the first; None before it."""
    return session.scalar(select(LedgerKey.name).order_by(LedgerKey.id).limit(1))


def _issue(session: Session, signer: Signer, name: TreeName, now: datetime) -> Checkpoint:
    size = NUMBER[name](session)
    if (found := find(session, size, name)) is not None:
        return found
    tree: Tree = TREES[name]
    tree_tiles.keep_tiles(session, tree, size)  # those of positions given by an older release
    root = tree_tiles.root_at(session, tree, size)
    signing = Signer(frozen_name(session) or signer.name, signer.seed)
    head = TreeHead(origin_of(name, signing.name), size, root)
    made = Checkpoint(
        tree=name,
        size=size,
        root=root.hex(),
        issued_at=now,
        note=signing.sign(head.text),
        key_id=_kept(session, signing.key, now).id,
    )
    session.add(made)
    session.flush()
    return made


def _kept(session: Session, key: VerifierKey, now: datetime) -> LedgerKey:
    found = session.scalar(select(LedgerKey).filter_by(public_key=key.public.hex()))
    if found is None:
        found = LedgerKey(name=key.name, public_key=key.public.hex(), since=now)
        session.add(found)
        session.flush()
    return found


def _verifier(row: LedgerKey) -> VerifierKey:
    return VerifierKey(row.name, bytes.fromhex(row.public_key))
