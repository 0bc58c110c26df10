"""Signing in and out, and the first or a new password."""

import secrets

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.accounts import codes, processes
from storefront.accounts.processes import SecondFactorNeeded
from storefront.core.errors import DomainError
from storefront.core.permissions import NOBODY, PersonId
from storefront.extensions import transaction
from storefront.web.account.forms import (
    CodeRequestForm,
    LoginForm,
    NewPasswordForm,
    SignInCodeForm,
)
from storefront.web.clock import now
from storefront.web.codes import address, app_key, words_of_the_store
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field
from storefront.web.identity import begin_session, current_actor, end_session
from storefront.web.security import safe_next

SEE_OTHER = 303
DEVICE_COOKIE = "device"
ONE_YEAR = 31_536_000

account = Blueprint("account", __name__)


@account.get("/login")
def login() -> ResponseReturnValue:
    """The one way in for everybody; who is in already goes on."""
    back = safe_next(request.args.get("next"))
    if current_actor() is not NOBODY:
        return redirect(back, code=SEE_OTHER)
    return _login_page(LoginForm(formdata=None), back)


@account.post("/login")
def sign_in() -> ResponseReturnValue:
    """A refusal, whatever its cause, stands beside the login, with what was typed there."""
    form, back = LoginForm(), safe_next(request.args.get("next") or request.form.get("next"))
    if not form.validate():
        return _login_page(form, back), UNPROCESSABLE
    device = _device()
    try:
        person_id = _sign_in(form, device)
    except SecondFactorNeeded as asked:
        return _confirm_page(SignInCodeForm(formdata=None), back, in_words(asked))
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _login_page(form, back), UNPROCESSABLE
    return _let_in(person_id, device, back)


@account.get("/login/confirm")
def confirm() -> ResponseReturnValue:
    """Come in with the code from a mail. Opening the page uses nothing up: mail scanners do too."""
    form = SignInCodeForm(formdata=None, token=request.args.get("token", ""))
    return _confirm_page(form, safe_next(request.args.get("next")))


@account.post("/login/confirm")
def confirm_sign_in() -> ResponseReturnValue:
    form, back = SignInCodeForm(), safe_next(request.args.get("next"))
    if not form.validate():
        return _confirm_page(form, back), UNPROCESSABLE
    device = _device()
    try:
        person_id = processes.confirm_sign_in(
            transaction,
            key=app_key(),
            token=form.token.data or "",
            device=device,
            address=address(),
            now=now(),
        )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _confirm_page(form, back), UNPROCESSABLE
    return _let_in(person_id, device, back)


@account.post("/logout")
def logout() -> ResponseReturnValue:
    end_session()
    flash(_("Anda sudah keluar."))
    return redirect(url_for("shop.home"), code=SEE_OTHER)


@account.get("/activate")
def activate() -> ResponseReturnValue:
    """Set the first password with a code from a mail or a printed slip."""
    return _code_page("account/activate.html", "account.set_first_password")


@account.post("/activate")
def set_first_password() -> ResponseReturnValue:
    return _use_code("account/activate.html", "account.set_first_password")


@account.get("/password/reset")
def reset() -> ResponseReturnValue:
    """Ask for a code; or, with one from a mail, choose a new password."""
    if "token" in request.args:
        return _code_page("account/new_password.html", "account.set_new_password")
    return render_template("account/reset.html", form=CodeRequestForm(formdata=None))


@account.post("/password/reset")
def ask_for_code() -> ResponseReturnValue:
    """One answer for known and unknown, with or without an address."""
    form = CodeRequestForm()
    if not form.validate():
        return render_template("account/reset.html", form=form), UNPROCESSABLE
    with transaction() as session:
        codes.request_code(
            session, key=app_key(), login=form.login.data or "", address=address(), now=now()
        )
    return render_template("account/reset_asked.html")


@account.post("/password/new")
def set_new_password() -> ResponseReturnValue:
    return _use_code("account/new_password.html", "account.set_new_password")


def _sign_in(form: LoginForm, device: str) -> PersonId:
    """Raises `TooManyTries`, `WrongLogin`, or `Busy`."""
    return processes.sign_in(
        transaction,
        key=app_key(),
        login=form.login.data or "",
        password=form.password.data or "",
        device=device,
        address=address(),
        now=now(),
    )


def _device() -> str:
    """The random token of this browser; a new one where it has none yet."""
    return request.cookies.get(DEVICE_COOKIE, "")[:64] or secrets.token_urlsafe(24)


def _let_in(person_id: PersonId, device: str, back: str) -> ResponseReturnValue:
    begin_session(person_id)
    answer = make_response(redirect(back, code=SEE_OTHER))
    answer.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=ONE_YEAR,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return answer


def _confirm_page(form: SignInCodeForm, back: str, told: str | None = None) -> str:
    return render_template("account/confirm.html", form=form, back=back, told=told)


def _login_page(form: LoginForm, back: str) -> str:
    return render_template("account/login.html", form=form, back=back)


def _code_page(template: str, action: str) -> str:
    form = NewPasswordForm(formdata=None, token=request.args.get("token", ""))
    return render_template(template, form=form, action=action)


def _use_code(template: str, action: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    if not form.validate():
        return render_template(template, form=form, action=action), UNPROCESSABLE
    try:
        person_id = processes.redeem(
            transaction,
            key=app_key(),
            token=form.token.data or "",
            password=form.password.data or "",
            about=words_of_the_store(),
            address=address(),
            now=now(),
        )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return render_template(template, form=form, action=action), UNPROCESSABLE
    begin_session(person_id)
    flash(_("Kata sandi tersimpan. Selamat datang."))
    return redirect(url_for("shop.home"), code=SEE_OTHER)
