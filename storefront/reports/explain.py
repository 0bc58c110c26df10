"""Why a figure is what it is: its rule, its budget, and exactly the entries that add up to it.

Asked for the same day, position and time, it is the same for ever (`moments.py`). Official money
only: personal accounts never appear.
"""

from dataclasses import replace

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from storefront.core.errors import NotFound
from storefront.quota.models import Amounts, LogLine, total
from storefront.reports.city import CityQuota
from storefront.reports.explained_entries import (
    PAGE,
    entries_of,
    orders_behind,
    page_of,
    summed,
)
from storefront.reports.explained_figures import (
    OF_CATEGORIES,
    OF_COMMITTED,
    OF_DISTRICTS,
    OF_THE_CITY,
    OF_THE_OUTLOOK,
    WITH_PERSONAL,
    Figure,
    Question,
    amount_of,
    amount_of_share,
    classes_of,
    read_district,
)
from storefront.reports.explained_parts import (
    category_names,
    divide,
    kept_sum,
    sellers_behind,
)
from storefront.reports.explained_steps import steps_of
from storefront.reports.explanation import Basis, Explanation
from storefront.reports.forecast import MONTHS
from storefront.reports.measures import personal_months
from storefront.reports.models import CategorySum, SellerSum
from storefront.reports.outlook import Outlook, read_outlook
from storefront.reports.quota import AgencyQuota

LAST_YEARS = frozenset({Figure.LAST_YEAR, Figure.LAST_YEAR_UNTIL})


def explain_agency(
    session: Session, figures: AgencyQuota, question: Question, *, after: int = 0
) -> Explanation:
    """A figure of an agency's page, with a page of its entries behind a position, oldest first.

    Call it in the snapshot that `figures` were read in. Raises `NotFound` for a part that is none.
    """
    before = figures.last_year
    is_before = question.figure is Figure.LAST_YEAR
    included = before.summed[1:] if is_before else figures.included
    ahead = None
    if question.figure in OF_THE_OUTLOOK:
        ahead = read_outlook(session, figures, today=figures.at.as_of)
    basis = Basis(
        name=figures.agency_name,
        code=figures.agency_code,
        fiscal_year=figures.fiscal_year - (question.figure in LAST_YEARS),
        as_of=figures.as_of,
        at=figures.at,
        share=before if is_before else figures,
        rule=before.rule if question.figure in LAST_YEARS else figures.rule,
        revision=before.revision if is_before else figures.revision,
        codes=(figures.agency_code, *(node.code for node in included)),
        included=included,
        personal_amount=before.personal_amount if is_before else _personal(figures),
        arranged_on=figures.arranged_on,
        position=figures.position,
        exemption=None if is_before else figures.exemption,
        ahead=ahead,
    )
    amount = (
        _of_outlook(ahead, question, basis.fiscal_year) if ahead else amount_of(figures, question)
    )
    return _explained(session, basis, question, amount, after)


def explain_city(
    session: Session, figures: CityQuota, question: Question, *, after: int = 0
) -> Explanation:
    """A figure of the whole city, likewise. Raises `NotFound` for one that its page has not."""
    if question.figure not in OF_THE_CITY or question.part:
        raise NotFound
    basis = Basis(
        name="",
        code="",
        fiscal_year=figures.fiscal_year,
        as_of=figures.as_of,
        at=figures.at,
        share=figures,
        rule=figures.rule,
        revision=None,
        codes=figures.codes,
        included=(),
        personal_amount=figures.personal_amount,
        arranged_on=figures.arranged_on,
        position=figures.position,
    )
    amount = {
        Figure.NATIONAL: figures.national.realised,
        Figure.OFF_PLATFORM: figures.off_platform_amount,
    }.get(question.figure)
    return _explained(session, basis, question, amount, after)


def _personal(figures: AgencyQuota) -> int:
    return figures.personal_amount if figures.rule.counts_personal else 0


