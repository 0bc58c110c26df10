"""An agency's quota: where it stands, how it got there, where money is left to close the gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies.budgets import BudgetLineRow, exceeded_by
from storefront.agencies.queries import find_agency, lines_of
from storefront.core.calendar import fiscal_year
from storefront.core.permissions import Action
from storefront.documents.quota_report import quota_report
from storefront.extensions import db, snapshot
from storefront.reports.figures import Share
from storefront.reports.moments import NOW, Asked
from storefront.reports.outlook import Outlook, read_outlook
from storefront.reports.quota import AgencyQuota, agency_quota
from storefront.reports.spread import PartFigure, Spread, spread_of
from storefront.web.agency.office import agency, current_office
from storefront.web.arrangement import asked_arrangement
from storefront.web.books import bring_up_to_date
from storefront.web.charts import Column, Part, parts_of
from storefront.web.clock import today
from storefront.web.components import month_short, percent, rupiah, rupiah_short
from storefront.web.errors import UNPROCESSABLE
from storefront.web.moments import permanent, read_choice
from storefront.web.papers import checkpoint_named, letterhead, report_response
from storefront.web.words import class_word

MOST_LINES = 5
DECEMBER = 12


@dataclass(frozen=True)
class Shares:
    """A share's parts in per cent of its base, as the quota bar takes them."""

    realised: Fraction
    committed: Fraction
    target: Fraction


@agency.get("/quota")
def quota() -> ResponseReturnValue:
    """This year's figures, or last year's, all of one state of the ledger, which is named."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    this_year = fiscal_year(today())
    years = (this_year, this_year - 1)
    choice = read_choice()
    wanted = request.args.get("year", type=int)
    if wanted is None and choice.asked.as_of is not None:
        wanted = fiscal_year(choice.asked.as_of)
    year = wanted if wanted in years else this_year
    figures = read_quota(office.code, year, choice.asked)
    ahead, spread = read_besides(figures)
    lines = lines_of(db.session(), office.agency_id, year)
    shown = render_template(
        "agency/quota.html",
        figures=figures,
        choice=choice,
        explain={"agency": office.code, "year": year} | permanent(figures),
        shares=shares(figures),
        last_year=shares(figures.last_year),
        columns=_columns(figures, ahead),
        ahead=ahead,
        spread=spread,
        goods=_bars(spread.by_category if spread else (), _("Di luar toko")),
        districts=_bars(spread.by_district if spread else (), _("Tidak tercatat")),
        sellers=sum(each.sellers for each in figures.by_class),
        with_money=[] if choice.is_past else _with_money(lines),  # its counters are of now
        over_amount=0 if choice.is_past else exceeded_by(db.session(), office.agency_id, year),
        over_lines=[line for line in lines if line.left_amount < 0 and not choice.is_past],
        rule_classes=", ".join(
            class_word(each) for each in sorted(figures.rule.seller_classes)
        ).lower(),
        years=years,
        year=year,
        may_export=office.may(Action.EXPORT),
        may_propose=office.may(Action.PROPOSE_BUDGET),
    )
    return shown if choice.is_valid else (shown, UNPROCESSABLE)


@agency.get("/quota.pdf")
def quota_paper() -> ResponseReturnValue:
    """The page as a report with the agency's letterhead; the same figures, to be filed."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    this_year = fiscal_year(today())
    asked = request.args.get("year", type=int)
    year = asked if asked in {this_year, this_year - 1} else this_year
    figures = read_quota(office.code, year)
    ahead, spread = read_besides(figures)
    report = quota_report(
        figures,
        spread,
        ahead,
        letterhead=letterhead(office.name, find_agency(db.session(), office.code).address),
        checkpoint=checkpoint_named(figures.position.number),
    )
    return report_response(report, file_name=f"kuota-{office.code}-{year}.pdf")


def read_quota(code: str, year: int, asked: Asked = NOW) -> AgencyQuota:
    """The figures; the log is numbered first, so that the position named covers them."""
    bring_up_to_date()
    with snapshot() as session:
        return agency_quota(
            session, code, year, today=today(), asked=asked, arranged_on=asked_arrangement()
        )


def read_besides(figures: AgencyQuota) -> tuple[Outlook | None, Spread | None]:
    """What is ahead of a running year, and where its money went: both only of now."""
    is_now = figures.at.is_current and figures.at.position is None
    if not is_now or figures.arranged_on is not None:
        return None, None
    codes = [figures.agency_code, *(node.code for node in figures.included)]
    with snapshot() as session:
        ahead = read_outlook(session, figures, today=today())
        return ahead, spread_of(session, codes, figures.fiscal_year, figures.rule)


def shares(share: Share) -> Shares | None:
    """None where there is nothing to divide by."""
    if not share.base_amount:
        return None
    return Shares(
        Fraction(100 * share.realised, share.base_amount),
        Fraction(100 * share.counted.committed, share.base_amount),
        Fraction(share.target_permille, 10),
    )


def _columns(figures: AgencyQuota, ahead: Outlook | None) -> Sequence[Column]:
    """The way to the target: per cent of the base where there is one, else rupiah."""
    columns = []
    before: Fraction = Fraction(0)
    for each in figures.by_month:
        after = Fraction(each.realised_so_far)
        text = rupiah_short(each.realised_so_far)
        if figures.base_amount:
            after = Fraction(100 * each.realised_so_far, figures.base_amount)
            text = percent(after, 0)
        columns.append(Column(_label(each.month, figures), before, after, text))
        before = after
    if ahead and ahead.forecast and figures.as_of.month < DECEMBER:
        columns.append(_guess(figures, ahead, ahead.forecast.amount))
    return columns


def _bars(parts: Sequence[PartFigure], unknown: str) -> Sequence[Part]:
    return parts_of(
        [
            (part.name or unknown, rupiah(part.amounts.realised), part.amounts.realised)
            for part in parts
        ]
    )


def _guess(figures: AgencyQuota, ahead: Outlook, amount: int) -> Column:
    """December, as it is foretold."""
    label = month_short(f"{figures.fiscal_year}-{DECEMBER}")
    if ahead.permille is None:
        says = _("Perkiraan %(share)s", share=rupiah_short(amount))
        return Column(label, 0, Fraction(amount), says, is_guess=True)
    share = Fraction(ahead.permille, 10)
    says = _("Perkiraan %(share)s", share=percent(share, 0))
    return Column(label, 0, share, says, is_guess=True)


def _label(month: str, figures: AgencyQuota) -> str:
    """`Nov`; what was booked after the year bears its own year."""
    own = month_short(month)
    return own if month.startswith(str(figures.fiscal_year)) else f"{own} {month[2:4]}"


def _with_money(lines: Sequence[BudgetLineRow]) -> list[BudgetLineRow]:
    left = [line for line in lines if line.left_amount > 0]
    return sorted(left, key=lambda line: (-line.left_amount, line.line_id))[:MOST_LINES]
