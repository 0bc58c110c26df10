"""The auditor's side: who may come in, and what stands around its pages. It only reads."""

from collections.abc import Iterable
from typing import cast

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.access.queries import Identity
from storefront.core.permissions import CITY, Action, Role, require
from storefront.extensions import login_manager
from storefront.web.frames import NavItem, OfficeFrame, Who, office_frame_of
from storefront.web.identity import current_actor, current_identity
from storefront.web.words import role_word

audit = Blueprint("audit", __name__, url_prefix="/audit")


@audit.before_request
def _let_in() -> ResponseReturnValue | None:
    """Signed in, and an auditor."""
    if current_identity() is None:
        return cast(ResponseReturnValue, login_manager.unauthorized())
    require(current_actor(), Action.AUDIT, CITY)
    return None


@office_frame_of(audit)
def _frame() -> OfficeFrame:
    identity = cast(Identity, current_identity())
    return OfficeFrame(
        title=_("Menu pemeriksa"),
        who=Who(name=identity.name, role=role_word(Role.AUDITOR)),
        nav=tuple(_nav()),
        others=tuple(_others(identity)),
    )


def _nav() -> Iterable[NavItem]:
    """A phone's bar shows the first four; in the long menu they stand under their headings."""
    book, watch, traces = _("Buku"), _("Pantau"), _("Jejak")
    yield NavItem(_("Ringkasan"), "audit.home", "house")
    yield NavItem(_("Instansi"), "audit.agencies", "landmark", group=watch)
    yield NavItem(_("Buku kuota"), "audit.ledger", "layers", short=_("Buku"), group=book)
    yield NavItem(_("Rekonsiliasi"), "audit.reconciliation", "scale", group=book)
    yield NavItem(_("Isyarat"), "audit.signals", "bell", group=watch)
    yield NavItem(_("Tutup buku"), "audit.closes", "lock", group=book)
    yield NavItem(_("Koreksi"), "audit.corrections", "pen-line", group=book)
    yield NavItem(_("Aturan"), "audit.rules", "scale", group=book)
    yield NavItem(_("Susunan"), "audit.tree", "landmark", group=book)
    yield NavItem(_("Perbandingan tahun"), "audit.years", "chart-column", group=watch)
    yield NavItem(_("Buletin"), "audit.bulletins", "file-text", group=watch)
    yield NavItem(_("Ekspor"), "audit.exports", "download", group=watch)
    yield NavItem(_("Catatan tindakan"), "audit.log", "list", short=_("Tindakan"), group=traces)
    yield NavItem(_("Siapa melihat apa"), "audit.views", "eye", group=traces)


def _others(identity: Identity) -> Iterable[NavItem]:
    if Role.CITY_ADMIN in identity.city_roles:
        yield NavItem(_("Admin kota"), "city.home", "landmark")
    if identity.shops:
        yield NavItem(_("Toko saya"), "seller.home", "store")
