"""One's own account through HTTP: in and out, the first password, contact, devices."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.accounts import codes, passwords
from storefront.accounts.logins import ALERT_AT, FREE_FROM_A_BLOCK
from storefront.accounts.models import CodePurpose, OneTimeCode, PersonDetails
from storefront.agencies.models import PlacementRole
from storefront.core.database import transaction
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import SYSTEM, PersonId, Role
from tests.accounts.people import PASSWORD, Someone, someone
from tests.databases import SECRET
from tests.factories import NOON, agency, listed_variant, placed, shop, shop_actor
from tests.web.browsing import Form, form_to
from tests.web.browsing import sign_in as signed_in
from tests.web.offices import Desk, desk_of

OK, SEE_OTHER = HTTPStatus.OK, HTTPStatus.SEE_OTHER
WRONG = HTTPStatus.UNPROCESSABLE_ENTITY
RINA, UNKNOWN = "198703122010012003", "197001012000011001"
NEW = "Kopi-Puntang-Dibakar-Pelan-77"
GUESS, NO_CODE = "keliru sama sekali", "AAAA-BBBB"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def rina(session: Session) -> Someone:
    return someone(session, "Rina Amelia", RINA, email="rina@kota.example", has_password=True)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def desk(app: Flask, session: Session, rina: Someone) -> Desk:
    return desk_of(app, session, rina.person_id)


def log_in(
    client: FlaskClient, login: str = RINA, password: str = PASSWORD, path: str = "/login"
) -> TestResponse:
    form = form_to(client.get(path), "/login")
    return client.post(form.action, data=form.filled(login=login, password=password))


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == OK


def code_page(client: FlaskClient, session: Session, person_id: PersonId) -> Form:
    """The page to which the link in the mail of a first code leads."""
    with transaction(session):
        code = codes.issue(session, SYSTEM, person_id, CodePurpose.ACTIVATE, now=NOON)
    token = codes.token_of(code.id, key=SECRET.encode())
    return form_to(client.get(f"/activate?token={token}"), "/activate")


def change(desk: Desk, what: str, **typed: object) -> TestResponse:
    return desk.send("/account", f"/account/{what}", **typed)


def messages(session: Session) -> list[OutboxMessage]:
    session.rollback()
    return list(session.scalars(select(OutboxMessage)))


def mail_of(session: Session, someone: Someone) -> str | None:
    session.rollback()
    return session.scalars(select(PersonDetails.email).filter_by(person_id=someone.person_id)).one()


@pytest.mark.usefixtures("rina")
@pytest.mark.parametrize("login", [RINA, "19870312 201001 2 003", "RINA@kota.example"])
def test_one_signs_in_with_the_number_or_the_address(visitor: FlaskClient, login: str) -> None:
    answer = log_in(visitor, login)
    assert (answer.status_code, answer.location) == (SEE_OTHER, "/")
    assert is_in(visitor)


@pytest.mark.usefixtures("rina")
def test_who_signs_out_is_out(visitor: FlaskClient) -> None:
    log_in(visitor)
    form = form_to(visitor.get("/account"), "/logout")
    visitor.post("/logout", data=form.filled())
    assert not is_in(visitor)


@pytest.mark.usefixtures("rina")
def test_a_known_and_an_unknown_number_get_the_same_answer(
    app: Flask, visitor: FlaskClient
) -> None:
    known = log_in(visitor, RINA, "bukan kata sandinya")
    unknown = log_in(app.test_client(), UNKNOWN, "bukan kata sandinya")
    assert known.status_code == unknown.status_code == WRONG
    assert "NIP/surel atau kata sandi salah" in known.text
    assert _plain(known.text, RINA) == _plain(unknown.text, UNKNOWN)


def _plain(html: str, login: str) -> list[str]:
    """A page without what differs between any two: the login typed, tokens and nonces."""
    return [
        line.replace(login, "")
        for line in html.splitlines()
        if "csrf_token" not in line and "nonce=" not in line
    ]


def test_an_unknown_number_costs_a_hash_like_a_known_one(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    class Noting:
        def verify(self, password_hash: str, password: str) -> bool:
            compared.append(password_hash)
            return hasher.verify(password_hash, password)

    hasher = passwords._HASHER  # noqa: SLF001 - how often it is asked is what cannot be seen
    monkeypatch.setattr(passwords, "_HASHER", Noting())
    log_in(visitor, UNKNOWN)
    assert [each[:9] for each in compared] == ["$argon2id"]


@pytest.mark.usefixtures("rina")
def test_who_tries_too_often_waits_and_then_comes_in(
    visitor: FlaskClient, clock: time_machine.Traveller
) -> None:
    for _ in range(FREE_FROM_A_BLOCK):
        log_in(visitor, password="bukan kata sandinya")  # noqa: S106
    refused = log_in(visitor)
    assert refused.status_code == WRONG
    assert "Coba lagi dalam 1 detik" in refused.text
    assert not is_in(visitor)
    clock.shift(timedelta(seconds=1))
    assert log_in(visitor).status_code == SEE_OTHER


@pytest.mark.usefixtures("rina")
def test_what_was_typed_as_login_stays_and_the_password_does_not(visitor: FlaskClient) -> None:
    page = log_in(visitor, password="bukan kata sandinya").text  # noqa: S106
    assert f'value="{RINA}"' in page
    assert "bukan kata sandinya" not in page


@pytest.mark.usefixtures("rina")
def test_signing_in_leads_to_where_one_wanted_to_go(visitor: FlaskClient) -> None:
    asked = visitor.get("/account")
    assert (asked.status_code, asked.location) == (SEE_OTHER, "/login?next=/account")
    assert log_in(visitor, path=str(asked.location)).location == "/account"


@pytest.mark.usefixtures("rina")
@pytest.mark.parametrize(
    "target", ["https://kuota.example/", "//kuota.example", "/\\kuota.example"]
)
def test_signing_in_never_leads_out_of_the_store(visitor: FlaskClient, target: str) -> None:
    page = visitor.get("/login", query_string={"next": target})
    form = form_to(page, "/login")
    sent = form.filled(login=RINA, password=PASSWORD, next=target)
    assert visitor.post(form.action, data=sent).location == "/"


def test_a_code_sets_the_first_password_and_lets_in(visitor: FlaskClient, session: Session) -> None:
    new = someone(session, "Asep Saepudin", RINA)
    form = code_page(visitor, session, new.person_id)
    answer = visitor.post(form.action, data=form.filled(password=NEW, repeated=NEW))
    assert answer.status_code == SEE_OTHER
    assert "Asep Saepudin" in visitor.get("/account").text


def test_a_code_serves_once(app: Flask, visitor: FlaskClient, session: Session) -> None:
    new = someone(session, "Asep Saepudin", RINA)
    form = code_page(visitor, session, new.person_id)
    visitor.post(form.action, data=form.filled(password=NEW, repeated=NEW))
    thief = app.test_client()
    again = form_to(thief.get("/activate"), "/activate")
    other = "Angklung-Hujan-Sepatu-Merah-5"
    sent = again.filled(token=form["token"], password=other, repeated=other)
    answer = thief.post(again.action, data=sent)
    assert answer.status_code == WRONG
    assert "Kode ini tidak berlaku" in answer.text
    assert not is_in(thief)


@pytest.mark.parametrize(
    ("password", "repeated", "says"),
    [
        ("pendek", "pendek", "Kata sandi minimal 12 karakter"),
        ("merdeka17agustus", "merdeka17agustus", "mudah ditebak"),
        (NEW, NEW + "8", "Kedua kata sandi belum sama"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_code_usable(
    visitor: FlaskClient, session: Session, password: str, repeated: str, says: str
) -> None:
    form = code_page(visitor, session, someone(session, "Asep Saepudin", RINA).person_id)
    refused = visitor.post(form.action, data=form.filled(password=password, repeated=repeated))
    assert refused.status_code == WRONG
    assert says in refused.text
    again = form_to(refused, "/activate").filled(password=NEW, repeated=NEW)
    assert visitor.post("/activate", data=again).status_code == SEE_OTHER


def test_asking_for_a_code_tells_nobody_who_is_known(
    app: Flask, visitor: FlaskClient, session: Session, rina: Someone
) -> None:
    def ask(client: FlaskClient, login: str) -> TestResponse:
        form = form_to(client.get("/password/reset"), "/password/reset")
        return client.post(form.action, data=form.filled(login=login))

    unknown = ask(visitor, UNKNOWN)
    assert messages(session) == []
    known = ask(app.test_client(), rina.nip)
    assert known.status_code == unknown.status_code == OK
    assert _plain(known.text, RINA) == _plain(unknown.text, UNKNOWN)
    assert [each.topic for each in messages(session)] == ["account_code_issued"]


def test_a_reset_signs_every_device_out(desk: Desk, visitor: FlaskClient, session: Session) -> None:
    with transaction(session):
        code = codes.issue(session, SYSTEM, desk.person_id, CodePurpose.RESET, now=NOON)
    token = codes.token_of(code.id, key=SECRET.encode())
    form = form_to(visitor.get(f"/password/reset?token={token}"), "/password/new")
    visitor.post(form.action, data=form.filled(password=NEW, repeated=NEW))
    assert is_in(visitor)
    assert not is_in(desk.client)


def test_a_code_to_an_address_since_changed_is_void(
    desk: Desk, visitor: FlaskClient, session: Session
) -> None:
    form = code_page(visitor, session, desk.person_id)
    change(desk, "contact", email="baru@kota.example", current_password=PASSWORD)
    answer = visitor.post(form.action, data=form.filled(password=NEW, repeated=NEW))
    assert answer.status_code == WRONG
    assert not is_in(visitor)


def test_another_address_asks_for_the_password(desk: Desk, session: Session, rina: Someone) -> None:
    refused = change(desk, "contact", email="pencuri@kota.example")
    assert refused.status_code == WRONG
    assert "Kata sandi saat ini salah" in refused.text
    assert 'value="pencuri@kota.example"' in refused.text
    assert mail_of(session, rina) == "rina@kota.example"
    change(desk, "contact", email="rina.baru@kota.example", current_password=PASSWORD)
    assert mail_of(session, rina) == "rina.baru@kota.example"


def test_another_telephone_asks_for_nothing(desk: Desk) -> None:
    assert change(desk, "contact", phone="0812 3456 789").status_code == SEE_OTHER
    assert "08123456789" in desk.see("/account")


@pytest.mark.parametrize(
    ("field", "typed"), [("email", "bukan surel"), ("phone", "nol delapan satu dua")]
)
def test_a_contact_that_is_none_is_told_beside_its_field(
    desk: Desk, field: str, typed: str
) -> None:
    answer = change(desk, "contact", **{field: typed, "current_password": PASSWORD})
    assert answer.status_code == WRONG
    assert f'id="{field}-error"' in answer.text
    assert f'value="{typed}"' in answer.text


def test_a_new_password_signs_other_devices_out_and_keeps_this_one(
    app: Flask, desk: Desk, session: Session, visitor: FlaskClient
) -> None:
    elsewhere = desk_of(app, session, desk.person_id)
    answer = change(desk, "password", current_password=PASSWORD, password=NEW, repeated=NEW)
    assert answer.status_code == SEE_OTHER
    assert is_in(desk.client)
    assert not is_in(elsewhere.client)
    assert log_in(visitor, password=NEW).status_code == SEE_OTHER


def test_a_new_password_needs_the_present_one(app: Flask, desk: Desk, session: Session) -> None:
    elsewhere = desk_of(app, session, desk.person_id)
    answer = change(desk, "password", current_password="salah", password=NEW, repeated=NEW)  # noqa: S106
    assert answer.status_code == WRONG
    assert "Kata sandi saat ini salah" in answer.text
    assert is_in(elsewhere.client)


def test_one_device_is_signed_out_from_another(app: Flask, desk: Desk, session: Session) -> None:
    lost = desk_of(app, session, desk.person_id)
    change(desk, "devices/end")
    assert is_in(desk.client)
    assert not is_in(lost.client)


def test_nobody_signs_out_anothers_device(
    app: Flask, desk: Desk, session: Session, visitor: FlaskClient
) -> None:
    desk_of(app, session, desk.person_id)
    theirs = desk.form("/account", "/account/devices/end")["session_id"]
    other = someone(session, "Asep Saepudin", UNKNOWN)
    signed_in(app, session, other.person_id, now=NOON, client=visitor)
    token = form_to(visitor.get("/account"), "/logout")["csrf_token"]
    sent = {"csrf_token": token, "session_id": theirs}
    assert visitor.post("/account/devices/end", data=sent).status_code == HTTPStatus.NOT_FOUND
    assert "/account/devices/end" in desk.see("/account")


def test_leaving_everywhere_ends_every_device(app: Flask, desk: Desk, session: Session) -> None:
    elsewhere = desk_of(app, session, desk.person_id)
    assert change(desk, "devices/end-all").location == "/login"
    assert not is_in(desk.client)
    assert not is_in(elsewhere.client)


def test_what_a_visitor_put_in_the_cart_is_there_after_signing_in(
    visitor: FlaskClient, session: Session, rina: Someone
) -> None:
    del rina
    coffee = listed_variant(session, name="Kopi Manglayang")
    token = form_to(visitor.get("/login"), "/")["csrf_token"]
    visitor.post("/cart/items", data={"csrf_token": token, "variant_id": coffee, "quantity": 2})
    log_in(visitor)
    assert "Kopi Manglayang" in visitor.get("/cart").text


def test_a_role_that_ended_is_gone_at_the_next_request(app: Flask, session: Session) -> None:
    placement = placed(session, agency(session), Role.TREASURER)
    desk = desk_of(app, session, placement.person_id)
    assert desk.client.get("/agency/payments").status_code == OK
    with transaction(session):
        session.execute(
            update(PlacementRole).filter_by(placement_id=placement.id).values(ended_at=NOON)
        )
    assert desk.client.get("/agency/payments").status_code != OK


def test_the_account_page_leads_to_ones_own_shop(app: Flask, session: Session) -> None:
    own = shop(session, "Kopi Wening")
    desk = desk_of(app, session, shop_actor(session, own).person_id)
    links = re.findall(r'href="(/seller/[^"]*)"', desk.see("/account"))
    assert links
    assert all(own.name in desk.see(link) for link in links)


def test_the_account_page_shows_what_the_store_knows(desk: Desk) -> None:
    page = desk.see("/account")
    assert all(word in page for word in ("Rina Amelia", "rina@kota.example", "19870312 201001"))


def test_a_code_that_was_never_given_is_refused(visitor: FlaskClient, session: Session) -> None:
    form = form_to(visitor.get("/activate"), "/activate")
    sent = form.filled(token="ABCD-EFGH-JKMN-PQRS-TVWX-YZ12-3456", password=NEW, repeated=NEW)  # noqa: S106
    assert visitor.post(form.action, data=sent).status_code == WRONG
    assert session.scalars(select(OneTimeCode)).all() == []


def test_after_many_wrong_tries_a_new_device_is_asked_for_a_code_from_the_mail(
    session: Session, visitor: FlaskClient, rina: Someone
) -> None:
    for number in range(ALERT_AT):
        origin = {"REMOTE_ADDR": f"10.{number}.0.1"}
        form = form_to(visitor.get("/login"), "/login")
        sent = form.filled(login=RINA, password=GUESS)
        visitor.post(form.action, data=sent, environ_base=origin)
    asked = log_in(visitor, path="/login?next=/orders")
    assert "Satu langkah lagi" in asked.text
    assert visitor.get("/orders").status_code == SEE_OTHER
    session.rollback()
    token = codes.token_of(session.scalars(select(OneTimeCode.id)).one(), key=SECRET.encode())
    form = form_to(asked, "/login/confirm")
    wrong = visitor.post(form.action, data=form.filled(token=NO_CODE))
    assert wrong.status_code == WRONG
    assert "tidak berlaku" in wrong.text
    assert NO_CODE in wrong.text
    come_in = visitor.post(form.action, data=form.filled(token=token))
    assert (come_in.status_code, come_in.location) == (SEE_OTHER, "/orders")
    assert rina.person_id
