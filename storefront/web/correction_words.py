"""Corrections in words, and their evidence as a file: what agency, city and auditor share."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Flask, Response
from flask_babel import gettext

from storefront.core.errors import N_
from storefront.extensions import db
from storefront.orders.likeness import Likenesses, Probe, likenesses
from storefront.quota.correction_models import CorrectionKind, CorrectionState, OutsideChannel
from storefront.quota.correction_queries import CorrectionRow, CorrectionView, read_content
from storefront.quota.models import Fund


class State(NamedTuple):
    """A state's word, its kind and its icon, as `states.html: pill` takes them."""

    text: str
    kind: str
    icon: str


STATES: Mapping[CorrectionState, State] = {
    CorrectionState.PROPOSED: State(N_("Menunggu orang kedua"), "wait", "clock"),
    CorrectionState.APPROVED: State(N_("Disetujui"), "good", "check"),
    CorrectionState.REFUSED: State(N_("Ditolak"), "bad", "ban"),
}
CHANNELS: Mapping[OutsideChannel, str] = {
    OutsideChannel.OUTLET_PAPER: N_("Nota kertas di outlet"),
    OutsideChannel.E_CATALOGUE: N_("E-katalog"),
    OutsideChannel.DIRECT: N_("Langsung ke penjual"),
}


def correction_state(state: CorrectionState) -> State:
    found = STATES[state]
    return found._replace(text=gettext(found.text))


def channel_word(channel: OutsideChannel) -> str:
    return str(gettext(CHANNELS[channel]))


def correction_title(row: CorrectionRow) -> str:
    """What a document is about, in a line."""
    if row.kind is CorrectionKind.ADJUST:
        what = row.description or ""
        return str(gettext("Pembatalan: %(what)s", what=what)) if row.reverses_number else what
    if row.fund is Fund.PERSONAL:
        return str(gettext("Catatan terlambat: pesanan pribadi mengikuti"))
    if row.other_agency_code and row.other_agency_code != row.agency_code:
        return str(
            gettext(
                "Pindah atribusi dari %(old)s ke %(new)s",
                old=row.agency_code,
                new=row.other_agency_code,
            )
        )
    return str(gettext("Kelas penjual dibetulkan"))


def likenesses_of(view: CorrectionView) -> Likenesses:
    """The likely duplicates of a purchase; none of what takes one back."""
    bought = view.purchase
    if bought is None or view.reverses_id is not None:
        return Likenesses()
    probe = Probe(
        agency_code=bought.agency_code,
        bought_on=bought.bought_on,
        document_number=bought.document_number,
        seller_id=bought.seller_id,
        seller_name=bought.seller_name,
        seller_nib=bought.seller_nib,
        amount=bought.amount,
        besides=frozenset({view.row.correction_id}),
    )
    return likenesses(db.session(), probe)


def send_evidence(correction_id: int) -> Response:
    """A document's file, to be kept and never to be run here. The view has asked who may."""
    evidence, content = read_content(db.session(), correction_id)
    answer = Response(content, mimetype=evidence.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=evidence.file_name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        correction_state=correction_state,
        correction_title=correction_title,
        channel_word=channel_word,
    )
