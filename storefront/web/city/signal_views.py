"""From which figures on the auditor is shown a signal: what is in force, and a new version."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.validators import AnyOf, InputRequired, Optional

from storefront.core.errors import DomainError
from storefront.extensions import db, transaction
from storefront.reports.signal_models import SignalKind
from storefront.reports.signal_thresholds import (
    USES,
    Threshold,
    list_thresholds,
    set_threshold,
    thresholds_on,
)
from storefront.web.city.office import city
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field
from storefront.web.fields import choice
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.typed_fields import DayField, RupiahField
from storefront.web.words import SIGNALS

SEE_OTHER = 303


class WholeField(IntegerField):
    """A whole number, with a message that says so."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Tulis bilangan bulat.")) from error


class ThresholdForm(FlaskForm):
    """A new threshold of one kind. What a kind does not use is ignored."""

    kind = SelectField(
        lazy_gettext("Isyarat"),
        choices=[choice(kind.value, lazy_gettext(title)) for kind, title in SIGNALS.items()],
        validate_choice=False,
        validators=[AnyOf(list(SignalKind), lazy_gettext("Pilih isyaratnya."))],
    )
    since = DayField(
        lazy_gettext("Berlaku sejak"),
        validators=[InputRequired(lazy_gettext("Isi tanggal mulai berlaku."))],
    )
    amount = RupiahField(lazy_gettext("Nilai"), validators=[Optional()])
    days = WholeField(lazy_gettext("Dalam berapa hari"), validators=[Optional()])
    percent = WholeField(lazy_gettext("Mulai berapa persen"), validators=[Optional()])
    least = WholeField(lazy_gettext("Sedikitnya pembanding"), validators=[Optional()])

    @property
    def threshold(self) -> Threshold:
        percent = min(self.percent.data or 0, 100_000)
        return Threshold(
            SignalKind(self.kind.data),
            self.since.data or today(),
            amount=self.amount.data or 0,
            days=self.days.data or 0,
            permille=percent * 10,
            least=self.least.data or 0,
        )


@city.get("/signals")
def signals() -> ResponseReturnValue:
    return _page(ThresholdForm(formdata=None, since=today()))


@city.post("/signals")
def set_signal_threshold() -> ResponseReturnValue:
    """A version from a day on; what was found before stays with its own figures."""
    form = ThresholdForm()
    if not form.validate():
        return _page(form), UNPROCESSABLE
    try:
        with transaction() as session:
            set_threshold(session, current_actor(), form.threshold, now=now())
    except DomainError as refusal:
        if refusal.field == "permille":
            form.percent.errors = [in_words(refusal)]
        else:
            show_beside_field(form, refusal)
        return _page(form), UNPROCESSABLE
    tell(_("Ambang tercatat. Pencarian malam berikutnya memakainya bila sudah berlaku."))
    return redirect(url_for("city.signals"), code=SEE_OTHER)


def _page(form: ThresholdForm) -> str:
    session = db.session()
    return render_template(
        "city/signals.html",
        form=form,
        in_force=thresholds_on(session, today()),
        versions=list_thresholds(session, current_actor()),
        uses=USES,
        titles=SIGNALS,
    )
