#!/usr/bin/env python3
"""Check a ledger export, or a proof, without the store. Needs Python's standard library alone.

    python3 verify_ledger.py EXPORT [--partial]
    python3 verify_ledger.py EXPORT --proof LEAVES --key KEY [--checkpoint NOTE]...
    python3 verify_ledger.py --proof PROOF... --key KEY [--checkpoint NOTE]...

EXPORT is a ledger export as `csv`, `csv-id` or `json`. Each entry's seal is the SHA-256 over its
content and the seal before it on the same account; so every row is recomputed, each account's
chain is followed from its first entry, and its balances are added up again.

--partial     the export was limited by --from or --to: an account may begin later, or have gaps
--proof       what `ledger prove` wrote: an order's entries, that one checkpoint extends another, or
              all seals (with EXPORT: every row must be the entry of its position); repeatable
--key         the store's public key as /ledger/key shows it, `name+hash+base64`, or a file of such
              lines: as you kept it, not as a proof states it; repeatable
--checkpoint  a checkpoint that you kept: it must be the one that a proof leads to, or be shown to
              be extended by it; repeatable

Exit 0: all holds. 1: something does not, and it is said what and where. 2: a file is not what this
script can read.
"""

import argparse
import base64
import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO, cast

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

ED25519 = 1
KEY_LENGTH = 32
SIGNATURE_LENGTH = 64
LEAST_LINES = 3  # origin, size, root
DASH = "\N{EM DASH} "

Entry = dict[str, "int | str"]


class Unreadable(Exception):
    """The file is no ledger export, proof, key or checkpoint."""


class Broken(Exception):
    """Something does not hold."""


class Reached(NamedTuple):
    """Where an account's chain has come to."""

    account_seq: int = 0
    seal: str = NO_SEAL
    committed: int = 0
    realised: int = 0


