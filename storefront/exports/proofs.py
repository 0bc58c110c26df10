"""Proofs to take away: that an order's entries, or a whole checkpoint, are in a later checkpoint.

`docs/verify_ledger.py` checks each of them with Python's standard library alone. All are JSON
objects whose `proof` names their kind; hashes are lower-case hex.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from storefront.core import tree_tiles
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.merkle import Span
from storefront.core.signed_notes import VerifierKey
from storefront.exports import ledger
from storefront.quota import checkpoints
from storefront.quota.checkpoints import TREES
from storefront.quota.log import LEDGER_TREE, leaves
from storefront.quota.models import Checkpoint, LedgerKey, TreeName

Proof = Mapping[str, object]


class NoSuchCheckpoint(DomainError):
    code = "no_such_checkpoint"
    message = N_("Tidak ada cap buku pada nomor %(size)s.")


def prove_order(session: Session, number: str, at: Checkpoint) -> Proof:
    """That each entry of an official order stands in the log that a checkpoint covers.

    Raises `NotFound` where there is none: also for a personal order, which never leaves by entry
    (contract.md).
    """
    entries = [
        entry for entry in ledger.entries_of(session, number) if int(entry["position"]) <= at.size
    ]
    if not entries:
        raise NotFound
    return {
        "proof": "order",
        "order": number,
        **_signed(session, at),
        "entries": [
            entry
            | {
                "inclusion": _hex(
                    tree_tiles.inclusion(session, LEDGER_TREE, int(entry["position"]) - 1, at.size)
                )
            }
            for entry in entries
        ],
    }


def prove_consistency(session: Session, tree: TreeName, old: int, new: int) -> Proof:
    """That the log of one checkpoint begins that of a later one. Raises `NoSuchCheckpoint`."""
    first, last = (_checkpoint(session, tree, size) for size in sorted((old, new)))
    hashes = (
        tree_tiles.consistency(session, TREES[tree], first.size, last.size) if first.size else []
    )
    return {
        "proof": "consistency",
        "from": first.note,
        **_signed(session, last),
        "hashes": _hex(hashes),
    }


def all_leaves(session: Session, at: Checkpoint) -> Proof:
    """Every seal that a checkpoint covers, in order: with it a whole export can be checked.

    Seals tell nothing of what they seal, for each has a salt: personal entries stay closed.
    """
    return {
        "proof": "leaves",
        **_signed(session, at),
        "leaves": _hex(leaves(session, Span(0, at.size))),
    }


def _signed(session: Session, at: Checkpoint) -> dict[str, object]:
    key = session.get_one(LedgerKey, at.key_id)
    verifier = VerifierKey(key.name, bytes.fromhex(key.public_key))
    return {"checkpoint": at.note, "key": str(verifier)}


def _checkpoint(session: Session, tree: TreeName, size: int) -> Checkpoint:
    found = checkpoints.find(session, size, tree)
    if found is None:
        raise NoSuchCheckpoint(size=size)
    return found


def _hex(hashes: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in hashes]
