"""Roles over the whole city, and activation codes on paper."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storefront.access.city_staff import propose_by_email
from storefront.accounts import codes
from storefront.accounts.grants import end_city_role
from storefront.accounts.queries import city_roles
from storefront.agencies.queries import agency_tree
from storefront.agencies.roster_queries import RosterFilter, list_roster
from storefront.agencies.slips import print_slip
from storefront.core.errors import DomainError
from storefront.core.paging import page_number
from storefront.core.permissions import PersonId, Role
from storefront.extensions import db, transaction
from storefront.web.account.links import app_key
from storefront.web.city.forms import CityRoleForm
from storefront.web.city.office import city
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn

SEE_OTHER = 303
MOST_SLIPS = 60


@city.get("/people")
def people() -> ResponseReturnValue:
    """Who holds a role over the city, or waits for it."""
    return _people(CityRoleForm(formdata=None))


@city.post("/people")
def propose_person() -> ResponseReturnValue:
    """Propose somebody by their mail; a second person confirms."""
    form = CityRoleForm()
    if not form.validate():
        return _people(form), UNPROCESSABLE
    try:
        with transaction() as session:
            propose_by_email(
                session,
                current_actor(),
                name=form.name.data or "",
                email=form.email.data or "",
                role=Role(form.role.data),
                now=now(),
            )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _people(form), UNPROCESSABLE
    tell(_("Diusulkan. Berlaku setelah admin kota lain mengonfirmasi."))
    return redirect(url_for("city.people"), code=SEE_OTHER)


@city.post("/people/<int:role_id>/end")
def end_person(role_id: int) -> ResponseReturnValue:
    try:
        with transaction() as session:
            end_city_role(session, current_actor(), role_id, now=now())
    except DomainError as refusal:
        warn(in_words(refusal))
    else:
        tell(_("Perannya berakhir sekarang juga."))
    return redirect(url_for("city.people"), code=SEE_OTHER)


@city.get("/slips")
def slips() -> ResponseReturnValue:
    """Placed people of an agency who never came in, to choose from."""
    return _slips_page()


@city.post("/slips")
def print_slips() -> ResponseReturnValue:
    """Codes for the chosen, once: shown on this page to be printed, and nowhere kept."""
    chosen = [PersonId(each) for each in request.form.getlist("person")][:MOST_SLIPS]
    if not chosen:
        warn(_("Pilih sedikitnya satu orang."))
        return _slips_page(), UNPROCESSABLE
    try:
        with transaction() as session:
            made = _print(session, chosen)
    except DomainError as refusal:
        warn(in_words(refusal))
        return _slips_page(), UNPROCESSABLE
    names = {row.person_id: row for row in _waiting().rows}
    return render_template("city/slips_print.html", made=made, names=names)


def _print(session: Session, chosen: list[PersonId]) -> list[tuple[PersonId, str]]:
    return [
        (
            person_id,
            codes.token_of(
                print_slip(session, current_actor(), person_id, now=now()).id, key=app_key()
            ),
        )
        for person_id in chosen
    ]


def _waiting():  # type: ignore[no-untyped-def]
    wanted = RosterFilter(
        agency_code=request.args.get("agency", "") or agency_tree(db.session())[0].code,
        not_activated=True,
        page=page_number(request.args.get("page", type=int)),
    )
    return list_roster(db.session(), current_actor(), wanted, today=today())


def _slips_page() -> str:
    agencies = agency_tree(db.session())
    return render_template(
        "city/slips.html",
        agencies=agencies,
        agency=request.args.get("agency", "") or (agencies[0].code if agencies else ""),
        page=_waiting() if agencies else None,
    )


def _people(form: CityRoleForm) -> str:
    return render_template(
        "city/people.html", rows=city_roles(db.session(), current_actor()), form=form
    )
