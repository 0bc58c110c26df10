"""Forms of the city's side. They check shape; what is possible, the verbs decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from storefront.sellers.models import SellerClass
from storefront.web.typed_fields import DayField
from storefront.web.fields import choice
from storefront.web.words import CLASSES


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
