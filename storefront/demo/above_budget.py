"""A request above its budget line, with its reason: it waits for an approver of the demo."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from storefront.agencies.exceptions import choose_over_ceiling
from storefront.agencies.models import Agency, BudgetLine, OverCeiling
from storefront.core.calendar import instant_of, month_of, working_day_before
from storefront.core.permissions import Actor
from storefront.demo import content
from storefront.demo.books import DemoBooks
from storefront.demo.budgets import Budgets
from storefront.demo.left_wishes import HEALTH_BUYER
from storefront.demo.people import People
from storefront.demo.shops import Good, Shop
from storefront.demo.timeline import Act
from storefront.demo.wish import Wish
from storefront.orders.words import Event
from storefront.quota.models import Fund

ALLOWED_AGO = timedelta(days=40)
ASKED_AT = time(13, 35)
REASON = (
    "Jumlah peserta bertambah setelah dua puskesmas digabung dalam kegiatan ini; pergeseran"
    " rincian sudah diajukan ke bagian keuangan."
)


def above_allowed(session: Session, agency_code: str, *, today: date, by: Actor) -> Iterator[Act]:
    """The city lets an agency ask for more than its budget holds."""
    yield Act(
        instant_of(today - ALLOWED_AGO, ASKED_AT),
        lambda at: choose_over_ceiling(session, by, agency_code, OverCeiling.EXCEPTION, now=at),
    )


def request_above(
    agencies: Mapping[str, Agency],
    people: People,
    budgets: Budgets,
    shops: Sequence[Shop],
    books: DemoBooks,
    *,
    today: date,
    days_off: Collection[date],
) -> Wish:
    """One piece more than what is left on the fullest line of the buyer's agency."""
    agency_code, buyer = people.employee(HEALTH_BUYER)
    day = working_day_before(today, days_off)
    purse = budgets.purse(agency_code, day.year)
    demo = next(one for one in content.agencies() if one.code == agency_code)
    goods = [good for shop in shops if not shop.demo.no_orders for good in shop.goods]
    for line in sorted(purse.lines, key=_left):
        for purpose in content.purposes_of(demo):
            if purpose.expense_account != line.expense_account:
                continue
            for good in sorted(goods, key=_dearest_first):
                pieces = _left(line) // good.variant.price_amount + 1
                amount = pieces * good.variant.price_amount
                has_room = amount <= books.room_in_month(good.shop.seller.id, month_of(day))
                if good.category.slug in purpose.category_slugs and has_room:
                    return Wish(
                        buyer=buyer, agency=agencies[agency_code], shop=good.shop,
                        goods=((good, pieces),), fund=Fund.OFFICIAL, at=instant_of(day, ASKED_AT),
                        basket=0, purpose=purpose.text, purse=purse, line=line, until=Event.SUBMIT,
                        exception_reason=REASON,
                    )  # fmt: skip
    raise LookupError(f"no line of {agency_code} can be exceeded")


def _left(line: BudgetLine) -> int:
    return line.ceiling_amount - (line.committed_amount or 0) - (line.spent_amount or 0)


def _dearest_first(good: Good) -> tuple[int, str]:
    return -good.variant.price_amount, good.variant.sku
