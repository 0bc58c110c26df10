"""An order's stage in its buyer's words: the list's filters, and the pill beside a number."""

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import lazy_gettext as _

from storefront.orders.stages import Stage


class StageWords(NamedTuple):
    """A stage as a pill shows it: words, kind and icon (`templates/components/states.html`)."""

    text: str
    kind: str
    icon: str


STAGE_WORDS: Mapping[Stage, StageWords] = {
    Stage.DRAFT: StageWords(_("Dikembalikan kepada Anda"), "wait", "undo-2"),
    Stage.TO_APPROVE: StageWords(_("Menunggu persetujuan"), "wait", "hourglass"),
    Stage.TO_PAY_NOW: StageWords(_("Menunggu pembayaran Anda"), "wait", "wallet"),
    Stage.TO_ANSWER: StageWords(_("Menunggu penjual"), "wait", "clock"),
    Stage.TO_SHIP: StageWords(_("Sedang disiapkan"), "go", "package"),
    Stage.ON_THE_WAY: StageWords(_("Dalam perjalanan"), "go", "truck"),
    Stage.TO_BE_PAID: StageWords(_("Menunggu bendahara"), "wait", "hand-coins"),
    Stage.DONE: StageWords(_("Selesai"), "good", "circle-check"),
    Stage.OVER: StageWords(_("Tidak jadi"), "x", "ban"),
}
