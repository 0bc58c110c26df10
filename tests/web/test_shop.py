"""The shop through HTTP: front page, catalogue, a seller, the city's figures, pictures."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import Category, Product, VariantId
from storefront.catalog.search import learn
from storefront.core.database import transaction
from storefront.core.media import FolderStore, take_in
from storefront.core.permissions import Role, Scope, ScopeKind
from storefront.sellers.models import Seller, SellerState
from tests.conftest import CountSelects
from tests.factories import (
    NOON,
    agency,
    listed_variant,
    placed,
    shop,
    signed_up,
)
from tests.web.browsing import Forms, form_to, sign_in

SCRIPT = "<script>alert(1)</script>"
FAR_FROM_SERLOK = NOON + timedelta(days=1)
SWAP = {"HX-Request": "true", "HX-Target": "hasil"}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def names(page: str) -> list[str]:
    """The goods shown, in their order."""
    return re.findall(r'class="good__name"><a [^>]*>([^<]+)</a>', page)


def links(page: str, part: str) -> list[str]:
    """The addresses that links of a page lead to, if they hold a part."""
    found = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', page)]
    return [link for link in found if part in link]


def change(session: Session, variant_id: VariantId, **columns: Any) -> None:
    with transaction(session):
        product = session.scalars(select(Product).where(Product.variants.any(id=variant_id))).one()
        for name, value in columns.items():
            setattr(product, name, value)


def in_category(session: Session, slug: str, name: str, variant_id: VariantId) -> None:
    with transaction(session):
        session.add(Category(slug=slug, name=name, path=f"{slug}/", position=9))
        session.flush()
        category_id = session.scalars(select(Category.id).filter_by(slug=slug)).one()
    change(session, variant_id, category_id=category_id)


# The front page


def test_the_front_page_says_what_this_is_and_has_the_search(visitor: FlaskClient) -> None:
    page = visitor.get("/")
    assert page.status_code == HTTPStatus.OK
    assert "langsung dari usaha mikro dan koperasi" in page.text
    assert form_to(page, "/products")["q"] == ""


def test_the_front_page_of_an_empty_store_shows_no_empty_rows(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    assert "Siap kirim" not in page
    assert "Baru pertama kali" not in page
    assert "Belum ada pesanan dinas yang dibayar bulan ini" in page


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (NOON, "Hari ini Hari Serlok"),
        (NOON + timedelta(days=1), "Hari Serlok berikutnya: Kamis, 10 Desember 2026"),
    ],
)
def test_the_front_page_counts_down_to_serlok(visitor: FlaskClient, day: Any, words: str) -> None:
    with time_machine.travel(day, tick=False):
        assert words in visitor.get("/").text


def test_goods_of_a_shop_that_can_leave_at_once_stand_in_front(
    visitor: FlaskClient, session: Session
) -> None:
    listed_variant(session, name="Kopi siap")
    listed_variant(session, name="Kopi habis", stock=0)
    listed_variant(session, name="Kopi pesanan", daily_capacity=5, lead_days=3)
    with time_machine.travel(FAR_FROM_SERLOK, tick=False):
        assert names(visitor.get("/").text) == ["Kopi siap"]


def test_a_shop_with_its_first_order_is_welcomed(visitor: FlaskClient, session: Session) -> None:
    seller = shop(session)
    listed_variant(session, seller=seller, name="Opak Ma Iyah", daily_capacity=5, lead_days=3)
    with transaction(session):
        session.get_one(Seller, seller.id).first_order_at = NOON
    page = visitor.get("/").text
    assert "Baru pertama kali mendapat pesanan" in page
    assert names(page) == ["Opak Ma Iyah"]


def test_quiet_sellers_stand_in_front_around_a_serlok_day(
    visitor: FlaskClient, session: Session
) -> None:
    listed_variant(session, name="Opak pesanan", daily_capacity=5, lead_days=3)
    for days, is_there in ((-9, False), (-7, True), (0, True), (1, False)):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            page = visitor.get("/").text
        assert ("penjual yang menunggu pesanan" in page) is is_there, days
        assert ("Opak pesanan" in names(page)) is is_there, days


def test_what_stands_on_the_front_page_already_is_not_shown_twice(
    visitor: FlaskClient, session: Session
) -> None:
    listed_variant(session, name="Kopi siap")
    assert names(visitor.get("/").text) == ["Kopi siap"]


def test_each_category_leads_to_its_goods_and_says_how_many(
    visitor: FlaskClient, session: Session
) -> None:
    listed_variant(session)
    listed_variant(session)
    page = visitor.get("/").text
    assert "Kopi bubuk<small>2 barang" in page
    assert links(page, "category=") == ["/products?category=kopi-bubuk"]


def test_the_front_page_reads_the_same_number_of_times_for_more_goods(
    visitor: FlaskClient, session: Session, count_selects: CountSelects
) -> None:
    for _ in range(2):
        listed_variant(session)
    visitor.get("/")
    with count_selects() as few:
        visitor.get("/")
    for _ in range(8):
        listed_variant(session)
    with count_selects() as many:
        visitor.get("/")
    assert len(many) == len(few)
    assert len(few) <= 16  # on a Serlok day, with its sellers


# The catalogue


def test_twenty_four_a_page_and_the_rest_on_the_next(
    visitor: FlaskClient, session: Session
) -> None:
    seller = shop(session)
    for number in range(25):
        listed_variant(session, seller=seller, name=f"Kopi {number}")
    first = visitor.get("/products").text
    assert len(names(first)) == 24
    assert "Barang 1\N{EN DASH}24 dari 25, halaman 1 dari 2" in first
    assert set(links(first, "page=")) == {"/products?page=2"}
    assert len(names(visitor.get("/products?page=2").text)) == 1


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("q=puntang", {"Kopi Puntang"}),
        ("category=plakat", {"Plakat Jati"}),
        ("district=Regol", {"Plakat Jati"}),
        ("min_price=50000", {"Plakat Jati"}),
        ("max_price=Rp+50.000", {"Kopi Manglayang", "Kopi Puntang"}),
        ("max_price=50000&min_price=30.000", {"Kopi Puntang"}),
        ("in_stock=1", {"Kopi Puntang", "Plakat Jati"}),
        ("q=puntang&district=Regol", set()),
    ],
)
def test_the_list_is_narrowed_by_what_the_address_asks(
    visitor: FlaskClient, session: Session, question: str, found: set[str]
) -> None:
    listed_variant(session, name="Kopi Manglayang", price=15_000, stock=0)
    listed_variant(session, name="Kopi Puntang", price=40_000)
    board = shop(session)
    plaque = listed_variant(session, name="Plakat Jati", price=185_000, seller=board)
    in_category(session, "plakat", "Plakat", plaque)
    with transaction(session):
        session.get_one(Seller, board.id).district = "Regol"
    assert set(names(visitor.get(f"/products?{question}").text)) == found


def test_the_list_of_one_seller(visitor: FlaskClient, session: Session) -> None:
    seller = shop(session)
    listed_variant(session, seller=seller, name="Kopi Wening")
    listed_variant(session, name="Kopi lain")
    assert names(visitor.get(f"/products?seller={seller.slug}").text) == ["Kopi Wening"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("price", ["Murah", "Tengah", "Mahal"]),
        ("price_desc", ["Mahal", "Tengah", "Murah"]),
        ("popular", ["Tengah", "Mahal", "Murah"]),
        ("newest", ["Mahal", "Murah", "Tengah"]),
        ("relevance", ["Mahal", "Murah", "Tengah"]),
        ("' OR 1=1", ["Mahal", "Murah", "Tengah"]),
    ],
)
def test_the_list_stands_in_the_order_asked(
    visitor: FlaskClient, session: Session, sort: str, order: list[str]
) -> None:
    for name, price, sold, age in (
        ("Tengah", 20_000, 9, 3),
        ("Murah", 10_000, 0, 2),
        ("Mahal", 30_000, 4, 1),
    ):
        variant_id = listed_variant(session, name=name, price=price)
        change(session, variant_id, sold_count=sold, listed_at=NOON - timedelta(days=age))
    page = visitor.get("/products", query_string={"sort": sort}).text
    assert names(page) == order


@pytest.mark.parametrize(
    "question",
    [
        "category=tidak-ada",
        "seller=tidak-ada",
        "district=Atlantis",
        "min_price=murah",
        "max_price=-1",
        "in_stock=mungkin",
        "sort=terserah",
        "page=nol",
        "page=-3",
        "page=%D9%A1",
        "_scheme=javascript&_external=1",
        "bukan_argumen=1",
    ],
)
def test_what_is_asked_wrongly_is_as_if_it_were_not_there(
    visitor: FlaskClient, session: Session, question: str
) -> None:
    listed_variant(session, name="Kopi Manglayang")
    page = visitor.get(f"/products?{question}")
    assert page.status_code == HTTPStatus.OK
    assert names(page.text) == ["Kopi Manglayang"]
    assert "hapus saringan" not in page.text
    assert "javascript:" not in page.text


def test_a_name_that_means_nothing_is_not_carried_to_the_next_page(
    visitor: FlaskClient, session: Session
) -> None:
    seller = shop(session)
    for _ in range(25):
        listed_variant(session, seller=seller)
    page = visitor.get("/products?category=tidak-ada&seller=tidak-ada&district=Atlantis").text
    assert set(links(page, "page=")) == {"/products?page=2"}


@pytest.mark.parametrize("words", ["' OR 1=1 --", "%", "_", '"', "*", "NEAR(", "kopi AND", "\x00"])
def test_a_search_in_the_syntax_of_an_engine_is_harmless(
    visitor: FlaskClient, session: Session, words: str
) -> None:
    listed_variant(session)
    page = visitor.get("/products", query_string={"q": words})
    assert page.status_code == HTTPStatus.OK


@pytest.mark.parametrize("asked", ["page=99999999999999999999", "min_price=9" + "9" * 30])
def test_a_number_beyond_all_bounds_breaks_nothing(visitor: FlaskClient, asked: str) -> None:
    assert visitor.get(f"/products?{asked}").status_code == HTTPStatus.OK


def test_each_filter_in_force_can_be_taken_away_by_itself(
    visitor: FlaskClient, session: Session
) -> None:
    listed_variant(session, name="Kopi", price=20_000)
    page = visitor.get("/products?q=kopi&category=kopi-bubuk&min_price=10000&in_stock=1").text
    chips = page[page.index("Saringan yang berlaku") : page.index("</nav>", page.index("berlaku"))]
    assert links(chips, "/products") == [
        "/products?q=kopi&min_price=10000&in_stock=1",
        "/products?q=kopi&category=kopi-bubuk&in_stock=1",
        "/products?q=kopi&category=kopi-bubuk&min_price=10000",
        "/products?q=kopi",
    ]


def test_the_filter_form_sends_what_is_in_force(visitor: FlaskClient, session: Session) -> None:
    listed_variant(session, price=20_000)
    page = visitor.get("/products?q=kopi&category=kopi-bubuk&max_price=30000").text
    (form,) = [form for form in Forms(page).forms if form.id == "saring"]
    assert (form["q"], form["category"], form["max_price"]) == ("kopi", "kopi-bubuk", "30.000")


def test_htmx_gets_the_same_part_and_a_clean_address(
    visitor: FlaskClient, session: Session
) -> None:
    listed_variant(session, name="Kopi Manglayang")
    asked = "/products?q=kopi&category=&min_price=&sort=relevance&page=1"
    whole, part = visitor.get(asked), visitor.get(asked, headers=SWAP)
    assert "<html" not in part.text
    start, end = whole.text.index('<div class="stack" id="hasil">'), whole.text.index("</main>")
    shown = whole.text[start:end].strip()
    assert shown.startswith(part.text[part.text.index("<div") :].strip())
    assert part.headers["HX-Push-Url"] == "/products?q=kopi"
    assert "HX-Target" in part.headers["Vary"]


def test_a_typing_error_is_put_right_and_said(visitor: FlaskClient, session: Session) -> None:
    listed_variant(session, name="Batik Tulis")
    with transaction(session):
        learn(session, "Batik Tulis")
    page = visitor.get("/products?q=batk").text
    assert names(page) == ["Batik Tulis"]
    assert "Tidak ada yang cocok dengan “batk”" in page


@pytest.mark.parametrize(
    ("question", "step"),
    [
        ("q=gergaji", "/products"),
        ("q=kopi&min_price=900000", "/products?q=kopi"),
        ("page=9", "/products"),
    ],
)
def test_an_empty_list_says_what_to_do_next(
    visitor: FlaskClient, session: Session, question: str, step: str
) -> None:
    listed_variant(session)
    page = visitor.get(f"/products?{question}").text
    empty = page[page.index('class="empty') :]
    assert links(empty, "/products")[0] == step


def test_a_store_without_goods_invites_sellers(visitor: FlaskClient) -> None:
    assert "Belum ada penjual yang menayangkan barang" in visitor.get("/products").text


def test_what_is_sold_out_says_so(visitor: FlaskClient, session: Session) -> None:
    listed_variant(session, stock=0)
    assert ">Habis</span>" in visitor.get("/products").text


def test_a_shop_that_is_suspended_is_not_in_the_list(
    visitor: FlaskClient, session: Session
) -> None:
    seller = shop(session)
    listed_variant(session, seller=seller)
    with transaction(session):
        session.get_one(Seller, seller.id).state = SellerState.SUSPENDED
    assert names(visitor.get("/products").text) == []


def test_what_people_typed_is_shown_as_text(visitor: FlaskClient, session: Session) -> None:
    listed_variant(session, name=f"Kopi {SCRIPT}", seller=shop(session, f"Warung {SCRIPT}"))
    for address in ("/", "/products", f"/products?q={SCRIPT}"):
        assert SCRIPT not in visitor.get(address).text


def test_the_catalogue_reads_the_same_number_of_times_for_more_goods(
    visitor: FlaskClient, session: Session, count_selects: CountSelects
) -> None:
    listed_variant(session)
    visitor.get("/products")
    with count_selects() as few:
        visitor.get("/products")
    for _ in range(9):
        listed_variant(session)
    with count_selects() as many:
        visitor.get("/products")
    assert len(many) == len(few)
    assert len(few) <= 8


# A seller


def test_a_sellers_page_says_who_they_are_and_what_was_verified(
    visitor: FlaskClient, session: Session
) -> None:
    seller = shop(session, "Kopi Wening", office_delivery=8_000, free_from=150_000)
    listed_variant(session, seller=seller, name="Kopi Puntang")
    listed_variant(session, name="Kopi lain")
    page = visitor.get(f"/sellers/{seller.slug}").text
    assert names(page) == ["Kopi Puntang"]
    assert "Euis Komariah · Kecamatan Coblong" in page
    assert "Kelas usaha diperiksa kota 1 Januari 2020" in page
    assert "Dihitung ke 40%" in page
    assert "Antar ke kantor Rp8.000, gratis mulai belanja Rp150.000" in page


def test_a_seller_whom_nobody_verified_counts_for_nothing(
    visitor: FlaskClient, session: Session
) -> None:
    seller = shop(session, seller_class=None)
    page = visitor.get(f"/sellers/{seller.slug}").text
    assert "belum dihitung ke kuota 40%" in page
    assert "Belum ada barang" in page


def test_a_shop_that_is_not_open_has_no_page(visitor: FlaskClient, session: Session) -> None:
    seller = shop(session)
    with transaction(session):
        session.get_one(Seller, seller.id).state = SellerState.APPLIED
    assert visitor.get(f"/sellers/{seller.slug}").status_code == HTTPStatus.NOT_FOUND
    assert visitor.get("/sellers/tidak-ada").status_code == HTTPStatus.NOT_FOUND


# The city's figures


def test_the_citys_figures_need_no_sign_in_and_name_no_agency(
    visitor: FlaskClient, session: Session
) -> None:
    agency(session, name="Dinas Kesehatan")
    page = visitor.get("/figures")
    assert page.status_code == HTTPStatus.OK
    assert "Rp0 uang dinas sampai ke usaha mikro dan koperasi bulan ini" in page.text
    assert "Dinas Kesehatan" not in page.text


# What stands around the pages


def test_the_head_knows_who_is_signed_in(app: Flask, session: Session) -> None:
    buyer = placed(session)
    page = sign_in(app, session, buyer.person_id, now=NOON).get("/products").text
    assert "Akun Rina Amelia" in page
    assert "/agency/" not in page


@pytest.mark.parametrize(
    ("role", "scope", "address"),
    [
        (Role.APPROVER, None, "/agency/"),
        (Role.AUDITOR, Scope(ScopeKind.CITY, ""), "/audit/"),
        (Role.CITY_ADMIN, Scope(ScopeKind.CITY, ""), "/city/"),
    ],
)
def test_the_work_sides_open_to_somebody_are_linked(
    app: Flask, session: Session, role: Role, scope: Scope | None, address: str
) -> None:
    actor = signed_up(session, role, scope) if scope else signed_up(session, role)
    page = sign_in(app, session, actor.person_id, now=NOON).get("/products").text
    assert address in links(page, address)


# Pictures


@pytest.fixture
def picture_key(app: Flask) -> str:
    file = BytesIO()
    Image.new("RGB", (900, 900), "brown").save(file, "PNG")
    return take_in(FolderStore(app.config["SETTINGS"].media_root), file.getvalue())


def test_a_picture_is_kept_for_ever_under_the_name_of_its_content(
    visitor: FlaskClient, session: Session, picture_key: str
) -> None:
    change(session, listed_variant(session), picture_key=picture_key)
    address = re.findall(r'src="(/media/[^"]+)"', visitor.get("/products").text)[0]
    answer = visitor.get(address)
    assert (answer.status_code, answer.mimetype) == (HTTPStatus.OK, "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    answer.close()


@pytest.mark.parametrize(
    "name", ["../store.sqlite3", "ab/secret.txt", "ab/" + "c" * 64 + "-641.webp", "%2e%2e/x"]
)
def test_nothing_but_pictures_is_served(
    app: Flask, visitor: FlaskClient, name: str, tmp_path: Path
) -> None:
    root = app.config["SETTINGS"].media_root
    (root / "ab").mkdir(parents=True)
    (root / "ab" / "secret.txt").write_text("rahasia")
    (root / "ab" / f"{'c' * 64}-641.webp").write_text("rahasia")
    (tmp_path / "store.sqlite3").write_text("rahasia")
    assert visitor.get(f"/media/{name}").status_code == HTTPStatus.NOT_FOUND


def test_a_picture_that_is_not_there_is_not_found(visitor: FlaskClient) -> None:
    missing = f"/media/ab/{'ab' * 32}-320.webp"
    assert visitor.get(missing).status_code == HTTPStatus.NOT_FOUND
