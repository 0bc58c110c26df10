"""An agency's quota page: where it stands, by which rule, and from which state of the ledger."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId
from storefront.core.calendar import month_of
from storefront.core.errors import NotFound
from storefront.quota import log
from storefront.quota.exemptions import Exemption, exemptions_on
from storefront.quota.models import Amounts, total
from storefront.quota.rules import Rule, rule_as_known
from storefront.reports.ceilings import Revision, last_day_of, read_ceilings
from storefront.reports.figures import (
    AgencyNode,
    ByClass,
    Share,
    budget_above,
    counted_nationally,
    permille_of,
    summed_agencies,
)
from storefront.reports.measures import (
    Measured,
    floor_of,
    read_personal,
    read_tree_at,
    read_year_of,
)
from storefront.reports.moments import NOW, Asked, Moment, moment, position_of
from storefront.reports.sums import (
    ByClassAndMonth,
    count_sellers,
    read_by_class_and_month,
    read_correction,
    read_off_platform,
)
from storefront.sellers.models import SellerClass


@dataclass(frozen=True, kw_only=True)
class ClassFigure:
    """What went to one class of sellers."""

    seller_class: SellerClass
    counts: bool
    """Toward the city's target."""
    counts_nationally: bool
    sellers: int
    amounts: Amounts
    permille: int | None
    """Realised, of the rule's base."""
    off_platform_amount: int = 0
    """The part of realised that was bought outside the store."""


@dataclass(frozen=True, kw_only=True)
class MonthFigure:
    """What was booked in a period, and realised up to its end, of the classes that count."""

    month: str
    change: Amounts
    realised_so_far: int
    permille: int | None
    """Realised so far, of the rule's base as it is at the moment."""
    off_platform_amount: int = 0
    """The part of the change that was bought outside the store."""


@dataclass(frozen=True, kw_only=True)
class YearBefore(Share):
    """The year before, whole, as it was judged on its last day."""

    rule: Rule
    revision: Revision | None
    personal_amount: int
    """Published sums of personal money in it, where that rule counts them."""
    summed: tuple[AgencyNode, ...]
    """The agency, and those below it that had no budget of their own then."""


@dataclass(frozen=True, kw_only=True)
class AgencyQuota(Share):
    """The figures of an agency and fiscal year. `counted` is by the city's rule."""

    agency_code: str
    agency_name: str
    fiscal_year: int
    as_of: date
    """The day that its rule and budget are of: at most 31 December."""
    at: Moment
    """What was asked for; its sums may reach beyond the year's last day."""
    rule: Rule
    """That in force on `as_of`, for the whole year (product.md)."""
    exemption: Exemption | None
    """Why the agency has no target on `as_of`, where it has none."""
    personal_amount: int
    """The part of `counted` that is personal: published sums, for a rule that counts them."""
    included: tuple[AgencyNode, ...]
    """Agencies below without a budget of their own, summed in."""
    borrowed_from: AgencyNode | None
    """The nearest agency above whose budget it spends, where it has none: there its figure counts.
    """
    revision: Revision | None
    whole: Amounts
    """All classes."""
    national: Amounts
    by_class: tuple[ClassFigure, ...]
    by_month: tuple[MonthFigure, ...]
    off_platform_amount: int
    """The part of `counted` that was bought outside the store."""
    correction_amount: int
    """"Koreksi tahun lalu", nought or below: what orders of closed years took from this one."""
    last_year: YearBefore
    arranged_on: date | None
    """Of which day the tree is, mergers folded together; None: as it was on `as_of`."""
    position: log.Position
    """The state of the ledger that all this was read from."""

    @property
    def whole_permille(self) -> int | None:
        """All classes in thousandths of the base, whether they count or not."""
        return permille_of(self.whole.realised, self.base_amount)

    @property
    def national_permille(self) -> int | None:
        return permille_of(self.national.realised, self.base_amount)

    @property
    def is_silent(self) -> bool:
        """Whether nothing was committed or realised for anybody."""
        return not self.whole


