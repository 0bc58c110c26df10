"""What an approver should look at, in sentences: the odd first (`orders/approval_view.py`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from storefront.orders.approval_view import (
    ApprovalView,
    BudgetStanding,
    PriceElsewhere,
)
from storefront.orders.models import OrderStatus
from storefront.reports.figures import Share
from storefront.sellers.models import SellerClass
from storefront.web.agency.words import NOTHING
from storefront.web.components import day_plain, deadline_near, rupiah
from storefront.web.words import class_word

GOOD, WARN, BAD = "good", "warn", "bad"
ODD_FIRST = {BAD: 0, WARN: 1, GOOD: 2}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `state` as `states.html: check_item` takes it."""

    title: str
    about: str
    state: str = GOOD
    href: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class QuotaShare:
    """The quota's bar, in per cent of the rule's base; `target` None: none, it is exempt."""

    realised: Fraction
    committed: Fraction
    added: Fraction
    target: Fraction | None


def checks(view: ApprovalView, now: datetime) -> list[Check]:
    """All of them, what is wrong or odd before what is fine."""
    found = [
        *_in_time(view, now),
        _similar(view),
        _budget(view),
        *_prices(view),
        _seller(view),
        *_cap(view),
    ]
    return sorted(found, key=lambda check: ODD_FIRST[check.state])


def quota_share(view: ApprovalView, share: Share | None) -> QuotaShare | None:
    """None where there is nothing to divide by."""
    if share is None or not share.base_amount:
        return None
    base_amount = share.base_amount

    def part(amount: int) -> Fraction:
        return Fraction(100 * amount, base_amount)

    return QuotaShare(
        part(share.realised),
        part(share.counted.committed),
        part(view.order.quota_amount) if view.counts else Fraction(0),
        None if share.is_exempt else Fraction(share.target_permille, 10),
    )


def _in_time(view: ApprovalView, now: datetime) -> Iterable[Check]:
    row = view.order.row
    if row.status is OrderStatus.SUBMITTED and row.decide_by and row.decide_by < now:
        about = _(
            "Sejak %(time)s tidak dapat disetujui lagi; pemohon dapat memesan ulang.",
            time=deadline_near(row.decide_by),
        )
        yield Check(_("Batas waktu sudah lewat"), about, BAD)


def _similar(view: ApprovalView) -> Check:
    """One need in two requests would pass under the thresholds."""
    others = view.similar
    if not others:
        return Check(
            _("Tidak mirip permintaan lain"),
            _("30 hari terakhir tidak ada pesanan lain dari penjual ini."),
        )
    last = others[0]
    about = _(
        "%(amount)s dari penjual ini juga, untuk: %(purpose)s.",
        amount=rupiah(last.total_amount),
        purpose=last.purpose or NOTHING,
    )
    if len(others) > 1:
        more = len(others) - 1
        about += " " + ngettext(
            "Dan %(num)s pesanan lain dalam 30 hari.",
            "Dan %(num)s pesanan lain dalam 30 hari.",
            more,
        )
    about += " " + _("Bila satu kebutuhan, minta digabung.")
    return Check(
        _("Mirip permintaan %(day)s", day=day_plain(last.placed_at)),
        about,
        WARN,
        url_for("agency.order", number=last.number),
        _("Bandingkan"),
    )


def _budget(view: ApprovalView) -> Check:
    """The line and the year both bear it; the tighter one speaks."""
    counters = [
        c for c in (view.budget_line, view.budget_year) if c and c.left_after_amount is not None
    ]
    if not counters:
        return Check(
            _("Pagu belum diisi"),
            _("Tidak ada batas yang dapat diperiksa. Mintalah admin instansi mengusulkan pagu."),
            WARN,
        )
    tightest = min(counters, key=_left_after)
    if view.order.row.status is not OrderStatus.SUBMITTED:
        return Check(
            _("Pagu sudah menghitung pesanan ini"),
            _("Sisa rincian %(left)s.", left=rupiah(tightest.left_before_amount or 0)),
        )
    if _left_after(tightest) < 0:
        about = _(
            "Sisa %(left)s, kurang %(over)s untuk permintaan ini.",
            left=rupiah(tightest.left_before_amount or 0),
            over=rupiah(-_left_after(tightest)),
        )
        if view.may_exceed:
            about += " " + _("Pemohon memberi alasan, dan Anda yang memutuskan.")
        return Check(_("Pagu tidak cukup"), about, BAD)
    shown = view.budget_line or view.budget_year
    about = _(
        "Sisa rincian %(before)s, menjadi %(after)s.",
        before=rupiah(shown.left_before_amount or 0),
        after=rupiah(shown.left_after_amount or 0),
    )
    return Check(_("Pagu cukup"), about)


def _left_after(standing: BudgetStanding) -> int:
    return standing.left_after_amount or 0


def _prices(view: ApprovalView) -> Iterable[Check]:
    lines = {line.position: line for line in view.order.lines}
    compared = [(lines[price.line_position], price) for price in view.prices]
    dear = [
        (line, price) for line, price in compared if line.unit_price_amount > price.highest_amount
    ]
    for line, price in dear:
        about = _(
            "%(name)s: %(own)s per %(unit)s; %(sellers)s penjual serupa paling tinggi %(highest)s.",
            name=line.product_name,
            own=rupiah(line.unit_price_amount),
            unit=line.unit,
            sellers=price.sellers,
            highest=rupiah(price.highest_amount),
        )
        yield Check(_("Harga di atas penjual serupa"), about, WARN)
    if not compared:
        yield Check(
            _("Harga belum ada pembandingnya"),
            _("Belum ada penjual lain untuk barang seperti ini; nilailah harganya sendiri."),
            WARN,
        )
    elif not dear:
        line, price = compared[0]
        about = _(
            "%(name)s %(own)s per %(unit)s; penjual serupa %(others)s.",
            name=line.product_name,
            own=rupiah(line.unit_price_amount),
            unit=line.unit,
            others=_span(price),
        )
        yield Check(_("Harga wajar"), about)


def _span(price: PriceElsewhere) -> str:
    lowest, highest = rupiah(price.lowest_amount), rupiah(price.highest_amount)
    if lowest == highest:
        return lowest
    return str(_("%(lowest)s sampai %(highest)s", lowest=lowest, highest=highest))


def _seller(view: ApprovalView) -> Check:
    row = view.order.row
    if row.seller_class is SellerClass.OTHER:
        about = _("%(name)s tidak memiliki kelas usaha yang diperiksa kota.", name=row.seller_name)
        return Check(_("Kelas penjual belum terperiksa"), about, WARN)
    about = _(
        "%(kind)s, NIB %(nib)s.", kind=class_word(row.seller_class), nib=view.order.seller_nib
    )
    return Check(_("Penjual terperiksa"), about)


def _cap(view: ApprovalView) -> Iterable[Check]:
    month, row = view.seller_month, view.order.row
    if month.left_before_amount is None or row.status is not OrderStatus.SUBMITTED:
        return
    about = _(
        "%(name)s dijanjikan %(promised)s dari dana instansi bulan ini, batasnya %(cap)s.",
        name=row.seller_name,
        promised=rupiah(month.promised_amount),
        cap=rupiah(month.cap_amount),
    )
    if (month.left_after_amount or 0) < 0:
        about += " " + _("Lewat %(over)s.", over=rupiah(-(month.left_after_amount or 0)))
        yield Check(_("Batas penjual terlampaui"), about, BAD)
    else:
        yield Check(_("Batas penjual aman"), about)
