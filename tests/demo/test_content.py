"""The demo city's content is whole and believable: what the seed draws from never lets it down."""

import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from storefront.demo import content
from storefront.demo.content import DemoAgency

PRICE_RANGE = range(10_000, 10_000_001)
FILLER = re.compile(
    r"lorem|ipsum|dolor|\bproduk \d|\bbarang \d|\bitem \d|\bpenjual \d|\btoko \d|contoh produk"
    r"|deskripsi|placeholder|dummy|\btest\b|\btodo\b|xxx|\?\?",
    re.IGNORECASE,
)


def agency_named(code: str) -> DemoAgency:
    return next(agency for agency in content.agencies() if agency.code == code)


def shown_texts() -> list[str]:
    texts: list[str] = []
    for seller in content.sellers():
        texts += [seller.name, seller.owner, seller.address, seller.description]
    for product in content.products():
        texts += [product.name, product.description, product.unit, *product.tags]
        texts += [variant.name for variant in product.variants]
    texts += [purpose.text for purpose in content.purposes()]
    for kind in ("reject", "send_back", "decline", "cancel", "seller_note", "buyer_note"):
        texts += content.remarks(kind)
    return texts


# --- The promised size --------------------------------------------------------------------------


def test_the_city_has_the_promised_number_of_sellers_and_products() -> None:
    assert len(content.sellers()) >= 60
    assert len(content.products()) >= 420
    assert len({seller.district for seller in content.sellers()}) == 30


def test_names_suffice_for_six_hundred_different_people() -> None:
    for is_woman in (True, False):
        given = content.given_names(is_woman=is_woman)
        family = content.family_names(is_woman=is_woman)
        assert len(given) * len(family) > 15_000
        assert (len(set(given)), len(set(family))) == (len(given), len(family))


def test_no_man_is_given_a_womans_second_name() -> None:
    assert "Rahmawati" in content.family_names(is_woman=True)
    assert "Rahmawati" not in content.family_names(is_woman=False)
    assert "Kurniawan" not in content.family_names(is_woman=True)


def test_every_category_leaf_has_goods_of_several_sellers() -> None:
    parents = {category.parent_slug for category in content.categories()}
    leaves = {category.slug for category in content.categories()} - parents
    sellers_of: dict[str, set[str]] = {slug: set() for slug in leaves}
    for product in content.products():
        sellers_of[product.category_slug].add(product.seller_key)
    assert {slug for slug, sellers in sellers_of.items() if len(sellers) < 2} == set()


# --- Sellers ------------------------------------------------------------------------------------


def test_the_three_shops_of_the_contract_are_there() -> None:
    shops = {seller.key: seller for seller in content.sellers()}
    assert [
        (shops[key].name, shops[key].district, shops[key].enterprise_class, shops[key].login)
        for key in ("kopi", "batik", "koperasi")
    ] == [
        ("Kopi Wening", "Coblong", "micro", "kopi@penjual.example"),
        ("Batik Sekar Pasundan", "Cibeunying Kaler", "micro", "batik@penjual.example"),
        ("Koperasi Mekar Wargi", "Regol", "cooperative", "koperasi@penjual.example"),
    ]


def test_shops_are_mostly_micro_with_some_of_every_class() -> None:
    classes = Counter(seller.enterprise_class for seller in content.sellers())
    assert classes["micro"] > len(content.sellers()) // 2
    assert classes["cooperative"] == 10
    assert classes["small"] == 3
    assert classes["other"] == 1
    assert sum(not seller.is_verified for seller in content.sellers()) == 1


def test_exactly_one_shop_is_kept_without_orders() -> None:
    assert [seller.key for seller in content.sellers() if seller.no_orders] == ["dedeh"]


def test_registration_numbers_are_well_formed_and_nobody_shares_one() -> None:
    sellers = content.sellers()
    assert all(re.fullmatch(r"\d{13}", seller.nib) for seller in sellers)
    assert all(re.fullmatch(r"\d{16}", seller.npwp) for seller in sellers)
    assert all(re.fullmatch(r"08\d{9,11}", seller.phone) for seller in sellers)
    for numbers in ("key", "name", "nib", "npwp", "phone", "address"):
        assert len({getattr(seller, numbers) for seller in sellers}) == len(sellers), numbers


