"""Forms of deciding, paying, searching and exporting. They check shape; the rest, the verbs decide.

Names are the contract's. `from` and `to` are words of the language, so their fields say `name=`.
"""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, Regexp

from storefront.core.text import clean
from storefront.orders.approvals import Decision
from storefront.payments.models import AgencyMethod
from storefront.web.fields import choice
from storefront.web.typed_fields import DayField, RupiahField

OWN_WORDS = "other"
REASONS: Mapping[str, str] = {
    "merge": _("Gabungkan dengan permintaan lain"),
    "account": _("Rekening atau kegiatan keliru"),
    "price": _("Jumlah atau harga perlu ditinjau"),
    OWN_WORDS: _("Alasan lain"),
}


def _cleaned(typed: str | None) -> str:
    return clean(typed).strip() if typed else ""


class DecisionForm(FlaskForm):
    """The approver's word. `reason_kind` spares typing; `reason` reaches the asker as it is."""

    decision = HiddenField(
        validators=[AnyOf([d.value for d in Decision], _("Pilih setujui, kembalikan, atau tolak."))]
    )
    reason_kind = RadioField(
        _("Alasan"),
        choices=[choice(key, label) for key, label in REASONS.items()],
        validate_choice=False,
        validators=[Optional(), AnyOf(list(REASONS), _("Pilih salah satu alasan."))],
    )
    reason = TextAreaField(_("Yang perlu dilakukan pemohon"), filters=[_cleaned])
    accepts_over = BooleanField(_("Saya mengetahui kelebihannya dan tetap menyetujui"))
    over_amount = HiddenField(
        validators=[Optional(), Regexp(r"[0-9]{1,15}", message=_("Jumlahnya tidak terbaca."))]
    )

    @property
    def accepted_over_amount(self) -> int | None:
        """Rupiah above the budget that the approver saw and accepts."""
        accepts = self.accepts_over.data and self.over_amount.data
        return int(self.over_amount.data or 0) if accepts else None

    @property
    def sentence(self) -> str:
        """What the asker reads: the reason chosen, then the approver's own words."""
        kind = self.reason_kind.data
        chosen = str(REASONS[kind]) if kind in REASONS and kind != OWN_WORDS else ""
        return ". ".join(part for part in (chosen, self.reason.data) if part)


class PaymentForm(FlaskForm):
    """What the treasurer reads from the proof. Amounts are whole rupiah."""

    method = RadioField(
        _("Cara bayar"),
        choices=[
            choice(AgencyMethod.UP_GU.value, _("UP/GU")),
            choice(AgencyMethod.LS.value, _("LS")),
            choice(AgencyMethod.KKPD.value, _("KKPD")),
        ],
        validate_choice=False,
        validators=[
            AnyOf([m.value for m in AgencyMethod], _("Pilih cara bayar: UP/GU, LS, atau KKPD."))
        ],
    )
    paid_on = DayField(
        _("Tanggal bayar pada bukti"), validators=[InputRequired(_("Isi tanggal bayar."))]
    )
    proof_number = StringField(
        _("Nomor bukti"),
        filters=[_cleaned],
        validators=[InputRequired(_("Isi nomor bukti bayar, misalnya nomor SP2D atau kuitansi."))],
    )
    gross_amount = RupiahField(
        _("Jumlah kotor"), validators=[InputRequired(_("Isi jumlah yang dibayar."))]
    )
    withheld_amount = RupiahField(
        _("Pajak yang dipotong"), validators=[InputRequired(_("Isi 0 bila tidak ada potongan."))]
    )


class OrderSearch(FlaskForm):
    """The filter of the list of orders; it is sent by GET, so it bears no token."""

    class Meta:
        csrf = False

    number = StringField(
        _("Nomor pesanan"),
        filters=[_cleaned],
        validators=[Length(max=40, message=_("Nomor paling panjang %(max)d huruf."))],
    )
    first_day = DayField(_("Diajukan sejak"), name="from", validators=[Optional()])
    last_day = DayField(_("Sampai"), name="to", validators=[Optional()])
