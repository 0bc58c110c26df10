"""What stands beside every export: how it was asked for, what it holds, and of which state."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import file_digest, sha256
from pathlib import Path

from storefront.core.errors import N_, DomainError
from storefront.quota.models import Checkpoint


class ManifestUnreadable(DomainError):
    code = "manifest_unreadable"
    message = N_("Manifes %(path)s tidak ada atau tidak terbaca.")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Exactly the keys of contract.md, in its order. It names no time: same state, same bytes."""

    filter: Mapping[str, str | int | None]
    columns: Sequence[str]
    rows: int
    totals: Mapping[str, int]
    ledger_position: int
    checkpoint: str | None
    """The last one up to the position, as the second and third line of its note: size and root.
    None before the first one."""
    last_order_event: int
    rule_version: int
    sha256: str

    def as_bytes(self) -> bytes:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        return f"{text}\n".encode()

    @property
    def digest(self) -> str:
        """SHA-256 of its own bytes: the audit log keeps it, so an edited manifest shows too."""
        return sha256(self.as_bytes()).hexdigest()


def name_of(checkpoint: Checkpoint) -> str:
    """How a manifest names a checkpoint, so that it can be held against one that was kept."""
    return f"{checkpoint.size} {b64encode(bytes.fromhex(checkpoint.root)).decode()}"


def path_beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.manifest.json")


def read(path: Path) -> Manifest:
    """A manifest from its file. Raises `ManifestUnreadable`."""
    try:
        content = json.loads(path.read_bytes())
        if set(content) != {field.name for field in fields(Manifest)}:
            raise ManifestUnreadable(path=path)
        return Manifest(**content)
    except (OSError, ValueError, TypeError):
        raise ManifestUnreadable(path=path) from None


def digest_of(file: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()
