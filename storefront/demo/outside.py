"""What the demo's Dinas Kesehatan bought outside the store: two count, one waits, one is flagged.

The documents come of the store's own verbs; only the entry is written by the demo's books.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.calendar import city_day, fiscal_year, instant_of, working_days_after
from storefront.core.permissions import Actor, Grant, Role, ScopeKind
from storefront.demo.books import DemoBooks
from storefront.demo.people import People
from storefront.demo.timeline import SMALL_HOURS, Act
from storefront.orders.models import FulfilmentStatus, Order
from storefront.quota import corrections
from storefront.quota.correction_models import (
    Correction,
    OffPlatformPurchase,
    OutsideChannel,
)
from storefront.quota.evidence import PDF, Evidence
from storefront.quota.ledger import Event
from storefront.quota.models import Fund, QuotaKey
from storefront.quota.off_platform import CAUSE, propose_purchase
from storefront.quota.off_platform_documents import document
from storefront.quota.off_platform_plans import NewPurchase
from storefront.quota.rules import rule_on
from storefront.sellers.models import SellerClass

HEALTH = "KB-D02"
OFFICER, APPROVER = "198201152008011006", "197905052005011004"
MORNING, AFTERNOON = time(9, 20), time(14, 5)
FONTS = "/Resources << /Font << /F1 4 0 R >> >>"
CLOSED_AGO, APPROVED_AGO, WAITING_AGO = (timedelta(days=days) for days in (75, 20, 5))


def purchases_outside(
    session: Session,
    books: DemoBooks,
    orders: Sequence[Order],
    people: People,
    agencies: Mapping[str, Agency],
    *,
    today: date,
    days_off: Collection[date],
) -> Iterator[Act]:
    """Four documents; those approved count for shops of the store, as verified on their days."""
    officer = Actor(
        people.by_login[OFFICER],
        frozenset({Grant(Role.PROCUREMENT, ScopeKind.AGENCY, HEALTH)}),
    )
    approver = Actor(
        people.by_login[APPROVER], frozenset({Grant(Role.APPROVER, ScopeKind.AGENCY, HEALTH)})
    )
    own = [
        order
        for order in orders
        if order.agency_code == HEALTH
        and order.fund is Fund.OFFICIAL
        and order.fulfilment_status is FulfilmentStatus.RECEIVED
        and city_day(order.placed_at) < today
    ]
    if not own:
        return
    own.sort(key=lambda order: (order.placed_at, order.number))
    agency_id = agencies[HEALTH].id
    proposals: dict[str, Correction] = {}

    def propose(wanted: NewPurchase, at: datetime) -> None:
        proposals[wanted.document_number] = propose_purchase(
            session, officer, agency_id, wanted, _receipt(wanted), now=at
        )

    def approve(wanted: NewPurchase, at: datetime) -> None:
        _approve(session, books, approver, proposals[wanted.document_number], at)

    for counted in _counted(own[0], own[-1], today):
        on_paper = working_days_after(counted.bought_on, 1, days_off)
        decided = working_days_after(on_paper, 1, days_off)
        yield Act(instant_of(on_paper, MORNING), partial(propose, counted))
        yield Act(instant_of(decided, AFTERNOON), partial(approve, counted))
    for wanted in _waiting(own[-1], today):
        known = max(wanted.bought_on, today - WAITING_AGO)
        at = instant_of(working_days_after(known, 1, days_off), MORNING)
        yield Act(min(at, instant_of(today, SMALL_HOURS)), partial(propose, wanted))


def _counted(first: Order, latest: Order, today: date) -> Iterator[NewPurchase]:
    """One by the national catalogue, whose month is closed, and one at an outlet."""
    long_ago = today - CLOSED_AGO
    yield NewPurchase(
        bought_on=long_ago,
        document_number=f"EP-{long_ago:%y%m}-00418",
        channel=OutsideChannel.E_CATALOGUE,
        seller_name=first.seller_name,
        seller_nib=first.seller_nib,
        claimed_class=first.seller_class,
        amount=3_240_000,
        description="Paket konsumsi pelatihan kader posyandu, 120 kotak",
        reason="Dipesan lewat e-katalog sebelum penjualnya dikenal di toko",
    )
    yield NewPurchase(
        bought_on=today - APPROVED_AGO,
        document_number=f"NT-{today:%m}/114",
        channel=OutsideChannel.OUTLET_PAPER,
        seller_name=latest.seller_name,
        seller_nib=latest.seller_nib,
        claimed_class=latest.seller_class,
        amount=1_475_000,
        description="Konsumsi rapat evaluasi puskesmas, 59 kotak",
        reason="Dibeli di Galery Salapak Mikroshop saat jaringan toko terputus",
    )


def _waiting(latest: Order, today: date) -> Iterator[NewPurchase]:
    """One of a stranger, and one that may be the latest order once more."""
    yield NewPurchase(
        bought_on=today - WAITING_AGO,
        document_number="INV/2291",
        channel=OutsideChannel.DIRECT,
        seller_name="Percetakan Sinar Cikapundung",
        seller_nib="0220104751386",
        claimed_class=SellerClass.MICRO,
        amount=860_000,
        description="Cetak 200 leaflet imunisasi dua sisi",
        reason="Penjualnya belum terdaftar di toko",
    )
    yield NewPurchase(
        bought_on=city_day(latest.placed_at),
        document_number="FK-0087",
        channel=OutsideChannel.OUTLET_PAPER,
        seller_name=latest.seller_name,
        seller_nib=latest.seller_nib,
        claimed_class=latest.seller_class,
        amount=latest.total_amount,
        description="Pesanan bidang pelayanan, sesuai faktur penjual",
        reason="Faktur kertas diterima bagian umum",
    )


def _approve(
    session: Session, books: DemoBooks, approver: Actor, correction: Correction, now: datetime
) -> None:
    corrections.approve(session, approver, correction, now=now)
    bought = session.get_one(OffPlatformPurchase, correction.id)
    evidence = _receipt_of(bought).sha256
    told = document(correction, bought, evidence_sha256=evidence, reverses=None)
    bought.document_sha256 = corrections.digest_of(told)
    session.flush()
    event = Event(
        reference=correction.number,
        cause=CAUSE,
        occurred_on=bought.bought_on,
        rule_version=rule_on(session, bought.bought_on).version,
        snapshot_sha256=bought.document_sha256,
        reason=correction.reason,
    )
    year = fiscal_year(bought.bought_on)
    key = QuotaKey(bought.agency_code, year, Fund.OFFICIAL, bought.seller_class)
    books.adjust(event, key, bought.amount, by=approver.person_id, now=now)


def _receipt_of(bought: OffPlatformPurchase) -> Evidence:
    return _paper(bought.seller_name, bought.document_number, bought.bought_on, bought.amount)


def _receipt(wanted: NewPurchase) -> Evidence:
    return _paper(wanted.seller_name, wanted.document_number, wanted.bought_on, wanted.amount)


def _paper(seller: str, number: str, day: date, amount: int) -> Evidence:
    """A receipt of one page, written by hand: no more of a PDF than a reader needs."""
    rupiah = f"{amount:,}".replace(",", ".")
    lines = (seller, f"Nota {number}", f"{day:%d-%m-%Y}", f"Jumlah Rp{rupiah}")
    text = " ".join(
        f"1 0 0 1 60 {760 - 28 * at} Tm ({_plain(line)}) Tj" for at, line in enumerate(lines)
    )
    stream = f"BT /F1 16 Tf {text} ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R " + FONTS + " >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
    )
    made, places = "%PDF-1.4\n", []
    for at, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{at} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    made += f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    made += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{made.index('xref')}\n%%EOF\n"
    return Evidence(f"nota-{number.replace('/', '-')}.pdf", PDF, made.encode())


def _plain(line: str) -> str:
    """What may stand between the brackets of a PDF's text."""
    letters = line.encode("ascii", "replace").decode()
    return letters.replace("\\", "").replace("(", "").replace(")", "")
