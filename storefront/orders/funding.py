"""Official money: which budget bears an order, who decides on it, and until when.

Budget and cap are counted at the approval. Here a request that has no hope is told so, before an
approver reads it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.approvers import ApprovingAgency, approving_agency
from storefront.agencies.budgets import (
    BudgetLineRow,
    BudgetRef,
    CeilingReached,
    find_bearing_year,
)
from storefront.agencies.models import AgencyId, BudgetYear, OverCeiling
from storefront.agencies.queries import lines_of
from storefront.core.calendar import fiscal_year, month_of
from storefront.core.errors import N_, DomainError
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.drafts import DraftOrder, Surroundings
from storefront.orders.expiry import decide_by
from storefront.quota.models import Fund
from storefront.quota.rules import Rule
from storefront.sellers.caps import NO_CAP, CapReached
from storefront.sellers.models import SellerId, SellerMonth

MOST_REASON = 400
"""Letters of a reason to exceed the budget."""


class PurposeMissing(DomainError):
    code = "purpose_missing"
    message = N_("Tulis keperluannya dalam satu kalimat; ini tercetak di Surat Pesanan.")
    field = "purpose"


class ActivityUnknown(DomainError):
    code = "activity_unknown"
    message = N_("Pilih kegiatan dari rincian anggaran instansi Anda.")
    field = "activity_code"


class LineUnknown(DomainError):
    code = "line_unknown"
    message = N_("Pilih rekening belanja yang ada pada kegiatan ini.")
    field = "expense_account"


class ExceptionReasonMissing(DomainError):
    code = "exception_reason_missing"
    message = N_(
        "Permintaan ini lewat pagu %(over_amount)s. Tulis alasannya; penyetuju membacanya dan"
        " memutuskan, atau kurangi jumlahnya."
    )
    field = "exception_reason"


class ExceptionReasonTooLong(DomainError):
    code = "exception_reason_too_long"
    message = N_("Alasan paling panjang %(most)s huruf.")
    field = "exception_reason"


@dataclass(frozen=True)
class Funding:
    """What bears an order. Empty for own money."""

    activity_code: str = ""
    activity_name: str = ""
    expense_account: str = ""
    budget_agency_id: AgencyId | None = None
    budget_line_id: int | None = None
    approval_agency_id: AgencyId | None = None
    decide_by: datetime | None = None
    exception_reason: str = ""
    """Why it is asked for above the budget; empty: it stands within."""


@dataclass(frozen=True)
class OfficialFunds:
    """What bears the orders of a checkout, and what stands against it.

    `budget` None: none was entered. `lines` are those that may be chosen; `chosen` those that the
    orders name, by seller. `over_amount`: rupiah above the budget that may be asked for with a
    reason, because the agency lets its approver decide on that.
    """

    budget: BudgetRef | None = None
    lines: tuple[BudgetLineRow, ...] = ()
    chosen: dict[SellerId, BudgetLineRow] = field(default_factory=dict)
    approving: ApprovingAgency | None = None
    by_seller: dict[SellerId, Funding] = field(default_factory=dict)
    over_amount: int = 0
    problems: tuple[DomainError, ...] = ()

    def of(self, draft: DraftOrder) -> Funding:
        return self.by_seller.get(draft.seller.id, Funding())


class Bearing(NamedTuple):
    """The budget that bears what an agency spends, none where none was entered; its lines."""

    budget: BudgetRef | None
    lines: tuple[BudgetLineRow, ...]


def fund_orders(
    session: Session,
    around: Surroundings,
    drafts: Sequence[DraftOrder],
    *,
    rule: Rule,
    bearing: Bearing | None = None,
) -> OfficialFunds:
    """Who bears and who decides, for each draft; of own money nobody.

    `bearing`: of the placement's agency, where it was read already.
    """
    wanted, placement = around.wanted, around.placement
    if wanted.fund is not Fund.OFFICIAL:
        return OfficialFunds()
    problems: list[DomainError] = [] if wanted.purpose else [PurposeMissing()]
    approving = None
    try:
        approving = approving_agency(
            session, placement.agency_id, around.today, besides=around.actor.person_id
        )
    except DomainError as nobody:
        problems.append(nobody)
    budget, lines = bearing or budget_for(session, around)
    chosen, against_lines = _choose(wanted, drafts, lines)
    problems += against_lines
    above_lines, above_year = _above_lines(drafts, chosen), _above_year(session, drafts, budget)
    over_amount = 0
    if budget and budget.over_ceiling is OverCeiling.EXCEPTION:
        over_amount = max(_over_lines(drafts, chosen), *(each.over for each in above_year), 0)
        problems += _against_exception(wanted, over_amount)
    else:
        problems += above_lines or above_year
    problems += _above_cap(session, drafts, rule, month_of(around.today))
    by_seller = {
        draft.seller.id: Funding(
            activity_code=wanted.activity_code,
            activity_name=_name_of(chosen.get(draft.seller.id)),
            expense_account=draft.wishes.expense_account or "",
            budget_agency_id=budget.agency_id if budget else placement.agency_id,
            budget_line_id=chosen[draft.seller.id].line_id if draft.seller.id in chosen else None,
            approval_agency_id=approving.agency_id if approving else None,
            decide_by=decide_by(
                around.now, draft.deliver_on, placement.request_days, around.holidays
            ),
            exception_reason=wanted.exception_reason if over_amount else "",
        )
        for draft in drafts
    }
    return OfficialFunds(budget, lines, chosen, approving, by_seller, over_amount, tuple(problems))


def budget_for(session: Session, around: Surroundings) -> Bearing:
    """The budget that bears what the buyer's agency spends this year, and its lines."""
    year = fiscal_year(around.today)
    budget = find_bearing_year(session, around.placement.agency_id, year)
    return Bearing(budget, tuple(lines_of(session, budget.agency_id, year)) if budget else ())


