"""One placement: moved, ended, given roles and relieved of them, sent a first code."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies.first_codes import mail_first_code
from storefront.agencies.grants import end_role, propose_role
from storefront.agencies.models import PlacementId, PlacementKind
from storefront.agencies.moves import NewPlacement, end_placement, move_placement
from storefront.agencies.queries import find_agency
from storefront.agencies.roster_queries import RosterRow, find_placement
from storefront.core.errors import DomainError, NotAllowed, NotFound
from storefront.core.permissions import Action, Role
from storefront.extensions import db, transaction
from storefront.web.agency.office import agency, current_office
from storefront.web.agency.roster_forms import AT_FIELD, EndForm, PositionForm, RoleForm
from storefront.web.agency.roster_views import offer_units
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303


@agency.get("/roster/<int:placement_id>")
def placement(placement_id: int) -> ResponseReturnValue:
    """The placement, and what can be done with it."""
    return _page(_row(placement_id))


@agency.post("/roster/<int:placement_id>/move")
def move(placement_id: int) -> ResponseReturnValue:
    """End it the day before, and begin the new one."""
    row, form = _row(placement_id), PositionForm()
    if not form.validate() or form.first_day.data is None:
        return _page(row, moving=form), UNPROCESSABLE
    try:
        wanted = NewPlacement(
            agency_id=find_agency(db.session(), form.unit_code.data).agency_id,
            nip=row.nip,
            kind=PlacementKind(form.kind.data),
            position=form.position.data or "",
            valid_from=form.first_day.data,
            valid_to=form.last_day.data,
            roles=frozenset(Role(role) for role in form.roles.data or [] if role in set(Role)),
        )
        with transaction() as session:
            move_placement(session, current_actor(), row.placement_id, wanted, now=now())
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        _put_beside(form, refusal)
        return _page(_row(placement_id), moving=form), status_of(refusal)
    tell(_("%(name)s dipindahkan. Peran lama tidak ikut; yang baru diusulkan.", name=row.name))
    return redirect(url_for("agency.roster", q=row.nip, when="all"), code=SEE_OTHER)


@agency.post("/roster/<int:placement_id>/end")
def end(placement_id: int) -> ResponseReturnValue:
    """Set the last day; the roles count until then."""
    row, form = _row(placement_id), EndForm()
    if not form.validate() or form.last_day.data is None:
        return _page(row, ending=form), UNPROCESSABLE
    try:
        with transaction() as session:
            end_placement(
                session, current_actor(), row.placement_id, last_day=form.last_day.data, now=now()
            )
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        form.last_day.errors = [*form.last_day.errors, in_words(refusal)]
        return _page(_row(placement_id), ending=form), status_of(refusal)
    tell(_("Penempatan %(name)s diakhiri.", name=row.name))
    return redirect(url_for("agency.placement", placement_id=placement_id), code=SEE_OTHER)


@agency.post("/roster/<int:placement_id>/roles")
def give_role(placement_id: int) -> ResponseReturnValue:
    """Propose a role: buyer and procurement count at once, the others once confirmed."""
    row, form = _row(placement_id), RoleForm()
    if not form.validate():
        return _page(row, giving=form), UNPROCESSABLE
    try:
        with transaction() as session:
            given = propose_role(
                session, current_actor(), row.placement_id, Role(form.role.data), now=now()
            )
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        form.role.errors = [*form.role.errors, in_words(refusal)]
        return _page(_row(placement_id), giving=form), status_of(refusal)
    tell(
        _("Peran diberikan dan langsung berlaku.")
        if given.confirmed_at
        else _("Peran diusulkan; berlaku setelah orang kedua mengonfirmasi.")
    )
    return redirect(url_for("agency.placement", placement_id=placement_id), code=SEE_OTHER)


@agency.post("/roster/<int:placement_id>/roles/<int:role_id>/end")
def take_role(placement_id: int, role_id: int) -> ResponseReturnValue:
    """Take a role away: the next request obeys."""
    row = _row(placement_id)
    if role_id not in {role.role_id for role in row.roles}:
        raise NotFound
    with transaction() as session:
        end_role(session, current_actor(), role_id, now=now())
    tell(_("Peran dicabut."))
    return redirect(url_for("agency.placement", placement_id=placement_id), code=SEE_OTHER)


@agency.post("/roster/<int:placement_id>/code")
def send_code(placement_id: int) -> ResponseReturnValue:
    """Mail a first code to the person's own address; nobody else sees it."""
    row = _row(placement_id)
    with transaction() as session:
        mail_first_code(session, current_actor(), row.placement_id, now=now())
    tell(_("Kode aktivasi dikirim ke surel %(name)s.", name=row.name))
    return redirect(url_for("agency.placement", placement_id=placement_id), code=SEE_OTHER)


def _row(placement_id: int) -> RosterRow:
    """The placement, for who manages its agency's roster; another's is `NotFound`."""
    current_office().require(Action.MANAGE_ROSTER)
    return find_placement(db.session(), current_actor(), PlacementId(placement_id))


def _page(
    row: RosterRow,
    *,
    moving: PositionForm | None = None,
    ending: EndForm | None = None,
    giving: RoleForm | None = None,
) -> str:
    """The page with one form per act; the one that was refused comes as it was typed."""
    moving = moving or PositionForm(
        formdata=None, unit_code=row.agency_code, position=row.position, kind=row.kind.value
    )
    offer_units(moving)
    return render_template(
        "agency/placement.html",
        row=row,
        moving=moving,
        ending=ending or EndForm(formdata=None, last_day=row.valid_to),
        giving=giving or RoleForm(formdata=None),
        is_over=row.valid_to is not None and row.valid_to < today(),
    )


def _put_beside(form: PositionForm, refusal: DomainError) -> None:
    """Beside the field that the refusal names; one that names none stands at the day."""
    name = AT_FIELD.get(refusal.field or "", refusal.field or "first_day")
    field = form[name if name in form else "first_day"]
    field.errors = [*field.errors, in_words(refusal)]
