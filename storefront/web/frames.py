"""What stands around a page: who I am, for whom I act, where I can go.

Layouts query nothing. A blueprint says how its frame is made; that happens once a request, and only
when a layout is shown, so that an error page never waits for a database that is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from flask import Blueprint, Flask, current_app, g, request
from flask.blueprints import BlueprintSetupState

IN_THE_PHONES_BAR = 4
LONG = 8
"""From so many entries on a menu is read by its headings."""


@dataclass(frozen=True)
class NavItem:
    """An entry of a menu. `badge` counts what waits; `short` are the words for a phone's bar.

    `group` is the heading under which it stands in a long menu; "" stands above all headings.
    """

    label: str
    endpoint: str
    icon: str
    badge: int = 0
    short: str | None = None
    arguments: dict[str, str | int] = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True)
class NavGroup:
    """Entries under one heading; without one where the menu is short, or they are its first."""

    heading: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True)
class Who:
    """Who acts, and as what: `Deni Anggara`, `Pejabat pengadaan · Dinas Kesehatan`."""

    name: str
    role: str
    is_shop: bool = False


@dataclass(frozen=True)
class SerlokNotice:
    """The programme's next day. On the day itself (`days_left` 0) `says` may tell how it goes."""

    day: date
    days_left: int
    says: str | None = None
    has_bought: bool = False
    """Whether the person who is signed in already bought with their own money this month."""


@dataclass(frozen=True, kw_only=True)
class ShopFrame:
    """The shop's head and foot. `offices`: the work sides that are open to this person."""

    cart_count: int = 0
    signed_in_name: str | None = None
    offices: tuple[NavItem, ...] = ()
    serlok: SerlokNotice | None = None


@dataclass(frozen=True, kw_only=True)
class OfficeFrame:
    """A work side's menu. `others`: the other sides that are open to the same person."""

    title: str
    who: Who
    nav: tuple[NavItem, ...]
    others: tuple[NavItem, ...] = ()

    @property
    def in_bar(self) -> tuple[NavItem, ...]:
        """What a phone's bar shows; the rest lies behind "Lainnya"."""
        return self.nav[:IN_THE_PHONES_BAR]

    @property
    def groups(self) -> tuple[NavGroup, ...]:
        """The whole menu, under headings where it is long."""
        return self._grouped(self.nav)

    @property
    def behind(self) -> tuple[NavGroup, ...]:
        return self._grouped(self.nav[IN_THE_PHONES_BAR:])

    def _grouped(self, items: tuple[NavItem, ...]) -> tuple[NavGroup, ...]:
        """By heading, in the order in which headings come first in the whole menu."""
        if len(self.nav) < LONG:
            return (NavGroup("", items),)
        headings = dict.fromkeys(["", *(item.group for item in self.nav)])
        groups = (
            NavGroup(heading, tuple(item for item in items if item.group == heading))
            for heading in headings
        )
        return tuple(group for group in groups if group.items)


MakeShopFrame = TypeVar("MakeShopFrame", bound=Callable[[], ShopFrame])
MakeOfficeFrame = TypeVar("MakeOfficeFrame", bound=Callable[[], OfficeFrame])


def shop_frame_of(blueprint: Blueprint) -> Callable[[MakeShopFrame], MakeShopFrame]:
    """Decorate the one function that makes the shop's frame, for all pages of the store."""

    def register(make: MakeShopFrame) -> MakeShopFrame:
        blueprint.record_once(lambda state: _registry(state).__setitem__("shop", make))
        return make

    return register


def office_frame_of(blueprint: Blueprint) -> Callable[[MakeOfficeFrame], MakeOfficeFrame]:
    """Decorate the function that makes the frame of this blueprint's pages."""

    def register(make: MakeOfficeFrame) -> MakeOfficeFrame:
        blueprint.record_once(
            lambda state: _registry(state).__setitem__(_key(blueprint.name), make)
        )
        return make

    return register


def shop_frame() -> ShopFrame:
    """This request's frame; a visitor's where no function was registered."""
    if "shop_frame" not in g:
        make = current_app.extensions["frames"].get("shop", ShopFrame)
        g.shop_frame = make()
    return g.shop_frame  # type: ignore[no-any-return]


def office_frame() -> OfficeFrame:
    """This request's frame. Raises LookupError if its blueprint registered none."""
    if "office_frame" not in g:
        make = current_app.extensions["frames"].get(_key(request.blueprint or ""))
        if make is None:
            raise LookupError(f"blueprint {request.blueprint!r} has no function @office_frame_of")
        g.office_frame = make()
    return g.office_frame  # type: ignore[no-any-return]


def init_app(app: Flask) -> None:
    app.extensions.setdefault("frames", {})
    app.jinja_env.globals.update(shop_frame=shop_frame, office_frame=office_frame)


def _registry(state: BlueprintSetupState) -> dict[str, Callable[[], object]]:
    frames: dict[str, Callable[[], object]] = state.app.extensions.setdefault("frames", {})
    return frames


def _key(blueprint: str) -> str:
    return f"office:{blueprint}"
