"""Reads of shops: one for its page, lists for the city, the newcomers for the front page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from storefront.core.errors import NotFound
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import PersonId
from storefront.sellers.classes import VerifiedClass, classes_on, holds_on
from storefront.sellers.models import (
    ClassVerification,
    Seller,
    SellerClass,
    SellerId,
    SellerState,
    ShopStaff,
)

MOST_SHOWN = 24
LONGEST_QUESTION = 100


@dataclass(frozen=True)
class ShopPage:
    """A shop as everybody sees it."""

    seller_id: SellerId
    slug: str
    name: str
    owner_name: str
    district: str
    description: str
    since: datetime
    verified: VerifiedClass
    office_delivery_amount: int
    home_delivery_amount: int
    free_delivery_from_amount: int | None
    is_pkp: bool


@dataclass(frozen=True)
class SellerRow:
    """A shop in the city's list."""

    seller_id: SellerId
    slug: str
    name: str
    owner_name: str
    nib: str
    district: str
    state: SellerState
    claimed_class: SellerClass
    verified: VerifiedClass
    applied_at: datetime
    first_order_at: datetime | None


@dataclass(frozen=True)
class VerificationRow:
    """A word of the city on a shop's class."""

    id: int
    seller_class: SellerClass
    evidence: str
    valid_from: date
    valid_to: date
    verified_by: PersonId
    verified_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class SellerFile:
    """All that the city has on a shop, to decide by."""

    seller: Seller
    verified: VerifiedClass
    verifications: tuple[VerificationRow, ...]
    """The newest first."""
    staff: tuple[PersonId, ...]


@dataclass(frozen=True, kw_only=True)
class SellerFilter:
    """What the city asked its list for. `seller_class` is the verified one of the day."""

    q: str = ""
    """Part of a name, an owner's name or a NIB."""
    state: SellerState | None = None
    seller_class: SellerClass | None = None
    page: int = 1


def find_shop(session: Session, slug: str, *, today: date) -> ShopPage:
    """The page of an active shop: two reads. Raises `NotFound`."""
    query = select(Seller).where(Seller.slug == slug, Seller.state == SellerState.ACTIVE)
    seller = session.scalar(query)
    if seller is None:
        raise NotFound
    return _page_of(seller, classes_on(session, [seller.id], today)[seller.id])


def list_sellers(session: Session, wanted: SellerFilter, *, today: date) -> Page[SellerRow]:
    """A page of shops; who waits for the city comes first, the longest waiting before others."""
    number = page_number(wanted.page)
    asked = list(_conditions(wanted, today))
    waits = Seller.state == SellerState.APPLIED
    query = (
        select(Seller)
        .where(*asked)
        .order_by(waits.desc(), Seller.applied_at, Seller.id)
        .limit(PAGE_SIZE + 1)
        .offset((number - 1) * PAGE_SIZE)
    )
    sellers = session.scalars(query).all()
    classes = classes_on(session, [seller.id for seller in sellers], today)
    total = session.scalars(select(func.count()).select_from(Seller).where(*asked)).one()
    rows = [_row_of(seller, classes[seller.id]) for seller in sellers[:PAGE_SIZE]]
    return Page(rows, number, has_next=len(sellers) > PAGE_SIZE, total=total)


def count_sellers(session: Session) -> Mapping[SellerState, int]:
    """How many shops are in each state, for the tabs over the list."""
    query = select(Seller.state, func.count()).group_by(Seller.state)
    found = {state: count for state, count in session.execute(query)}  # noqa: C416 - typed
    return {state: found.get(state, 0) for state in SellerState}


