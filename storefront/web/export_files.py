"""Written exports, kept for a day in the instance's folder, for whoever may download them.

An export is two files that belong together, of one state of the ledger: made once, fetched twice.
They lie under the digest of their manifest, so the same export of the same state is there once.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

from flask import Response, current_app, send_file

from storefront.core.errors import NotFound
from storefront.exports import manifest
from storefront.exports.asked import ExportRequest
from storefront.exports.manifest import Manifest, ManifestUnreadable
from storefront.exports.writing import write
from storefront.extensions import snapshot, transaction
from storefront.web.clock import now
from storefront.web.identity import current_actor

KEPT = timedelta(days=1)
DRAFT = "draft-"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/x-ndjson",
}


@dataclass(frozen=True)
class KeptExport:
    """An export whose files are still here. `key` is the digest of its manifest."""

    key: str
    file_name: str
    size: int
    manifest: Manifest

    @property
    def manifest_name(self) -> str:
        return manifest.path_beside(Path(self.file_name)).name


def write_export(request: ExportRequest) -> KeptExport:
    """Write what the signed-in person asks for, as the command line would; raises as `write`."""
    root = _root()
    _sweep(root)
    draft = Path(mkdtemp(prefix=DRAFT, dir=root))
    try:
        target = draft / request.file_name
        made = write(transaction, snapshot, current_actor(), request, target, now=now())
        kept = root / made.digest
        if not kept.exists():
            draft.replace(kept)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _read(kept)


def find_export(key: str) -> KeptExport | None:
    """The export of a key; None where there is none, or no longer."""
    if not re.fullmatch(r"[0-9a-f]{64}", key):
        return None
    try:
        return _read(_root() / key)
    except (ManifestUnreadable, FileNotFoundError, StopIteration):
        return None


def send_export(
    key: str, name: str, may: Callable[[Mapping[str, str | int | None]], bool]
) -> Response:
    """One of the two files. `may` is asked with the manifest's filter; raises `NotFound`."""
    found = find_export(key)
    if found is None or name not in {found.file_name, found.manifest_name}:
        raise NotFound
    if not may(found.manifest.filter):
        raise NotFound
    suffix = Path(name).suffix.removeprefix(".")
    is_manifest = name == found.manifest_name
    return send_file(
        _root() / key / name,
        mimetype="application/json" if is_manifest else TYPES[suffix],
        as_attachment=True,
        download_name=name,
        max_age=0,
    )


def _read(folder: Path) -> KeptExport:
    file = next(
        path for path in sorted(folder.iterdir()) if not path.name.endswith(".manifest.json")
    )
    read = manifest.read(manifest.path_beside(file))
    return KeptExport(folder.name, file.name, file.stat().st_size, read)


def _sweep(root: Path) -> None:
    """Take away what is older than a day, also drafts of a process that was killed."""
    oldest = (now() - KEPT).timestamp()
    for folder in root.iterdir():
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    root = Path(current_app.instance_path) / "exports"
    root.mkdir(parents=True, exist_ok=True)
    return root
