"""Explain this number: the same page for an agency, the city and the auditor, each on its side.

Its address is permanent: it names year, figure, day, position and time, and always shows the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from storefront.core.calendar import fiscal_year
from storefront.core.errors import NotFound
from storefront.extensions import snapshot
from storefront.reports.city import city_quota
from storefront.reports.explain import explain_agency, explain_city
from storefront.reports.explained_entries import ExplainedOrder
from storefront.reports.explained_figures import Figure, Question
from storefront.reports.explanation import Explanation
from storefront.reports.moments import NOW, Asked
from storefront.reports.quota import agency_quota
from storefront.web.arrangement import asked_arrangement
from storefront.web.books import bring_up_to_date
from storefront.web.clock import today
from storefront.web.explain_words import FORMULAS, SIGNS, STEPS, category_word, title_of
from storefront.web.moments import PERMANENT, permanent, read_permanent
from storefront.web.rule_words import terms_in_words
from storefront.web.words import entry_word

FIRST_YEAR = 2000
SEE_OTHER = 303


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
    revision: str | None = None
    """The endpoint of a budget revision's page on this side."""
    rule: str | None = None
    """That of a rule version."""

    def may_open(self, order: ExplainedOrder | None) -> bool:
        """Whether the reader may open an order behind an entry, and so see its lines."""
        return (
            self.order is not None
            and order is not None
            and self.own_code in {None, order.agency_code}
        )


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
        return redirect(url_for(desk.endpoint, **cast("dict[str, Any]", said)), code=SEE_OTHER)
    said |= {name: request.args[name] for name in PERMANENT if name in request.args}

    def address(asked_for: Question) -> str:
        moment = {name: said[name] for name in PERMANENT if name in said}
        to = desk.arguments | _said(asked_for, year) | moment
        return url_for(desk.endpoint, **cast("dict[str, Any]", to))

    return render_template(
        "explain/figure.html",
        desk=desk,
        explained=explained,
        basis=explained.basis,
        title=title_of(question, explained.category_names),
        address=address,
        address_of=lambda figure, part="": address(Question(Figure(figure), part)),
        category_word=category_word,
        steps=STEPS,
        signs=SIGNS,
        terms=terms_in_words(explained.basis.rule),
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
