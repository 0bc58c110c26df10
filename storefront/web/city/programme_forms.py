"""Forms of the programme's pages. They check shape; what is possible, the verbs decide."""

from datetime import date
from typing import cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from storefront.agencies.holiday_estimates import LONGEST_NAME
from storefront.programme.calendar import LONGEST_REASON
from storefront.web.typed_fields import DayField


class DecisionForm(FlaskForm):
    """What moving and cancelling a Serlok day share: why, and which state of it one saw."""

    reason = TextAreaField(
        _("Alasan"),
        validators=[
            InputRequired(_("Tulis alasannya; semua orang membacanya.")),
            Length(max=LONGEST_REASON, message=_("Paling panjang %(max)d huruf.")),
        ],
    )
    seen = IntegerField(default=0, widget=HiddenInput())

    @property
    def version(self) -> int:
        """The version that was seen; -1, which never was, where that is unreadable."""
        return self.seen.data if isinstance(self.seen.data, int) else -1


class MoveForm(DecisionForm):
    day = DayField(_("Hari baru"), validators=[InputRequired(_("Isi hari barunya."))])
    despite_day_off = BooleanField(_("Tetap pada hari itu walaupun libur"))

    @property
    def chosen_day(self) -> date:
        """Of a form that is valid."""
        return cast(date, self.day.data)


class HolidayForm(FlaskForm):
    day = DayField(_("Hari"), validators=[InputRequired(_("Isi tanggalnya."))])
    name = StringField(
        _("Nama hari libur"),
        validators=[
            InputRequired(_("Tulis namanya.")),
            Length(max=LONGEST_NAME, message=_("Paling panjang %(max)d huruf.")),
        ],
    )

    @property
    def chosen_day(self) -> date:
        """Of a form that is valid."""
        return cast(date, self.day.data)
