"""The forms of a purchase outside the store; what a field may hold, its verb says."""

from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from storefront.core.text import clean
from storefront.quota.correction_models import OutsideChannel
from storefront.quota.corrections import LONGEST_REASON
from storefront.quota.off_platform_plans import (
    LONGEST_CODE,
    LONGEST_DESCRIPTION,
    LONGEST_DOCUMENT,
    NewPurchase,
)
from storefront.sellers.identity import LONGEST_NAME
from storefront.sellers.models import SellerClass
from storefront.sellers.words import CLASSES
from storefront.web.correction_words import CHANNELS
from storefront.web.fields import choice
from storefront.web.typed_fields import DayField, RupiahField

TOO_LONG = _("Paling panjang %(max)d huruf.")
OFFERED = (SellerClass.MICRO, SellerClass.COOPERATIVE, SellerClass.SMALL, SellerClass.OTHER)


def _cleaned(typed: str | None) -> str:
    return clean(typed) if typed else ""


class PurchaseForm(FlaskForm):
    """A purchase: first what it was, then what to look at again, and the evidence."""

    channel = RadioField(
        _("Dibeli lewat"),
        choices=[choice(each.value, _(word)) for each, word in CHANNELS.items()],
        default=OutsideChannel.OUTLET_PAPER.value,
        validate_choice=False,
        validators=[AnyOf([each.value for each in CHANNELS], _("Pilih cara membelinya."))],
    )
    bought_on = DayField(_("Tanggal nota"), validators=[InputRequired(_("Isi tanggal pada nota."))])
    document_number = StringField(
        _("Nomor nota, faktur, atau kontrak"),
        filters=[_cleaned],
        validators=[
            InputRequired(_("Isi nomor notanya; bila tidak ada, tulis 'tanpa nomor'.")),
            Length(max=LONGEST_DOCUMENT, message=TOO_LONG),
        ],
    )
    amount = RupiahField(
        _("Jumlah, termasuk pajak"), validators=[InputRequired(_("Isi jumlah pada nota."))]
    )
    seller_name = StringField(
        _("Nama penjual"),
        filters=[_cleaned],
        validators=[Length(max=LONGEST_NAME, message=TOO_LONG)],
    )
    seller_nib = StringField(
        _("NIB penjual"), filters=[_cleaned], validators=[Length(max=40, message=TOO_LONG)]
    )
    claimed_class = SelectField(
        _("Kelas usaha penjual"),
        choices=[choice(each.value, _(CLASSES[each])) for each in OFFERED],
        default=SellerClass.OTHER.value,
        validate_choice=False,
        validators=[AnyOf([each.value for each in OFFERED], _("Pilih kelas dari daftar."))],
    )
    description = TextAreaField(
        _("Apa yang dibeli"),
        filters=[_cleaned],
        validators=[
            InputRequired(_("Tulis barang atau jasanya, dengan banyaknya.")),
            Length(max=LONGEST_DESCRIPTION, message=TOO_LONG),
        ],
    )
    reason = TextAreaField(
        _("Mengapa tidak lewat toko"),
        filters=[_cleaned],
        validators=[
            InputRequired(_("Tulis alasannya dalam satu kalimat.")),
            Length(max=LONGEST_REASON, message=TOO_LONG),
        ],
    )
    expense_account = SelectField(_("Rekening belanja"), choices=[], validate_choice=False)
    activity_code = StringField(
        _("Kode kegiatan"),
        filters=[_cleaned],
        validators=[Length(max=LONGEST_CODE, message=TOO_LONG)],
    )
    evidence = FileField(_("Bukti"))

    @property
    def purchase(self) -> NewPurchase:
        """What the form says, once it is valid."""
        day, amount = self.bought_on.data, self.amount.data
        if not isinstance(day, date) or amount is None:
            raise TypeError("the form was not validated")
        return NewPurchase(
            bought_on=day,
            document_number=self.document_number.data or "",
            channel=OutsideChannel(self.channel.data),
            seller_name=self.seller_name.data or "",
            seller_nib=self.seller_nib.data or "",
            claimed_class=SellerClass(self.claimed_class.data),
            amount=amount,
            description=self.description.data or "",
            reason=self.reason.data or "",
            expense_account=self.expense_account.data or "",
            activity_code=self.activity_code.data or "",
        )


class RefusalForm(FlaskForm):
    """Why a proposal is refused."""

    reason = TextAreaField(
        _("Alasan menolak"),
        filters=[_cleaned],
        validators=[Length(max=LONGEST_REASON, message=TOO_LONG)],
    )


class ReversalForm(FlaskForm):
    """Why an approved purchase should be counted no more; with a file, where there is one."""

    reason = TextAreaField(
        _("Alasan membatalkan"),
        filters=[_cleaned],
        validators=[
            InputRequired(_("Tulis alasannya dalam satu kalimat.")),
            Length(max=LONGEST_REASON, message=TOO_LONG),
        ],
    )
    evidence = FileField(_("Bukti pembatalan"))
