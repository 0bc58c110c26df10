"""What the shop earned and is owed, and what sells."""

from collections.abc import Sequence

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from storefront.extensions import db
from storefront.orders.month_buckets import last_months, months_of_year
from storefront.orders.seller_money import (
    MoneyMonth,
    list_payments,
    money_by_month,
    open_invoices,
)
from storefront.orders.seller_sales import (
    MOST_PRODUCTS,
    SalesMonth,
    count_unsold,
    sales_by_month,
    sales_by_product,
)
from storefront.web.charts import Column
from storefront.web.clock import today
from storefront.web.components import month_short, rupiah_short
from storefront.web.identity import current_actor
from storefront.web.seller.order_words import method_word
from storefront.web.seller.room import current_shop, seller

YEARS_SHOWN = 3
MONTHS_SHOWN = 12


@seller.get("/payouts")
def payouts() -> ResponseReturnValue:
    """A year's money by month; what agencies owe, whatever the year; their payments."""
    session, actor, seller_id = db.session(), current_actor(), current_shop().seller_id
    years = [today().year - back for back in range(YEARS_SHOWN)]
    year = request.args.get("year", type=int)
    year = year if year in years else years[0]
    month = _known(months_of_year(year))
    by_month = money_by_month(session, actor, seller_id, months=months_of_year(year))
    page, owed = (request.args.get(name, 1, type=int) for name in ("page", "owed"))
    asked = [month] if month else months_of_year(year)

    def address(page: int | None = None, owed: int | None = None) -> str:
        return url_for("seller.payouts", year=year, month=month, page=page, owed=owed)

    return render_template(
        "seller/payouts.html",
        years=years,
        year=year,
        month=month,
        months=[one for one in by_month if one.month <= f"{today():%Y-%m}"],
        whole=_whole(by_month),
        invoices=open_invoices(session, actor, seller_id, page=owed),
        payments=list_payments(session, actor, seller_id, months=asked, page=page),
        today=today(),
        payments_address=lambda at: f"{address(page=at)}#dibayar",
        invoices_address=lambda at: f"{address(owed=at)}#tagihan",
        method_word=method_word,
    )


@seller.get("/reports")
def reports() -> ResponseReturnValue:
    """Twelve months, and what sold in them or in one of them."""
    session, actor, seller_id = db.session(), current_actor(), current_shop().seller_id
    months = last_months(today(), MONTHS_SHOWN)
    month = _known(months)
    asked = [month] if month else months
    by_month = sales_by_month(session, actor, seller_id, months=months)
    return render_template(
        "seller/reports.html",
        months=by_month,
        month=month,
        columns=_columns(by_month),
        goods=sales_by_product(session, actor, seller_id, months=asked),
        most=MOST_PRODUCTS,
        unsold=count_unsold(session, actor, seller_id, months=asked),
    )


def _known(months: Sequence[str]) -> str | None:
    """The month that the address asks for, if it is one of these."""
    asked = request.args.get("month")
    return asked if asked in months else None


def _whole(months: Sequence[MoneyMonth]) -> MoneyMonth:
    return MoneyMonth(
        "",
        agency_amount=sum(one.agency_amount for one in months),
        withheld_amount=sum(one.withheld_amount for one in months),
        personal_amount=sum(one.personal_amount for one in months),
        refunded_amount=sum(one.refunded_amount for one in months),
    )


def _columns(months: Sequence[SalesMonth]) -> list[Column]:
    """The best month and the newest say their amount; the table says all."""
    best = max(months, key=lambda one: one.amount)
    return [
        Column(
            month_short(one.month),
            before=0,
            after=one.amount,
            text=rupiah_short(one.amount) if one.amount and one in {best, months[-1]} else "",
        )
        for one in months
    ]
