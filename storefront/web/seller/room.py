"""The seller's side: who comes in, for which shop, and what stands around its pages."""

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.access.queries import ShopOf
from storefront.core.errors import NotFound
from storefront.core.permissions import NOBODY, Role
from storefront.extensions import db, login_manager
from storefront.orders.queries import count_by_stage, of_shop
from storefront.orders.stages import Stage
from storefront.sellers.classes import VerifiedClass, classes_on
from storefront.sellers.models import SellerId
from storefront.web.clock import today
from storefront.web.frames import NavItem, OfficeFrame, Who, office_frame_of
from storefront.web.identity import current_actor, current_identity
from storefront.web.words import class_word

SEE_OTHER = 303
CHOSEN = "seller_shop"

seller = Blueprint("seller", __name__, url_prefix="/seller")


def current_shop() -> ShopOf:
    """The shop that this request is about: one of the person's own, checked by the guard."""
    return cast(ShopOf, g.shop)


def own_shops() -> tuple[ShopOf, ...]:
    """The shops for which the person acts, by name."""
    identity, held = current_identity(), set(current_actor().scopes(Role.SELLER))
    shops = identity.shops if identity else ()
    return tuple(shop for shop in shops if str(shop.seller_id) in held)


def choose(seller_id: SellerId) -> None:
    """Go on in another of the person's own shops. Raises `NotFound` for one of others."""
    found = next((shop for shop in own_shops() if shop.seller_id == seller_id), None)
    if found is None:
        raise NotFound
    session[CHOSEN] = found.slug
    g.shop = found


def stage_counts() -> Mapping[Stage, int]:
    """How many of the shop's orders are where; asked once a request, for menu and page."""
    if "stage_counts" not in g:
        of = of_shop(current_actor(), current_shop().seller_id)
        g.stage_counts = count_by_stage(db.session(), of)
    return cast(Mapping[Stage, int], g.stage_counts)


def forget_counts() -> None:
    """After an act: what was counted before it is no longer so."""
    g.pop("stage_counts", None)


def current_class() -> VerifiedClass:
    """What the city has verified of the shop for today."""
    if "shop_class" not in g:
        seller_id = current_shop().seller_id
        g.shop_class = classes_on(db.session(), [seller_id], today())[seller_id]
    return cast(VerifiedClass, g.shop_class)


@seller.before_request
def _guard() -> ResponseReturnValue | None:
    """A visitor is asked in; who has no shop learns nothing of these pages."""
    if current_actor() is NOBODY:
        return cast(ResponseReturnValue, login_manager.unauthorized())
    g.shop = _chosen(own_shops())
    return None


def _chosen(shops: tuple[ShopOf, ...]) -> ShopOf:
    """By the address, else as chosen before, else the first."""
    if not shops:
        raise NotFound
    by_slug = {shop.slug: shop for shop in shops}
    asked = request.args.get("shop")
    if asked is not None:
        if asked not in by_slug:
            raise NotFound
        session[CHOSEN] = asked
    return by_slug.get(session.get(CHOSEN, ""), shops[0])


@office_frame_of(seller)
def _frame() -> OfficeFrame:
    shop, identity, counts = current_shop(), current_identity(), stage_counts()
    waiting = counts[Stage.TO_ANSWER] + counts[Stage.TO_SHIP]
    name, verified = identity.name if identity else "", current_class()
    kind = class_word(verified.seller_class) if verified.verified_on else _("Belum diverifikasi")
    return OfficeFrame(
        title=_("Menu penjual"),
        who=Who(shop.name, f"{kind} · {name}", is_shop=True),
        nav=(
            NavItem(_("Ringkasan"), "seller.home", "house"),
            NavItem(_("Pesanan"), "seller.orders", "package", badge=waiting),
            NavItem(_("Barang"), "seller.products", "boxes"),
            NavItem(_("Penghasilan"), "seller.payouts", "wallet"),
            NavItem(_("Laporan"), "seller.reports", "chart-column"),
            NavItem(_("Profil toko"), "seller.profile", "settings"),
        ),
        others=tuple(
            NavItem(
                _("Pindah ke %(shop)s", shop=other.name),
                "seller.home",
                "store",
                arguments={"shop": other.slug},
            )
            for other in own_shops()
            if other != shop
        ),
    )