def _choose(
    wanted: CheckoutRequest, drafts: Sequence[DraftOrder], lines: Sequence[BudgetLineRow]
) -> tuple[dict[SellerId, BudgetLineRow], list[DomainError]]:
    """The budget line of each order. An agency that entered no lines needs none."""
    if not lines:
        return {}, []
    if wanted.activity_code not in {line.activity_code for line in lines}:
        return {}, [ActivityUnknown()]
    of_activity = {
        line.expense_account: line for line in lines if line.activity_code == wanted.activity_code
    }
    chosen: dict[SellerId, BudgetLineRow] = {}
    problems: list[DomainError] = []
    for draft in drafts:
        line = of_activity.get(draft.wishes.expense_account or "")
        if line is None:
            problems.append(LineUnknown(seller_id=draft.seller.id))
        else:
            chosen[draft.seller.id] = line
    return chosen, problems


def _above_lines(
    drafts: Sequence[DraftOrder], chosen: dict[SellerId, BudgetLineRow]
) -> list[DomainError]:
    """What a line no longer holds, with the orders that share it."""
    problems: list[DomainError] = []
    wanted_of: Counter[int] = Counter()
    for draft in drafts:
        line = chosen.get(draft.seller.id)
        if line is None:
            continue
        wanted_of[line.line_id] += draft.total_amount
        over = wanted_of[line.line_id] - line.left_amount
        if over > 0:
            problems.append(CeilingReached(over=over, left=line.left_amount))
            problems[-1].details["seller_id"] = draft.seller.id
    return problems


def _over_lines(drafts: Sequence[DraftOrder], chosen: dict[SellerId, BudgetLineRow]) -> int:
    """Rupiah by which the lines would stand above their ceilings, all lines together."""
    left = {line.line_id: line.left_amount for line in chosen.values()}
    for draft in drafts:
        if draft.seller.id in chosen:
            left[chosen[draft.seller.id].line_id] -= draft.total_amount
    return sum(max(-amount, 0) for amount in left.values())


def _against_exception(wanted: CheckoutRequest, over_amount: int) -> list[DomainError]:
    """What a request above the budget still needs where its agency lets one ask."""
    if not over_amount:
        return []
    if not wanted.exception_reason:
        return [ExceptionReasonMissing(over_amount=over_amount)]
    if len(wanted.exception_reason) > MOST_REASON:
        return [ExceptionReasonTooLong(most=MOST_REASON)]
    return []


def _above_year(
    session: Session, drafts: Sequence[DraftOrder], budget: BudgetRef | None
) -> list[CeilingReached]:
    """What the year's budget as a whole no longer holds."""
    if budget is None or budget.ceiling_amount is None:
        return []
    counters = session.get_one(BudgetYear, budget.year_id, populate_existing=True)
    left = budget.ceiling_amount - counters.committed_amount - counters.spent_amount
    over = sum(draft.total_amount for draft in drafts) - left
    return [CeilingReached(over=over, left=left)] if over > 0 else []


def _above_cap(
    session: Session, drafts: Sequence[DraftOrder], rule: Rule, month: str
) -> list[DomainError]:
    """Sellers who would get more official money this month than the city lets one have."""
    cap_amount = rule.seller_monthly_cap_amount
    if cap_amount == NO_CAP:
        return []
    query = select(SellerMonth.seller_id, SellerMonth.committed_amount).where(
        SellerMonth.month == month,
        SellerMonth.seller_id.in_([draft.seller.id for draft in drafts]),
    )
    promised = {row.seller_id: row.committed_amount for row in session.execute(query)}
    problems: list[DomainError] = []
    for draft in drafts:
        left = cap_amount - promised.get(draft.seller.id, 0)
        if draft.total_amount > left:
            problems.append(
                CapReached(
                    name=draft.seller.name,
                    over_amount=draft.total_amount - left,
                    left_amount=max(left, 0),
                )
            )
    return problems


def _name_of(line: BudgetLineRow | None) -> str:
    return line.activity_name if line else ""