def test_only_small_and_larger_shops_charge_value_added_tax() -> None:
    charging = {seller.enterprise_class for seller in content.sellers() if seller.is_pkp}
    assert charging == {"small", "other"}


# --- Goods --------------------------------------------------------------------------------------


def test_every_product_is_listed_by_a_shop_after_that_shop_joined() -> None:
    joined = {seller.key: seller.joined_days for seller in content.sellers()}
    assert [
        product.key
        for product in content.products()
        if not 0 < product.listed_days <= joined[product.seller_key]
    ] == []


def test_every_shop_sells_something() -> None:
    selling = {product.seller_key for product in content.products()}
    assert selling == {seller.key for seller in content.sellers()}


def test_keys_and_stock_keeping_units_are_unique_and_readable() -> None:
    assert len({product.key for product in content.products()}) == len(content.products())
    units = [variant.sku for variant in content.variants()]
    assert len(set(units)) == len(units)
    assert [sku for sku in units if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)+", sku)] == []
    assert max(map(len, units)) <= 32


def test_no_shop_lists_a_product_name_twice() -> None:
    names = Counter((product.seller_key, product.name) for product in content.products())
    assert [name for name, count in names.items() if count > 1] == []


def test_every_product_has_variants_and_several_have_different_names() -> None:
    for product in content.products():
        names = [variant.name for variant in product.variants]
        assert names, product.key
        assert len(set(names)) == len(names), product.key
        assert (len(names) == 1) or all(names), product.key


def test_no_variant_belongs_to_a_product_that_is_not_there() -> None:
    keys = {product.key for product in content.products()}
    assert {variant.product_key for variant in content.variants()} <= keys


def test_prices_are_of_this_city_and_old_prices_were_higher() -> None:
    for variant in content.variants():
        assert variant.price_amount in PRICE_RANGE or variant.price_amount == 9_500, variant.sku
        assert variant.price_amount % 500 == 0, variant.sku
        if variant.was_price_amount is not None:
            assert variant.price_amount < variant.was_price_amount, variant.sku


def test_what_is_made_to_order_has_days_and_capacity_and_what_is_counted_has_stock() -> None:
    for variant in content.variants():
        if variant.stock_policy == "on_order":
            assert (variant.lead_days > 0, variant.daily_capacity > 0, variant.stock) == (
                True,
                True,
                0,
            ), variant.sku
        else:
            assert (variant.lead_days, variant.daily_capacity) == (0, 0), variant.sku
            assert variant.stock >= 0, variant.sku


def test_some_variant_is_sold_out_and_every_popularity_is_a_weight() -> None:
    counted = [variant for variant in content.variants() if variant.stock_policy == "counted"]
    assert any(variant.stock == 0 for variant in counted)
    assert all(1 <= variant.popularity <= 100 for variant in content.variants())


def test_food_is_halal_unless_its_certificate_is_still_awaited() -> None:
    awaited = {seller.key for seller in content.sellers() if not seller.is_verified}
    food = {category.slug for category in content.categories() if category.parent_slug == "kuliner"}
    for product in content.products():
        if product.category_slug in food:
            assert product.is_halal == (product.seller_key not in awaited), product.key


def test_descriptions_are_sentences_of_reasonable_length() -> None:
    for product in content.products():
        assert 60 <= len(product.description) <= 600, product.key
        assert product.description.endswith("."), product.key
        assert "  " not in product.description, product.key
        assert not re.search(r"[{}|#]", product.description), product.key


def test_no_two_products_share_a_description() -> None:
    texts = Counter(product.description for product in content.products())
    assert [text for text, count in texts.items() if count > 1] == []


def test_no_text_is_filler() -> None:
    assert [text for text in shown_texts() if FILLER.search(text)] == []


# --- Pictures -----------------------------------------------------------------------------------


