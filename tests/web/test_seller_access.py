"""Who gets in where on the seller's side, and for which shop."""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import NOBODY, Role
from storefront.sellers.models import Seller, SellerState, ShopStaff
from tests.factories import NOON, listed_variant, shop, shop_actor
from tests.factories_orders import Around, approved_order, around, placed_order
from tests.web.offices import Desk, desk_of, staff
from tests.web.selling import keeper, product_of

OF_ONE_THING = {
    "seller.order", "seller.act", "seller.product", "seller.change_product", "seller.turn_product",
}  # fmt: skip
SENT = {"seller.act": {"event": "accept"}, "seller.turn_product": {"event": "take_down"}}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def paths(app: Flask, session: Session, of: Around) -> dict[tuple[str, str], str]:
    """Every address of the seller's side by endpoint and method, of things of the shop `of`."""
    values = {
        "number": approved_order(session, of),
        "product_id": product_of(session, listed_variant(session, seller=of.shop)),
    }
    addresses = app.url_map.bind("localhost")
    return {
        (rule.endpoint, method): addresses.build(
            rule.endpoint, {name: values[name] for name in rule.arguments}, method=method
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("seller.")
        for method in {"GET", "POST"} & set(rule.methods or ())
    }


def walk(desk: Desk, paths: dict[tuple[str, str], str], token: str) -> dict[str, int]:
    """The status of each address, asked with its method; a sent form carries its token."""
    return {
        endpoint: (
            desk.client.get(path)
            if method == "GET"
            else desk.client.post(path, data={"csrf_token": token} | SENT.get(endpoint, {}))
        ).status_code
        for (endpoint, method), path in paths.items()
    }


def test_a_visitor_is_asked_to_sign_in_and_led_back(
    app: Flask, paths: dict[tuple[str, str], str]
) -> None:
    client = app.test_client()
    for (_endpoint, method), path in paths.items():
        if method == "GET":
            answer = client.get(path)
            assert answer.status_code == HTTPStatus.SEE_OTHER, path
            assert urlsplit(answer.location).path == "/login"
            assert path.strip("/") in answer.location.replace("%2F", "/")


def test_a_visitor_can_do_nothing(app: Flask, paths: dict[tuple[str, str], str]) -> None:
    desk = Desk(app.test_client(), NOBODY.person_id)
    token = desk.form("/login", "/login")["csrf_token"]
    asked = {key: path for key, path in paths.items() if key[1] == "POST"}
    assert set(walk(desk, asked, token).values()) == {HTTPStatus.SEE_OTHER}


@pytest.mark.parametrize("role", [Role.BUYER, Role.APPROVER, Role.TREASURER])
def test_who_has_no_shop_finds_none_of_these_pages(
    app: Flask, session: Session, paths: dict[tuple[str, str], str], role: Role
) -> None:
    desk = staff(app, session, role)
    token = desk.form("/account", "/account/contact")["csrf_token"]
    assert set(walk(desk, paths, token).values()) == {HTTPStatus.NOT_FOUND}


def test_every_page_opens_for_the_shop_that_it_is_about(
    app: Flask, session: Session, of: Around, paths: dict[tuple[str, str], str]
) -> None:
    desk = keeper(app, session, of.shop)
    pages = {key: path for key, path in paths.items() if key[1] == "GET"}
    assert set(walk(desk, pages, "").values()) == {HTTPStatus.OK}


def test_what_another_shop_has_is_not_found_at_any_address(
    app: Flask, session: Session, paths: dict[tuple[str, str], str]
) -> None:
    desk = keeper(app, session, shop(session))
    of_one = {key: path for key, path in paths.items() if key[0] in OF_ONE_THING}
    assert {endpoint for endpoint, _method in of_one} == OF_ONE_THING
    found = walk(desk, of_one, desk.token("/seller/"))
    assert set(found.values()) == {HTTPStatus.NOT_FOUND}


def test_a_list_shows_nothing_of_another_shop(
    app: Flask, session: Session, paths: dict[tuple[str, str], str]
) -> None:
    desk = keeper(app, session, shop(session))
    number = paths["seller.order", "GET"].rsplit("/", 1)[-1]
    for path in ("/seller/", "/seller/orders?status=all", "/seller/payouts", "/seller/reports"):
        assert number not in desk.see(path)
        assert "Dinas Kesehatan" not in desk.see(path)


def test_an_order_that_was_not_approved_yet_is_not_the_sellers(
    app: Flask, session: Session, of: Around
) -> None:
    number = placed_order(session, of)
    desk = keeper(app, session, of.shop)
    assert desk.client.get(f"/seller/orders/{number}").status_code == HTTPStatus.NOT_FOUND


def test_what_a_seller_bought_is_no_order_of_their_shop(
    app: Flask, session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    own = shop(session)
    with transaction(session):
        session.add(ShopStaff(seller_id=own.id, person_id=of.buyer.person_id, since=NOON))
    desk = desk_of(app, session, of.buyer.person_id)
    assert desk.client.get(f"/orders/{number}").status_code == HTTPStatus.OK
    assert desk.client.get(f"/seller/orders/{number}").status_code == HTTPStatus.NOT_FOUND


def test_a_shop_that_the_city_refused_is_closed_to_its_staff(app: Flask, session: Session) -> None:
    seller = shop(session)
    desk = keeper(app, session, seller)
    with transaction(session):
        session.get_one(Seller, seller.id).state = SellerState.REFUSED
    assert desk.client.get("/seller/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("state", "words"),
    [(SellerState.APPLIED, "sedang diperiksa kota"), (SellerState.SUSPENDED, "dihentikan")],
)
def test_a_shop_that_buyers_do_not_see_says_why(
    app: Flask, session: Session, state: SellerState, words: str
) -> None:
    seller = shop(session)
    with transaction(session):
        session.get_one(Seller, seller.id).state = state
    assert words in keeper(app, session, seller).see("/seller/")


class TestAPersonWithTwoShops:
    @pytest.fixture
    def other(self, session: Session) -> Seller:
        return shop(session, "Zaitun Batik")

    @pytest.fixture
    def desk(self, app: Flask, session: Session, of: Around, other: Seller) -> Desk:
        actor = shop_actor(session, of.shop)
        with transaction(session):
            session.add(ShopStaff(seller_id=other.id, person_id=actor.person_id, since=NOON))
        return desk_of(app, session, actor.person_id)

    def test_begins_in_the_first_by_name(self, desk: Desk, of: Around) -> None:
        assert f"Pindah ke {of.shop.name}" not in desk.see("/seller/")

    def test_stays_in_the_one_that_was_chosen(self, desk: Desk, of: Around, other: Seller) -> None:
        desk.see(f"/seller/?shop={other.slug}")
        assert f"Pindah ke {of.shop.name}" in desk.see("/seller/orders")

    def test_is_not_led_into_a_shop_of_others(self, desk: Desk, session: Session) -> None:
        strange = shop(session)
        answer = desk.client.get(f"/seller/?shop={strange.slug}")
        assert answer.status_code == HTTPStatus.NOT_FOUND

    def test_goes_on_in_the_shop_of_the_order_that_a_mail_led_to(
        self, desk: Desk, session: Session, of: Around, other: Seller
    ) -> None:
        number = approved_order(session, of)
        desk.see(f"/seller/?shop={other.slug}")
        page = desk.see(f"/seller/orders/{number}")
        assert f"Pindah ke {other.name}" in page
