"""How a refusal reaches a person: beside the field it names, or as a page that says what to do."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from storefront.core.errors import N_, Busy, Conflict, DomainError, NotAllowed, NotFound
from storefront.payments.gateway import GatewayUnavailable
from storefront.web import components

UNPROCESSABLE = 422
UNAVAILABLE = 503
INTERNAL = 500
STATUS: Mapping[type[DomainError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Busy: UNAVAILABLE,
    GatewayUnavailable: UNAVAILABLE,
    DomainError: UNPROCESSABLE,
}
RETRY_AFTER_SECONDS = 2


class Told(NamedTuple):
    """A page's heading, and what a person can do."""

    title: str
    message: str


TOLD: Mapping[int, Told] = {
    400: Told(
        N_("Permintaan ini tidak terbaca"),
        N_("Kembali ke halaman sebelumnya, muat ulang, lalu coba sekali lagi."),
    ),
    401: Told(N_("Masuk dulu"), N_("Halaman ini hanya untuk yang sudah masuk.")),
    403: Told(
        N_("Ini bukan wewenang Anda"),
        N_("Bila menurut Anda seharusnya boleh, mintalah peran kepada admin instansi Anda."),
    ),
    404: Told(
        N_("Halaman ini tidak ada"),
        N_("Mungkin alamatnya salah ketik, atau yang dicari sudah tidak ada."),
    ),
    405: Told(
        N_("Halaman ini tidak dibuka dengan cara itu"),
        N_("Kembali ke halaman sebelumnya, lalu pakai tombol di sana."),
    ),
    413: Told(
        N_("Berkas atau isian terlalu besar"),
        N_("Perkecil berkasnya, atau kirim sedikit demi sedikit. Tidak ada yang tersimpan."),
    ),
    429: Told(
        N_("Terlalu banyak permintaan"),
        N_("Tunggu sebentar, lalu coba lagi. Data Anda tidak hilang."),
    ),
    INTERNAL: Told(
        N_("Ada yang rusak di pihak kami"),
        N_("Kami sudah mencatatnya. Permintaan Anda tidak disimpan; coba lagi sebentar."),
    ),
    UNAVAILABLE: Told(
        N_("Toko sedang tidak dapat melayani"),
        N_("Tidak ada yang tersimpan setengah jalan. Coba lagi sebentar."),
    ),
}
WORK_SIDES = frozenset({"agency", "audit", "city", "outlet", "seller"})
REFUSED: Mapping[int, str] = {
    403: N_("Ini bukan wewenang Anda"),
    404: N_("Tidak ditemukan"),
    409: N_("Keadaannya sudah berubah"),
    UNPROCESSABLE: N_("Belum dapat dilakukan"),
    UNAVAILABLE: N_("Sedang ramai"),
}
EXPIRED_FORM = Told(
    N_("Formulir ini kedaluwarsa"),
    N_("Kembali, muat ulang halamannya, lalu kirim lagi. Tidak ada yang tersimpan."),
)
UNKNOWN = Told(
    N_("Permintaan ini tidak dapat dilayani"), N_("Kembali ke halaman sebelumnya dan coba lagi.")
)


def show_beside_field(form: FlaskForm, error: DomainError) -> None:
    """Put a refusal beside the field it names; raise it again if the form has no such field."""
    if error.field is None or error.field not in form:
        raise error
    form[error.field].errors = [*form[error.field].errors, in_words(error)]


def in_words(error: DomainError) -> str:
    """A refusal in the reader's language.

    Its details are written as people read them: `..._amount` as rupiah, days and instants as such,
    `..._word` in the language too.
    """
    return said(error.message, error.details)


def said(message: str, details: Mapping[str, object]) -> str:
    """The same of a message id and its details, such as what is wrong in a row of a file."""
    shown = {name: _shown(name, value) for name, value in details.items()}
    return str(gettext(message, **shown))


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal, by the nearest of its bases that has one."""
    return next(STATUS[base] for base in type(error).__mro__ if base in STATUS)


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    for broken in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(broken, _no_database)


def _refusal(error: DomainError) -> Response:
    status = status_of(error)
    current_app.logger.info("refused: %s (%s)", error.code, status)
    answer = _page(status, gettext(REFUSED[status]), in_words(error))
    if status == UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:  # somebody aborted with an answer of their own
        return make_response(error.response)
    status = error.code or INTERNAL
    told = EXPIRED_FORM if isinstance(error, CSRFError) else TOLD.get(status, UNKNOWN)
    answer = _page(status, gettext(told.title), gettext(told.message))
    for name, value in error.get_headers():
        if name != "Content-Type":  # Allow, Retry-After
            answer.headers[name] = value
    return answer


def _no_database(error: Exception) -> Response:
    current_app.logger.error("the database does not answer", exc_info=error)
    told = TOLD[UNAVAILABLE]
    answer = _page(UNAVAILABLE, gettext(told.title), gettext(told.message))
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _page(status: int, title: str, message: str) -> Response:
    """The page stands alone: it asks no database, and takes the whole window from htmx, too."""
    shown = render_template(
        "error.html", status=status, title=title, message=message, side=_work_side()
    )
    answer = make_response(shown, status)
    if "HX-Request" in request.headers:
        answer.headers["HX-Retarget"] = "body"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _work_side() -> str | None:
    """The front page of the side on which somebody works; None in the shop and outside."""
    side = request.path.split("/")[1]
    return f"/{side}/" if side in WORK_SIDES and request.path != f"/{side}/" else None


def _shown(name: str, value: object) -> object:
    if isinstance(value, str) and name.endswith("_word"):
        return gettext(value)  # a message id of its own, such as where an order stands
    if isinstance(value, datetime):
        return components.instant(value)
    if isinstance(value, date):
        return components.day_plain(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return components.rupiah(value) if name.endswith("amount") else _Number(value)
    return value


class _Number(int):
    """A number that `%(count)s` writes as people do, `3.213`, and `%(year)d` as plain digits."""

    def __str__(self) -> str:
        return components.number(int(self))
