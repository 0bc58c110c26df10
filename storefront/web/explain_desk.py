"""Explain this number: the same page for an agency, the city and the auditor, each on its side.

Its address is permanent: it names year, figure, day, position and time, and always shows the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from storefront.core.calendar import fiscal_year
from storefront.core.errors import N_, NotFound
from storefront.extensions import snapshot
from storefront.reports.city import city_quota
from storefront.reports.explain import Explanation, explain_agency, explain_city
from storefront.reports.explained_figures import Figure, Question
from storefront.reports.moments import NOW, Asked
from storefront.reports.quota import agency_quota
from storefront.sellers.models import SellerClass
from storefront.web.arrangement import asked_arrangement
from storefront.web.books import bring_up_to_date
from storefront.web.clock import today
from storefront.web.components import month as month_name
from storefront.web.moments import PERMANENT, permanent, read_permanent
from storefront.web.words import class_word, entry_word

FIRST_YEAR = 2000
SEE_OTHER = 303

TITLES = {
    Figure.REALISED: N_("Realisasi yang dihitung"),
    Figure.COMMITTED: N_("Komitmen yang dihitung"),
    Figure.IF_ALL: N_("Bila semua komitmen jadi"),
    Figure.CEILING: N_("Pagu"),
    Figure.TARGET: N_("Target"),
    Figure.MISSING: N_("Kurang ke target"),
    Figure.BEYOND: N_("Melebihi target"),
    Figure.WHOLE: N_("Belanja semua kelas"),
    Figure.NATIONAL: N_("Realisasi menurut Inpres 2/2022"),
    Figure.OF_CLASS: N_("Realisasi %(part)s"),
    Figure.OF_MONTH: N_("Realisasi %(part)s"),
    Figure.UP_TO_MONTH: N_("Realisasi sampai %(part)s"),
    Figure.LAST_YEAR: N_("Realisasi tahun lalu"),
    Figure.CORRECTION: N_("Koreksi tahun lalu"),
}
FORMULAS = {
    Figure.REALISED: N_(
        "Jumlah realisasi semua catatan belanja dinas pada kelas penjual yang dihitung."
    ),
    Figure.COMMITTED: N_(
        "Jumlah komitmen semua catatan belanja dinas pada kelas penjual yang dihitung: yang"
        " disetujui dan belum dibelanjakan."
    ),
    Figure.IF_ALL: N_("Realisasi ditambah komitmen, pada kelas penjual yang dihitung."),
    Figure.CEILING: N_("Pagu belanja barang dan jasa menurut perubahan terakhir yang berlaku."),
    Figure.TARGET: N_("Persentase target dikali dasarnya menurut aturan, dibulatkan ke atas."),
    Figure.MISSING: N_("Target dikurangi realisasi yang dihitung; nol bila sudah tercapai."),
    Figure.BEYOND: N_("Realisasi yang dihitung dikurangi target; nol bila belum tercapai."),
    Figure.WHOLE: N_("Jumlah realisasi semua catatan belanja dinas, semua kelas penjual."),
    Figure.NATIONAL: N_(
        "Jumlah realisasi kelas yang dihitung instruksi nasional: usaha kecil ikut dihitung."
    ),
    Figure.OF_CLASS: N_("Jumlah realisasi catatan belanja dinas pada kelas penjual ini."),
    Figure.OF_MONTH: N_("Jumlah realisasi catatan dengan periode bulan ini, kelas yang dihitung."),
    Figure.UP_TO_MONTH: N_(
        "Jumlah realisasi catatan dengan periode sampai bulan ini, kelas yang dihitung."
    ),
    Figure.LAST_YEAR: N_(
        "Jumlah realisasi akun tahun anggaran sebelumnya, menurut aturan hari terakhirnya."
    ),
    Figure.CORRECTION: N_(
        "Per pesanan, bagian negatif dari jumlah catatannya pada akun tahun ini: yang ditarik"
        " kembali dari pesanan tahun yang sudah ditutup."
    ),
}


@dataclass(frozen=True)
class Desk:
    """Whose figures are explained, and where: the endpoint, its fixed arguments, the way back."""

    endpoint: str
    arguments: dict[str, str]
    back: str
    back_label: str
    order: str | None = None
    """The endpoint of an order's page on this side."""
    own_code: str | None = None
    """Only this agency's orders have a page here; None: all have."""


Ask = Callable[[Session, int, Asked, Question, int], Explanation]
"""How a side explains a figure of a year at a moment, with the entries behind a position."""


def show_agency(desk: Desk, code: str) -> ResponseReturnValue:
    """A figure of an agency."""

    def ask(
        session: Session, year: int, asked: Asked, question: Question, after: int
    ) -> Explanation:
        figures = agency_quota(
            session, code, year, today=today(), asked=asked, arranged_on=asked_arrangement()
        )
        return explain_agency(session, figures, question, after=after)

    return _show(desk, ask)


def show_city(desk: Desk) -> ResponseReturnValue:
    """A figure of the whole city."""

    def ask(
        session: Session, year: int, asked: Asked, question: Question, after: int
    ) -> Explanation:
        figures = city_quota(
            session, year, today=today(), asked=asked, arranged_on=asked_arrangement()
        )
        return explain_city(session, figures, question, after=after)

    return _show(desk, ask)


def title_of(question: Question) -> str:
    """A figure by its name, in the reader's language."""
    part = question.part
    if question.figure is Figure.OF_CLASS:
        part = class_word(SellerClass(part)).lower()
    elif question.figure in {Figure.OF_MONTH, Figure.UP_TO_MONTH}:
        part = month_name(part)
    return str(gettext(TITLES[question.figure], part=part))


def _show(desk: Desk, ask: Ask) -> ResponseReturnValue:
    """The page; an address that is not permanent yet leads to the one that is."""
    question = _question()
    year = request.args.get("year", fiscal_year(today()), type=int)
    if not FIRST_YEAR <= year <= fiscal_year(today()) + 1:
        raise NotFound
    asked = read_permanent()
    after = request.args.get("after", 0, type=int)
    if asked is None:
        bring_up_to_date()
    with snapshot() as session:
        explained = ask(session, year, asked or NOW, question, after)
    said = desk.arguments | _said(question, year)
    if asked is None:
        said |= permanent(explained.basis)
        address = url_for(desk.endpoint, **cast("dict[str, Any]", said))
        return redirect(address, code=SEE_OTHER)
    said |= {name: request.args[name] for name in PERMANENT if name in request.args}
    return render_template(
        "explain/figure.html",
        desk=desk,
        explained=explained,
        basis=explained.basis,
        title=title_of(question),
        entry_word=entry_word,
        formula=FORMULAS[question.figure],
        same=said,
        after=after,
    )


def _question() -> Question:
    figure = request.args.get("figure", None, type=Figure)
    if figure is None:
        raise NotFound
    return Question(figure, request.args.get("part", ""))


def _said(question: Question, year: int) -> dict[str, str]:
    said = {"year": str(year), "figure": question.figure.value}
    return said | ({"part": question.part} if question.part else {})