def agency_quota(
    session: Session,
    agency_code: str,
    year: int,
    *,
    today: date,
    asked: Asked = NOW,
    arranged_on: date | None = None,
) -> AgencyQuota:
    """The quota page's figures, in whole rupiah: now, as of a day, or as known at a position.

    The tree is that of the day of the figures; or, with `arranged_on`, that of such a day, mergers
    folded together.

    Now they are of running sums; whoever states the position empties the log's queue first
    (`log.number`), in a unit of work of its own. Call this inside a snapshot, so that all figures
    are of one state. Raises `NotFound`, also for a position that the log has not reached.
    """
    at = moment(session, asked, today=today)
    judged_on = last_day_of(year, at)
    rule = rule_as_known(session, judged_on, at.known_at)
    ceilings = read_ceilings(session, year, at)
    tree = read_tree_at(session, year, at, arranged_on=arranged_on, ceilings=ceilings)
    node = next((node for node in tree.values() if node.code == agency_code), None)
    if node is None:
        raise NotFound
    summed = summed_agencies(tree)[node.id]
    codes = [each.code for each in summed]
    sums = read_by_class_and_month(session, year, at, codes)
    by_class = _added_months(sums)
    personal = read_personal(session, year, at, [rule], codes)
    outside = _outside(read_off_platform(session, year, at, codes))
    exemption = exemptions_on(session, judged_on, known_at=at.known_at).get(node.id)
    above = budget_above(tree, node)
    share = Measured(
        ceiling_amount=node.ceiling_amount,
        by_class=by_class,
        personal_amount=sum(personal.values()),
        bears_itself=above is None,
    ).under(
        rule,
        before=floor_of(session, year, node.id, at, rule, arranged_on=arranged_on),
        is_exempt=exemption is not None,
    )
    ceiling = ceilings.get(node.id)
    return AgencyQuota(
        **vars(share),
        agency_code=node.code,
        agency_name=node.name,
        fiscal_year=year,
        as_of=judged_on,
        at=at,
        rule=rule,
        exemption=exemption,
        personal_amount=sum(personal.values()),
        included=tuple(summed[1:]),
        borrowed_from=above,
        revision=ceiling.revision if ceiling else None,
        whole=total(by_class.values()),
        national=counted_nationally(by_class),
        by_class=_by_class(
            count_sellers(session, year, at, codes),
            rule,
            by_class,
            outside,
            share.base_amount,
        ),
        by_month=_by_month(sums, outside, year, rule, judged_on, share.base_amount),
        off_platform_amount=sum(amount for (of, _), amount in outside.items() if rule.counts(of)),
        correction_amount=read_correction(session, year, at, codes, rule.seller_classes),
        last_year=_year_before(session, node.id, year - 1, at, arranged_on),
        arranged_on=arranged_on,
        position=position_of(session, at),
    )


def _outside(
    by_agency: Mapping[tuple[str, SellerClass, str], int],
) -> dict[tuple[SellerClass, str], int]:
    """What was bought outside the store, by class and period, of all agencies read."""
    sums: defaultdict[tuple[SellerClass, str], int] = defaultdict(int)
    for (_, seller_class, period), amount in by_agency.items():
        sums[seller_class, period] += amount
    return dict(sums)


def _added_months(sums: ByClassAndMonth) -> dict[SellerClass, Amounts]:
    """By class alone; every class is there."""
    by_class = dict.fromkeys(SellerClass, Amounts())
    for (seller_class, _), amounts in sums.items():
        by_class[seller_class] += amounts
    return by_class


def _by_class(
    sellers: Mapping[SellerClass, int],
    rule: Rule,
    by_class: ByClass,
    outside: Mapping[tuple[SellerClass, str], int],
    base_amount: int | None,
) -> tuple[ClassFigure, ...]:
    return tuple(
        ClassFigure(
            seller_class=seller_class,
            counts=rule.counts(seller_class),
            counts_nationally=bool(counted_nationally({seller_class: Amounts(1)})),
            sellers=sellers.get(seller_class, 0),
            amounts=amounts,
            permille=permille_of(amounts.realised, base_amount),
            off_platform_amount=sum(
                amount for (of, _), amount in outside.items() if of is seller_class
            ),
        )
        for seller_class, amounts in by_class.items()
    )


def _by_month(
    sums: ByClassAndMonth,
    outside: Mapping[tuple[SellerClass, str], int],
    year: int,
    rule: Rule,
    as_of: date,
    base_amount: int | None,
) -> tuple[MonthFigure, ...]:
    """January to the month of `as_of`, and what was booked later on accounts of the year."""
    changes: defaultdict[str, Amounts] = defaultdict(Amounts)
    for (seller_class, period), amounts in sums.items():
        if rule.counts(seller_class) and amounts:
            changes[period] += amounts
    bought: defaultdict[str, int] = defaultdict(int)
    for (seller_class, period), amount in outside.items():
        if rule.counts(seller_class):
            bought[period] += amount
    shown = {f"{year}-{month:02}" for month in range(1, 13)}
    months = sorted({month for month in shown if month <= month_of(as_of)} | changes.keys())
    so_far = accumulate(changes[month].realised for month in months)
    return tuple(
        MonthFigure(
            month=month,
            change=changes[month],
            realised_so_far=realised,
            permille=permille_of(realised, base_amount),
            off_platform_amount=bought[month],
        )
        for month, realised in zip(months, so_far, strict=True)
    )


def _year_before(
    session: Session, agency_id: AgencyId, year: int, at: Moment, arranged_on: date | None
) -> YearBefore:
    last_day = last_day_of(year, at)
    rule = rule_as_known(session, last_day, at.known_at)
    ceilings = read_ceilings(session, year, at)
    tree = read_tree_at(session, year, at, arranged_on=arranged_on, ceilings=ceilings)
    measured = read_year_of(session, year, agency_id, at, rule, arranged_on=arranged_on)
    exempt = exemptions_on(session, last_day, known_at=at.known_at)
    share = measured.under(
        rule,
        before=floor_of(session, year, agency_id, at, rule, arranged_on=arranged_on),
        is_exempt=agency_id in exempt,
    )
    ceiling = ceilings.get(agency_id)
    return YearBefore(
        **vars(share),
        rule=rule,
        revision=ceiling.revision if ceiling else None,
        personal_amount=measured.personal_amount if rule.counts_personal else 0,
        summed=tuple(summed_agencies(tree)[agency_id]),
    )
