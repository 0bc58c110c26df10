"""Forms by which the city changes the tree of agencies. What is possible, the verbs decide."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from storefront.agencies.queries import AgencyRow
from storefront.agencies.tree_models import DOCUMENT_LENGTH, ChangeKind
from storefront.agencies.tree_plans import NAME_LENGTH, NewChange, Part
from storefront.core.errors import N_
from storefront.web.fields import choice
from storefront.web.typed_fields import DayField

KINDS: Mapping[str, str] = {
    ChangeKind.RENAME.value: N_("Ganti nama"),
    ChangeKind.MOVE.value: N_("Pindah induk"),
    ChangeKind.MERGE.value: N_("Gabungkan"),
    ChangeKind.SPLIT.value: N_("Pecah"),
}
INDENT = "\N{NO-BREAK SPACE}" * 3
LONGEST_LIST_OF_PARTS = 4_000


class ChangeForm(FlaskForm):
    """What every change needs."""

    effective_on = DayField(
        _("Berlaku mulai"), validators=[InputRequired(_("Isi tanggal berlakunya."))]
    )
    document_number = StringField(
        _("Nomor dokumen"),
        validators=[
            InputRequired(_("Isi nomor dokumennya.")),
            Length(max=DOCUMENT_LENGTH, message=_("Paling panjang %(max)d huruf.")),
        ],
    )
    beside: str = ""
    """The field beside which a refusal stands that names a field of no form."""

    def plan(self, code: str) -> NewChange:
        """The change of the agency of that code, of a form that is valid."""
        raise NotImplementedError

    def offer(self, agencies: Iterable[AgencyRow]) -> None:
        """Give the selects, if there are any, the agencies to choose from."""

    def _common(self) -> dict[str, Any]:
        return {
            "effective_on": cast(date, self.effective_on.data),
            "document_number": self.document_number.data or "",
        }


class RenameForm(ChangeForm):
    new_name = StringField(
        _("Nama baru"),
        validators=[
            InputRequired(_("Isi nama barunya.")),
            Length(max=NAME_LENGTH, message=_("Paling panjang %(max)d huruf.")),
        ],
    )
    beside = "new_name"

    def plan(self, code: str) -> NewChange:
        name = self.new_name.data or ""
        return NewChange(kind=ChangeKind.RENAME, agency_code=code, new_name=name, **self._common())


class MoveForm(ChangeForm):
    new_parent_code = SelectField(_("Induk baru"), choices=[], validate_choice=False)
    beside = "new_parent_code"

    def offer(self, agencies: Iterable[AgencyRow]) -> None:
        top = choice("", str(_("Tanpa induk")))
        self.new_parent_code.choices = [top, *_choices(agencies)]

    def plan(self, code: str) -> NewChange:
        parent = self.new_parent_code.data or ""
        return NewChange(
            kind=ChangeKind.MOVE, agency_code=code, new_parent_code=parent, **self._common()
        )


class MergeForm(ChangeForm):
    heir_code = SelectField(
        _("Bergabung ke"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Pilih instansi penerusnya."))],
    )
    beside = "heir_code"

    def offer(self, agencies: Iterable[AgencyRow]) -> None:
        self.heir_code.choices = _choices(agencies)

    def plan(self, code: str) -> NewChange:
        return NewChange(
            kind=ChangeKind.MERGE,
            agency_code=self.heir_code.data or "",
            parts=(Part(code=code),),
            **self._common(),
        )


class SplitForm(ChangeForm):
    parts = TextAreaField(
        _("Dipecah menjadi"),
        validators=[
            InputRequired(_("Tulis instansi-instansi penerusnya.")),
            Length(max=LONGEST_LIST_OF_PARTS, message=_("Paling panjang %(max)d huruf.")),
        ],
    )
    beside = "parts"

    def plan(self, code: str) -> NewChange:
        lines = [line.split(maxsplit=1) for line in (self.parts.data or "").splitlines()]
        parts = tuple(
            Part(code=line[0].rstrip(",;"), name=" ".join(line[1:])) for line in lines if line
        )
        return NewChange(kind=ChangeKind.SPLIT, agency_code=code, parts=parts, **self._common())


FORMS: Mapping[str, type[ChangeForm]] = {
    ChangeKind.RENAME.value: RenameForm,
    ChangeKind.MOVE.value: MoveForm,
    ChangeKind.MERGE.value: MergeForm,
    ChangeKind.SPLIT.value: SplitForm,
}


def _choices(agencies: Iterable[AgencyRow]) -> list[Any]:
    return [choice(row.code, f"{INDENT * row.depth}{row.name} ({row.code})") for row in agencies]
