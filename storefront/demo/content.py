"""The words and figures of the demo city: shops, goods, names, activities, purposes and notes.

Only reads what stands in `content/` beside this file. Nothing here touches a database; what is
drawn from the lists, and when, is the seed's business.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

CONTENT_ROOT = Path(__file__).parent / "content"
PICTURE_ROOT = Path(__file__).parent / "pictures"

EnterpriseClass = Literal["micro", "small", "cooperative", "other"]
StockPolicy = Literal["counted", "on_order"]
NameKind = Literal[
    "man", "woman", "family", "family_man", "family_woman", "title_before", "title_after"
]
RemarkKind = Literal["reject", "send_back", "decline", "cancel", "seller_note", "buyer_note"]

_ENTERPRISE_CLASSES: dict[str, EnterpriseClass] = {
    "micro": "micro",
    "small": "small",
    "cooperative": "cooperative",
    "other": "other",
}
_STOCK_POLICIES: dict[str, StockPolicy] = {"counted": "counted", "on_order": "on_order"}
_NAME_KINDS: dict[str, NameKind] = {
    "man": "man",
    "woman": "woman",
    "family": "family",
    "family_man": "family_man",
    "family_woman": "family_woman",
    "title_before": "title_before",
    "title_after": "title_after",
}
_REMARK_KINDS: dict[str, RemarkKind] = {
    "reject": "reject",
    "send_back": "send_back",
    "decline": "decline",
    "cancel": "cancel",
    "seller_note": "seller_note",
    "buyer_note": "buyer_note",
}


@dataclass(frozen=True)
class DemoSeller:
    """A shop. Its owner signs in with `login`; unverified shops count as `other`."""

    key: str
    name: str
    owner: str
    login: str
    enterprise_class: EnterpriseClass
    is_verified: bool
    district: str
    address: str
    phone: str
    nib: str
    npwp: str
    is_pkp: bool
    description: str
    delivery_fee_amount: int  # to an office in the city, per order
    free_from_amount: int | None  # goods from this amount are brought without a fee
    lead_days: int  # working days until a counted thing is on its way
    joined_days: int  # days before today on which it was verified
    no_orders: bool  # nobody may ever have bought here


@dataclass(frozen=True)
class DemoVariant:
    """What is bought: a price in whole rupiah, tax included, and where it comes from."""

    product_key: str
    sku: str
    name: str  # empty where the product has only one
    price_amount: int
    was_price_amount: int | None
    stock_policy: StockPolicy
    stock: int  # 0 when made to order
    lead_days: int  # 0 when counted
    daily_capacity: int  # 0 when counted
    popularity: int  # 1 .. 100, a weight among all variants of the shop


@dataclass(frozen=True)
class DemoProduct:
    """What is listed, with its variants in the order of the file."""

    key: str
    seller_key: str
    category_slug: str
    name: str
    description: str
    unit: str
    is_halal: bool
    listed_days: int  # days before today
    picture: str  # key of a file in `pictures/`
    tags: tuple[str, ...]
    variants: tuple[DemoVariant, ...]


@dataclass(frozen=True)
class DemoPerson:
    """Someone with a demo account: a civil servant (`agency_code`), or one of the others."""

    login: str
    name: str
    position: str
    agency_code: str | None
    roles: tuple[str, ...]
    seller_key: str | None
    outlet_code: str | None


@dataclass(frozen=True)
class DemoAgency:
    """A row of the city's agencies, with the affair (urusan) its activity codes begin with."""

    code: str
    name: str
    kind: str
    parent_code: str | None
    affair_code: str


@dataclass(frozen=True)
class DemoCategory:
    """A node of the tree of goods; parents stand before their children."""

    slug: str
    name: str
    parent_slug: str | None


