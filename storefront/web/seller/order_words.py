"""How an order is said to its seller: where it stands, what happened, what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext

from storefront.core.errors import N_
from storefront.orders.models import FulfilmentStatus, OrderStatus, PaymentMethod
from storefront.orders.parties import Party
from storefront.orders.rows import EventView, NextStep, OrderRow, OrderView
from storefront.orders.stages import Stage
from storefront.orders.words import Event
from storefront.web import components


@dataclass(frozen=True)
class Pill:
    words: str
    kind: str
    icon: str | None = None


@dataclass(frozen=True)
class Step:
    """A step of the timeline."""

    title: str
    about: str
    state: str
    icon: str | None = None


WAITING = frozenset({Stage.TO_ANSWER, Stage.TO_SHIP})
STAGES: Mapping[Stage, tuple[str, str, str | None]] = {
    Stage.TO_ANSWER: (N_("Perlu dijawab"), "wait", None),
    Stage.TO_SHIP: (N_("Perlu dikirim"), "go", None),
    Stage.ON_THE_WAY: (N_("Diantar"), "go", "truck"),
    Stage.TO_BE_PAID: (N_("Menunggu bendahara"), "wait", "landmark"),
    Stage.DONE: (N_("Selesai"), "good", None),
    Stage.OVER: (N_("Dikembalikan"), "x", None),
}
OVER: Mapping[OrderStatus, tuple[str, str, str | None]] = {
    OrderStatus.DECLINED: (N_("Tidak disanggupi"), "bad", "ban"),
    OrderStatus.CANCELLED: (N_("Dibatalkan"), "x", "ban"),
    OrderStatus.EXPIRED: (N_("Lewat waktu"), "x", "hourglass"),
    OrderStatus.REJECTED: (N_("Ditolak"), "x", "ban"),
}
HAPPENED: Mapping[Event, str] = {
    Event.SUBMIT: N_("Diajukan"),
    Event.PLACE: N_("Dipesan"),
    Event.APPROVE: N_("Disetujui"),
    Event.REJECT: N_("Ditolak"),
    Event.SEND_BACK: N_("Dikembalikan untuk diperbaiki"),
    Event.SETTLE_PAYMENT: N_("Dibayar pembeli"),
    Event.EXPIRE: N_("Lewat waktu"),
    Event.ACCEPT: N_("Anda sanggupi"),
    Event.DECLINE: N_("Anda tidak sanggup"),
    Event.SHIP: N_("Dikirim"),
    Event.RECEIVE: N_("Diterima pembeli"),
    Event.CANCEL: N_("Dibatalkan pembeli"),
    Event.CLOSE_REST: N_("Sisanya tidak jadi dikirim"),
    Event.TAKE_BACK: N_("Barang kembali kepada Anda"),
    Event.PAY: N_("Dibayar bendahara"),
    Event.REFUND: N_("Dana kembali kepada pembeli"),
    Event.REFUND_FAILED: N_("Pengembalian dana gagal"),
    Event.CARRY: N_("Dipindahkan ke anggaran tahun berikutnya"),
    Event.TAKE_LINE: N_("Sudah ada anggarannya, dapat dibayar"),
    Event.COMPLETE: N_("Selesai"),
}
TO_COME: Mapping[Event, str] = {
    Event.APPROVE: N_("Disetujui instansi"),
    Event.SETTLE_PAYMENT: N_("Dibayar pembeli"),
    Event.ACCEPT: N_("Jawaban Anda"),
    Event.SHIP: N_("Anda kirim"),
    Event.RECEIVE: N_("Pembeli menyatakan sudah diterima"),
    Event.PAY: N_("Bendahara membayar"),
    Event.COMPLETE: N_("Selesai"),
}
METHODS: Mapping[PaymentMethod, str] = {
    PaymentMethod.CARD: N_("Kartu"),
    PaymentMethod.QRIS: N_("QRIS"),
    PaymentMethod.CASH: N_("Tunai"),
    PaymentMethod.UP_GU: N_("UP/GU"),
    PaymentMethod.LS: N_("LS"),
    PaymentMethod.KKPD: N_("KKPD"),
}
DONE_TO = {
    "accept": N_("Pesanan %(number)s Anda terima."),
    "decline": N_("Pesanan %(number)s Anda nyatakan tidak sanggup. Pembeli diberi tahu."),
    "ship": N_("Pesanan %(number)s ditandai dikirim. Pembeli diberi tahu."),
    "close_rest": N_("Sisa pesanan %(number)s ditutup. Pembeli diberi tahu."),
    "take_back": N_("Barang kembali dari pesanan %(number)s tercatat."),
}


def pill_of(row: OrderRow, today: date) -> Pill:
    """Where an order stands, in two or three words; a delivery day that passed comes first."""
    if row.stage in WAITING and row.deliver_on is not None and row.deliver_on < today:
        return Pill(gettext("Lewat hari antar"), "bad")
    words, kind, icon = STAGES.get(row.stage, STAGES[Stage.OVER])
    if row.stage is Stage.OVER:
        words, kind, icon = OVER.get(row.status, (words, kind, icon))
    if row.fulfilment_status is FulfilmentStatus.PARTIALLY_SHIPPED and row.stage is Stage.TO_SHIP:
        words = N_("Dikirim sebagian")
    return Pill(gettext(words), kind, icon)


def method_word(method: PaymentMethod | None) -> str:
    return str(gettext(METHODS[method])) if method else ""


def timeline_of(order: OrderView) -> list[Step]:
    """What happened, then what is to come; where it ended otherwise, the last is a stop."""
    ended_otherwise = order.row.status in OVER
    past = [
        _happened(event, is_stop=ended_otherwise and event is order.events[-1])
        for event in order.events
    ]
    return past + [_to_come(step, is_now=at == 0) for at, step in enumerate(order.next_steps)]


def _happened(event: EventView, *, is_stop: bool) -> Step:
    about = " · ".join(part for part in (event.who, components.instant_near(event.at)) if part)
    title = HAPPENED[event.event]
    if event.event is Event.CANCEL and event.party is Party.SYSTEM:
        title = N_("Dibatalkan pada akhir tahun")
    if event.reason:
        about = f"{about}. “{event.reason}”"
    return Step(gettext(title), about, "stopped" if is_stop else "done")


def _to_come(step: NextStep, *, is_now: bool) -> Step:
    about = ""
    if isinstance(step.by, datetime):
        about = gettext("paling lambat %(when)s", when=components.instant_near(step.by))
    elif step.by is not None:
        about = components.day_near(step.by)
    title = gettext(TO_COME.get(step.event, HAPPENED[step.event]))
    return Step(title, about, "now" if is_now else "later")
