"""Roles over the whole city."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.access.city_staff import propose_by_email
from storefront.access.views import begin_look, current_look
from storefront.accounts.grants import end_city_role
from storefront.accounts.queries import city_roles
from storefront.core.errors import DomainError
from storefront.core.permissions import Role
from storefront.extensions import db, transaction
from storefront.web.city.forms import CityRoleForm, LookForm
from storefront.web.city.office import city
from storefront.web.clock import now
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn
from storefront.web.watched import CITY_ROLES, because

SEE_OTHER = 303


@city.get("/people")
def people() -> ResponseReturnValue:
    """Who holds a role over the city, or waits for it."""
    return _page(CityRoleForm(formdata=None))


@city.post("/people")
def propose_person() -> ResponseReturnValue:
    """Propose somebody by their mail; a second person confirms."""
    form = CityRoleForm()
    if not form.validate():
        return _page(form), UNPROCESSABLE
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
        return _page(form), UNPROCESSABLE
    tell(_("Diusulkan. Berlaku setelah admin kota lain mengonfirmasi."))
    return redirect(url_for("city.people"), code=SEE_OTHER)


@city.post("/people/look")
def look_at_people() -> ResponseReturnValue:
    """Say why one needs their addresses; they are shown for half an hour, and the auditor sees."""
    form = LookForm()
    try:
        with transaction() as session:
            reason = form.look_reason.data or ""
            begin_look(session, current_actor(), CITY_ROLES, reason, now=now())
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(CityRoleForm(formdata=None), form), UNPROCESSABLE
    tell(_("Surelnya tampil selama 30 menit. Alasan Anda dicatat."))
    return redirect(url_for("city.people"), code=SEE_OTHER)


@city.post("/people/<int:role_id>/end")
def end_person(role_id: int) -> ResponseReturnValue:
    """End a role at once; one's own too, but never the last admin's."""
    try:
        with transaction() as session:
            end_city_role(session, current_actor(), role_id, now=now())
    except DomainError as refusal:
        warn(in_words(refusal))
    else:
        tell(_("Perannya berakhir sekarang juga."))
    return redirect(url_for("city.people"), code=SEE_OTHER)


def _page(form: CityRoleForm, look_form: LookForm | None = None) -> str:
    look = current_look(db.session(), current_actor(), CITY_ROLES, now=now())
    if look is not None:
        because(look.reason)
    return render_template(
        "city/people.html",
        rows=city_roles(db.session(), current_actor()),
        form=form,
        look=look,
        look_form=look_form or LookForm(formdata=None),
        own=current_actor().person_id,
    )
