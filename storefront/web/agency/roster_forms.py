"""Forms of the roster. Names are those of the roster's columns, whose refusals name them."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput

from storefront.agencies.grants import IN_AN_AGENCY
from storefront.agencies.models import PlacementKind
from storefront.agencies.queries import AgencyRow
from storefront.core.identifiers import Employment
from storefront.core.permissions import Role
from storefront.core.text import clean
from storefront.web.fields import choice
from storefront.web.typed_fields import DayField
from storefront.web.words import ROLES

AT_FIELD = {
    "from": "first_day",
    "to": "last_day",
    "valid_from": "first_day",
    "valid_to": "last_day",
    "agency_id": "unit_code",
    "role": "roles",
}
"""The form's field for a column or for what a verb's refusal names, where they differ."""
INDENT = "\N{NO-BREAK SPACE}" * 3
GRANTED_HERE = tuple(role for role in Role if role in IN_AN_AGENCY)


def _cleaned(typed: str | None) -> str:
    return clean(typed).strip() if typed else ""


def _text(label: str, most: int, *validators: object) -> StringField:
    too_long = Length(max=most, message=_("Paling panjang %(max)d huruf."))
    return StringField(label, filters=[_cleaned], validators=[*validators, too_long])


def units(agencies: Iterable[AgencyRow]) -> list[Any]:
    """The agencies as choices, those below indented."""
    return [choice(row.code, INDENT * row.depth + row.name) for row in agencies]


class PositionForm(FlaskForm):
    """Where somebody serves, as what, from when: of a new placement, and of a move."""

    unit_code = SelectField(
        _("Instansi atau unit"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Pilih instansi atau unitnya."))],
    )
    position = _text(_("Jabatan"), 160, InputRequired(_("Isi jabatan.")))
    kind = RadioField(
        _("Jenis penempatan"),
        choices=[
            choice(PlacementKind.DEFINITIVE.value, _("Definitif")),
            choice(PlacementKind.ACTING.value, _("Pelaksana tugas")),
        ],
        validate_choice=False,
        validators=[AnyOf([k.value for k in PlacementKind], _("Pilih jenis penempatan."))],
    )
    first_day = DayField(
        _("Mulai"), name="from", validators=[InputRequired(_("Isi tanggal mulai."))]
    )
    last_day = DayField(_("Sampai"), name="to", validators=[Optional()])
    roles = SelectMultipleField(
        _("Peran"),
        choices=[choice(role.value, ROLES[role]) for role in GRANTED_HERE],
        validate_choice=False,
        option_widget=CheckboxInput(),
        validators=[Optional()],
    )


class EmployeeForm(PositionForm):
    """A person by their number, and their placement."""

    employment = RadioField(
        _("Kepegawaian"),
        choices=[
            choice(Employment.PNS.value, _("PNS")),
            choice(Employment.PPPK.value, _("PPPK")),
        ],
        validate_choice=False,
        validators=[AnyOf([e.value for e in Employment], _("Pilih PNS atau PPPK."))],
    )
    nip = _text(_("NIP atau NI PPPK"), 40, InputRequired(_("Isi 18 angka NIP.")))
    name = _text(_("Nama lengkap"), 200, InputRequired(_("Isi nama.")))
    email = _text(_("Surel"), 254)


class EndForm(FlaskForm):
    last_day = DayField(
        _("Hari terakhir"),
        name="to",
        id="end-to",
        validators=[InputRequired(_("Isi hari terakhir."))],
    )


class RoleForm(FlaskForm):
    role = SelectField(
        _("Peran"),
        choices=[choice(role.value, ROLES[role]) for role in GRANTED_HERE],
        validate_choice=False,
        validators=[AnyOf([role.value for role in GRANTED_HERE], _("Pilih peran dari daftar."))],
    )
