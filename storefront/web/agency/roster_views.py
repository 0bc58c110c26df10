"""Who serves in the agency: the list, one placement, new people by form or by file."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from storefront.agencies.models import PlacementKind
from storefront.agencies.queries import agencies_in_reach
from storefront.agencies.roster import COLUMNS, RosterImported, import_roster, place_employee
from storefront.agencies.roster_queries import RosterFilter, When, list_roster
from storefront.core.permissions import Action, Role
from storefront.core.tabular import RowsRefused, Table
from storefront.extensions import db, transaction
from storefront.web.agency.office import agency, current_office
from storefront.web.agency.roster_forms import (
    AT_FIELD,
    GRANTED_HERE,
    EmployeeForm,
    PositionForm,
    units,
)
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.uploads import ImportForm, RowMessage, in_row, take_file

SEE_OTHER = 303


@agency.get("/roster")
def roster() -> ResponseReturnValue:
    """By name, NIP, role and time; people of the agency and of those below it."""
    return _page(ImportForm(formdata=None))


@agency.get("/roster/new")
def new_employee() -> ResponseReturnValue:
    current_office().require(Action.MANAGE_ROSTER)
    form = EmployeeForm(
        formdata=None,
        unit_code=current_office().code,
        kind=PlacementKind.DEFINITIVE.value,
        first_day=today(),
        roles=[Role.BUYER.value],
    )
    return employee_page(form)


@agency.post("/roster")
def add_employee() -> ResponseReturnValue:
    """Place a person. A refusal stands beside its field, with all that was typed."""
    current_office().require(Action.MANAGE_ROSTER)
    form = EmployeeForm()
    if not form.validate():
        return employee_page(form), UNPROCESSABLE
    try:
        with transaction() as session:
            made = place_employee(session, current_actor(), _cells(form), now=now())
    except RowsRefused as refusal:
        for error in refusal.errors:
            field = form[AT_FIELD.get(error.column, error.column or "nip")]
            field.errors = [*field.errors, in_row(error).message]
        return employee_page(form), UNPROCESSABLE
    tell(" ".join([_("%(name)s tercatat.", name=form.name.data), *_outcome(made)]))
    return redirect(url_for("agency.roster", q=form.nip.data), code=SEE_OTHER)


@agency.post("/roster/import")
def import_roster_file() -> ResponseReturnValue:
    """Try a file (`action` = `try`), or take it. All of it, or nothing."""
    office = current_office()
    office.require(Action.MANAGE_ROSTER)
    form, is_try = ImportForm(), request.form.get("action") == "try"
    if not form.validate():
        return _page(form), UNPROCESSABLE
    told: list[RosterImported] = []

    def take(session: Session, table: Table) -> None:
        made = import_roster(
            session, current_actor(), table, agency_code=office.code, now=now(), dry_run=is_try
        )
        told.append(made)

    wrong = take_file(form, COLUMNS, take)
    if wrong is not None:
        return _page(form, wrong=wrong), UNPROCESSABLE
    if is_try:
        return _page(form, tried=told[0])
    made = told[0]
    tell(" ".join([_("%(count)s penempatan tercatat.", count=made.placements), *_outcome(made)]))
    return redirect(url_for("agency.roster"), code=SEE_OTHER)


def employee_page(form: EmployeeForm) -> str:
    offer_units(form)
    return render_template("agency/employee_form.html", form=form)


def offer_units(form: PositionForm) -> None:
    """The agencies to which the actor may place somebody, as the form's choices."""
    reach = agencies_in_reach(db.session(), current_actor(), Action.MANAGE_ROSTER)
    form.unit_code.choices = units(reach)


def _page(
    form: ImportForm,
    *,
    wrong: list[RowMessage] | None = None,
    tried: RosterImported | None = None,
) -> str:
    office = current_office()
    office.require(Action.MANAGE_ROSTER)
    wanted = _wanted(office.code)
    kept = _kept(wanted)
    return render_template(
        "agency/roster.html",
        page=list_roster(db.session(), current_actor(), wanted, today=today()),
        wanted=wanted,
        roles=GRANTED_HERE,
        times=When,
        is_filtered=bool(kept),
        address=lambda number: url_for("agency.roster", page=number, **kept),
        form=form,
        wrong=wrong,
        tried=tried,
        columns=COLUMNS,
        office=office,
    )


def _wanted(code: str) -> RosterFilter:
    """What the address asks for; what it does not know is the default."""
    role, when = request.args.get("role", ""), request.args.get("when", "")
    return RosterFilter(
        agency_code=code,
        question=request.args.get("q", ""),
        role=Role(role) if role in GRANTED_HERE else None,
        not_activated="waiting" in request.args,
        when=When(when) if when in set(When) else When.CURRENT,
        page=request.args.get("page", 1, type=int),
    )


def _kept(wanted: RosterFilter) -> dict[str, Any]:
    asked = {
        "q": wanted.question,
        "role": wanted.role.value if wanted.role else "",
        "when": "" if wanted.when is When.CURRENT else wanted.when.value,
        "waiting": "1" if wanted.not_activated else "",
    }
    return {name: value for name, value in asked.items() if value}


def _cells(form: EmployeeForm) -> Mapping[str, str]:
    """The form as a row of a roster."""
    last_day = form.last_day.data
    return {
        "nip": form.nip.data or "",
        "employment": form.employment.data or "",
        "name": form.name.data or "",
        "email": form.email.data or "",
        "position": form.position.data or "",
        "unit_code": form.unit_code.data or "",
        "kind": form.kind.data or "",
        "roles": " ".join(form.roles.data or []),
        "from": form.first_day.data.isoformat() if form.first_day.data else "",
        "to": last_day.isoformat() if last_day else "",
    }


def _outcome(made: RosterImported) -> list[str]:
    """What follows of it that the reader should know."""
    said = []
    if made.mails:
        said.append(
            ngettext(
                "%(num)s kode aktivasi dikirim ke surel pemiliknya.",
                "%(num)s kode aktivasi dikirim ke surel pemiliknya.",
                made.mails,
            )
        )
    if made.slips:
        said.append(
            ngettext(
                "%(num)s orang tanpa surel: minta slip cetak dari kota.",
                "%(num)s orang tanpa surel: minta slip cetak dari kota.",
                made.slips,
            )
        )
    if made.roles_waiting:
        said.append(
            ngettext(
                "%(num)s peran menunggu orang kedua.",
                "%(num)s peran menunggu orang kedua.",
                made.roles_waiting,
            )
        )
    return said
