"""The shop, as visitors and buyers see it: front page, catalogue, a product, a seller, figures."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from storefront.catalog.capacity import earliest_day
from storefront.catalog.cards import ProductCard
from storefront.catalog.models import ProductId
from storefront.catalog.queries import (
    CatalogFilter,
    Sort,
    category_tree,
    find_facets,
    find_product,
    list_products,
)
from storefront.catalog.showcase import best_of_shops, quiet_shops, ready_products
from storefront.core.remember import asked_now
from storefront.extensions import db, snapshot
from storefront.orders.cart import MOST_PIECES
from storefront.orders.promises import circumstances, promise
from storefront.reports.city import AgencyState, city_quota
from storefront.reports.front import front_figure
from storefront.sellers.queries import find_shop, newcomers
from storefront.web.clock import now, today
from storefront.web.frames import SerlokNotice, shop_frame_of
from storefront.web.identity import current_identity
from storefront.web.shop import catalog_question as question
from storefront.web.shop.frame import serlok_notice, shop_frame
from storefront.web.shop.recent import recent_rule, recently

RESULTS = "hasil"
"""The id of the part of the catalogue's page that htmx puts in."""
SHOWN_IN_A_ROW = 5
HIGHLIGHTED_DAYS = 7
"""From a week before a Serlok day on, quiet shops stand on the front page."""
HIGHLIGHTED_LAG_S = 600
"""They change by the day, and to find them every product's sales are added up."""
FACETS_LAG_S = 60
"""The counts beside the filters are the dearest reads of the shop, and the least exact need."""
ICONS = {
    "kuliner": "utensils",
    "fesyen": "shirt",
    "kriya": "palette",
    "alat-kantor": "pen-line",
    "kelontong": "shopping-basket",
    "kecantikan": "heart-pulse",
    "jasa": "wrench",
    "tanaman": "sprout",
}

shop = Blueprint("shop", __name__)
shop_frame_of(shop)(shop_frame)


@dataclass(frozen=True)
class CategoryTile:
    """A root category on the front page."""

    slug: str
    name: str
    count: int
    icon: str


@shop.get("/")
def home() -> ResponseReturnValue:
    session, day = db.session(), today()
    around = recently(("circumstances", day), lambda: circumstances(session, day))
    tiles = [
        CategoryTile(node.slug, node.name, node.count, ICONS.get(node.slug, "tag"))
        for node in recently("category tree", lambda: category_tree(session))
    ]
    notice = serlok_notice()
    ready = ready_products(session, today=day, limit=SHOWN_IN_A_ROW)
    welcome = [each.seller_id for each in newcomers(session, today=day, limit=SHOWN_IN_A_ROW)]
    new = best_of_shops(session, welcome, today=day)
    return render_template(
        "shop/home.html",
        figure=recently(("front figure", day), lambda: front_figure(session, today=day)),
        ready=ready,
        tiles=[tile for tile in tiles if tile.count],
        product_count=sum(tile.count for tile in tiles),
        newcomers=new,
        ready_on=earliest_day(1, day, around.holidays),
        notice=notice,
        highlighted=_highlighted(day, notice, {card.product_id for card in (*ready, *new)}),
        today=day,
        tomorrow=day + timedelta(days=1),
    )


def _highlighted(
    day: date, notice: SerlokNotice | None, shown: Collection[ProductId]
) -> list[ProductCard]:
    """Goods of quiet shops that count toward the quota, before and on a Serlok day.

    Without those that stand on the page already.
    """
    if notice is None or notice.days_left > HIGHLIGHTED_DAYS:
        return []
    session, classes = db.session(), recent_rule(day).seller_classes
    sellers = recently(
        ("quiet shops", day),
        lambda: quiet_shops(session, classes, today=day, limit=2 * SHOWN_IN_A_ROW),
        HIGHLIGHTED_LAG_S,
    )
    cards = best_of_shops(session, sellers, today=day)
    return [card for card in cards if card.product_id not in shown][:SHOWN_IN_A_ROW]


@shop.get("/products")
def products() -> ResponseReturnValue:
    """The catalogue; to htmx only the part that a filter, an order or a page changes."""
    session = db.session()
    wanted = question.read_question()
    page = list_products(session, wanted, today=today(), remember=recently)
    wanted = question.as_understood(wanted, page.asked)
    counted = replace(wanted, q=page.corrected or wanted.q, page=1, sort=Sort.RELEVANCE)
    facets = recently(("facets", counted), lambda: find_facets(session, counted), FACETS_LAG_S)
    is_swap = request.headers.get("HX-Target") == RESULTS
    answer = render_template(
        "shop/products.html",
        layout="shop/swap.html" if is_swap else "layouts/shop.html",
        page=page,
        wanted=wanted,
        narrowed=replace(wanted, page=1, sort=Sort.RELEVANCE),
        facets=facets,
        chips=question.chips_of(wanted, page.asked),
        sorts=question.sort_choices(page.asked),
        order_words=question.order_words(wanted.sort, page.asked),
        address=partial(question.address_of, wanted),
        address_of_page=lambda number: question.address_of(wanted, page=number),
        without_filters=question.without_filters(wanted),
    )
    headers = {"Vary": "HX-Target, Cookie"}
    if is_swap:
        headers["HX-Push-Url"] = question.address_of(wanted, page=wanted.page)
    return answer, headers


@shop.get("/products/<slug>")
def product(slug: str) -> ResponseReturnValue:
    session, at, day = db.session(), now(), today()
    identity = current_identity()
    # who is signed in may have changed it just now
    found = find_product(session, slug, today=day, remember=asked_now if identity else recently)
    rule = recent_rule(day)
    around = recently(("circumstances", day), lambda: circumstances(session, day))
    return render_template(
        "shop/product.html",
        product=found,
        promise=promise(session, found.first_choice, found.name, around=around, now=at),
        placement=identity.placements[0].placement if identity and identity.placements else None,
        rule=rule,
        counts=rule.counts(found.shop.verified.seller_class),
        most=MOST_PIECES,
        today=day,
        tomorrow=day + timedelta(days=1),
    )


@shop.get("/sellers/<slug>")
def seller(slug: str) -> ResponseReturnValue:
    session = db.session()
    found = find_shop(session, slug, today=today())
    wanted = CatalogFilter(seller=slug, page=question.read_page())
    return render_template(
        "shop/seller.html",
        seller=found,
        page=list_products(session, wanted, today=today(), remember=recently),
        rule=recent_rule(today()),
    )


@shop.get("/figures")
def city_figures() -> ResponseReturnValue:
    """What the city tells everybody: official money only, in sums, and nobody's name."""
    day = today()
    with snapshot() as session:
        figure = front_figure(session, today=day)
        city = city_quota(session, day.year, today=day)
    return render_template(
        "shop/city_figures.html", figure=figure, city=city, states=AgencyState, today=day
    )
