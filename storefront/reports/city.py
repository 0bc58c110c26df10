"""The city's page: every agency against its target, in a number of queries that stays the same."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId, AgencyKind
from storefront.quota import log
from storefront.quota.exemptions import exemptions_on
from storefront.quota.models import Amounts, total
from storefront.quota.rule_models import RuleBase
from storefront.quota.rules import Rule, RuleTerms, rule_as_known
from storefront.reports.ceilings import last_day_of
from storefront.reports.figures import Share, counted_nationally, permille_of
from storefront.reports.measures import Measured, YearRead, read_year
from storefront.reports.moments import NOW, Asked, Moment, moment, position_of
from storefront.reports.sums import read_off_platform
from storefront.sellers.models import SellerClass

Kind = TypeVar("Kind", bound=StrEnum)


class CitySort(StrEnum):
    SHARE = "share"
    REALISED = "realised"
    MISSING = "missing"
    NAME = "name"


class AgencyState(StrEnum):
    ABOVE = "above"
    """The target is reached."""
    BELOW = "below"
    SILENT = "silent"
    """A budget, and nothing committed or realised for anybody."""
    NO_BUDGET = "no_budget"
    """No budget of its own: no percentage; it counts above, or is still to be entered."""
    EXEMPT = "exempt"
    """Figures, and no target: neither above nor below it."""


@dataclass(frozen=True, kw_only=True)
class CityRow(Share):
    """One agency. Its figure sums those below it that have no budget of their own."""

    code: str
    name: str
    kind: AgencyKind
    counts_in: str | None
    """The code of the agency above in whose figure it is summed too."""
    state: AgencyState
    ended_on: date | None
    """From which day on it is no more; its `heir` took over."""
    heir: str | None
    off_platform_amount: int = 0
    """The part of `counted` that was bought outside the store."""


@dataclass(frozen=True, kw_only=True)
class CityQuota(Share):
    """The whole city. Its sums are of the accounts, so that nothing counts twice.

    Its target is the rule's own, and its base all budgets, those of exempt agencies too: what is
    exempt is an agency's duty, not what its money does for small sellers.
    """

    fiscal_year: int
    as_of: date
    """The day that its rule and budgets are of: at most 31 December."""
    at: Moment
    codes: tuple[str, ...]
    """Whose accounts are summed: every agency's but those that only practise."""
    personal_amount: int
    """Published sums of personal money in it, where the rule counts them."""
    rule: Rule
    national: Amounts
    off_platform_amount: int
    """The part of `counted` that was bought outside the store."""
    rows: tuple[CityRow, ...]
    """Those of the kind or state asked for, sorted."""
    states: dict[AgencyState, int]
    """How many agencies, of every kind."""
    kinds: dict[AgencyKind, int]
    reached_if_all: int
    """How many more reach the target once every commitment is realised."""
    arranged_on: date | None
    """Of which day the tree is, mergers folded together; None: as it was on `as_of`."""
    position: log.Position

    @property
    def agencies(self) -> int:
        return sum(self.states.values())

    @property
    def national_permille(self) -> int | None:
        return permille_of(self.national.realised, self.base_amount)


def city_quota(
    session: Session,
    year: int,
    *,
    today: date,
    asked: Asked = NOW,
    sort: CitySort = CitySort.SHARE,
    kind: AgencyKind | None = None,
    state: AgencyState | None = None,
    arranged_on: date | None = None,
) -> CityQuota:
    """Every agency of a kind and state (None: any), in whole rupiah: now, or at a moment.

    The tree is that of the day of the figures; or, with `arranged_on`, that of such a day, mergers
    folded together.

    As with `quota.agency_quota`: number the log first, and call this inside a snapshot.
    """
    at = moment(session, asked, today=today)
    as_of = last_day_of(year, at)
    rule = rule_as_known(session, as_of, at.known_at)
    read = read_year(session, year, at, rule, arranged_on=arranged_on)
    before = None
    if rule.keeps_last_year:
        before = read_year(session, year - 1, at, rule, arranged_on=arranged_on)
    exempt = exemptions_on(session, as_of, known_at=at.known_at)
    outside = _outside(read_off_platform(session, year, at), rule)
    rows = city_rows(read, before, rule, year=year, exempt=exempt)
    rows = _with_outside(rows, outside, read) if outside else rows
    whole = read.of_all()
    shown = [row for row in rows if kind in {None, row.kind} and state in {None, row.state}]
    return CityQuota(
        **vars(whole.under(rule)),
        fiscal_year=year,
        as_of=as_of,
        at=at,
        codes=tuple(sorted(node.code for node in read.tree.values())),
        personal_amount=whole.personal_amount if rule.counts_personal else 0,
        rule=rule,
        national=counted_nationally(whole.by_class),
        off_platform_amount=sum(outside[node.code] for node in read.tree.values()),
        rows=tuple(_sorted(shown, sort)),
        states=_counted(AgencyState, (row.state for row in rows)),
        kinds=_counted(AgencyKind, (row.kind for row in rows)),
        reached_if_all=sum(row.is_reached_if_all and not row.is_reached for row in rows),
        arranged_on=arranged_on,
        position=position_of(session, at),
    )


