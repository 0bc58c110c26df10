"""What the catalogue's address asks for, and the addresses that ask for something near it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from storefront.catalog.filters import Understood
from storefront.catalog.queries import CatalogFilter, Sort
from storefront.web.components import rupiah

LONGEST_ARGUMENT = 200
LONGEST_PRICE = 18
YES = {"1", "true", "on", "yes"}


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address of the same list without it."""

    text: str
    address: str


@dataclass(frozen=True)
class SortChoice:
    value: str
    text: str


def read_question() -> CatalogFilter:
    """What this request asks for; what it asks for wrongly is as if it were not there."""
    return CatalogFilter(
        q=_text("q"),
        category=_text("category"),
        seller=_text("seller"),
        district=_text("district"),
        min_price=_price("min_price"),
        max_price=_price("max_price"),
        in_stock=request.args.get("in_stock", "").lower() in YES,
        sort=Sort.read(request.args.get("sort")),
        page=read_page(),
    )


def read_page() -> int:
    """The page asked for; the first, if what is asked is no number."""
    typed = request.args.get("page", "")
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_PRICE
    return int(typed) if is_number else 1


def as_understood(wanted: CatalogFilter, asked: Understood) -> CatalogFilter:
    """The same without the names that mean nothing here, so that no address carries them on."""
    return replace(
        wanted,
        category=asked.category.slug if asked.category else "",
        seller=asked.seller.slug if asked.seller else "",
        district=asked.district,
    )


def address_of(wanted: CatalogFilter, **changed: Any) -> str:
    """The address of a list. Whatever changes, it is the first page, unless the page is named."""
    asked = vars(wanted) | {"page": 1} | changed
    arguments = asked | {
        "in_stock": 1 if asked["in_stock"] else None,
        "sort": None if asked["sort"] is Sort.RELEVANCE else asked["sort"].value,
        "page": asked["page"] if asked["page"] > 1 else None,
    }
    given = {name: value for name, value in arguments.items() if value not in {None, ""}}
    path = url_for("shop.products")
    return f"{path}?{urlencode(given)}" if given else path


def without_filters(wanted: CatalogFilter) -> str:
    """The address of the same search, narrowed by nothing."""
    return address_of(CatalogFilter(q=wanted.q, sort=wanted.sort))


def chips_of(wanted: CatalogFilter, asked: Understood) -> list[Chip]:
    """The filters in force; the words searched for stand in the search field."""
    found = []
    if asked.category:
        found.append(Chip(asked.category.name, address_of(wanted, category="")))
    if asked.seller:
        found.append(Chip(asked.seller.name, address_of(wanted, seller="")))
    if asked.district:
        text = _("Kecamatan %(name)s", name=asked.district)
        found.append(Chip(text, address_of(wanted, district="")))
    if price := _price_words(asked.min_price, asked.max_price):
        found.append(Chip(price, address_of(wanted, min_price=None, max_price=None)))
    if asked.in_stock:
        found.append(Chip(_("Tersedia sekarang"), address_of(wanted, in_stock=False)))
    return found


def sort_choices(asked: Understood) -> list[SortChoice]:
    """The orders to choose from. Without a search nothing fits better than another."""
    first = _("Paling sesuai") if asked.terms else _("Terbaru")
    choices = [SortChoice("relevance", first)]
    if asked.terms:
        choices.append(SortChoice("newest", _("Terbaru")))
    return [
        *choices,
        SortChoice("price", _("Harga terendah")),
        SortChoice("price_desc", _("Harga tertinggi")),
        SortChoice("popular", _("Sering dipesan")),
    ]


def order_words(sort: Sort, asked: Understood) -> str:
    """Why the list stands in this order."""
    if sort is Sort.RELEVANCE and asked.terms:
        return str(_("Nama barang yang cocok lebih dulu, lalu keterangan dan nama penjualnya."))
    words: Mapping[Sort, str] = {
        Sort.PRICE: _("Harga terendah lebih dulu."),
        Sort.PRICE_DESC: _("Harga tertinggi lebih dulu."),
        Sort.POPULAR: _("Yang paling sering dipesan lebih dulu."),
    }
    return words.get(sort) or str(_("Yang terbaru lebih dulu."))


def _price_words(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{rupiah(low)}\N{EN DASH}{rupiah(high)}"
    if low is not None:
        return str(_("Mulai %(price)s", price=rupiah(low)))
    return str(_("Sampai %(price)s", price=rupiah(high))) if high is not None else ""


def _text(name: str) -> str:
    return request.args.get(name, "")[:LONGEST_ARGUMENT]


def _price(name: str) -> int | None:
    """Whole rupiah, however they are written: `15000`, `15.000`, `Rp 15.000`."""
    typed = request.args.get(name, "").strip().lower().removeprefix("rp")
    digits = typed.replace(".", "").replace(" ", "")
    is_amount = digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_PRICE
    return int(digits) if is_amount else None
