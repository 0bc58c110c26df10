"""Forms of the city's side. They check shape; what is possible, the verbs decide."""

from datetime import date
from typing import cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, Length

from storefront.core.permissions import Role
from storefront.orders.held_refunds import HeldRefund
from storefront.sellers.models import SellerClass
from storefront.sellers.words import CLASSES
from storefront.web.fields import choice
from storefront.web.typed_fields import DayField, RupiahField
from storefront.web.words import ROLES

CITY_ROLES = (Role.CITY_ADMIN, Role.AUDITOR)


class VerifyForm(FlaskForm):
    seller_class = SelectField(
        _("Kelas usaha"),
        choices=[choice(each.value, _(word)) for each, word in CLASSES.items()],
        validate_choice=False,
        validators=[AnyOf([each.value for each in CLASSES], _("Pilih kelas dari daftar."))],
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

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day, of a form that is valid."""
        return cast(date, self.valid_from.data), cast(date, self.valid_to.data)


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        _("Alasan"),
        validators=[
            InputRequired(_("Tulis alasannya dalam satu kalimat; penjual akan membacanya.")),
            Length(max=400, message=_("Paling panjang %(max)d huruf.")),
        ],
    )


class RevokeForm(FlaskForm):
    """From when a word on a class does not count, and why."""

    since = DayField(_("Tidak berlaku sejak"), validators=[InputRequired(_("Isi tanggalnya."))])
    revoke_reason = TextAreaField(
        _("Alasan mencabut"),
        validators=[
            InputRequired(_("Tulis alasannya dalam satu kalimat.")),
            Length(max=400, message=_("Paling panjang %(max)d huruf.")),
        ],
    )


class LookForm(FlaskForm):
    """Why one needs to see private data."""

    look_reason = StringField(_("Alasan Anda"))


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
        choices=[choice(role.value, _(ROLES[role])) for role in CITY_ROLES],
        validate_choice=False,
        validators=[AnyOf([role.value for role in CITY_ROLES], _("Pilih peran dari daftar."))],
    )


def shares_form(hold: HeldRefund, *, is_empty: bool = False) -> FlaskForm:
    """A field of rupiah for each order of a held refund, by the order's number."""

    class SharesForm(FlaskForm):
        pass

    for order in hold.orders:
        setattr(SharesForm, order.number, RupiahField(order.shop_name))
    prefix = f"refund-{hold.refund_id}"
    return SharesForm(formdata=None, prefix=prefix) if is_empty else SharesForm(prefix=prefix)


def shares_of_form(form: FlaskForm, hold: HeldRefund) -> dict[str, int]:
    """Rupiah by order number, without the fields that were left empty."""
    typed = {order.number: form[order.number].data for order in hold.orders}
    return {number: amount for number, amount in typed.items() if amount}
