"""Words of the agency's side: where an order stands, what happened, when something is due."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from storefront.core.calendar import city_day
from storefront.core.errors import N_
from storefront.orders.models import OrderStatus, PaymentMethod
from storefront.orders.parties import Party
from storefront.orders.rows import OrderRow
from storefront.orders.stages import Stage
from storefront.orders.words import Event
from storefront.web.components import day_and_time_of, deadline_near

NOTHING = "\N{EN DASH}"
"""Where there is nothing to say."""


class Pill(NamedTuple):
    """A state's word, its kind and its icon, as `states.html: pill` takes them."""

    text: str
    kind: str
    icon: str


STAGES: Mapping[Stage, Pill] = {
    Stage.DRAFT: Pill(N_("Diperbaiki pemohon"), "x", "pencil"),
    Stage.TO_APPROVE: Pill(N_("Menunggu persetujuan"), "wait", "clock"),
    Stage.TO_PAY_NOW: Pill(N_("Menunggu pembayaran"), "wait", "clock"),
    Stage.TO_ANSWER: Pill(N_("Menunggu penjual"), "wait", "store"),
    Stage.TO_SHIP: Pill(N_("Disiapkan"), "go", "package"),
    Stage.ON_THE_WAY: Pill(N_("Dalam perjalanan"), "go", "truck"),
    Stage.TO_BE_PAID: Pill(N_("Menunggu dibayar"), "wait", "hand-coins"),
    Stage.DONE: Pill(N_("Selesai"), "good", "circle-check"),
    Stage.OVER: Pill(N_("Tidak jadi"), "x", "ban"),
}
OVER: Mapping[OrderStatus, Pill] = {
    OrderStatus.REJECTED: Pill(N_("Ditolak"), "bad", "ban"),
    OrderStatus.DECLINED: Pill(N_("Tidak disanggupi"), "bad", "ban"),
    OrderStatus.CANCELLED: Pill(N_("Dibatalkan"), "x", "x"),
    OrderStatus.EXPIRED: Pill(N_("Lewat waktu"), "bad", "clock"),
}
WAITS = Pill(N_("Perlu rincian anggaran"), "bad", "landmark")
"""Carried into a year whose budget has no line for it, or no room: it cannot be paid."""
RETURNED = Pill(N_("Dikembalikan"), "x", "undo-2")
ON_ONES_LIST = (
    Stage.TO_APPROVE,
    Stage.TO_ANSWER,
    Stage.TO_SHIP,
    Stage.ON_THE_WAY,
    Stage.TO_BE_PAID,
    Stage.DONE,
    Stage.DRAFT,
    Stage.OVER,
)
"""The stages that an official order can be at, in the order of the chips."""
METHODS: Mapping[PaymentMethod, str] = {
    PaymentMethod.CARD: N_("Kartu"),
    PaymentMethod.QRIS: N_("QRIS"),
    PaymentMethod.CASH: N_("Tunai"),
    PaymentMethod.UP_GU: N_("UP/GU"),
    PaymentMethod.LS: N_("LS"),
    PaymentMethod.KKPD: N_("KKPD"),
}
HAPPENED: Mapping[Event, str] = {
    Event.SUBMIT: N_("Diajukan"),
    Event.PLACE: N_("Dipesan"),
    Event.APPROVE: N_("Disetujui"),
    Event.REJECT: N_("Ditolak"),
    Event.SEND_BACK: N_("Dikembalikan untuk diperbaiki"),
    Event.SETTLE_PAYMENT: N_("Pembayaran masuk"),
    Event.EXPIRE: N_("Lewat batas waktu"),
    Event.ACCEPT: N_("Disanggupi penjual"),
    Event.DECLINE: N_("Tidak disanggupi penjual"),
    Event.SHIP: N_("Dikirim"),
    Event.RECEIVE: N_("Diterima pemohon"),
    Event.CANCEL: N_("Dibatalkan"),
    Event.CLOSE_REST: N_("Sisanya tidak dikirim"),
    Event.TAKE_BACK: N_("Barang dikembalikan"),
    Event.PAY: N_("Dibayar bendahara"),
    Event.REFUND: N_("Dana dikembalikan"),
    Event.REFUND_FAILED: N_("Pengembalian dana gagal"),
    Event.CARRY: N_("Dipindahkan ke tahun berikutnya"),
    Event.TAKE_LINE: N_("Masuk rincian anggaran"),
    Event.COMPLETE: N_("Selesai"),
}
TO_COME: Mapping[Event, str] = {
    Event.APPROVE: N_("Persetujuan"),
    Event.ACCEPT: N_("Jawaban penjual"),
    Event.SHIP: N_("Pengiriman"),
    Event.RECEIVE: N_("Penerimaan oleh pemohon"),
    Event.PAY: N_("Pembayaran oleh bendahara"),
    Event.COMPLETE: N_("Selesai"),
}
PARTIES: Mapping[Party, str] = {
    Party.BUYER: N_("pemohon"),
    Party.APPROVER: N_("penyetuju"),
    Party.SELLER: N_("penjual"),
    Party.TREASURER: N_("bendahara"),
    Party.SYSTEM: N_("otomatis"),
}


def stage_pill(row: OrderRow) -> Pill:
    """Where an order stands, in the reader's language."""
    found = STAGES[row.stage] if row.waits_for is None else WAITS
    if row.stage is Stage.OVER:
        found = OVER.get(row.status, RETURNED)
    return found._replace(text=_(found.text))


def stage_word(stage: Stage) -> str:
    return str(_(STAGES[stage].text))


def method_word(method: PaymentMethod | None) -> str:
    return str(_(METHODS[method])) if method else NOTHING


def due_words(end: datetime, now: datetime) -> str:
    """`hari ini 16.00`, `besok 24.00`, or the day with its hour."""
    ends_on, time = day_and_time_of(end)
    days = (ends_on - city_day(now)).days
    if days == 0:
        return str(_("hari ini %(time)s", time=time))
    if days == 1:
        return str(_("besok %(time)s", time=time))
    return deadline_near(end)


def age_words(since: date, today: date) -> str:
    """How long something waits: `hari ini`, `3 hari`."""
    days = max((today - since) // timedelta(days=1), 0)
    return str(ngettext("%(num)s hari", "%(num)s hari", days)) if days else str(_("hari ini"))
