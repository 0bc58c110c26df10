"""How many of each line: `quantity_<position>`, as many fields as lines. Without any: all."""

import re
from dataclasses import dataclass, field

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

_FIELD = re.compile(r"quantity_([0-9]{1,4})")
_DIGITS = re.compile(r"[0-9]{1,6}")


@dataclass
class PiecesForm:
    """What was typed, and what it means. `wanted` None: nothing was said, so all that can be."""

    typed: dict[int, str] = field(default_factory=dict)
    wanted: dict[int, int] | None = None
    errors: dict[int, str] = field(default_factory=dict)
    message: str = ""
    """What the verb said of them as a whole."""

    @classmethod
    def of(cls, sent: MultiDict[str, str]) -> "PiecesForm":
        """Read a sent form; an empty field is nought."""
        pieces = cls()
        for name, typed in sent.items():
            found = _FIELD.fullmatch(name)
            if found is None:
                continue
            position, text = int(found[1]), typed.strip()
            pieces.typed[position] = typed
            if text and not _DIGITS.fullmatch(text):
                pieces.errors[position] = gettext("Tulis jumlah dengan angka bulat.")
                continue
            pieces.wanted = {**(pieces.wanted or {}), position: int(text or 0)}
        return pieces

    def links(self, event: str) -> list[tuple[str, str]]:
        """For the summary of errors: the id of a field of an event's form, and what is wrong."""
        first = f"{event}-quantity-{min(self.typed)}" if self.typed else ""
        own = [(f"{event}-quantity-{at}", message) for at, message in self.errors.items()]
        return own + ([(first, self.message)] if self.message else [])

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors or self.message)
