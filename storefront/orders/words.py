"""How an order's state and what can be done to it are said. Message ids, for the roof to translate.

Details of refusals that are words themselves are named `..._word`.
"""

from collections.abc import Mapping
from enum import StrEnum

from storefront.core.errors import N_
from storefront.orders.models import FulfilmentStatus, Order, OrderStatus, PaymentStatus


class Event(StrEnum):
    """What happens to an order."""

    SUBMIT = "submit"
    PLACE = "place"
    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"
    SETTLE_PAYMENT = "settle_payment"
    """The gateway has its buyer's money."""
    EXPIRE = "expire"
    """Nobody decided in time, or the payment session ended unpaid."""
    ACCEPT = "accept"
    DECLINE = "decline"
    SHIP = "ship"
    RECEIVE = "receive"
    CANCEL = "cancel"
    CLOSE_REST = "close_rest"
    """What was not shipped will not come."""
    TAKE_BACK = "take_back"
    """Goods came back to the seller."""
    PAY = "pay"
    """The treasurer recorded a payment."""
    REFUND = "refund"
    """Money went back to the buyer."""
    REFUND_FAILED = "refund_failed"
    """The gateway says that money did not go back after all."""
    CARRY = "carry"
    """Still open when its budget year ended, it moved to the next one."""
    TAKE_LINE = "take_line"
    """The budget that it waited for bears it now."""
    COMPLETE = "complete"


DONE: Mapping[Event, str] = {
    Event.SUBMIT: N_("diajukan"),
    Event.PLACE: N_("dipesan"),
    Event.APPROVE: N_("disetujui"),
    Event.REJECT: N_("ditolak"),
    Event.SEND_BACK: N_("dikembalikan untuk diperbaiki"),
    Event.SETTLE_PAYMENT: N_("dibayar"),
    Event.EXPIRE: N_("dinyatakan lewat waktu"),
    Event.ACCEPT: N_("diterima penjual"),
    Event.DECLINE: N_("dinyatakan tidak sanggup"),
    Event.SHIP: N_("dikirim"),
    Event.RECEIVE: N_("dinyatakan sudah sampai"),
    Event.CANCEL: N_("dibatalkan"),
    Event.CLOSE_REST: N_("ditutup sisanya"),
    Event.TAKE_BACK: N_("dikembalikan barangnya"),
    Event.PAY: N_("dibayar bendahara"),
    Event.REFUND: N_("dikembalikan dananya"),
    Event.REFUND_FAILED: N_("dinyatakan gagal dikembalikan dananya"),
    Event.CARRY: N_("dipindahkan ke tahun berikutnya"),
    Event.TAKE_LINE: N_("dimasukkan ke rincian anggaran"),
    Event.COMPLETE: N_("diselesaikan"),
}
"""An event as what is done to the order: "tidak dapat disetujui"."""

_OVER: Mapping[OrderStatus, str] = {
    OrderStatus.DRAFT: N_("sedang diperbaiki pemohon"),
    OrderStatus.SUBMITTED: N_("menunggu persetujuan"),
    OrderStatus.COMPLETED: N_("sudah selesai"),
    OrderStatus.REJECTED: N_("sudah ditolak"),
    OrderStatus.DECLINED: N_("tidak disanggupi penjual"),
    OrderStatus.CANCELLED: N_("sudah dibatalkan"),
    OrderStatus.EXPIRED: N_("sudah lewat waktu"),
}
_UNDER_WAY: Mapping[FulfilmentStatus, str] = {
    FulfilmentStatus.WAITING: N_("menunggu jawaban penjual"),
    FulfilmentStatus.ACCEPTED: N_("sedang disiapkan penjual"),
    FulfilmentStatus.PARTIALLY_SHIPPED: N_("sudah dikirim sebagian"),
    FulfilmentStatus.SHIPPED: N_("sedang dikirim"),
    FulfilmentStatus.PARTIALLY_RECEIVED: N_("sudah diterima sebagian"),
    FulfilmentStatus.RECEIVED: N_("sudah diterima"),
    FulfilmentStatus.RETURNED: N_("sudah dikembalikan"),
}


def state_word(order: Order) -> str:
    """Where an order stands, to follow its number: "Pesanan P-1 sudah dibatalkan"."""
    if order.status in _OVER:
        return _OVER[order.status]
    if order.payment_status is PaymentStatus.PENDING:
        return N_("menunggu pembayaran")
    if order.payment_status is PaymentStatus.REFUNDED:
        return N_("sudah dikembalikan dananya")
    return _UNDER_WAY[order.fulfilment_status]
