"""Frames: made by the blueprint that knows, once a request, and only when a page shows them."""

import re
from datetime import date

import pytest
from flask import Blueprint, Flask, render_template_string

from storefront.web.frames import (
    NavGroup,
    NavItem,
    OfficeFrame,
    SerlokNotice,
    ShopFrame,
    Who,
    office_frame_of,
    shop_frame_of,
)
from tests.web.bare import bare_app

PAGE = (
    '{% extends "layouts/office.html" %}{% block title %}T{% endblock %}'
    "{% block head %}<h1>Kuota</h1>{% endblock %}{% block main %}isi{% endblock %}"
)
SHOP_PAGE = (
    '{% extends "layouts/shop.html" %}{% set with_serlok = true %}'
    "{% block title %}T{% endblock %}{% block main %}isi{% endblock %}"
)


def with_office(source: str, made: list[int] | None = None) -> Flask:
    app = bare_app()
    office = Blueprint("office", __name__)

    @office_frame_of(office)
    def frame() -> OfficeFrame:
        (made if made is not None else []).append(1)
        names = ("Ringkasan", "Kuota", "Setujui", "Pesanan", "Pagu", "Ekspor")
        return OfficeFrame(
            title="Menu instansi",
            who=Who("Deni <b>Anggara", "Pengadaan · Dinas Kesehatan"),
            nav=tuple(NavItem(name, "office.page", "house", badge=3) for name in names),
        )

    office.add_url_rule("/page", "page", lambda: render_template_string(source))
    office.add_url_rule("/plain", "plain", lambda: "no layout")
    app.register_blueprint(office)
    return app


def with_shop(frame: ShopFrame, source: str = SHOP_PAGE) -> str:
    app = bare_app()
    rooms = Blueprint("rooms", __name__)
    shop_frame_of(rooms)(lambda: frame)
    rooms.add_url_rule("/page", "page", lambda: render_template_string(source))
    app.register_blueprint(rooms)
    return app.test_client().get("/page").text


def test_who_i_am_and_for_whom_stands_on_every_page_of_an_office() -> None:
    page = with_office(PAGE).test_client().get("/page").text
    assert "Deni &lt;b&gt;Anggara" in page
    assert page.count("Pengadaan · Dinas Kesehatan") == 3  # side bar, phone's head, on paper


def test_a_phones_bar_has_four_entries_and_the_rest_behind_others() -> None:
    page = with_office(PAGE).test_client().get("/page").text
    bar = page.split('<nav class="bottom-bar')[1]
    assert bar.split("<details")[0].count("<a ") == 4
    assert "Ekspor" in bar.split("<details")[1]
    assert "Lainnya" in bar


def frame_of(*groups: str) -> OfficeFrame:
    """A menu whose entries stand under these headings, in this order."""
    return OfficeFrame(
        title="Menu",
        who=Who("Deni", "Admin kota"),
        nav=tuple(
            NavItem(f"Halaman {at}", "office.page", "house", group=group)
            for at, group in enumerate(groups)
        ),
    )


def headings(groups: tuple[NavGroup, ...]) -> list[tuple[str, int]]:
    return [(group.heading, len(group.items)) for group in groups]


def test_a_long_menu_stands_under_its_headings_in_the_order_of_the_first() -> None:
    frame = frame_of("", "Pantau", "Buku", "", "Pantau", "Buku", "Orang", "Orang")
    assert headings(frame.groups) == [("", 2), ("Pantau", 2), ("Buku", 2), ("Orang", 2)]
    assert headings(frame.behind) == [("Pantau", 1), ("Buku", 1), ("Orang", 2)]


def test_a_short_menu_has_no_headings() -> None:
    frame = frame_of("", "Pantau", "Buku", "", "Pantau", "Buku", "Orang")
    assert headings(frame.groups) == [("", 7)]
    assert headings(frame.behind) == [("", 3)]


def test_a_heading_names_its_list_beside_the_page_and_behind_others() -> None:
    frame = frame_of("", "", "", "", "Buku & cap", "Buku & cap", "Orang", "Orang")
    app, lists = bare_app(), Blueprint("office", __name__)
    office_frame_of(lists)(lambda: frame)
    lists.add_url_rule("/page", "page", lambda: render_template_string(PAGE))
    app.register_blueprint(lists)
    page = app.test_client().get("/page").text
    for place in ("menu", "more"):
        assert re.search(rf'<p class="nav-head" id="{place}-\d">Buku &amp; cap</p>', page)
    assert page.count("aria-labelledby=") == 4


def test_a_page_that_decides_has_its_act_bar_and_no_bottom_bar() -> None:
    source = PAGE.replace("{% block title %}", "{% set act_page = true %}{% block title %}", 1)
    source += "{% block acts %}<button>Setujui</button>{% endblock %}"
    page = with_office(source).test_client().get("/page").text
    assert 'class="act-bar' in page
    assert "bottom-bar" not in page


def test_a_page_that_reads_has_its_act_under_the_heading() -> None:
    page = with_office(PAGE + "{% block acts %}<a>Unduh</a>{% endblock %}").test_client()
    assert 'class="acts' in page.get("/page").text


def test_a_frame_is_made_once_a_page_and_never_without_one() -> None:
    made: list[int] = []
    asks_too = PAGE.replace("isi", "{{ office_frame().title }}")
    client = with_office(asks_too, made).test_client()
    client.get("/plain")
    assert made == []
    client.get("/page")
    assert made == [1]


def test_an_office_without_a_frame_says_which() -> None:
    app = bare_app()
    lost = Blueprint("lost", __name__)
    lost.add_url_rule("/page", "page", lambda: render_template_string(PAGE))
    app.register_blueprint(lost)
    app.testing = True
    with pytest.raises(LookupError, match="lost"):
        app.test_client().get("/page")


def test_a_visitor_is_asked_in_and_a_buyer_is_named() -> None:
    assert "Masuk" in with_shop(ShopFrame())
    page = with_shop(ShopFrame(cart_count=4, signed_in_name="Rina Amelia"))
    assert "Masuk" not in page.split("</header>")[0]
    assert "Akun Rina Amelia" in page
    assert '<span class="count">4' in page


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (SerlokNotice(date(2026, 12, 10), 16), "16 hari lagi"),
        (SerlokNotice(date(2026, 12, 10), 0, "1.204 ASN"), "Hari ini Hari Serlok."),
    ],
)
def test_the_strip_tells_of_the_next_serlok_day(notice: SerlokNotice, words: str) -> None:
    assert words in with_shop(ShopFrame(serlok=notice))
    assert words not in with_shop(
        ShopFrame(serlok=notice), SHOP_PAGE.replace("with_serlok = true", "with_serlok = false")
    )


def test_an_entry_leads_to_its_page_also_on_a_page_below_it() -> None:
    source = PAGE.replace("{% block title %}", '{% set here = "office.page" %}{% block title %}', 1)
    assert 'href="/page" aria-current="page"' in with_office(source).test_client().get("/page").text


def test_a_person_with_an_office_finds_it_in_the_shop() -> None:
    frame = ShopFrame(
        signed_in_name="Rina", offices=(NavItem("Dinas Kesehatan", "shop.home", "landmark"),)
    )
    assert with_shop(frame).count("Dinas Kesehatan") == 2
