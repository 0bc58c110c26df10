"""An order told to its buyer: where it stands now, in a sentence, and its way, done, now and later.

Words only; what is true of the order, `orders/order_view.py` has found out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from storefront.orders.models import OrderStatus, PaymentStatus
from storefront.orders.parties import Party
from storefront.orders.rows import EntryView, EventView, NextStep, OrderView
from storefront.orders.stages import Stage
from storefront.orders.words import Event
from storefront.quota.models import Fund
from storefront.web.components import day_near, deadline_near, instant_near, rupiah

STOPPED = {
    Event.REJECT,
    Event.SEND_BACK,
    Event.EXPIRE,
    Event.DECLINE,
    Event.CANCEL,
    Event.REFUND_FAILED,
}
ICONS: Mapping[Event, str] = {
    Event.APPROVE: "hourglass",
    Event.SETTLE_PAYMENT: "wallet",
    Event.ACCEPT: "clock",
    Event.SHIP: "truck",
    Event.RECEIVE: "pen-line",
    Event.PAY: "hand-coins",
    Event.COMPLETE: "circle-check",
}


@dataclass(frozen=True)
class Step:
    """A step of the way, as the macro `timeline` shows it."""

    title: str
    about: str
    state: str
    icon: str | None = None


def headline(order: OrderView) -> str:
    """Where the order is now, as a sentence: the page's heading."""
    row, seller = order.row, order.row.seller_name
    if row.stage is Stage.OVER:
        return _ended(order)
    sentences: Mapping[Stage, str] = {
        Stage.DRAFT: _("Permintaan Anda kepada %(seller)s dikembalikan", seller=seller),
        Stage.TO_APPROVE: _("Permintaan Anda menunggu persetujuan"),
        Stage.TO_PAY_NOW: _("Pesanan Anda menunggu pembayaran"),
        Stage.TO_ANSWER: _("%(seller)s belum menjawab pesanan Anda", seller=seller),
        Stage.TO_SHIP: _("%(seller)s sedang menyiapkan pesanan Anda", seller=seller),
        Stage.ON_THE_WAY: _("Pesanan Anda dari %(seller)s dalam perjalanan", seller=seller),
        Stage.TO_BE_PAID: _(
            "Sudah Anda terima, menunggu bendahara membayar %(seller)s", seller=seller
        ),
        Stage.DONE: _("Pesanan Anda dari %(seller)s selesai", seller=seller),
    }
    return sentences[row.stage]


def way_of(order: OrderView) -> list[Step]:
    """What happened, with who and when; what is to happen now; what comes later."""
    entries = _entries_by_cause(order)
    steps = [
        _done(order, event, entries.get(f"{event.event} {position}"))
        for position, event in enumerate(order.events, start=1)
        if event.event is not Event.COMPLETE or order.row.fund is Fund.PERSONAL
    ]
    for position, step in enumerate(order.next_steps):
        steps.append(_to_come(order, step, is_next=position == 0))
    return steps


def _ended(order: OrderView) -> str:
    row, seller = order.row, order.row.seller_name
    if row.payment_status is PaymentStatus.REFUNDED:
        return str(_("Uang pesanan Anda kepada %(seller)s sudah dikembalikan", seller=seller))
    sentences: Mapping[OrderStatus, str] = {
        OrderStatus.REJECTED: _("Permintaan Anda ditolak"),
        OrderStatus.DECLINED: _("%(seller)s tidak sanggup memenuhi pesanan ini", seller=seller),
        OrderStatus.CANCELLED: _("Pesanan ini dibatalkan"),
        OrderStatus.EXPIRED: _("Permintaan ini lewat batas waktu")
        if row.fund is Fund.OFFICIAL
        else _("Waktu membayar pesanan ini habis"),
    }
    return sentences.get(row.status) or str(_("Barang pesanan ini dikembalikan"))


def _done(order: OrderView, event: EventView, entry: EntryView | None) -> Step:
    about = [f"{instant_near(event.at)}."]
    if event.reason:
        about.append(f"“{event.reason}”")
    if entry is not None:
        about.append(_recorded(entry))
    state = "stopped" if event.event in STOPPED else "done"
    return Step(_what_happened(order, event), " ".join(about), state)


