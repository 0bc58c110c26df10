"""Numbers as sellers type them: amounts, pieces, days. What is doubtful is asked again."""

import re
from typing import Any

from flask_babel import gettext
from wtforms import Field
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

_GROUPED = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")
_PLAIN = re.compile(r"[0-9]{1,15}")
_RUPIAH = re.compile(r"^rp\.?\s*", re.IGNORECASE)


class WholeNumberField(Field):
    """`68.000`, `Rp68.000` or `68000`; empty is None. `68,5` and `1.5` are no whole numbers."""

    data: int | None
    widget = TextInput()

    def __init__(self, label: Any = None, *, missing: Any = None, **options: Any) -> None:
        """`missing`: what is said when it is empty; None: it may be."""
        super().__init__(label, **options)
        self._missing = missing

    def _value(self) -> str:
        """With dots in either language: what is shown can be sent as it is."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:,}".replace(",", ".")

    def show(self, value: int) -> None:
        """Let it hold a value in place of what was sent."""
        self.data, self.raw_data = value, None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        digits = _RUPIAH.sub("", typed).replace(" ", "")
        if _GROUPED.fullmatch(digits):
            digits = digits.replace(".", "")
        if not _PLAIN.fullmatch(digits):
            raise ValueError(gettext("Tulis dengan angka bulat, misalnya 27.500."))
        self.data = int(digits)

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation
        if self.data is None and self._missing is not None:
            raise StopValidation(str(self._missing))