def _of_outlook(ahead: Outlook, question: Question, year: int) -> int | None:
    """What the outlook says of a figure that is about the months to come, or about last year's."""
    made, pace = ahead.forecast, ahead.pace
    match question.figure:
        case Figure.FORECAST:
            return made.amount if made else None
        case Figure.FORECAST_LOW:
            return made.low_amount if made else None
        case Figure.FORECAST_HIGH:
            return made.high_amount if made else None
        case Figure.MONTHLY:
            return pace.monthly_amount if pace else None
        case _:
            months = (f"{year}-{month:02}" for month in range(1, MONTHS + 1))
            return dict(zip(months, ahead.last_year, strict=True)).get(question.part)


def _explained(
    session: Session, basis: Basis, question: Question, amount: int | None, after: int
) -> Explanation:
    figure = question.figure
    if figure in OF_THE_OUTLOOK and amount is None:
        raise NotFound
    if amount is None:
        amount = amount_of_share(basis.share, figure)
    made = Explanation(
        question=question,
        basis=basis,
        amount=amount,
        classes=classes_of(question, basis.rule),
        steps=steps_of(figure, basis.share, year=basis.fiscal_year, ahead=basis.ahead),
    )
    if figure in WITH_PERSONAL and basis.rule.counts_personal:
        months = personal_months(session, basis.fiscal_year, basis.at, basis.codes)
        made = replace(made, personal=months)
    if not made.has_entries:
        return made
    made = _with_entries(session, made, after)
    return replace(made, orders=orders_behind(session, made.rows))


def _with_entries(session: Session, made: Explanation, after: int) -> Explanation:
    """The same with a page of its entries, what all of them come to, and the sellers it is of."""
    question, basis = made.question, made.basis
    conditions = entries_of(
        question, year=basis.fiscal_year, codes=basis.codes, at=basis.at, classes=made.classes
    )
    if question.figure in OF_CATEGORIES:
        return _divided(session, made, conditions, after)
    rows, next_after = page_of(session, conditions, after)
    entries, sums = summed(session, conditions)
    made = replace(made, rows=rows, next_after=next_after, entries=entries, sums=sums)
    if question.figure is Figure.SELLERS or question.figure in OF_DISTRICTS:
        made = replace(made, sellers=sellers_behind(session, conditions))
    if question.figure in OF_DISTRICTS:
        of_sellers = SellerSum.seller_id.in_(read_district(question.part)[1])
        kept = _as_kept(session, made, SellerSum, of_sellers)
        whole = sums if kept is None else kept
        amount = whole.committed if question.figure in OF_COMMITTED else whole.realised
        made = replace(made, amount=amount)
    return made


def _as_kept(
    session: Session,
    made: Explanation,
    table: type[CategorySum] | type[SellerSum],
    part: ColumnElement[bool],
) -> Amounts | None:
    """What the quota page shows of a part, while it is of the same state as the explanation."""
    basis = made.basis
    if not basis.at.is_current:
        return None
    return kept_sum(
        session,
        table,
        part,
        year=basis.fiscal_year,
        codes=basis.codes,
        classes=made.classes,
        position=basis.position.number,
    )


def _divided(
    session: Session, made: Explanation, conditions: list[ColumnElement[bool]], after: int
) -> Explanation:
    """The same of a category: what of each entry belongs to it, by the entries themselves.

    The figure is what the quota page shows while it is of the same state, else the orders' sums
    divided whole: either is another way than adding up the shares.
    """
    category = made.question.part
    is_committed = made.question.figure in OF_COMMITTED
    divided = divide(session, conditions, category)
    whole = divided.by_category.get(category, Amounts())
    kept = _as_kept(session, made, CategorySum, CategorySum.category == category)
    whole = whole if kept is None else kept
    of_it = {
        position: share
        for position, share in divided.shares.items()
        if (share.committed if is_committed else share.realised)
    }
    rows, next_after = page_of(
        session,
        [LogLine.position.in_([at for at in sorted(of_it) if at > after][: PAGE + 1])],
        after,
    )
    return replace(
        made,
        amount=whole.committed if is_committed else whole.realised,
        rows=rows,
        next_after=next_after,
        entries=len(of_it),
        sums=total(of_it.values()),
        shares=of_it,
        categories=divided.by_category,
        category_names=category_names(session, divided.by_category),
    )
