"""The form by which a budget revision is proposed: its document, and every line anew."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, RadioField, SelectField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from storefront.agencies.budget_plans import CODE_LENGTH, DOCUMENT_LENGTH, NAME_LENGTH, ProposedLine
from storefront.agencies.models import RevisionKind
from storefront.core.text import clean
from storefront.web.fields import choice
from storefront.web.typed_fields import DayField, RupiahField
from storefront.web.words import REVISIONS

MOST_LINES = 300
TOO_LONG = _("Paling panjang %(max)d huruf.")


def _cleaned(typed: str | None) -> str:
    return clean(typed).strip() if typed else ""


class LineForm(Form):
    """One activity and expense account. A row that is wholly empty is passed over."""

    activity_code = StringField(
        _("Kode kegiatan"),
        filters=[_cleaned],
        validators=[Length(max=CODE_LENGTH, message=TOO_LONG)],
    )
    activity_name = StringField(
        _("Nama kegiatan"),
        filters=[_cleaned],
        validators=[Length(max=NAME_LENGTH, message=TOO_LONG)],
    )
    expense_account = SelectField(_("Rekening belanja"), choices=[], validate_choice=False)
    amount = RupiahField(_("Pagu"), validators=[Optional()])

    @property
    def is_empty(self) -> bool:
        amount = (self.amount.raw_data or [""])[0].strip()
        return not (self.activity_code.data or self.activity_name.data or amount)

    @property
    def line(self) -> ProposedLine:
        return ProposedLine(
            activity_code=self.activity_code.data or "",
            activity_name=self.activity_name.data or "",
            expense_account=self.expense_account.data or "",
            amount=self.amount.data or 0,
        )


class RevisionForm(FlaskForm):
    """A version of a year's budget. Without a total, the lines make it."""

    effective_on = DayField(
        _("Berlaku mulai"), validators=[InputRequired(_("Isi tanggal mulai berlaku."))]
    )
    document_number = StringField(
        _("Nomor dokumen (DPA/DPPA)"),
        filters=[_cleaned],
        validators=[
            InputRequired(_("Isi nomor dokumen pagu.")),
            Length(max=DOCUMENT_LENGTH, message=TOO_LONG),
        ],
    )
    kind = RadioField(
        _("Jenis"),
        choices=[choice(kind.value, _(label)) for kind, label in REVISIONS.items()],
        validate_choice=False,
        validators=[
            Optional(),
            AnyOf([kind.value for kind in RevisionKind], _("Pilih jenis pagunya.")),
        ],
    )
    total_amount = RupiahField(_("Total pagu barang dan jasa"), validators=[Optional()])
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)
