"""Forms of the seller's side. They check shape; what is possible, the verbs decide."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from storefront.core.text import clean, one_line
from storefront.sellers.identity import districts
from storefront.sellers.models import Seller
from storefront.sellers.profile import Profile
from storefront.web.fields import choice
from storefront.web.seller.fields import WholeNumberField
from storefront.web.typed_fields import DayField


class OrderFilterForm(FlaskForm):
    """Asked by address, so without a token."""

    class Meta:
        csrf = False

    number = StringField(_("Nomor pesanan"), filters=[lambda typed: one_line(typed or "")])
    from_day = DayField(_("Dari tanggal"), validators=[Optional()])
    to_day = DayField(_("Sampai tanggal"), validators=[Optional()])

    def validate_to_day(self, field: DayField) -> None:
        if self.from_day.data and field.data and field.data < self.from_day.data:
            raise ValidationError(gettext("Tanggal akhir mendahului tanggal awal."))


class AnswerForm(FlaskForm):
    """Why an order cannot be taken on."""

    reason = TextAreaField(_("Alasan untuk pembeli"), id="decline-reason")


class ShipForm(FlaskForm):
    tracking = StringField(_("Keterangan pengiriman"), id="tracking")


class CloseRestForm(FlaskForm):
    reason = TextAreaField(_("Alasan untuk pembeli"), id="close-reason")


class TakeBackForm(FlaskForm):
    reason = TextAreaField(_("Catatan"), id="back-reason")


class ProfileForm(FlaskForm):
    phone = StringField(_("Telepon"))
    email = StringField(_("Surel"))
    district = SelectField(_("Kecamatan"), validate_choice=False)
    address = TextAreaField(_("Alamat toko"))
    npwp = StringField(_("NPWP"))
    description = TextAreaField(_("Cerita toko"))
    office_delivery_amount = WholeNumberField(
        _("Ongkos antar ke kantor"), missing=_("Isi ongkosnya. Tulis 0 bila gratis.")
    )
    home_delivery_amount = WholeNumberField(
        _("Ongkos antar ke rumah"), missing=_("Isi ongkosnya. Tulis 0 bila gratis.")
    )
    free_delivery_from_amount = WholeNumberField(_("Gratis antar mulai belanja"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = districts()
        typed = self.district.data or ""
        known = names if typed in names else (typed, *names)
        self.district.choices = [choice(name, name or gettext("Pilih kecamatan")) for name in known]

    @classmethod
    def of(cls, shop: Seller) -> "ProfileForm":
        """As the shop is now."""
        return cls(formdata=None, obj=shop)

    @property
    def wish(self) -> Profile:
        """What was sent, of a form that was validated."""
        return Profile(
            phone=self.phone.data or "",
            email=self.email.data or "",
            district=self.district.data or "",
            address=self.address.data or "",
            description=clean(self.description.data or ""),
            npwp=self.npwp.data or "",
            office_delivery_amount=self.office_delivery_amount.data or 0,
            home_delivery_amount=self.home_delivery_amount.data or 0,
            free_delivery_from_amount=self.free_delivery_from_amount.data,
        )
