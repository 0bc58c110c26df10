"""Exports, written as the page and the command write them, and read again."""

import csv
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.core import database
from storefront.core.permissions import OPERATOR, Actor
from storefront.exports.asked import ExportKind, ExportRequest
from storefront.exports.manifest import Manifest
from storefront.exports.writing import write
from tests.factories import HEALTH, NOON

ORDERS, LEDGER, QUOTA = ExportKind.ORDERS, ExportKind.LEDGER, ExportKind.QUOTA


@dataclass
class Exporter:
    """Somebody who exports into a folder, by default all of an agency's year."""

    engine: Engine
    folder: Path
    actor: Actor = OPERATOR

    def write(
        self, kind: ExportKind, name: str = "ekspor.csv", *, now: datetime = NOON, **asked: Any
    ) -> Manifest:
        usual: dict[str, Any] = {"agency_code": HEALTH.agency_code, "year": HEALTH.fiscal_year}
        request = ExportRequest(kind=kind, **usual | asked)
        with Session(self.engine) as session:

            def transaction() -> AbstractContextManager[Session]:
                return database.transaction(session)

            def snapshot() -> AbstractContextManager[Session]:
                return database.snapshot(session)

            return write(transaction, snapshot, self.actor, request, self.folder / name, now=now)

    def rows(self, kind: ExportKind, **asked: Any) -> list[dict[str, str]]:
        """The rows of a CSV, by the names of its columns."""
        self.write(kind, **asked)
        with (self.folder / "ekspor.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
