"""What a person sees when something is refused or broken: what to do, never a stack trace."""

from http import HTTPStatus

import pytest
from flask import Flask, abort, flash
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from storefront.core.errors import N_, Busy, Conflict, DomainError, NotAllowed, NotFound
from storefront.web.errors import said
from tests.web.bare import bare_app


class OutOfStock(DomainError):
    code = "out_of_stock"
    message = N_("Stok tinggal %(left)s.")


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = N_("%(name)s sudah memutuskan.")


def app_raising(error: Exception) -> Flask:
    app = bare_app(PROPAGATE_EXCEPTIONS=False)

    @app.get("/act")
    def act() -> str:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound(), 404, "bukan milik Anda"),
        (NotAllowed(), 403, "tidak berwenang"),
        (Busy(), 503, "coba lagi sebentar"),
        (AlreadyDecided(name="Ibu Ridwan"), 409, "Ibu Ridwan sudah memutuskan."),
        (OutOfStock(left=1_200), 422, "Stok tinggal 1.200."),
        (TooManyRequests(retry_after=30), 429, "Tunggu sebentar"),
        (RequestEntityTooLarge(), 413, "Perkecil berkasnya"),
        (OperationalError("SELECT secret", {}, Exception("down")), 503, "coba lagi sebentar"),
        (ZeroDivisionError("secret"), 500, "rusak di pihak kami"),
    ],
)
def test_each_refusal_is_a_page_that_says_what_to_do(
    error: Exception, status: int, words: str
) -> None:
    answer = app_raising(error).test_client().get("/act")
    assert answer.status_code == status
    assert words.lower() in answer.text.lower()
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert '<a class="button" href="/">' in answer.text


@pytest.mark.parametrize(
    ("path", "way"),
    [("/audit/x", "/audit/"), ("/agency/y", "/agency/"), ("/x", "/"), ("/city/", "/")],
)
def test_who_works_is_led_back_to_their_own_side(path: str, way: str) -> None:
    answer = bare_app().test_client().get(path)
    assert answer.status_code == 404
    assert f'<a class="button" href="{way}">' in answer.text


def test_markup_in_a_refusal_is_shown_as_text() -> None:
    answer = app_raising(AlreadyDecided(name="<script>")).test_client().get("/act")
    assert "&lt;script&gt; sudah memutuskan" in answer.text
    assert "<script> sudah" not in answer.text


def test_counts_are_written_as_people_do_and_years_as_plain_digits() -> None:
    with bare_app().test_request_context():
        assert said("Tahun %(year)d: %(count)s baris", {"year": 2026, "count": 1200}) == (
            "Tahun 2026: 1.200 baris"
        )


@pytest.mark.parametrize(
    ("error", "seconds"), [(Busy(), "2"), (TooManyRequests(retry_after=30), "30")]
)
def test_who_should_wait_is_told_how_long(error: Exception, seconds: str) -> None:
    assert app_raising(error).test_client().get("/act").headers["Retry-After"] == seconds


def test_a_wrong_method_says_which_are_right() -> None:
    answer = bare_app(WTF_CSRF_ENABLED=False).test_client().post("/help")
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "GET" in answer.headers["Allow"]


def test_an_answer_that_was_aborted_with_goes_out_as_it_is() -> None:
    app = bare_app()

    @app.get("/act")
    def act() -> str:
        abort(app.make_response(("as it is", HTTPStatus.IM_A_TEAPOT)))

    assert app.test_client().get("/act").text == "as it is"


def test_a_page_of_errors_takes_the_whole_window_from_htmx() -> None:
    answer = app_raising(NotFound()).test_client().get("/act", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "body"


def test_the_database_being_gone_needs_no_frame() -> None:
    app = app_raising(OperationalError("SELECT 1", {}, Exception("down")))

    def broken() -> object:
        raise AssertionError("an error page asked for a frame")

    app.extensions["frames"]["shop"] = broken
    assert app.test_client().get("/act").status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_a_message_that_was_waiting_is_told_on_the_page() -> None:
    app = bare_app()

    @app.get("/act")
    def act() -> str:
        flash("Sudah tersimpan")
        raise NotFound

    assert "Sudah tersimpan" in app.test_client().get("/act").text
