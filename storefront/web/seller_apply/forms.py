"""The form by which a seller-to-be applies. What a field may hold, `sellers/identity.py` says."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from storefront.core.errors import DomainError
from storefront.core.identifiers import read_phone
from storefront.sellers import identity
from storefront.sellers.applications import Application
from storefront.sellers.models import SellerClass
from storefront.web.errors import in_words
from storefront.web.fields import choice
from storefront.web.words import class_word

OFFERED = (SellerClass.MICRO, SellerClass.COOPERATIVE, SellerClass.SMALL, SellerClass.OTHER)


class Read:
    """A validator that asks how the domain reads a field, so that all faults are told at once."""

    def __init__(self, read: Any) -> None:
        self.read = read

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        try:
            self.read(field.data or "")
        except DomainError as refusal:
            raise ValidationError(in_words(refusal)) from None


class ApplicationForm(FlaskForm):
    name = StringField(_("Nama usaha"), validators=[Read(identity.read_shop_name)])
    owner_name = StringField(
        _("Nama pemilik, atau ketua koperasi"), validators=[Read(identity.read_owner_name)]
    )
    nib = StringField(_("NIB (Nomor Induk Berusaha)"), validators=[Read(identity.read_nib)])
    claimed_class = RadioField(
        _("Kelas usaha"), validators=[InputRequired(_("Pilih kelas usaha."))], validate_choice=False
    )
    district = SelectField(
        _("Kecamatan"), validators=[Read(identity.read_district)], validate_choice=False
    )
    address = TextAreaField(_("Alamat usaha"), validators=[Read(identity.read_address)])
    phone = TelField(_("Nomor telepon"), validators=[Read(read_phone)])
    email = EmailField(_("Surel"), validators=[Read(identity.read_email)])
    npwp = StringField(_("NPWP"), validators=[Read(identity.read_npwp)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claimed_class.choices = [choice(kind.value, class_word(kind)) for kind in OFFERED]
        self.district.choices = [
            choice("", gettext("Pilih kecamatan")),
            *(choice(name, name) for name in identity.districts()),
        ]

    def validate_claimed_class(self, field: Field) -> None:
        if field.data and field.data not in set(SellerClass):
            raise ValidationError(gettext("Pilih kelas usaha."))

    def application(self) -> Application:
        """What a valid form says."""
        return Application(
            name=self.name.data or "",
            owner_name=self.owner_name.data or "",
            nib=self.nib.data or "",
            npwp=self.npwp.data or "",
            claimed_class=SellerClass(self.claimed_class.data),
            phone=self.phone.data or "",
            email=self.email.data or "",
            district=self.district.data,
            address=self.address.data or "",
        )
