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
    """A phone's bar shows the first four; in the long menu they stand under their headings."""
    session = db.session()
    watch, shops, programme = _("Pantau"), _("Penjual"), _("Program")
    book, people = _("Buku"), _("Orang dan data")
    applied = count_sellers(session)[SellerState.APPLIED]
    held = len(refunds_on_hold(session))
    yield NavItem(_("Ringkasan"), "city.home", "house")
    yield NavItem(_("Instansi"), "city.agencies", "landmark", group=watch)
    yield NavItem(_("Penjual"), "city.sellers", "store", badge=applied, group=shops)
    yield NavItem(
        _("Konfirmasi"), "city.confirmations", "circle-check", badge=waiting_confirmations()
    )
    yield NavItem(_("Rencana"), "city.plan", "bell", group=watch)
    yield NavItem(_("Perbandingan tahun"), "city.years", "chart-column", group=watch)
    yield NavItem(_("Buletin"), "city.bulletins", "file-text", group=watch)
    yield NavItem(_("Ekspor"), "city.exports", "download", group=watch)
    yield NavItem(_("Dana tertahan"), "city.refunds", "wallet", badge=held, group=shops)
    yield NavItem(_("Serlok"), "city.programme", "calendar-days", group=programme)
    yield NavItem(
        _("Tutup buku"), "city.closes", "lock", badge=int(close_waits_for_you()), group=book
    )
    yield NavItem(
        _("Koreksi"), "city.corrections", "pen-line", badge=count_waiting(session), group=book
    )
    yield NavItem(_("Rekonsiliasi"), "city.reconciliation", "shield-check", group=book)
    if ending_year(session, today=today()) is not None:
        yield NavItem(_("Akhir tahun"), "city.year_end", "clock", group=book)
    yield NavItem(_("Aturan"), "city.rules", "scale", group=book)
    yield NavItem(_("Susunan instansi"), "city.tree", "boxes", group=book)
    yield NavItem(_("Ambang isyarat"), "city.signals", "triangle-alert", group=book)
    yield NavItem(_("Peran kota"), "city.people", "users", group=people)
    yield NavItem(_("Slip aktivasi"), "city.slips", "printer", group=people)
    yield NavItem(_("Impor"), "city.imports", "upload", group=people)


def _others(identity: Identity) -> Iterable[NavItem]:
    if Role.AUDITOR in identity.city_roles:
        yield NavItem(_("Pemeriksaan"), "audit.home", "shield-check")
    if identity.shops:
        yield NavItem(_("Toko saya"), "seller.home", "store")
