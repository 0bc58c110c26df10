"""At which moment a page shows its figures: what its address says, and what a link must say.

A permanent address names the day (`as_of`), the ledger's position, and the time at which rules and
budgets were believed (`known`): nothing that is learned later changes what it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import Form, SelectField
from wtforms.validators import Optional

from storefront.core.errors import NotFound
from storefront.core.tabular import read_day
from storefront.extensions import db
from storefront.quota.seals import in_utc
from storefront.reports.city import CityQuota
from storefront.reports.closes import CloseMark, close_marks
from storefront.reports.explanation import Basis
from storefront.reports.moments import NOW, Asked
from storefront.reports.quota import AgencyQuota
from storefront.web.clock import now, today
from storefront.web.components import month as month_name
from storefront.web.fields import choice
from storefront.web.typed_fields import DayField

PERMANENT = ("as_of", "position", "known", "tree")
"""What `permanent` says; the tree only where it is not that of the figures' own day."""


class MomentForm(Form):
    """The day, and the close whose knowledge is asked for. Sent by GET: no token."""

    as_of = DayField(_("Per tanggal"), validators=[Optional()])
    close = SelectField(_("Sebagaimana diketahui"), coerce=str, validate_choice=False)


@dataclass(frozen=True)
class Choice:
    """What a page offers to look at another moment, and what it looks at."""

    form: MomentForm
    asked: Asked
    close: CloseMark | None
    """The close whose knowledge is shown."""
    is_valid: bool

    @property
    def is_past(self) -> bool:
        return self.asked != NOW

    @property
    def arguments(self) -> dict[str, str]:
        """What an address of the same page must say."""
        said = {}
        if self.asked.as_of is not None:
            said["as_of"] = self.asked.as_of.isoformat()
        if self.close is not None:
            said["close"] = self.close.month
        return said


def read_choice() -> Choice:
    """The moment that the address asks for; a day to come is today."""
    marks = close_marks(db.session())
    form = MomentForm(request.args)
    form.close.choices = [choice("", _("hari ini")), *_choices(marks)]
    is_valid = form.validate()
    by_month = {mark.month: mark for mark in marks}
    wanted = form.close.data or ""
    if wanted and wanted not in by_month:
        raise NotFound
    close = by_month.get(wanted)
    day = form.as_of.data if is_valid else None
    asked = Asked(
        as_of=day if day is not None and day < today() else None,
        position=close.position if close else None,
        known_at=close.confirmed_at if close else None,
    )
    return Choice(form, asked, close, is_valid)


def read_permanent() -> Asked | None:
    """The moment of a permanent address; None where a part is not named. Raises `NotFound`."""
    args = request.args
    if not {"as_of", "position", "known"} <= args.keys():
        return None
    day = read_day(args["as_of"])
    position = args.get("position", type=int)
    known_at = args.get("known", type=_instant)
    if day is None or position is None or position < 0 or known_at is None:
        raise NotFound
    return Asked(as_of=day, position=position, known_at=known_at)


def permanent(figures: AgencyQuota | CityQuota | Basis) -> dict[str, str]:
    """What a link to what a page shows must say, to show the same for ever."""
    at = figures.at
    said = {
        "as_of": at.as_of.isoformat(),
        "position": str(figures.position.number),
        "known": in_utc(at.known_at or now()),
    }
    if figures.arranged_on is not None:
        said["tree"] = figures.arranged_on.isoformat()
    return said


def _instant(text: str) -> datetime:
    """With its zone, or the address is none."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant


def _choices(marks: Sequence[CloseMark]) -> list[tuple[str, str]]:
    return [
        choice(mark.month, _("pada penutupan %(month)s", month=month_name(mark.month)))
        for mark in marks
    ]
