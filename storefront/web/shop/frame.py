"""What stands around every page of the shop."""

from flask_babel import gettext as _

from storefront.access.queries import Identity
from storefront.core.permissions import Role
from storefront.extensions import db
from storefront.programme.calendar import next_serlok_day
from storefront.programme.own import has_bought_this_month
from storefront.web.clock import today
from storefront.web.frames import NavItem, SerlokNotice, ShopFrame
from storefront.web.identity import current_actor, current_identity
from storefront.web.shop.carts import cart_count
from storefront.web.shop.recent import recently

AGENCY_STAFF = {Role.APPROVER, Role.TREASURER, Role.PROCUREMENT, Role.AGENCY_ADMIN}


def shop_frame() -> ShopFrame:
    """This request's frame: one read for the cart, and who is signed in."""
    identity = current_identity()
    return ShopFrame(
        cart_count=cart_count(),
        signed_in_name=identity.name if identity else None,
        offices=tuple(_offices(identity)) if identity else (),
        serlok=serlok_notice(),
    )


def serlok_notice() -> SerlokNotice | None:
    """The programme's next day, counted from today; None where the city holds none for a year."""
    today_, identity = today(), current_identity()
    day = recently(("serlok day", today_), lambda: next_serlok_day(db.session(), today_))
    if day is None:
        return None
    return SerlokNotice(
        day=day,
        days_left=(day - today_).days,
        says=_("Semua ASN dan instansi belanja serba lokal, di sini atau di outlet."),
        has_bought=bool(identity and identity.placements)
        and has_bought_this_month(db.session(), current_actor(), today=today_),
    )


def _offices(identity: Identity) -> list[NavItem]:
    """The work sides that are open to a person, each once; an entry's label says whose it is."""
    offices = []
    staffed = [
        placed.placement.agency_name
        for placed in identity.placements
        if AGENCY_STAFF.intersection(placed.roles)
    ]
    if staffed:
        offices.append(NavItem(staffed[0], "agency.home", "landmark", short=_("Instansi")))
    if identity.shops:
        shop = identity.shops[0].name
        offices.append(NavItem(shop, "seller.home", "store", short=_("Toko saya")))
    if Role.CITY_ADMIN in identity.city_roles:
        offices.append(NavItem(_("Dinas Koperasi UKM"), "city.home", "building-2", short=_("Kota")))
    if Role.AUDITOR in identity.city_roles:
        offices.append(NavItem(_("Inspektorat"), "audit.home", "scale", short=_("Audit")))
    return offices
