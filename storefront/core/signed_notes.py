"""Signed notes (C2SP signed-note) and the tree heads that are signed in them (tlog-checkpoint).

A note is a text, a blank line, and lines that begin with a dash: who signed it, by which key, and
the signature. Of the signature types only Ed25519 is spoken here.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
SEED_LENGTH = 32
HASH_LENGTH = 32
ID_LENGTH = 4
LONGEST = 100_000
DASH = "\N{EM DASH} "
NAME = re.compile(r"[^\s+]+")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteRefused(Exception):
    """A note, or what is written in it, is not to be believed; the message says why."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key and the name under which it signs."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, written: str) -> Self:
        """A key in the form `name+hash+base64`. Raises `NoteRefused`."""
        name, _, rest = written.strip().partition("+")
        told_id, _, key = rest.partition("+")
        material = _from_base64(key)
        if not NAME.fullmatch(name) or material[:1] != ED25519 or len(material) != 1 + SEED_LENGTH:
            raise NoteRefused("this is no Ed25519 verifier key of the form name+hash+base64")
        found = cls(name, material[1:])
        if told_id != found.id.hex():
            raise NoteRefused("the key's hash does not match the key")
        return found

    @property
    def id(self) -> bytes:
        """Four bytes that name the key in a note; the name is part of what they are made of."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_LENGTH]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """Signs notes under a name, with the key that a seed of 32 bytes makes."""

    name: str
    seed: bytes

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note: the text, which ends in a newline, and its signature. Always the same."""
        if not text.endswith("\n") or FORBIDDEN.search(text) or not NAME.fullmatch(self.name):
            raise ValueError("this cannot stand in a note")
        signature = b64encode(self.key.id + self._private.sign(text.encode())).decode()
        return f"{text}\n{DASH}{self.name} {signature}\n"

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"  # never the seed


@dataclass(frozen=True)
class OpenedNote:
    """A note whose signature was checked: its text, and the known keys that signed it."""

    text: str
    signed_by: tuple[VerifierKey, ...]


@dataclass(frozen=True)
class TreeHead:
    """A log's state: whose it is, how many leaves its tree has, and the tree's root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a checkpoint's text says. Raises `NoteRefused`."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
            raise NoteRefused("its text is no checkpoint")
        origin, size, root = lines[:3]
        hash_ = _from_base64(root)
        if not SIZE.fullmatch(size) or len(hash_) != HASH_LENGTH:
            raise NoteRefused("its text is no checkpoint")
        return cls(origin, int(size), hash_)

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def open_note(note: str, keys: Iterable[VerifierKey]) -> OpenedNote:
    """A note by what is known: raises `NoteRefused` unless a known key signed it.

    Signatures of unknown keys are left aside, as the format asks; one of a known key that does not
    hold refuses the whole. Line ends of another system are forgiven: mails change them.
    """
    note = note.replace("\r\n", "\n").lstrip("\n").rstrip() + "\n"
    if len(note) > LONGEST or FORBIDDEN.search(note):
        raise NoteRefused("this is no signed note")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank:
        raise NoteRefused("this is no signed note")
    text += "\n"
    known = {(key.name, key.id): key for key in keys}
    signed_by = []
    for line in signatures.removesuffix("\n").split("\n"):
        name, key_id, signature = _signature(line)
        key = known.get((name, key_id))
        if key is None:
            continue
        if not key.verifies(text, signature):
            raise NoteRefused(f"the signature of {name} does not hold")
        signed_by.append(key)
    if not signed_by:
        raise NoteRefused("no known key has signed it")
    return OpenedNote(text, tuple(signed_by))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and signature of a line."""
    name, _, written = line.removeprefix(DASH).partition(" ")
    signature = _from_base64(written)
    if not line.startswith(DASH) or not NAME.fullmatch(name) or len(signature) <= ID_LENGTH:
        raise NoteRefused("this is no signed note")
    return name, signature[:ID_LENGTH], signature[ID_LENGTH:]


def _from_base64(written: str) -> bytes:
    """Raises `NoteRefused` for what is not standard base 64 of exactly one form."""
    try:
        found = b64decode(written, validate=True)
    except ValueError:
        raise NoteRefused("this is not base 64") from None
    if b64encode(found).decode() != written:
        raise NoteRefused("this is not base 64 in its one form")
    return found
