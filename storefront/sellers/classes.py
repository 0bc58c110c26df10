"""A shop's class on a day: what the city has verified, and nothing that the shop says of itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from storefront.core.calendar import instant_of
from storefront.sellers.models import ClassVerification, SellerClass, SellerId

Value = TypeVar("Value")


@dataclass(frozen=True)
class VerifiedClass:
    """The class that an order of the day freezes, and the evidence it rests on."""

    seller_class: SellerClass
    evidence: str
    verified_on: date | None = None
    """The first day it holds; None where nothing is verified."""
    valid_to: date | None = None


UNVERIFIED = VerifiedClass(SellerClass.OTHER, "")


def classes_on(
    session: Session, seller_ids: Iterable[SellerId], day: date
) -> dict[SellerId, VerifiedClass]:
    """The class of each shop on a day, in one read.

    Unverified, expired or revoked is `other` (product.md, "Attribution", 3). Of several words that
    cover the day the city's latest counts.
    """
    ids = set(seller_ids)
    found = dict.fromkeys(ids, UNVERIFIED)
    if not ids:
        return found
    given = {"seller_ids": sorted(ids), **class_on(day)}
    for seller_id, seller_class, evidence, valid_from, valid_to in session.execute(_WORDS, given):
        found[seller_id] = VerifiedClass(seller_class, evidence, valid_from, valid_to)
    return found


@dataclass(frozen=True)
class ClassWord:
    """A word of the city on a shop's class, as it stands now."""

    seller_class: SellerClass
    valid_from: date
    valid_to: date
    revoked_at: datetime | None

    def holds_on(self, day: date) -> bool:
        is_revoked = self.revoked_at is not None and self.revoked_at < _begin_of_next(day)
        return self.valid_from <= day <= self.valid_to and not is_revoked


def words_on(session: Session, seller_id: SellerId) -> list[ClassWord]:
    """All words of the city on a shop, the latest first: the first that holds on a day counts."""
    query = (
        select(
            ClassVerification.seller_class,
            ClassVerification.valid_from,
            ClassVerification.valid_to,
            ClassVerification.revoked_at,
        )
        .where(ClassVerification.seller_id == seller_id)
        .order_by(ClassVerification.verified_at.desc(), ClassVerification.id.desc())
    )
    return [ClassWord(*row) for row in session.execute(query)]


def class_of(seller_id: InstrumentedAttribute[SellerId]) -> ColumnElement[SellerClass]:
    """The class of a row's shop, to be selected beside the row: of `class_on(day)`'s day."""
    word = _latest(select(ClassVerification.seller_class), seller_id)
    return func.coalesce(word, SellerClass.OTHER, type_=word.type)


def word_of(seller_id: InstrumentedAttribute[SellerId]) -> ColumnElement[int]:
    """Which `ClassVerification` says it, to be joined beside the row; none where nothing does."""
    return _latest(select(ClassVerification.id), seller_id)


def class_on(day: date) -> dict[str, date | datetime]:
    """What a statement with `class_of` or `word_of` is given."""
    return {"day": day, "next_day": _begin_of_next(day)}


def holds_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """Whether a word on a class covers a day, and was not taken back on or before it."""
    return _holds(day, _begin_of_next(day))


def _holds(
    day: date | BindParameter[date], next_day: datetime | BindParameter[datetime]
) -> tuple[ColumnElement[bool], ...]:
    return (
        ClassVerification.valid_from <= day,
        ClassVerification.valid_to >= day,
        or_(ClassVerification.revoked_at.is_(None), ClassVerification.revoked_at >= next_day),
    )


def _begin_of_next(day: date) -> datetime:
    return instant_of(day + timedelta(days=1))


def _latest(word: Select[Value], seller_id: InstrumentedAttribute[SellerId]) -> ScalarSelect[Value]:
    return (
        word.where(ClassVerification.seller_id == seller_id, *_HELD)
        .order_by(ClassVerification.verified_at.desc(), ClassVerification.id.desc())
        .limit(1)
        .correlate(seller_id.class_)
        .scalar_subquery()
    )


_HELD = _holds(bindparam("day"), bindparam("next_day"))
_WORDS = (
    select(
        ClassVerification.seller_id,
        ClassVerification.seller_class,
        ClassVerification.evidence,
        ClassVerification.valid_from,
        ClassVerification.valid_to,
    )
    .where(
        ClassVerification.seller_id.in_(bindparam("seller_ids", expanding=True)),
        *_HELD,
    )
    .order_by(ClassVerification.verified_at, ClassVerification.id)
)
