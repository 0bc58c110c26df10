"""The chart of expense accounts (kode rekening) that budgets are made of, from a file."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.imports import kept_if
from storefront.agencies.models import ExpenseAccount
from storefront.core import audit
from storefront.core.errors import N_
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.tabular import RowError, RowsRefused, Table

COLUMNS = ("code", "name")
CODE_LENGTH, NAME_LENGTH = 30, 160


@dataclass(frozen=True)
class AccountsImported:
    """How many accounts a file added and renamed."""

    added: int
    changed: int


def import_expense_accounts(
    session: Session, actor: Actor, table: Table, *, now: datetime, dry_run: bool = False
) -> AccountsImported:
    """Take a chart of accounts, or none of it; what is not in the file stays.

    Raises `NotAllowed`, or `RowsRefused` with every wrong row.
    """
    require(actor, Action.MANAGE_AGENCIES, CITY)
    with kept_if(session, not dry_run):
        errors = [*table.errors, *_wrong(table)]
        if errors:
            raise RowsRefused(errors)
        known = {account.code: account for account in session.scalars(select(ExpenseAccount))}
        added, changed = 0, 0
        for row in table.rows:
            account = known.get(row["code"])
            if account is None:
                session.add(ExpenseAccount(code=row["code"], name=row["name"]))
                added += 1
            elif account.name != row["name"]:
                account.name = row["name"]
                changed += 1
        session.flush()
        counts: audit.Details = {"added": added, "changed": changed, "file": table.sha256}
        audit.record(session, actor, "expense_accounts.imported", "accounts", counts, now=now)
    return AccountsImported(added, changed)


def _wrong(table: Table) -> list[RowError]:
    first_seen: dict[str, int] = {}
    errors = []
    for row in table.rows:
        code = row["code"]
        if not 0 < len(code) <= CODE_LENGTH:
            errors.append(RowError(row.number, "code", N_("Isi kode, paling banyak 30 karakter.")))
        elif code in first_seen:
            told = {"code": code, "row": first_seen[code]}
            errors.append(
                RowError(row.number, "code", N_("Kode %(code)s sudah ada di baris %(row)d."), told)
            )
        first_seen.setdefault(code, row.number)
        if not 0 < len(row["name"]) <= NAME_LENGTH:
            errors.append(RowError(row.number, "name", N_("Isi nama, paling banyak 160 karakter.")))
    return errors
