"""What an agency says of a purchase outside the store, and every rule that it can break."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId, ExpenseAccount
from storefront.agencies.reach import agency_in_reach
from storefront.core.calendar import city_day, fiscal_year
from storefront.core.errors import N_, DomainError, NotAllowed
from storefront.core.permissions import Action, Actor, shop_scope
from storefront.core.text import one_line
from storefront.quota import corrections
from storefront.quota.correction_models import OffPlatformPurchase, OutsideChannel
from storefront.quota.periods import books_as_seen
from storefront.sellers.classes import classes_on
from storefront.sellers.identity import LONGEST_NAME, InvalidNib, read_nib
from storefront.sellers.models import Seller, SellerClass, SellerId

MOST_AMOUNT = 1_000_000_000_000
LONGEST_DOCUMENT, LONGEST_DESCRIPTION, LONGEST_CODE = 80, 300, 40


class PurchaseIncomplete(DomainError):
    code = "purchase_incomplete"
    message = N_("Isi bagian ini, paling banyak %(most)d karakter.")


class SellerNameMissing(PurchaseIncomplete):
    field = "seller_name"


class DocumentNumberMissing(PurchaseIncomplete):
    field = "document_number"


class DescriptionMissing(PurchaseIncomplete):
    field = "description"


class AmountOutOfBounds(DomainError):
    code = "amount_out_of_bounds"
    message = N_("Isi jumlahnya, dari Rp1 sampai %(most_amount)s.")
    field = "amount"


class BoughtInTheFuture(DomainError):
    code = "bought_in_the_future"
    message = N_("Tanggal pembelian tidak boleh sesudah hari ini, %(today)s.")
    field = "bought_on"


class PurchaseYearClosed(DomainError):
    code = "purchase_year_closed"
    message = N_(
        "Tahun anggaran %(year)d sudah ditutup, jadi pembelian tahun itu tidak dapat dicatat lagi."
    )
    field = "bought_on"


class InvalidSellerNib(InvalidNib):
    field = "seller_nib"


class NibForClass(DomainError):
    code = "nib_for_class"
    message = N_("Isi NIB-nya agar kelasnya dapat diperiksa kota, atau pilih kelas lainnya.")
    field = "seller_nib"


class AccountNotListed(DomainError):
    code = "account_not_listed"
    message = N_("Pilih rekening belanja dari daftar.")
    field = "expense_account"


class OwnShop(NotAllowed):
    code = "own_shop"
    message = N_("Anda memegang peran di toko ini, jadi tidak dapat mencatat atau menyetujuinya.")


@dataclass(frozen=True, kw_only=True)
class NewPurchase:
    """What an agency says of a purchase. The seller is one of the store by NIB or exact name."""

    bought_on: date
    document_number: str
    channel: OutsideChannel
    seller_name: str
    seller_nib: str
    claimed_class: SellerClass
    amount: int
    """Whole rupiah, tax included."""
    description: str
    reason: str
    """Why it was bought outside the store."""
    expense_account: str = ""
    activity_code: str = ""


def check_purchase(
    session: Session, actor: Actor, agency_id: AgencyId, wanted: NewPurchase, *, now: datetime
) -> OffPlatformPurchase:
    """What would be proposed, not yet of any document: every rule but that of the evidence.

    Raises `NotFound`, or a refusal of the field at fault.
    """
    agency = agency_in_reach(session, actor, Action.RECORD_PURCHASE, agency_id)
    check_day(session, wanted.bought_on, now)
    if not 0 < wanted.amount <= MOST_AMOUNT:
        raise AmountOutOfBounds(most_amount=MOST_AMOUNT)
    account = one_line(wanted.expense_account)
    if account and session.get(ExpenseAccount, account) is None:
        raise AccountNotListed
    corrections.read_reason(wanted.reason)
    nib = read_seller_nib(wanted.seller_nib)
    shop = find_shop(session, name=wanted.seller_name, nib=nib)
    if shop is None:
        name = read_line(SellerNameMissing, wanted.seller_name, LONGEST_NAME)
        if not nib and wanted.claimed_class is not SellerClass.OTHER:
            raise NibForClass
        seller_class, basis = SellerClass.OTHER, ""
    else:
        refuse_own_shop(actor, shop.id)
        word = classes_on(session, [shop.id], wanted.bought_on)[shop.id]
        name, nib, seller_class, basis = shop.name, shop.nib, word.seller_class, word.evidence
    return OffPlatformPurchase(
        agency_code=agency.code,
        bought_on=wanted.bought_on,
        document_number=read_line(DocumentNumberMissing, wanted.document_number, LONGEST_DOCUMENT),
        channel=wanted.channel,
        seller_id=shop.id if shop else None,
        seller_name=name,
        seller_nib=nib,
        claimed_class=wanted.claimed_class if shop is None else seller_class,
        seller_class=seller_class,
        seller_class_evidence=basis,
        amount=wanted.amount,
        description=read_line(DescriptionMissing, wanted.description, LONGEST_DESCRIPTION),
        expense_account=account,
        activity_code=one_line(wanted.activity_code)[:LONGEST_CODE],
    )


def find_shop(session: Session, *, name: str, nib: str) -> Seller | None:
    """The store's shop of that NIB; without one, the only shop of exactly that name."""
    if nib:
        return session.scalar(select(Seller).filter_by(nib=nib, is_practice=False))
    alike = func.lower(Seller.name) == one_line(name).lower()
    shops = session.scalars(
        select(Seller).where(alike, Seller.is_practice.is_(False)).limit(2)
    ).all()
    return shops[0] if len(shops) == 1 else None


def read_seller_nib(typed: str) -> str:
    """13 digits, or nothing. Raises `InvalidSellerNib`."""
    if not typed.strip():
        return ""
    try:
        return read_nib(typed)
    except InvalidNib:
        raise InvalidSellerNib from None


def check_day(session: Session, day: date, now: datetime) -> None:
    """That its day may count: else `BoughtInTheFuture` or `PurchaseYearClosed` is raised."""
    today = city_day(now)
    if day > today:
        raise BoughtInTheFuture(today=today)
    if books_as_seen(session).has_closed(fiscal_year(day)):
        raise PurchaseYearClosed(year=fiscal_year(day))


def refuse_own_shop(actor: Actor, seller_id: SellerId | None) -> None:
    """That nobody counts what the own shop sold, by whatever role. Raises `OwnShop`."""
    if seller_id is not None and any(g.scope == shop_scope(seller_id) for g in actor.grants):
        raise OwnShop


def read_line(missing: type[PurchaseIncomplete], typed: str, most: int) -> str:
    """One line of text, neither empty nor longer than `most`. Raises `missing`."""
    text = one_line(typed)
    if not text or len(text) > most:
        raise missing(most=most)
    return text