def test_every_product_has_a_picture_and_no_picture_is_idle() -> None:
    wanted = {product.picture for product in content.products()}
    files = {path.stem for path in content.PICTURE_ROOT.glob("*.webp")}
    assert wanted == files


def test_pictures_are_square_webp_and_light() -> None:
    paths: list[Path] = sorted(content.PICTURE_ROOT.glob("*.webp"))
    for path in paths:
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == ("WEBP", (640, 640)), path.name
        assert path.stat().st_size < 30_000, path.name
    assert sum(path.stat().st_size for path in paths) < 2_500_000


# --- People, agencies, money --------------------------------------------------------------------


def test_the_thirteen_accounts_are_those_of_the_contract() -> None:
    assert [(person.login, person.agency_code, person.roles) for person in content.people()] == [
        ("198703122010012003", "KB-D02", ("buyer",)),
        ("197905052005011004", "KB-D02", ("approver",)),
        ("198811202012012005", "KB-D02", ("treasurer",)),
        ("198201152008011006", "KB-D02", ("procurement", "agency_admin")),
        ("199001012015022007", "KB-K19", ("buyer",)),
        ("197706062003121008", "KB-K19", ("approver", "procurement")),
        ("198504142009021002", "KB-K19", ("treasurer",)),
        ("kopi@penjual.example", None, ("seller",)),
        ("batik@penjual.example", None, ("seller",)),
        ("koperasi@penjual.example", None, ("seller",)),
        ("kasir@outlet.example", None, ("cashier",)),
        ("admin@kota.example", "KB-D16", ("city_admin",)),
        ("auditor@kota.example", "KB-INSP", ("auditor",)),
    ]


def test_a_shops_account_belongs_to_its_owner() -> None:
    owners = {seller.login: seller.owner for seller in content.sellers()}
    for person in content.people():
        if person.seller_key is not None:
            assert owners[person.login] == person.name


def test_parents_stand_before_their_children() -> None:
    seen: set[str] = set()
    for code, parent in [(row.code, row.parent_code) for row in content.agencies()] + [
        (row.slug, row.parent_slug) for row in content.categories()
    ]:
        assert parent is None or parent in seen, code
        seen.add(code)


@pytest.mark.parametrize("role", ["", "approver", "treasurer", "procurement", "agency_admin"])
def test_every_agency_has_jobs_for_every_role(role: str) -> None:
    for agency in content.agencies():
        jobs = content.positions_of(agency)
        assert any(role in job.roles if role else not job.roles for job in jobs), agency.code


def test_every_agency_has_activities_with_unique_codes_and_known_accounts() -> None:
    known = {account.code for account in content.expense_accounts()}
    for agency in content.agencies():
        activities = content.activities_of(agency)
        codes = [activity.code for activity in activities]
        assert len(set(codes)) == len(codes) >= 5, agency.code
        assert not any("X" in code for code in codes), agency.code
        assert {code for one in activities for code in one.expense_accounts} <= known


def test_an_activitys_code_begins_with_the_agencys_affair() -> None:
    codes = [activity.code for activity in content.activities_of(agency_named("KB-K19"))]
    assert "7.01.01.2.06.0009" in codes


def test_every_purpose_can_be_paid_and_bought_in_each_agency_that_has_it() -> None:
    slugs = {product.category_slug for product in content.products()}
    for agency in content.agencies():
        payable = {
            account
            for activity in content.activities_of(agency)
            for account in activity.expense_accounts
        }
        purposes = content.purposes_of(agency)
        assert len(purposes) >= 5, agency.code
        for purpose in purposes:
            assert purpose.expense_account in payable, (agency.code, purpose.text)
            assert set(purpose.category_slugs) <= slugs, purpose.text


def test_streets_lie_in_districts_of_the_city() -> None:
    districts = {
        agency.name.removeprefix("Kecamatan ")
        for agency in content.agencies()
        if agency.kind == "kecamatan"
    }
    assert {street.district for street in content.streets()} == districts
    assert {seller.district for seller in content.sellers()} == districts
