"""The city's side: who may come in, and what stands around its pages."""

from collections.abc import Iterable
from typing import cast

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.access.queries import Identity, pending_for
from storefront.core.permissions import CITY, Action, Role, require
from storefront.extensions import db, login_manager
from storefront.orders.year_end import ending_year
from storefront.payments.queries import refunds_on_hold
from storefront.quota.closes import find_waiting
from storefront.quota.correction_queries import count_waiting
from storefront.sellers.models import SellerState
from storefront.sellers.queries import count_sellers
from storefront.web.clock import today
from storefront.web.frames import NavItem, OfficeFrame, Who, office_frame_of
from storefront.web.identity import current_actor, current_identity
from storefront.web.words import role_word

city = Blueprint("city", __name__, url_prefix="/city")


@city.before_request
def _let_in() -> ResponseReturnValue | None:
    """Signed in, and a city admin: everything here is one role's."""
    if current_identity() is None:
        return cast(ResponseReturnValue, login_manager.unauthorized())
    require(current_actor(), Action.MANAGE_AGENCIES, CITY)
    return None


@office_frame_of(city)
def _frame() -> OfficeFrame:
    identity = cast(Identity, current_identity())
    return OfficeFrame(
        title=_("Menu kota"),
        who=Who(name=identity.name, role=role_word(Role.CITY_ADMIN)),
        nav=tuple(_nav()),
        others=tuple(_others(identity)),
    )


def waiting_confirmations() -> int:
    """How many roles, budgets, changes of the tree and rules wait for a second person."""
    return pending_for(db.session(), current_actor()).count


def close_waits_for_you() -> bool:
    """Whether somebody else proposed to close a month."""
    waiting = find_waiting(db.session())
    return waiting is not None and waiting.proposed_by != current_actor().person_id


def _nav() -> Iterable[NavItem]:
    session = db.session()
    yield NavItem(_("Ringkasan"), "city.home", "house")
    yield NavItem(_("Instansi"), "city.agencies", "landmark")
    yield NavItem(
        _("Penjual"), "city.sellers", "store", badge=count_sellers(session)[SellerState.APPLIED]
    )
    yield NavItem(
        _("Konfirmasi"), "city.confirmations", "circle-check", badge=waiting_confirmations()
    )
    yield NavItem(_("Rencana"), "city.plan", "bell")
    yield NavItem(_("Tutup buku"), "city.closes", "lock", badge=int(close_waits_for_you()))
    yield NavItem(_("Buletin"), "city.bulletins", "file-text")
    yield NavItem(_("Koreksi"), "city.corrections", "pen-line", badge=count_waiting(session))
    if ending_year(session, today=today()) is not None:
        yield NavItem(_("Akhir tahun"), "city.year_end", "calendar-days")
    yield NavItem(_("Impor"), "city.imports", "upload")
    yield NavItem(_("Slip aktivasi"), "city.slips", "printer")
    yield NavItem(_("Peran kota"), "city.people", "users")
    yield NavItem(_("Serlok"), "city.programme", "calendar-days")
    yield NavItem(_("Aturan"), "city.rules", "scale")
    yield NavItem(_("Ambang isyarat"), "city.signals", "bell")
    yield NavItem(_("Dana tertahan"), "city.refunds", "wallet", badge=len(refunds_on_hold(session)))
    yield NavItem(_("Ekspor"), "city.exports", "download")


def _others(identity: Identity) -> Iterable[NavItem]:
    if Role.AUDITOR in identity.city_roles:
        yield NavItem(_("Pemeriksaan"), "audit.home", "shield-check")
    if identity.shops:
        yield NavItem(_("Toko saya"), "seller.home", "store")