@dataclass(frozen=True)
class DemoOutlet:
    """One of the programme's offline outlets."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True)
class ExpenseAccount:
    """An expense account (kode rekening) of goods and services."""

    code: str
    name: str


@dataclass(frozen=True)
class DemoPosition:
    """A job in agencies of one kind, or of one code, or of all (`*`)."""

    scope: str
    name: str
    roles: tuple[str, ...]  # what such a person may be trusted with beside buying
    employment: str  # pns, pppk or both
    weight: int
    at_most: int | None  # how many of them one agency has; None: any number


@dataclass(frozen=True)
class DemoActivity:
    """A sub-activity (sub-kegiatan) of one agency, with the accounts money stands on there."""

    code: str
    name: str
    expense_accounts: tuple[str, ...]
    weight: int  # its part of the agency's budget beside the others


@dataclass(frozen=True)
class DemoPurpose:
    """Why an official order is made, and what fits to it."""

    scope: str
    text: str
    expense_account: str
    category_slugs: tuple[str, ...]
    people: int | None  # for how many, where that decides the quantity


@dataclass(frozen=True)
class DemoRemark:
    """A sentence that someone typed beside a decision."""

    kind: RemarkKind
    text: str


@dataclass(frozen=True)
class DemoStreet:
    """Where people live: a street, its district (kecamatan) and postal code."""

    street: str
    district: str
    postal_code: str


def _rows(name: str) -> list[dict[str, str]]:
    with (CONTENT_ROOT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> int | None:
    return int(text) if text else None


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@cache
def sellers() -> tuple[DemoSeller, ...]:
    """Return all shops, the three with contract accounts first."""
    return tuple(
        DemoSeller(
            key=row["key"],
            name=row["name"],
            owner=row["owner"],
            login=f"{row['key']}@penjual.example",
            enterprise_class=_ENTERPRISE_CLASSES[row["enterprise_class"]],
            is_verified=row["is_verified"] == "yes",
            district=row["district"],
            address=row["address"],
            phone=row["phone"],
            nib=row["nib"],
            npwp=row["npwp"],
            is_pkp=row["is_pkp"] == "yes",
            description=row["description"],
            delivery_fee_amount=int(row["delivery_fee_amount"]),
            free_from_amount=_number(row["free_from_amount"]),
            lead_days=int(row["lead_days"]),
            joined_days=int(row["joined_days"]),
            no_orders=row["no_orders"] == "yes",
        )
        for row in _rows("sellers.csv")
    )


@cache
def variants() -> tuple[DemoVariant, ...]:
    """Return all variants in the order of the file."""
    return tuple(
        DemoVariant(
            product_key=row["product_key"],
            sku=row["sku"],
            name=row["name"],
            price_amount=int(row["price_amount"]),
            was_price_amount=_number(row["was_price_amount"]),
            stock_policy=_STOCK_POLICIES[row["stock_policy"]],
            stock=int(row["stock"]),
            lead_days=int(row["lead_days"]),
            daily_capacity=int(row["daily_capacity"]),
            popularity=int(row["popularity"]),
        )
        for row in _rows("variants.csv")
    )


@cache
def products() -> tuple[DemoProduct, ...]:
    """Return all products, each with its variants."""
    by_product: dict[str, list[DemoVariant]] = {}
    for variant in variants():
        by_product.setdefault(variant.product_key, []).append(variant)
    return tuple(
        DemoProduct(
            key=row["key"],
            seller_key=row["seller_key"],
            category_slug=row["category_slug"],
            name=row["name"],
            description=row["description"],
            unit=row["unit"],
            is_halal=row["is_halal"] == "yes",
            listed_days=int(row["listed_days"]),
            picture=row["picture"],
            tags=tuple(tag.strip() for tag in row["tags"].split(",") if tag.strip()),
            variants=tuple(by_product.get(row["key"], [])),
        )
        for row in _rows("products.csv")
    )


@cache
def people() -> tuple[DemoPerson, ...]:
    """Return the people behind the contract's demo accounts, in its order."""
    return tuple(
        DemoPerson(
            login=row["login"],
            name=row["name"],
            position=row["position"],
            agency_code=row["agency_code"] or None,
            roles=_words(row["roles"]),
            seller_key=row["seller_key"] or None,
            outlet_code=row["outlet_code"] or None,
        )
        for row in _rows("people.csv")
    )


@cache
def agencies() -> tuple[DemoAgency, ...]:
    """Return the city's agencies, parents before children."""
    affairs = {row["agency_code"]: row["affair_code"] for row in _rows("affairs.csv")}
    return tuple(
        DemoAgency(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            parent_code=row["parent_code"] or None,
            affair_code=affairs[row["code"]],
        )
        for row in _rows("agencies_bandung.csv")
    )