def find_seller(session: Session, seller_id: SellerId, *, today: date) -> SellerFile:
    """A shop's file for the city: four reads. Raises `NotFound`."""
    seller = session.get(Seller, seller_id)
    if seller is None:
        raise NotFound
    said = select(
        ClassVerification.id,
        ClassVerification.seller_class,
        ClassVerification.evidence,
        ClassVerification.valid_from,
        ClassVerification.valid_to,
        ClassVerification.verified_by,
        ClassVerification.verified_at,
        ClassVerification.revoked_at,
    ).where(ClassVerification.seller_id == seller_id)
    newest_first = said.order_by(ClassVerification.verified_at.desc(), ClassVerification.id.desc())
    return SellerFile(
        seller=seller,
        verified=classes_on(session, [seller_id], today)[seller_id],
        verifications=tuple(VerificationRow(*row) for row in session.execute(newest_first)),
        staff=tuple(staff_of(session, seller_id)),
    )


def newcomers(session: Session, *, today: date, limit: int = 4) -> list[ShopPage]:
    """Active shops whose first order came last: the front page greets them. Two reads."""
    query = (
        select(Seller)
        .where(Seller.state == SellerState.ACTIVE, Seller.first_order_at.is_not(None))
        .order_by(Seller.first_order_at.desc(), Seller.id.desc())
        .limit(min(limit, MOST_SHOWN))
    )
    sellers = session.scalars(query).all()
    classes = classes_on(session, [seller.id for seller in sellers], today)
    return [_page_of(seller, classes[seller.id]) for seller in sellers]


def staff_of(session: Session, seller_id: SellerId) -> list[PersonId]:
    """Who acts for a shop, in the order in which they came."""
    query = select(ShopStaff.person_id).where(
        ShopStaff.seller_id == seller_id, ShopStaff.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(ShopStaff.since, ShopStaff.id)))


def shops_of(session: Session, person_ids: Iterable[PersonId]) -> dict[PersonId, list[SellerId]]:
    """The shops for which each person acts."""
    query = select(ShopStaff.person_id, ShopStaff.seller_id).where(
        ShopStaff.person_id.in_(list(person_ids)), ShopStaff.ended_at.is_(None)
    )
    found: dict[PersonId, list[SellerId]] = {}
    for person_id, seller_id in session.execute(query.order_by(ShopStaff.seller_id)):
        found.setdefault(person_id, []).append(seller_id)
    return found


def _conditions(wanted: SellerFilter, today: date) -> Iterable[ColumnElement[bool]]:
    if wanted.state is not None:
        yield Seller.state == wanted.state
    part = wanted.q.strip()[:LONGEST_QUESTION]
    if part:
        columns = (Seller.name, Seller.owner_name, Seller.nib)
        yield or_(*(column.icontains(part, autoescape=True) for column in columns))
    if wanted.seller_class is not None:
        yield _verified_class(today) == wanted.seller_class


def _verified_class(today: date) -> ColumnElement[SellerClass]:
    """The same as `classes.py: classes_on`, inside a query; a test holds the two together."""
    return func.coalesce(
        select(ClassVerification.seller_class)
        .where(ClassVerification.seller_id == Seller.id, *holds_on(today))
        .correlate(Seller)
        .order_by(ClassVerification.verified_at.desc(), ClassVerification.id.desc())
        .limit(1)
        .scalar_subquery(),
        SellerClass.OTHER,
    )


def _page_of(seller: Seller, verified: VerifiedClass) -> ShopPage:
    return ShopPage(
        seller_id=seller.id,
        slug=seller.slug,
        name=seller.name,
        owner_name=seller.owner_name,
        district=seller.district,
        description=seller.description,
        since=seller.applied_at,
        verified=verified,
        office_delivery_amount=seller.office_delivery_amount,
        home_delivery_amount=seller.home_delivery_amount,
        free_delivery_from_amount=seller.free_delivery_from_amount,
        is_pkp=seller.is_pkp,
    )


def _row_of(seller: Seller, verified: VerifiedClass) -> SellerRow:
    return SellerRow(
        seller_id=seller.id,
        slug=seller.slug,
        name=seller.name,
        owner_name=seller.owner_name,
        nib=seller.nib,
        district=seller.district,
        state=seller.state,
        claimed_class=seller.claimed_class,
        verified=verified,
        applied_at=seller.applied_at,
        first_order_at=seller.first_order_at,
    )
