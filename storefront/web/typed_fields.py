"""Days and rupiah as people write them in offices, each with its own message.

WTForms knows no Indonesian, and its number fields take what Python takes: `1_000`, Arabic digits.
"""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from wtforms import DateField, Field
from wtforms.widgets import TextInput

from storefront.core.tabular import read_day

LARGEST_DIGITS = 15
_RUPIAH = re.compile(r"(?:Rp\s?)?([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,00)?", re.IGNORECASE)


class DayField(DateField):
    """A day, as the browser's own field sends it: YYYY-MM-DD. Empty is None."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        self.data = read_day(typed)
        if self.data is None:
            raise ValueError(
                gettext("Tulis tanggal yang ada, sebagai TTTT-BB-HH, misalnya 2026-11-24.")
            )


class RupiahField(Field):
    """Whole rupiah: `1927500`, `1.927.500` or `Rp1.927.500`. Empty is None."""

    widget = TextInput()
    data: int | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:,}".replace(",", ".")

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        found = _RUPIAH.fullmatch(typed)
        digits = found.group(1).replace(".", "").lstrip("0") if found else ""
        if found is None or len(digits) > LARGEST_DIGITS:
            raise ValueError(
                gettext("Tulis rupiah bulat, misalnya 1.927.500, tanpa minus dan tanpa sen.")
            )
        self.data = int(digits or "0")
