#!/usr/bin/env python3
"""Recompute every seal of a ledger export. Needs nothing but Python's standard library.

    python3 verify_ledger.py EXPORT [--partial]

EXPORT is a ledger export as `csv`, `csv-id` or `json`. Each entry's seal is the SHA-256 over its
content and the seal before it on the same account; so every row is recomputed, each account's
chain is followed from its first entry, and its balances are added up again.

--partial   the export was limited by --from or --to: an account may begin later, or have gaps

Exit 0: all holds. 1: something does not, and it is said what and where. 2: the file is no ledger
export that this script can read.
"""

import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

NUMBERS = {
    "position",
    "account_seq",
    "fiscal_year",
    "committed_change",
    "realised_change",
    "committed_after",
    "realised_after",
    "rule_version",
}
TEXTS = {
    "agency_code",
    "fund",
    "seller_class",
    "kind",
    "cause",
    "order_number",
    "occurred_on",
    "period",
    "recorded_at",
    "recorded_by",
    "reason",
    "snapshot_sha256",
    "salt",
    "prev_seal",
    "seal",
}
NOT_SEALED = {"position", "seal"}
ACCOUNT = ("agency_code", "fiscal_year", "fund", "seller_class")
NO_SEAL = "0" * 64

Entry = dict[str, "int | str"]


class Unreadable(Exception):
    """The file is no ledger export."""


class Reached(NamedTuple):
    """Where an account's chain has come to."""

    account_seq: int = 0
    seal: str = NO_SEAL
    committed: int = 0
    realised: int = 0


def main(arguments: list[str]) -> int:
    files = [argument for argument in arguments if not argument.startswith("--")]
    options = set(arguments) - set(files)
    if len(files) != 1 or options - {"--partial"}:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        told = list(verify(Path(files[0]), is_partial="--partial" in options))
    except (OSError, ValueError, Unreadable) as error:
        sys.stderr.write(f"{files[0]}: {error}\n")
        return 2
    *breaches, summary = told
    for breach in breaches:
        sys.stdout.write(f"BROKEN  {breach}\n")
    sys.stdout.write(f"{summary}\n")
    return 1 if breaches else 0


def verify(path: Path, *, is_partial: bool) -> Iterator[str]:
    """Every breach, as a sentence, and at the end a summary."""
    reached: dict[tuple[int | str, ...], Reached] = {}
    count = position = breaches = 0
    for entry in read(path):
        count += 1
        account = tuple(entry[name] for name in ACCOUNT)
        where = f"position {entry['position']}, account {' '.join(map(str, account))}, "
        where += f"entry {entry['account_seq']}"
        found = list(look_at(entry, reached.get(account), position, is_partial=is_partial))
        breaches += len(found)
        yield from (f"{where}: {what}" for what in found)
        position = int(entry["position"])
        reached[account] = Reached(
            int(entry["account_seq"]),
            str(entry["seal"]),
            int(entry["committed_after"]),
            int(entry["realised_after"]),
        )
    what = f"{breaches} breaches in" if breaches else "All seals hold:"
    yield f"{what} {count} entries of {len(reached)} accounts, up to position {position}."


def look_at(
    entry: Entry, before: Reached | None, position: int, *, is_partial: bool
) -> Iterator[str]:
    """What does not hold of one entry, given the one before it on its account."""
    if seal_of(entry) != entry["seal"]:
        yield "seal does not match the content"
    if int(entry["position"]) <= position:
        yield f"stands after position {position}"
    due = before or Reached()
    number = int(entry["account_seq"])
    if number != due.account_seq + 1:
        if not is_partial or number <= due.account_seq:
            yield f"stands where entry {due.account_seq + 1} should"
        return  # what comes before it is not here
    if entry["prev_seal"] != due.seal:
        yield "does not follow the entry before it"
    committed = due.committed + int(entry["committed_change"])
    realised = due.realised + int(entry["realised_change"])
    if (entry["committed_after"], entry["realised_after"]) != (committed, realised):
        yield "balances do not follow from the entry before"
    if committed < 0:
        yield "committed is below nought"


def seal_of(entry: Entry) -> str:
    """SHA-256 over UTF-8 JSON of all columns but `position` and `seal`: sorted, without spaces."""
    content = {name: value for name, value in entry.items() if name not in NOT_SEALED}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path) -> Iterator[Entry]:
    """The entries of an export, whichever of the three forms it has."""
    with path.open("rb") as raw:
        head = raw.read(2)
    if head == b"PK":
        raise Unreadable("XLSX is for people; verify the same export as csv or json")
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from read_json(file) if head.startswith(b"{") else read_csv(file)


def read_json(file: TextIO) -> Iterator[Entry]:
    for line in file:
        entry = json.loads(line)
        check_columns(entry)
        yield entry


def read_csv(file: TextIO) -> Iterator[Entry]:
    """What would begin like a formula is guarded by one apostrophe, which is taken off."""
    heading = file.readline()
    file.seek(0)
    rows = csv.DictReader(file, delimiter=";" if ";" in heading else ",")
    check_columns(rows.fieldnames or ())
    for row in rows:
        if None in row or None in row.values():
            raise Unreadable(f"line {rows.line_num} has not the columns of the heading")
        yield {
            name: int(value) if name in NUMBERS else value.removeprefix("'")
            for name, value in row.items()
        }


def check_columns(found: object) -> None:
    if not isinstance(found, dict | list | tuple) or set(found) != NUMBERS | TEXTS:
        raise Unreadable("its columns are not those of a ledger export")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
