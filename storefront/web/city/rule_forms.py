"""Forms of rules and exemptions. They check shape; what is possible, the verbs decide."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from storefront.quota.exemptions import LONGEST_DOCUMENT, LONGEST_REASON
from storefront.quota.models import Fund
from storefront.quota.rule_models import RuleBase
from storefront.quota.rule_proposals import LONGEST_BASIS
from storefront.quota.rules import RuleTerms
from storefront.sellers.models import SellerClass
from storefront.sellers.words import CLASSES
from storefront.web.fields import choice
from storefront.web.rule_words import BASES
from storefront.web.typed_fields import DayField, RupiahField

PERMILLE_IN_PERCENT = 10
AT_MOST = _("Paling panjang %(max)d huruf.")


class PercentField(IntegerField):
    """Whole per cent, told in Indonesian where it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_("Tulis persen sebagai angka bulat."))) from None


def _only_classes(_form: FlaskForm, field: SelectMultipleField) -> None:
    if not field.data or not set(field.data) <= {each.value for each in CLASSES}:
        raise ValidationError(str(gettext("Pilih sedikitnya satu kelas dari daftar.")))


class TermsForm(FlaskForm):
    """What a rule says."""

    target_percent = PercentField(
        _("Target"),
        validators=[
            InputRequired(_("Isi targetnya.")),
            NumberRange(0, 100, _("Target antara %(min)s dan %(max)s persen.")),
        ],
    )
    base = RadioField(
        _("Dihitung dari"),
        choices=[choice(each.value, _(word)) for each, (word, _about) in BASES.items()],
        validate_choice=False,
        validators=[
            AnyOf([each.value for each in BASES], _("Pilih salah satu.")),
        ],
    )
    seller_classes = SelectMultipleField(
        _("Kelas yang dihitung"),
        choices=[choice(each.value, _(word)) for each, word in CLASSES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
        validators=[_only_classes],
    )
    counts_personal = BooleanField(_("Belanja pribadi pegawai ikut dihitung"))
    keeps_last_year = BooleanField(_("Tidak boleh di bawah capaian tahun lalu"))
    cap_amount = RupiahField(
        _("Batas dana instansi per penjual sebulan"),
        validators=[InputRequired(_("Isi batasnya; 0 berarti tanpa batas."))],
    )

    @property
    def terms(self) -> RuleTerms:
        """What it says, of a form that is valid."""
        personal = {Fund.PERSONAL} if self.counts_personal.data else set()
        return RuleTerms(
            base=RuleBase(self.base.data),
            target_permille=(self.target_percent.data or 0) * PERMILLE_IN_PERCENT,
            seller_classes=frozenset(SellerClass(each) for each in self.seller_classes.data or ()),
            funds=frozenset({Fund.OFFICIAL} | personal),
            keeps_last_year=bool(self.keeps_last_year.data),
            seller_monthly_cap_amount=self.cap_amount.data or 0,
        )

    @property
    def as_sent(self) -> Mapping[str, Any]:
        """The same as arguments of an address."""
        said = {
            "target_percent": self.target_percent.data,
            "base": self.base.data,
            "seller_classes": self.seller_classes.data,
            "cap_amount": self.cap_amount.data,
        }
        ticked = {
            field.name: "y" for field in (self.counts_personal, self.keeps_last_year) if field.data
        }
        return said | ticked


class RuleForm(TermsForm):
    effective_on = DayField(
        _("Berlaku mulai"), validators=[InputRequired(_("Isi tanggal mulainya."))]
    )
    basis = StringField(
        _("Dasar"),
        validators=[
            InputRequired(_("Tulis dasarnya, misalnya nomor peraturan.")),
            Length(max=LONGEST_BASIS, message=AT_MOST),
        ],
    )

    @property
    def first_day(self) -> date:
        """From when it holds, of a form that is valid."""
        return cast(date, self.effective_on.data)


def usual_terms(rule: RuleTerms) -> dict[str, object]:
    """What the fields begin with: what a rule says."""
    return {
        "base": rule.base.value,
        "target_percent": rule.target_permille // PERMILLE_IN_PERCENT,
        "seller_classes": [each.value for each in rule.seller_classes],
        "counts_personal": rule.counts_personal,
        "keeps_last_year": rule.keeps_last_year,
        "cap_amount": rule.seller_monthly_cap_amount,
    }


class ExemptionForm(FlaskForm):
    """`choices` of the agencies are given by the view."""

    agency_code = SelectField(
        _("Instansi"),
        validate_choice=False,
        choices=[],
        validators=[InputRequired(_("Pilih instansinya."))],
    )
    valid_from = DayField(_("Mulai"), validators=[InputRequired(_("Isi hari pertamanya."))])
    valid_to = DayField(_("Sampai"), validators=[InputRequired(_("Isi hari terakhirnya."))])
    reason = TextAreaField(
        _("Alasan"),
        validators=[
            InputRequired(_("Tulis alasannya; instansi dan pemeriksa membacanya apa adanya.")),
            Length(max=LONGEST_REASON, message=AT_MOST),
        ],
    )
    document_number = StringField(
        _("Nomor dokumen"),
        validators=[
            InputRequired(_("Isi nomor keputusannya.")),
            Length(max=LONGEST_DOCUMENT, message=AT_MOST),
        ],
    )

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day, of a form that is valid."""
        return cast(date, self.valid_from.data), cast(date, self.valid_to.data)