@cache
def categories() -> tuple[DemoCategory, ...]:
    """Return the tree of goods, parents before children."""
    return tuple(
        DemoCategory(row["slug"], row["name"], row["parent_slug"] or None)
        for row in _rows("product_categories.csv")
    )


@cache
def outlets() -> tuple[DemoOutlet, ...]:
    """Return the four offline outlets."""
    return tuple(DemoOutlet(row["code"], row["name"], row["kind"]) for row in _rows("outlets.csv"))


@cache
def expense_accounts() -> tuple[ExpenseAccount, ...]:
    """Return the expense accounts of goods and services."""
    return tuple(ExpenseAccount(row["code"], row["name"]) for row in _rows("expense_accounts.csv"))


@cache
def names(kind: NameKind) -> tuple[str, ...]:
    """Return names of one kind (or academic and other titles), each once."""
    return tuple(row["text"] for row in _rows("names.csv") if _NAME_KINDS[row["kind"]] == kind)


def given_names(*, is_woman: bool) -> tuple[str, ...]:
    """Return first names."""
    return names("woman" if is_woman else "man")


def family_names(*, is_woman: bool) -> tuple[str, ...]:
    """Return second names that such a person may bear: many are only a man's or a woman's."""
    return names("family") + names("family_woman" if is_woman else "family_man")


@cache
def _positions() -> tuple[DemoPosition, ...]:
    return tuple(
        DemoPosition(
            scope=row["scope"],
            name=row["name"],
            roles=_words(row["roles"]),
            employment=row["employment"],
            weight=int(row["weight"]),
            at_most=_number(row["at_most"]),
        )
        for row in _rows("positions.csv")
    )


@cache
def positions_of(agency: DemoAgency) -> tuple[DemoPosition, ...]:
    """Return the jobs found in `agency`: those of its code, its kind, and of every agency.

    A company of the city has its own jobs, not those of the civil service.
    """
    scopes = _scopes(agency)
    return tuple(position for position in _positions() if position.scope in scopes)


@cache
def activities_of(agency: DemoAgency) -> tuple[DemoActivity, ...]:
    """Return the activities of `agency`, codes complete and unique; its own before the general."""
    scopes = _scopes(agency)
    found = [row for row in _rows("activities.csv") if row["scope"] in scopes]
    found.sort(key=lambda row: scopes.index(row["scope"]))
    return tuple(
        DemoActivity(
            code=row["code"].replace("X.XX", agency.affair_code),
            name=row["name"],
            expense_accounts=_words(row["expense_accounts"]),
            weight=int(row["weight"]),
        )
        for row in found
    )


@cache
def purposes_of(agency: DemoAgency) -> tuple[DemoPurpose, ...]:
    """Return the purposes that `agency` may have when it buys."""
    scopes = _scopes(agency)
    return tuple(purpose for purpose in purposes() if purpose.scope in scopes)


@cache
def purposes() -> tuple[DemoPurpose, ...]:
    """Return all purposes of official orders."""
    return tuple(
        DemoPurpose(
            scope=row["scope"],
            text=row["text"],
            expense_account=row["expense_account"],
            category_slugs=_words(row["category_slugs"]),
            people=_number(row["people"]),
        )
        for row in _rows("purposes.csv")
    )


@cache
def remarks(kind: RemarkKind) -> tuple[str, ...]:
    """Return the sentences typed beside decisions of one kind."""
    return tuple(row["text"] for row in _rows("remarks.csv") if _REMARK_KINDS[row["kind"]] == kind)


@cache
def streets() -> tuple[DemoStreet, ...]:
    """Return streets where civil servants of the city may live."""
    return tuple(
        DemoStreet(row["street"], row["district"], row["postal_code"])
        for row in _rows("streets.csv")
    )


def picture_path(key: str) -> Path:
    """Return the committed file of a picture, 640 x 640, WebP."""
    return PICTURE_ROOT / f"{key}.webp"


def _scopes(agency: DemoAgency) -> tuple[str, ...]:
    if agency.kind == "bumd":
        return (agency.code, agency.kind)
    return (agency.code, agency.kind, "*")
