"""Forms of the city's side. They check shape; what is possible, the verbs decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from storefront.sellers.models import SellerClass
from storefront.web.fields import choice
from storefront.web.words import CLASSES, ROLES


class VerifyForm(FlaskForm):
    seller_class = SelectField(
        _("Kelas usaha"),
        choices=[choice(each.value, word) for each, word in CLASSES.items()],
        validators=[InputRequired(_("Pilih kelas usahanya."))],
    )
    evidence = StringField(
        _("Dasar verifikasi"),
        validators=[
            InputRequired(_("Tulis dasarnya, misalnya nomor dan tanggal NIB.")),
            Length(max=200, message=_("Paling panjang %(max)d huruf.")),
        ],
    )
    valid_from = DayField(
        _("Berlaku mulai"), validators=[InputRequired(_("Isi tanggal mulainya."))]
    )
    valid_to = DayField(_("Berlaku sampai"), validators=[InputRequired(_("Isi tanggal akhirnya."))])

    @property
    def chosen_class(self) -> SellerClass:
        return SellerClass(self.seller_class.data)


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        _("Alasan"),
        validators=[
            InputRequired(_("Tulis alasannya dalam satu kalimat; penjual akan membacanya.")),
            Length(max=400, message=_("Paling panjang %(max)d huruf.")),
        ],
    )


CITY_ROLES = (Role.CITY_ADMIN, Role.AUDITOR)


class CityRoleForm(FlaskForm):
    """Somebody who already has an account, or gets one mailed."""

    name = StringField(
        _("Nama"),
        validators=[
            InputRequired(_("Isi namanya.")),
            Length(max=120, message=_("Paling panjang %(max)d huruf.")),
        ],
    )
    email = EmailField(_("Surel"), validators=[InputRequired(_("Isi surelnya."))])
    role = SelectField(
        _("Peran"),
        choices=[choice(role.value, ROLES[role]) for role in CITY_ROLES],
        validate_choice=False,
        validators=[AnyOf([role.value for role in CITY_ROLES], _("Pilih peran dari daftar."))],
    )


class PercentField(IntegerField):
    """Whole per cent, told in Indonesian where it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_("Tulis persen sebagai angka bulat."))) from None


class RuleForm(FlaskForm):
    effective_on = DayField(
        _("Berlaku mulai"), validators=[InputRequired(_("Isi tanggal mulainya."))]
    )
    target_percent = PercentField(
        _("Target"),
        validators=[
            InputRequired(_("Isi targetnya.")),
            NumberRange(0, 100, _("Target antara %(min)s dan %(max)s persen.")),
        ],
    )
    seller_classes = SelectMultipleField(
        _("Kelas yang dihitung"),
        choices=[choice(each.value, word) for each, word in CLASSES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired(_("Pilih sedikitnya satu kelas."))],
    )
    cap_amount = RupiahField(
        _("Batas dana instansi per penjual sebulan"),
        validators=[InputRequired(_("Isi batasnya; 0 berarti tanpa batas."))],
    )
