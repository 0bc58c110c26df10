"""How amounts, days and names are written, and that no piece lets markup through."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from flask import render_template_string
from flask_babel import force_locale

from storefront.core.paging import Page
from storefront.web import components
from storefront.web.messages import tell, warn
from tests.web.bare import bare_app

EVIL = '<script>alert("x")</script>'
ESCAPED = "&lt;script&gt;"

pytestmark = pytest.mark.usefixtures("in_a_request")


@pytest.fixture
def in_a_request() -> Iterator[None]:
    app = bare_app()
    with app.test_request_context("/"):
        yield


def piece(file: str, call: str, **given: object) -> str:
    """What a call of macros shows; `of` is their file."""
    source = '{% import "components/' + file + '.html" as of %}' + call
    return render_template_string(source, **given)


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        (components.rupiah, 15_000, "Rp15.000"),
        (components.rupiah, -1_250_000, "-Rp1.250.000"),
        (components.rupiah, 0, "Rp0"),
        (components.rupiah_short, 999, "Rp999"),
        (components.rupiah_short, 850_000, "Rp850 rb"),
        (components.rupiah_short, 950_000, "Rp950 rb"),
        (components.rupiah_short, 999_960, "Rp1 jt"),
        (components.rupiah_short, 1_250_000, "Rp1,3 jt"),
        (components.rupiah_short, 1_500_000, "Rp1,5 jt"),
        (components.rupiah_short, 94_555_868_000, "Rp94,6 M"),
        (components.rupiah_short, 227_762_132_000, "Rp228 M"),
        (components.rupiah_short, 1_300_000_000_000, "Rp1,3 T"),
        (components.rupiah_short, -2_300_000_000, "-Rp2,3 M"),
        (components.number, 3_213, "3.213"),
        (components.percent, 30.743, "30,7%"),
        (components.percent, Fraction(100, 3), "33,3%"),
        (components.percent, 40, "40,0%"),
        (components.day, date(2026, 11, 24), "Selasa, 24 November 2026"),
        (components.day_near, date(2026, 12, 10), "Kamis, 10 Desember"),
        (components.day_short, date(2026, 8, 17), "17 Agu 2026"),
        (components.month, "2026-11", "November 2026"),
        (components.month_short, "2026-05", "Mei"),
        (components.initials, "Rina Amelia", "RA"),
        (components.initials, "Dapur Bu Euis", "BE"),
        (components.initials, "dr. Ridwan Komara, S.K.M., M.Kes.", "RK"),
        (components.initials, "Wening", "W"),
        (components.initials, "", ""),
        (components.nip, "197905052005011004", "19790505 200501 1 004"),
        (components.nip, "12", "12"),
        (components.file_size, 412_000, "412 kB"),
        (components.file_size, 1_230_000, "1,2 MB"),
    ],
)
def test_what_people_read_is_written_the_indonesian_way(
    written: Callable[[object], str], value: object, expected: str
) -> None:
    assert written(value) == expected


def test_an_instant_is_told_by_the_clock_of_jakarta() -> None:
    just_after_midnight = datetime(2026, 12, 31, 17, 5, tzinfo=UTC)
    assert components.instant(just_after_midnight) == "1 Januari 2027 pukul 00.05"
    assert components.day_plain(just_after_midnight) == "1 Januari 2027"


def test_an_end_at_midnight_is_that_of_the_day_before() -> None:
    assert components.deadline(datetime(2026, 12, 1, 17, 0, tzinfo=UTC)) == (
        "1 Desember 2026 pukul 24.00"
    )
    assert components.deadline_near(datetime(2026, 12, 1, 9, 0, tzinfo=UTC)) == (
        "Selasa, 1 Desember, 16.00"
    )


def test_an_english_reader_sees_english_figures() -> None:
    with force_locale("en"):
        assert components.rupiah(1_250_000) == "Rp1,250,000"
        assert components.percent(30.74) == "30.7%"
        assert components.clock(datetime(2026, 11, 24, 2, 12, tzinfo=UTC)) == "09:12"


@pytest.mark.parametrize(
    ("file", "call"),
    [
        ("icons", "{{ of.face(t) }}{{ of.icon(t) }}"),
        ("goods", "{{ of.price(1, t, about=t) }}"),
        ("goods", "{{ of.badge('micro', t) }}{{ of.badge(t, t) }}"),
        ("goods", "{{ of.stepper(t, t, t, t) }}"),
        ("goods", "{{ of.seller_line(t, t, t, t) }}{{ of.seller_line(t) }}"),
        ("goods", "{{ of.line_item(t, t, 1, t, t) }}{{ of.line_item(t) }}"),
        ("goods", "{{ of.sums([(t, t)], t, 1) }}"),
        ("goods", "{{ of.gallery([{'address': t, 'alt': t}], t) }}"),
        ("goods", "{{ of.product_card(card) }}"),
        ("choices", "{{ of.chip(t, t) }}{{ of.chip_off(t, t) }}"),
        ("choices", "{{ of.pick(t, t, t, t) }}{{ of.facet_check(t, t, t) }}"),
        ("choices", "{% call of.more(t) %}{{ t }}{% endcall %}"),
        ("forms", "{{ of.input_row('a', t, t, t, before=t) }}{{ of.submit(t, t, t) }}"),
        ("states", "{{ of.pill(t, 'go') }}{{ of.note(t, t) }}"),
        ("states", "{{ of.snack(t, t, t) }}{{ of.empty(t, t, t, t) }}"),
        ("states", "{% call of.dialog(t, t) %}{% endcall %}{{ of.dialog_button(t, t, t) }}"),
        ("states", "{{ of.work(t, 1, 2, t, t) }}{{ of.check_item(t, t) }}"),
        ("way", "{{ of.crumbs([(t, t), (t, none)]) }}{{ of.steps([(t, t), (t, none)], 2) }}"),
        ("way", "{{ of.timeline([{'title': t, 'about': t, 'state': 'now'}]) }}"),
        ("way", "{{ of.facts([(t, t)]) }}{{ of.back(t, t) }}"),
        ("tables", "{% call of.table(t, [t, of.head(t, href=t)]) %}{% endcall %}"),
        ("tables", "{{ of.row_head(t, t, t) }}{{ of.text_cell(t, t) }}"),
        ("figures", "{{ of.tile(t, t, t) }}{{ of.quota_bar(1, 1, 40, says=t) }}"),
        ("paper", "{{ of.letterhead([t], t) }}{{ of.qr_block(t, [t], t) }}"),
        ("paper", "{{ of.sign([{'role': t, 'room': t, 'name': t, 'about': t}]) }}"),
    ],
)
def test_markup_in_any_text_is_shown_as_text(file: str, call: str) -> None:
    texts = ("name", "href", "picture", "unit", "seller_name", "district", "sold_out")
    card = dict.fromkeys(texts, EVIL) | {"price_amount": 1}
    shown = piece(file, call, t=EVIL, card=card)
    assert "<script" not in shown
    assert 'alert("x")' not in shown
    assert ESCAPED in shown


def test_markup_in_a_flashed_message_is_shown_as_text() -> None:
    tell(EVIL)
    tell(EVIL, href=EVIL, link=EVIL)
    warn(EVIL)
    shown = piece("states", "{{ of.flashes() }}")
    assert "<script" not in shown
    assert shown.count(ESCAPED) == 5


def test_each_row_of_a_table_can_become_a_card() -> None:
    shown = piece(
        "tables",
        "{% call of.table('Pembayaran', ['Pesanan', of.head('Dibayar', n=true)]) %}"
        "{% call of.body() %}{% call of.row_of() %}{{ of.row_head('P-1') }}"
        "{{ of.money_cell(5000, 'Dibayar') }}{% endcall %}{% endcall %}{% endcall %}",
    )
    for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell"):
        assert f'role="{role}"' in shown
    assert '<td role="cell" class="n" data-label="Dibayar" data-v="5000">Rp5.000</td>' in shown
    assert shown.count("<th ") == 3


def pager_of(page: Page[int]) -> str:
    return piece(
        "way",
        "{% macro at(n) %}/p?page={{ n }}{% endmacro %}{{ of.pager(page, at, 'Barang') }}",
        page=page,
    )


def test_a_pager_says_where_one_is_in_words() -> None:
    shown = pager_of(Page(rows=range(24), number=2, has_next=True, total=1_241))
    assert "Barang 25\N{EN DASH}48 dari 1.241, halaman 2 dari 52" in shown
    assert 'href="/p?page=1" rel="prev"' in shown
    assert 'href="/p?page=3" rel="next"' in shown


def test_a_pager_of_one_page_has_no_links() -> None:
    shown = pager_of(Page(rows=range(5), number=1, has_next=False, total=5))
    assert "Barang 1\N{EN DASH}5 dari 5" in shown
    assert "<a " not in shown


def test_a_pager_without_a_total_counts_no_pages() -> None:
    shown = pager_of(Page(rows=range(24), number=3, has_next=True))
    assert "Barang 49\N{EN DASH}72, halaman 3" in shown
    assert "dari" not in shown


def test_an_empty_list_has_no_pager() -> None:
    assert "<nav" not in pager_of(Page(rows=(), number=1, has_next=False, total=0))


def test_two_bars_on_one_page_have_patterns_of_their_own() -> None:
    shown = piece("figures", "{{ of.quota_bar(1, 2, 40) }}{{ of.quota_bar(3, 4, 40) }}")
    ids = [part.split('"')[0] for part in shown.split('<pattern id="')[1:]]
    assert len(ids) == len(set(ids)) == 2
    assert all(f"url(#{name})" in shown for name in ids)


def test_without_a_budget_the_quota_shows_no_percentage() -> None:
    shown = piece("figures", "{{ of.quota(none, none, 40, 5, 0, none, none) }}")
    assert "Pagu belum diisi" in shown
    assert "%" not in shown


def test_past_the_target_the_quota_says_by_how_much() -> None:
    shown = piece("figures", "{{ of.quota(47.2, 1, 40, 5, 0, 9, -1741680000) }}")
    assert "terlewati sebesar" in shown
    assert "Rp1.741.680.000" in shown
    assert "-Rp" not in shown
