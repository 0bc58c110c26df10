"""The made-up figures and fields that the style guide shows the pieces with."""

from datetime import date
from types import SimpleNamespace

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from storefront.core.paging import Page
from storefront.web.charts import Bar, Column, parts_of
from storefront.web.components import percent, rupiah
from storefront.web.fields import choice

SERLOK_DAY = date(2026, 12, 10)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov")
REALISED = (0.6, 1.8, 4.0, 6.5, 9.4, 12.7, 15.5, 19.0, 22.9, 27.0, 30.7)
FORECAST = 36.7
GOODS = (("Kuliner", 38_667_500), ("Alat tulis & kantor", 31_491_000), ("Fesyen", 7_120_000))
AGENCIES = (
    ("Dinas Koperasi dan Usaha Kecil Menengah", 47.2, 1.1),
    ("Kecamatan Coblong", 41.3, 2.4),
    ("Dinas Arsip dan Perpustakaan", 38.7, 2.2),
    ("RSUD Bandung Kiwari", 37.3, 5.1),
    ("Dinas Kesehatan", 30.7, 3.3),
    ("Kecamatan Regol", 24.0, 2.0),
    ("Dinas Perhubungan", 14.6, 0.9),
    ("PT Bandung Infra Investama", 0.0, 0.0),
)
TARGET = 40
VISITS = (12, 9, 15, 18, 14, 21, 19, 24, 22, 27, 31)


class StyleGuideForm(FlaskForm):
    receiver = StringField(_l("Nama penerima"), default="Rina Amelia")
    district = SelectField(
        _l("Kecamatan"),
        choices=[choice("wetan", "Bandung Wetan"), choice("coblong", "Coblong")],
        default="wetan",
    )
    price = StringField(_l("Harga"), default="27.500")
    least = StringField(_l("Paling sedikit dipesan"), default="1")
    story = TextAreaField(_l("Cerita barang"))
    password = PasswordField(_l("Kata sandi"))
    fund = RadioField(
        _l("Sumber dana"),
        choices=[
            choice("official", _l("Dana instansi (APBD)")),
            choice("personal", _l("Uang sendiri")),
        ],
        default="official",
    )
    agreed = BooleanField(_l("Saya sudah memeriksa barangnya"))
    is_shown = BooleanField(_l("Tampil di toko"), default=True)
    paper = FileField(_l("Daftar hadir"))

    def show_errors(self) -> None:
        """What a form looks like that was sent wrongly."""
        messages = {
            "receiver": gettext("Tulis nama penerima, seperti di meja depan kantor."),
            "price": gettext("Tulis harga dengan angka, misalnya 27.500."),
            "fund": gettext("Pilih sumber dana."),
            "agreed": gettext("Periksa barangnya dulu, lalu centang."),
            "paper": gettext("Berkas ini bukan PDF atau foto. Pilih berkas lain."),
        }
        for name, message in messages.items():
            self[name].errors = [message]


def sample() -> dict[str, object]:
    """What the page shows besides its own words."""
    return {
        "goods_shown": _goods(),
        "months": _months(),
        "parts": parts_of([(name, rupiah(amount), amount) for name, amount in GOODS]),
        "bars": [Bar(name, real, bound, real >= TARGET) for name, real, bound in AGENCIES],
        "visits": VISITS,
        "serlok_day": SERLOK_DAY,
        "middle": Page(rows=range(24), number=2, has_next=True, total=241),
        "single": Page(rows=range(5), number=1, has_next=False, total=5),
        "uncounted": Page(rows=range(24), number=3, has_next=True, total=None),
    }


def _goods() -> list[SimpleNamespace]:
    return [
        _good("Kopi Arabika Puntang, sangrai sedang, 200 g", 68_000, "bungkus", "kopi", halal=True),
        _good(
            "Kemeja Batik Cap Patrakomala, Lengan Panjang", 245_000, "potong", "batik", was=275_000
        ),
        _good("Bandrek Serbuk Jahe Merah isi 10", 35_000, "kotak", None, halal=True),
        _good(
            "Ubi Madu Oven 1 kg", 22_000, "kg", "ubi", sold_out=gettext("Habis sampai 2 Desember")
        ),
    ]


def _good(
    name: str,
    price: int,
    unit: str,
    picture: str | None,
    *,
    was: int | None = None,
    halal: bool = False,
    sold_out: str | None = None,
) -> SimpleNamespace:
    return SimpleNamespace(
        name=name,
        href="#kartu",
        price_amount=price,
        unit=unit,
        picture_file=picture and f"images/guide/{picture}.webp",
        was_amount=was,
        off_percent=was and 100 * (was - price) // was,
        seller_name="Kopi Wening",
        district="Coblong",
        seller_class="micro",
        is_halal=halal,
        is_scheduled=False,
        sold_out=sold_out,
    )


def _months() -> list[Column]:
    reached = [
        Column(label, before, after, percent(after, 0))
        for label, before, after in zip(MONTHS, (0, *REALISED), REALISED, strict=False)
    ]
    guess = gettext("Perkiraan %(share)s", share=percent(FORECAST, 0))
    return [*reached, Column("Des", 0, FORECAST, guess, is_guess=True)]