def _outside(by_agency: Mapping[tuple[str, SellerClass, str], int], rule: Rule) -> Counter[str]:
    """What was bought outside the store from sellers who count, by agency code."""
    own: Counter[str] = Counter()
    for (code, seller_class, _), amount in by_agency.items():
        if rule.counts(seller_class):
            own[code] += amount
    return own


def _with_outside(rows: Iterable[CityRow], outside: Counter[str], read: YearRead) -> list[CityRow]:
    """The rows with what each sums of purchases outside the store."""
    sums = {
        node.code: sum(outside[each.code] for each in read.summed[node.id])
        for node in read.tree.values()
    }
    return [replace(row, off_platform_amount=sums[row.code]) for row in rows]


def city_rows(
    read: YearRead,
    before: YearRead | None,
    rule: RuleTerms,
    *,
    year: int,
    exempt: Collection[AgencyId],
) -> list[CityRow]:
    """Every agency of a year by a rule, in the order of codes. Reads nothing.

    `before`: the year before, for a rule that keeps its shares.
    """
    counts_in = {
        below.id: above.code
        for above in read.tree.values()
        if above.ceiling_amount is not None
        for below in read.summed[above.id][1:]
    }
    rows = []
    for node in (node for node in read.tree.values() if node.has_row(year)):
        measured = read.of(node.id)
        heir = read.tree.get(node.heir_id) if node.heir_id is not None else None
        share = measured.under(
            rule,
            before=before.of(node.id) if before and node.id in before.tree else None,
            is_exempt=node.id in exempt,
        )
        rows.append(
            CityRow(
                **vars(share),
                code=node.code,
                name=node.name,
                kind=node.kind,
                counts_in=counts_in.get(node.id),
                ended_on=node.ended_on,
                heir=heir.name if heir else None,
                state=_state(share, measured),
            )
        )
    return rows


def _state(share: Share, measured: Measured) -> AgencyState:
    if share.is_exempt:
        return AgencyState.EXEMPT
    is_measured = share.ceiling_amount is not None or (
        share.base is RuleBase.REALISED and measured.bears_itself
    )
    if not is_measured:
        return AgencyState.NO_BUDGET
    if not total(measured.by_class.values()):
        return AgencyState.SILENT
    return AgencyState.ABOVE if share.is_reached else AgencyState.BELOW


def _sorted(rows: list[CityRow], sort: CitySort) -> list[CityRow]:
    """By code within what is equal, so that one question has one answer."""
    by_code = sorted(rows, key=attrgetter("code"))
    keys: dict[CitySort, Callable[[CityRow], Any]] = {
        CitySort.NAME: lambda row: row.name,
        CitySort.REALISED: lambda row: -row.realised,
        CitySort.MISSING: lambda row: -(row.missing_amount or 0),
        CitySort.SHARE: _by_share,
    }
    return sorted(by_code, key=keys[sort])


def _by_share(row: CityRow) -> tuple[bool, Fraction]:
    """The largest share first, then those that have none."""
    if not row.base_amount:
        return True, Fraction(-row.realised)
    return False, Fraction(-row.realised, row.base_amount)


def _counted(kinds: type[Kind], found: Iterable[Kind]) -> dict[Kind, int]:
    counts = Counter(found)
    return {kind: counts[kind] for kind in kinds}
