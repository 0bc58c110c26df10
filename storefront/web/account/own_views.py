"""One's own account: data, contact, password, devices."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.accounts import people, processes, sessions
from storefront.accounts.queries import find_own_account
from storefront.core.errors import DomainError
from storefront.extensions import db, transaction
from storefront.programme.own import own_months
from storefront.web.account.forms import ChangePasswordForm, ContactForm, EndDeviceForm
from storefront.web.account.views import SEE_OTHER, account
from storefront.web.clock import now, today
from storefront.web.codes import address, app_key, words_of_the_store
from storefront.web.errors import UNPROCESSABLE, show_beside_field
from storefront.web.identity import (
    begin_session,
    current_actor,
    current_identity,
    current_key,
    sign_in_needed,
)

__all__ = ["account"]  # the blueprint, with these views on it


@account.get("/account")
@sign_in_needed
def show() -> ResponseReturnValue:
    """The person's data as the store has it, where they are placed, and their devices."""
    return _page()


@account.post("/account/contact")
@sign_in_needed
def change_contact() -> ResponseReturnValue:
    """A changed address asks for the password: whoever holds the address can set a new one."""
    form, actor = ContactForm(), current_actor()
    if not form.validate():
        return _page(contact=form), UNPROCESSABLE
    own = find_own_account(db.session(), actor)
    try:
        if (form.email.data or "").strip().lower() != (own.email or ""):
            processes.prove(
                transaction,
                actor,
                key=app_key(),
                password=form.current_password.data or "",
                address=address(),
                now=now(),
            )
        with transaction() as session:
            people.change_contact(
                session, actor, email=form.email.data, phone=form.phone.data or "", now=now()
            )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(contact=form), UNPROCESSABLE
    flash(_("Kontak Anda tersimpan."))
    return redirect(url_for("account.show"), code=SEE_OTHER)


@account.post("/account/password")
@sign_in_needed
def change_password() -> ResponseReturnValue:
    """Every other device is signed out; this one goes on under a new key."""
    form, actor = ChangePasswordForm(), current_actor()
    if not form.validate():
        return _page(password=form), UNPROCESSABLE
    try:
        processes.change_password(
            transaction,
            actor,
            key=app_key(),
            current=form.current_password.data or "",
            password=form.password.data or "",
            about=words_of_the_store(),
            address=address(),
            now=now(),
        )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(password=form), UNPROCESSABLE
    begin_session(actor.person_id)
    flash(_("Kata sandi diganti. Perangkat lain sudah keluar."))
    return redirect(url_for("account.show"), code=SEE_OTHER)


@account.post("/account/devices/end")
@sign_in_needed
def end_device() -> ResponseReturnValue:
    form = EndDeviceForm()
    if form.validate():
        with transaction() as session:
            sessions.end_one(session, current_actor(), form.session_id.data or "", now=now())
        flash(_("Perangkat itu sudah keluar."))
    return redirect(url_for("account.show", _anchor="perangkat"), code=SEE_OTHER)


@account.post("/account/devices/end-all")
@sign_in_needed
def end_all_devices() -> ResponseReturnValue:
    """Log out everywhere, here too."""
    with transaction() as session:
        sessions.log_out_everywhere(session, current_actor(), now=now())
    flash(_("Semua perangkat sudah keluar. Masuk lagi untuk melanjutkan."))
    return redirect(url_for("account.login"), code=SEE_OTHER)


def _page(contact: ContactForm | None = None, password: ChangePasswordForm | None = None) -> str:
    actor = current_actor()
    own = find_own_account(db.session(), actor)
    if contact is None:
        contact = ContactForm(formdata=None, email=own.email, phone=own.phone)
    identity = current_identity()
    return render_template(
        "account/show.html",
        own=own,
        identity=identity,
        months=own_months(db.session(), actor, today=today())
        if identity and identity.placements
        else [],
        devices=sessions.devices_of(db.session(), actor, key=current_key(), now=now()),
        contact=contact,
        password=password or ChangePasswordForm(formdata=None),
    )