def _what_happened(order: OrderView, event: EventView) -> str:
    who, seller = event.who, order.row.seller_name
    is_official = order.row.fund is Fund.OFFICIAL
    by_clock = event.party is Party.SYSTEM
    words: Mapping[Event, str] = {
        Event.SUBMIT: _("Anda mengajukan permintaan"),
        Event.PLACE: _("Anda memesan"),
        Event.APPROVE: _("Disetujui %(who)s", who=who),
        Event.REJECT: _("Ditolak %(who)s", who=who),
        Event.SEND_BACK: _("Dikembalikan %(who)s untuk diperbaiki", who=who),
        Event.SETTLE_PAYMENT: _("Pembayaran Anda diterima"),
        Event.EXPIRE: _("Tidak diputuskan sampai batas waktu")
        if is_official
        else _("Tidak dibayar sampai batas waktu"),
        Event.ACCEPT: _("%(seller)s menyanggupi pesanan", seller=seller),
        Event.DECLINE: _("%(seller)s tidak sanggup", seller=seller),
        Event.SHIP: _("%(seller)s mengirim barang", seller=seller),
        Event.RECEIVE: _("Dianggap diterima, karena tidak ada kabar dari Anda")
        if by_clock
        else _("Anda menerima barang"),
        Event.CANCEL: _("Dibatalkan pada akhir tahun anggaran")
        if by_clock
        else _("Anda membatalkan pesanan"),
        Event.CLOSE_REST: _("Sisanya disepakati tidak dikirim"),
        Event.TAKE_BACK: _("Barang kembali ke %(seller)s", seller=seller),
        Event.PAY: _("Bendahara membayar (%(who)s)", who=who),
        Event.REFUND: _("Uang dikembalikan kepada Anda"),
        Event.REFUND_FAILED: _("Pengembalian uang gagal, sedang kami urus"),
        Event.CARRY: _("Dipindahkan ke anggaran tahun berikutnya"),
        Event.TAKE_LINE: _("Sudah ada rincian anggarannya"),
        Event.COMPLETE: _("Selesai"),
    }
    return words[event.event]


def _to_come(order: OrderView, step: NextStep, *, is_next: bool) -> Step:
    seller = order.row.seller_name
    is_official = order.row.fund is Fund.OFFICIAL
    words: Mapping[Event, str] = {
        Event.APPROVE: _("Menunggu persetujuan"),
        Event.SETTLE_PAYMENT: _("Anda membayar"),
        Event.ACCEPT: _("%(seller)s menjawab", seller=seller),
        Event.SHIP: _("%(seller)s mengirim barang", seller=seller),
        Event.RECEIVE: _("Anda memeriksa dan menerima barang"),
        Event.PAY: _("Bendahara membayar"),
        Event.COMPLETE: _("Tercatat sebagai realisasi kuota") if is_official else _("Selesai"),
    }
    return Step(
        words[step.event],
        _until(order, step),
        "now" if is_next else "later",
        ICONS.get(step.event),
    )


def _until(order: OrderView, step: NextStep) -> str:
    is_official = order.row.fund is Fund.OFFICIAL
    if step.event is Event.COMPLETE:
        return str(_("Setelah diterima dan dibayar")) if is_official else ""
    if step.event is Event.RECEIVE and step.by is None and is_official:
        return str(_("Berita acara serah terima (BAST) diberi nomor saat itu"))
    if step.by is None:
        return ""
    when = deadline_near(step.by) if isinstance(step.by, datetime) else day_near(step.by)
    if step.event is Event.SHIP:
        return str(_("Untuk %(day)s", day=when))
    if step.event is Event.RECEIVE:
        return str(_("Paling lambat %(when)s; sesudah itu dianggap diterima", when=when))
    return str(_("Paling lambat %(when)s", when=when))


def _entries_by_cause(order: OrderView) -> dict[str, EntryView]:
    return {entry.cause: entry for entry in order.entries}


def _recorded(entry: EntryView) -> str:
    """What the quota's ledger made of an event."""
    if entry.realised_change > 0:
        amount = rupiah(entry.realised_change)
        return str(_("%(amount)s tercatat sebagai realisasi kuota.", amount=amount))
    if entry.realised_change < 0:
        amount = rupiah(-entry.realised_change)
        return str(_("Realisasi kuota berkurang %(amount)s.", amount=amount))
    if entry.committed_change > 0:
        amount = rupiah(entry.committed_change)
        return str(_("%(amount)s tercatat sebagai komitmen.", amount=amount))
    return str(_("Komitmen %(amount)s dilepas.", amount=rupiah(-entry.committed_change)))
