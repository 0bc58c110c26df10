"""Forms of the buyer's orders. They check shape; what is possible, the verb decides."""

import re
from collections.abc import Mapping
from datetime import date

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from storefront.core.text import one_line
from storefront.orders.lifecycle import MOST_REASON
from storefront.orders.models import OrderStatus
from storefront.orders.queries import OrderFilter
from storefront.orders.stages import Stage
from storefront.orders.words import Event
from storefront.web.shop.catalog_question import read_page

ACTS: Mapping[str, Event] = {
    event.value: event for event in (Event.RECEIVE, Event.CANCEL, Event.CLOSE_REST)
}
REWORK = "rework"
"""No event of the order's own: its goods go back into the cart (`orders/rework.py`)."""
LONGEST_NUMBER = 16
YEARS = range(2000, 2101)
"""A day far from these has no instant in every zone."""
_PIECES = re.compile(r"quantity_([0-9]{1,4})")
_FEW = re.compile(r"[0-9]{1,6}")


class ActForm(FlaskForm):
    """What the buyer does to an order. The pieces of its lines are read by `pieces_of`."""

    event = StringField(filters=[lambda typed: (typed or "").strip()])
    reason = TextAreaField(
        _("Pesan untuk penjual"), filters=[lambda typed: one_line(typed) if typed else ""]
    )

    def validate_event(self, field: StringField) -> None:
        if field.data != REWORK and field.data not in ACTS:
            raise ValidationError(gettext("Pilih salah satu tombol yang ada di halaman ini."))

    def validate_reason(self, field: TextAreaField) -> None:
        if len(field.data or "") > MOST_REASON:
            raise ValidationError(gettext("Paling panjang %(most)s huruf.", most=MOST_REASON))


def pieces_of(sent: Mapping[str, str]) -> dict[int, int] | None:
    """How many of each line, by its position; None where none is named: all that there are.

    Raises ValueError where what was typed is no whole number.
    """
    named = {name: value.strip() for name, value in sent.items() if _PIECES.fullmatch(name)}
    if not all(_FEW.fullmatch(value) for value in named.values()):
        raise ValueError(gettext("Tulis jumlah dengan angka bulat."))
    return {int(name.split("_")[1]): int(value) for name, value in named.items()} or None


def read_order_filter() -> OrderFilter:
    """Which orders this request asks for; what it asks for wrongly is as if it were not there."""
    status = request.args.get("status", "")
    stage = Stage(status) if status in set(Stage) else None
    return OrderFilter(
        stage=stage,
        status=OrderStatus(status) if stage is None and status in set(OrderStatus) else None,
        from_day=_day(request.args.get("from", "")),
        to_day=_day(request.args.get("to", "")),
        number=request.args.get("number", "").strip()[:LONGEST_NUMBER].upper(),
        page=read_page(),
    )


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return day if day.year in YEARS else None
