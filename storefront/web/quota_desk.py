"""An agency's quota page, as its own people see it and as the auditor does: the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.calendar import fiscal_year
from storefront.documents.papers import Letterhead
from storefront.documents.quota_report import quota_report
from storefront.extensions import snapshot
from storefront.reports.figures import Share
from storefront.reports.moments import NOW, Asked
from storefront.reports.outlook import Outlook, read_outlook
from storefront.reports.quota import AgencyQuota, agency_quota
from storefront.reports.spread import PartFigure, Spread, spread_of
from storefront.web.arrangement import asked_arrangement
from storefront.web.books import bring_up_to_date
from storefront.web.charts import Column, Part, parts_of
from storefront.web.clock import today
from storefront.web.components import month_short, percent, rupiah, rupiah_short
from storefront.web.moments import Choice, permanent
from storefront.web.papers import checkpoint_named, report_response
from storefront.web.words import class_word

DECEMBER = 12


@dataclass(frozen=True, kw_only=True)
class QuotaDesk:
    """On whose side the page stands: its endpoints, and which agency their addresses name.

    An endpoint that is None leads where the reader has no business.
    """

    here: str
    explain: str
    of: Mapping[str, str]
    paper: str
    exports: str | None = None
    corrections: str | None = None
    """The orders behind what was corrected of last year."""
    budget: str | None = None
    may_propose: bool = False


@dataclass(frozen=True)
class Shares:
    """A share's parts in per cent of its base, as the quota bar takes them."""

    realised: Fraction
    committed: Fraction
    target: Fraction


def asked_year(choice: Choice | None = None) -> tuple[int, tuple[int, int]]:
    """The fiscal year that the address asks for, and those that it may: this one and the last."""
    this_year = fiscal_year(today())
    years = (this_year, this_year - 1)
    wanted = request.args.get("year", type=int)
    if wanted is None and choice is not None and choice.asked.as_of is not None:
        wanted = fiscal_year(choice.asked.as_of)
    return (wanted if wanted in years else this_year), years


def figures_of(desk: QuotaDesk, code: str, year: int, choice: Choice) -> dict[str, Any]:
    """What `agency/quota.html` takes, but for the budget's lines."""
    figures = read_quota(code, year, choice.asked)
    ahead, spread = read_besides(figures)
    return {
        "desk": desk,
        "figures": figures,
        "choice": choice,
        "explain": {**desk.of, "year": year, **permanent(figures)},
        "shares": shares(figures),
        "last_year": shares(figures.last_year),
        "columns": _columns(figures, ahead),
        "ahead": ahead,
        "spread": spread,
        "goods": _bars(spread.by_category if spread else (), _("Di luar toko")),
        "districts": _bars(spread.by_district if spread else (), _("Tidak tercatat")),
        "sellers": sum(each.sellers for each in figures.by_class),
        "rule_classes": ", ".join(
            class_word(each) for each in sorted(figures.rule.seller_classes)
        ).lower(),
        "year": year,
    }


def paper_of(code: str, year: int, issuer: Letterhead) -> ResponseReturnValue:
    """The page as a report with the agency's letterhead; the same figures, to be filed."""
    figures = read_quota(code, year)
    ahead, spread = read_besides(figures)
    report = quota_report(
        figures,
        spread,
        ahead,
        letterhead=issuer,
        checkpoint=checkpoint_named(figures.position.number),
    )
    return report_response(report, file_name=f"kuota-{code}-{year}.pdf")


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
    """None where there is nothing to divide by. As everywhere, never rounded up to a target."""
    if not share.base_amount or share.permille is None:
        return None
    return Shares(
        Fraction(share.permille, 10),
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
        if each.permille is not None:
            after = Fraction(each.permille, 10)
            text = _whole_percent(each.permille)
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
    says = _("Perkiraan %(share)s", share=_whole_percent(ahead.permille))
    return Column(label, 0, Fraction(ahead.permille, 10), says, is_guess=True)


def _whole_percent(permille: int) -> str:
    """Down, as every share: a column does not say 40% before it is reached."""
    return str(percent(permille // 10, 0))


def _label(month: str, figures: AgencyQuota) -> str:
    """`Nov`; what was booked after the year bears its own year."""
    own = month_short(month)
    return own if month.startswith(str(figures.fiscal_year)) else f"{own} {month[2:4]}"
