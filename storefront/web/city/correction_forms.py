"""The forms of the city's corrections."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from storefront.core.text import clean
from storefront.quota.corrections import LONGEST_REASON
from storefront.quota.off_platform import LONGEST_EVIDENCE
from storefront.sellers.words import CLASSES
from storefront.web.fields import choice

TOO_LONG = _("Paling panjang %(max)d huruf.")
REASON = [
    InputRequired(_("Tulis alasannya dalam satu kalimat.")),
    Length(max=LONGEST_REASON, message=TOO_LONG),
]


def _cleaned(typed: str | None) -> str:
    return clean(typed) if typed else ""


class MoveForm(FlaskForm):
    """Orders to be moved, and why."""

    orders = SelectMultipleField(_("Pesanan"), choices=[], validate_choice=False)
    reason = TextAreaField(_("Dasar dan alasan"), filters=[_cleaned], validators=REASON)
    evidence = FileField(_("Berkas dasar"))


class PersonalForm(FlaskForm):
    personal_reason = TextAreaField(_("Alasan"), filters=[_cleaned], validators=REASON)


class DecisionForm(FlaskForm):
    """A second person's word: of a purchase from a stranger also the seller's class."""

    seller_class = SelectField(
        _("Kelas penjual menurut kota"),
        choices=[
            choice("", _("Tidak dinyatakan (dihitung sebagai lainnya)")),
            *(choice(each.value, _(word)) for each, word in CLASSES.items()),
        ],
        validate_choice=False,
        validators=[AnyOf(["", *(each.value for each in CLASSES)], _("Pilih kelas dari daftar."))],
        default="",
    )
    class_evidence = StringField(
        _("Dasar kelas itu"),
        filters=[_cleaned],
        validators=[Length(max=LONGEST_EVIDENCE, message=TOO_LONG)],
    )
    reason = TextAreaField(
        _("Alasan menolak"),
        filters=[_cleaned],
        validators=[Length(max=LONGEST_REASON, message=TOO_LONG)],
    )