class Head(NamedTuple):
    """What a signed checkpoint says: whose log, how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes


class Key(NamedTuple):
    """A public key, and the name and hash by which a note names it."""

    name: str
    hash: bytes
    public: bytes


class Proven(NamedTuple):
    """What proofs were found to show."""

    heads: list[Head]
    """The checkpoints they lead to."""
    older: list[tuple[Head, Head]]
    """Of each pair, that the second extends the first."""
    leaves: list[bytes] | None
    """All seals of the first of the heads, where they were given."""


def main(arguments: list[str]) -> int:
    asked = read_arguments(arguments)
    named = asked.export or (asked.proof or ["--checkpoint"])[0]
    try:
        keys = [key for each in asked.key for key in read_keys(each)]
        notes = [(name, Path(name).read_bytes().decode()) for name in asked.checkpoint]
        proofs = [(name, json.loads(Path(name).read_bytes())) for name in asked.proof]
        told = list(look_at_proofs(proofs, notes, keys)) if proofs or notes else []
        leaves = next((each.leaves for each in told if isinstance(each, Proven)), None)
        lines = [each for each in told if isinstance(each, str)]
        if asked.export:
            lines += verify(Path(asked.export), is_partial=asked.partial, leaves=leaves)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, Unreadable) as error:
        sys.stderr.write(f"{named}: {error}\n")
        return 2
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return 1 if any(line.startswith("BROKEN") for line in lines) else 0


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        usage=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=True
    )
    parser.add_argument("export", nargs="?")
    parser.add_argument("--partial", action="store_true")
    for name in ("--proof", "--key", "--checkpoint"):
        parser.add_argument(name, action="append", default=[])
    asked = parser.parse_args(arguments)
    if not (asked.export or asked.proof):
        parser.error("give an export or a proof")
    if (asked.proof or asked.checkpoint) and not asked.key:
        parser.error("a proof needs --key: the store's public key, as you kept it")
    if asked.checkpoint and not asked.proof:
        parser.error("a checkpoint says something only together with a --proof")
    return asked


def look_at_proofs(
    proofs: list[tuple[str, dict[str, Any]]], notes: list[tuple[str, str]], keys: list[Key]
) -> Iterator["str | Proven"]:
    """What each proof shows, then whether the kept checkpoints stand in one log with them."""
    proven = Proven([], [], None)
    is_broken = False
    for name, proof in proofs:
        try:
            said, proven = look_at_proof(proof, keys, proven)
            yield f"{name}: {said}"
        except Broken as why:
            is_broken = True
            yield f"BROKEN  {name}: {why}"
    for name, note in notes:
        try:
            yield f"{name}: {is_extended(open_note(note, keys), proven)}"
        except Broken as why:
            is_broken = True
            yield f"BROKEN  {name}: {why}"
    if not is_broken:
        yield proven


def look_at_proof(proof: dict[str, Any], keys: list[Key], proven: Proven) -> tuple[str, Proven]:
    """What a proof says in words, and what is known with it. Raises `Broken`."""
    head = open_note(proof["checkpoint"], keys)
    heads = [*proven.heads, head]
    if proof["proof"] == "order":
        count = look_at_order(proof, head)
        said = f"{count} entries of order {proof['order']} stand in the log of {head.size}."
        return said, proven._replace(heads=heads)
    if proof["proof"] == "consistency":
        old = open_note(proof["from"], keys)
        if old.origin != head.origin:
            raise Broken("its checkpoints are of two different logs")
        if not is_consistent(old, head, [bytes.fromhex(each) for each in proof["hashes"]]):
            raise Broken(f"the log of {head.size} does not extend the log of {old.size}")
        said = f"the log of {head.size} extends the log of {old.size}."
        return said, proven._replace(heads=heads, older=[*proven.older, (old, head)])
    if proof["proof"] == "leaves":
        leaves = [bytes.fromhex(each) for each in proof["leaves"]]
        if len(leaves) != head.size or root_of(leaves) != head.root:
            raise Broken(f"its seals are not those of the log of {head.size}")
        return f"these are all {head.size} seals of the log.", Proven(
            [head, *heads[:-1]], proven.older, leaves
        )
    raise Unreadable(f"a proof of {proof['proof']!r} is unknown")


def look_at_order(proof: dict[str, Any], head: Head) -> int:
    """How many entries of an order are shown to stand in the log. Raises `Broken`."""
    for told in proof["entries"]:
        entry = {name: value for name, value in told.items() if name != "inclusion"}
        check_columns(entry)
        where = f"position {entry['position']}"
        if seal_of(entry) != entry["seal"]:
            raise Broken(f"{where}: seal does not match the content")
        if entry["order_number"] != proof["order"]:
            raise Broken(f"{where}: is of another order")
        path = [bytes.fromhex(each) for each in told["inclusion"]]
        leaf = bytes.fromhex(str(entry["seal"]))
        if included_root(leaf, int(entry["position"]) - 1, head.size, path) != head.root:
            raise Broken(f"{where}: is not in the log of {head.size}")
    if not proof["entries"]:
        raise Broken("it has no entries")
    return len(proof["entries"])


def is_extended(kept: Head, proven: Proven) -> str:
    """How a kept checkpoint is known to stand in the same log. Raises `Broken`."""
    ends = [head for head in proven.heads if head.origin == kept.origin]
    for head in ends:
        if head.size == kept.size and head.root != kept.root:
            raise Broken(f"there are two logs of {kept.size}: the past was rewritten")
        if head == kept:
            return f"is the checkpoint of {kept.size} that was proven."
        if (kept, head) in proven.older:
            return f"the log of {head.size} that was proven extends it."
    if proven.leaves is not None and proven.heads[0].origin == kept.origin:
        if kept.size > len(proven.leaves):
            raise Broken(f"covers {kept.size} entries, and there are {len(proven.leaves)}")
        if root_of(proven.leaves[: kept.size]) != kept.root:
            raise Broken(f"the seals up to {kept.size} are others: the past was rewritten")
        return f"the seals up to {kept.size} are those that it covers."
    newest = max((head.size for head in ends), default=0)
    raise Broken(
        f"nothing shows that the proven log extends it; ask for"
        f" `ledger prove --from {kept.size} --to {newest}`"
    )


def verify(path: Path, *, is_partial: bool, leaves: list[bytes] | None = None) -> Iterator[str]:
    """Every breach, as a sentence, and at the end a summary."""
    reached: dict[tuple[int | str, ...], Reached] = {}
    count = position = breaches = younger = 0
    for entry in read(path):
        count += 1
        account = tuple(entry[name] for name in ACCOUNT)
        where = f"position {entry['position']}, account {' '.join(map(str, account))}, "
        where += f"entry {entry['account_seq']}"
        found = list(look_at(entry, reached.get(account), position, is_partial=is_partial))
        at = int(entry["position"])
        if leaves is not None and at > len(leaves):
            younger += 1
        elif leaves is not None and leaves[at - 1].hex() != entry["seal"]:
            found.append("is not the entry that the checkpoint covers at this position")
        breaches += len(found)
        yield from (f"BROKEN  {where}: {what}" for what in found)
        position = int(entry["position"])
        reached[account] = Reached(
            int(entry["account_seq"]),
            str(entry["seal"]),
            int(entry["committed_after"]),
            int(entry["realised_after"]),
        )
    what = f"{breaches} breaches in" if breaches else "All seals hold:"
    yield f"{what} {count} entries of {len(reached)} accounts, up to position {position}."
    if leaves is not None and not breaches:
        late = f"; {younger} are younger than it" if younger else ""
        yield f"{count - younger} of them stand where the checkpoint covers them{late}."


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


def open_note(note: str, keys: list[Key]) -> Head:
    """What a signed checkpoint says, if a given key signed it. Raises `Broken`, `Unreadable`."""
    note = note.replace("\r\n", "\n").strip() + "\n"
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = text.splitlines()
    if not blank or len(lines) < LEAST_LINES or not lines[1].isdigit():
        raise Unreadable("this is no signed checkpoint")
    is_signed = False
    for line in signatures.splitlines():
        name, _, written = line.removeprefix(DASH).partition(" ")
        signature = base64.b64decode(written, validate=True)
        for key in keys:
            if (key.name, key.hash) == (name, signature[:4]):
                if not verifies(key.public, text.encode(), signature[4:]):
                    raise Broken(f"the signature of {name} on its checkpoint does not hold")
                is_signed = True
    if not is_signed:
        raise Broken("its checkpoint is not signed by the key that you gave")
    return Head(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))


def read_keys(given: str) -> Iterator[Key]:
    """Keys as a line, or as the lines of a file."""
    is_file = "+" not in given or Path(given).is_file()
    for line in Path(given).read_text(encoding="utf-8").split() if is_file else [given.strip()]:
        name, _, rest = line.partition("+")
        told, _, written = rest.partition("+")
        material = base64.b64decode(written, validate=True)
        hashed = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        if len(material) != 1 + KEY_LENGTH or material[0] != ED25519 or told != hashed.hex():
            raise Unreadable("this is no Ed25519 key of the form name+hash+base64")
        yield Key(name, hashed, material[1:])


def root_of(leaves: list[bytes]) -> bytes:
    """The Merkle root over leaves (RFC 9162, 2.1.1): pairs are joined, an odd one out waits."""
    row = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not row:
        return hashlib.sha256().digest()
    while len(row) > 1:
        joined = [join(*pair) for pair in zip(row[::2], row[1::2])]  # noqa: B905
        row = joined + row[len(joined) * 2 :]
    return row[0]


def included_root(leaf: bytes, index: int, size: int, path: list[bytes]) -> "bytes | None":
    """The root to which an inclusion proof leads (2.1.3.2); None if it has not the right length."""
    if not 0 <= index < size:
        return None
    reached, last, rest = hashlib.sha256(b"\0" + leaf).digest(), size - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not rest:
                return None
            beside = rest.pop(0)
            reached = join(beside, reached) if index % 2 else join(reached, beside)
        index, last = index >> 1, last >> 1
    return None if rest else reached


def is_consistent(old: Head, new: Head, path: list[bytes]) -> bool:
    """Whether a proof shows that the newer log begins with the older one (2.1.4.2)."""
    if old.size == new.size or not 0 < old.size < new.size:
        return old.size in (0, new.size) and not path and (not old.size or old.root == new.root)
    index, last, rest = old.size - 1, new.size - 1, list(path)
    while index % 2:
        index, last = index >> 1, last >> 1
    if index and not rest:
        return False
    before = after = rest.pop(0) if index else old.root
    while last:
        if index % 2 or index < last:
            if not rest:
                return False
            beside = rest.pop(0)
            if index % 2:
                before, after = join(beside, before), join(beside, after)
            else:
                after = join(after, beside)
        index, last = index >> 1, last >> 1
    return not rest and (before, after) == (old.root, new.root)


def join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


# Ed25519 as RFC 8032 (5.1) defines it: slow, and enough for a few signatures. A point is X, Y, Z, T
# with x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature of 64 bytes is the key's on the message (5.1.7)."""
    if len(signature) != SIGNATURE_LENGTH:
        return False
    key, commitment = point_of(public), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(hashed, "little") % ORDER
    left, right = times(scalar, BASE), added(commitment, times(challenge, key))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def point_of(encoded: bytes) -> "Point | None":
    """A point from its 32 bytes (5.1.3); None if they are none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if len(encoded) != KEY_LENGTH or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (not x and sign):
        return None
    x = P - x if x % 2 != sign else x
    return x, y, 1, x * y % P


def added(one: Point, other: Point) -> Point:
    """The sum of two points (5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = added(total, point)
        point, number = added(point, point), number >> 1
    return total


BASE = cast(Point, point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
