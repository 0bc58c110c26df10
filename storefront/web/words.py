"""Words for what the domain names in code, where more than one audience says them."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext

from storefront.agencies.models import RevisionKind
from storefront.core.errors import N_
from storefront.core.permissions import Role
from storefront.quota.models import EntryKind
from storefront.reports.signal_models import SignalKind
from storefront.sellers.models import SellerClass
from storefront.sellers.words import CLASSES

ROLES: Mapping[Role, str] = {
    Role.BUYER: N_("Pembeli"),
    Role.APPROVER: N_("Penyetuju (PPK)"),
    Role.TREASURER: N_("Bendahara"),
    Role.PROCUREMENT: N_("Pejabat pengadaan"),
    Role.AGENCY_ADMIN: N_("Admin instansi"),
    Role.SELLER: N_("Penjual"),
    Role.CASHIER: N_("Kasir outlet"),
    Role.CITY_ADMIN: N_("Admin kota"),
    Role.AUDITOR: N_("Pemeriksa (Inspektorat)"),
}
REVISIONS: Mapping[RevisionKind, str] = {
    RevisionKind.ORIGINAL: N_("APBD murni"),
    RevisionKind.SHIFT: N_("Pergeseran"),
    RevisionKind.AMENDMENT: N_("APBD perubahan"),
}
ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.COMMIT: N_("Komitmen"),
    EntryKind.RELEASE: N_("Komitmen dilepas"),
    EntryKind.REALISE: N_("Realisasi"),
    EntryKind.REVERSE: N_("Realisasi berkurang"),
    EntryKind.CARRY: N_("Pindah tahun anggaran"),
    EntryKind.MOVE: N_("Koreksi atribusi"),
    EntryKind.ADJUST: N_("Penyesuaian"),
}
SIGNALS: Mapping[SignalKind, str] = {
    SignalKind.SPLIT: N_("Pesanan mungkin dipecah"),
    SignalKind.YEAR_END: N_("Lonjakan akhir tahun"),
    SignalKind.REVERSED: N_("Dihitung lalu ditarik"),
    SignalKind.CONTACT: N_("Kontak pembeli dan penjual sama"),
    SignalKind.PRICE: N_("Harga jauh di atas sejenisnya"),
}
BROWSERS = ("Edg", "OPR", "SamsungBrowser", "Firefox", "Chrome", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
NAMES = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Mac OS": "Mac"}


def role_word(role: Role) -> str:
    """A role as people call it."""
    return str(gettext(ROLES[role]))


def class_word(seller_class: SellerClass) -> str:
    """An enterprise class as people call it."""
    return str(gettext(CLASSES[seller_class]))


def kind_word(kind: RevisionKind) -> str:
    """Which act of the budget a version comes from."""
    return str(gettext(REVISIONS[kind]))


def entry_word(kind: EntryKind) -> str:
    """What an entry of the ledger is, in one or two words."""
    return str(gettext(ENTRIES[kind]))


def device_word(user_agent: str) -> str:
    """A device as its owner knows it: `Chrome, Android`."""
    found = [next((name for name in names if name in user_agent), "") for names in KNOWN]
    return ", ".join(NAMES.get(name, name) for name in found if name) or str(
        gettext("Perangkat tak dikenal")
    )


KNOWN = (BROWSERS, SYSTEMS)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        role_word=role_word,
        class_word=class_word,
        device_word=device_word,
        kind_word=kind_word,
    )
