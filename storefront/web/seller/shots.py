"""Pictures of a product while its form is open: those it has, and those just sent.

A file is made into a picture when it comes, whatever else is wrong with the form, and the form then
holds its key, signed for the shop: so nothing has to be chosen twice, and nobody names another's.
Nothing is true of the product before the form is saved.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from storefront.catalog import photos
from storefront.catalog.models import ProductId
from storefront.catalog.product_page import PictureView, pictures_of
from storefront.core.errors import DomainError, NotFound
from storefront.core.media import MOST_BYTES, FolderStore, take_in
from storefront.core.permissions import Actor
from storefront.sellers.models import SellerId
from storefront.web.errors import in_words


@dataclass(frozen=True)
class Shot:
    """A picture in the form. `value` names it there; `picture_id` only if the product has it."""

    value: str
    key: str
    picture_id: int | None = None


@dataclass
class Shots:
    """The pictures in their order, and those of the product that are to go."""

    kept: list[Shot] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, pictures: Iterable[PictureView]) -> "Shots":
        """As the product has them."""
        return cls([Shot(str(one.id), one.key, one.id) for one in pictures])

    @classmethod
    def sent(
        cls, form: MultiDict[str, str], pictures: Sequence[PictureView], seller_id: SellerId
    ) -> "Shots":
        """As the form says. What it cannot name, or has named twice, is as if it were not there."""
        known = {str(one.id): Shot(str(one.id), one.key, one.id) for one in pictures}
        shots = cls()
        for value in dict.fromkeys(form.getlist("shot")):
            shot = known.get(value) or _signed(value, seller_id)
            if shot is not None:
                shots.kept.append(shot)
        shots.gone = [
            one.id
            for one in pictures
            if str(one.id) in form.getlist("gone") or str(one.id) == form.get("drop_shot")
        ]
        shots._arrange(form.get("drop_shot"), form.get("first_shot"))
        return shots

    def take_in(self, sent: Iterable[FileStorage | str], seller_id: SellerId) -> None:
        """Make pictures of files; what is wrong with one is kept as a message."""
        store = FolderStore(current_app.config["SETTINGS"].media_root)
        for file in sent:
            if isinstance(file, str) or not file.filename:  # nothing was chosen
                continue
            try:
                key = take_in(store, file.stream.read(MOST_BYTES + 1))
            except DomainError as refusal:
                self.errors.append(f"{file.filename}: {in_words(refusal)}")
                continue
            if key not in {shot.key for shot in self.kept}:
                self.kept.append(Shot(_signer(seller_id).dumps(key), key))

    def save(self, session: Session, actor: Actor, product_id: ProductId, now: datetime) -> None:
        """Bring the product's pictures to what the form shows, in the unit of work of its save.

        Others that came meanwhile stay, behind. Raises what `photos.py` raises.
        """
        for picture_id in self.gone:
            with suppress(NotFound):  # somebody else took it off already
                photos.remove_picture(session, actor, product_id, picture_id, now=now)
        ordered = []
        for shot in self.kept:
            if shot.picture_id is None:
                added = photos.add_picture(session, actor, product_id, key=shot.key, now=now)
                session.flush()
                ordered.append(added.id)
            else:
                ordered.append(shot.picture_id)
        there = [picture.id for picture in pictures_of(session, product_id)]
        wanted = [at for at in ordered if at in there]
        wanted += [at for at in there if at not in wanted]
        if wanted != there:
            photos.order_pictures(session, actor, product_id, wanted, now=now)

    @property
    def first_key(self) -> str | None:
        return self.kept[0].key if self.kept else None

    def _arrange(self, dropped: str | None, first: str | None) -> None:
        self.kept = [
            shot
            for shot in self.kept
            if shot.value != dropped and shot.picture_id not in set(self.gone)
        ]
        self.kept.sort(key=lambda shot: shot.value != first)


def _signed(value: str, seller_id: SellerId) -> Shot | None:
    try:
        return Shot(value, str(_signer(seller_id).loads(value)))
    except BadSignature:
        return None


def _signer(seller_id: SellerId) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"picture of shop {seller_id}")
