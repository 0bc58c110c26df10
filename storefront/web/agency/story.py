"""An order's story for its page: what happened, what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from storefront.orders.models import OrderStatus
from storefront.orders.parties import Party
from storefront.orders.rows import EventView, NextStep, OrderView
from storefront.web.agency.words import HAPPENED, PARTIES, TO_COME
from storefront.web.components import day_near, deadline_near, instant_near

STOPPED = frozenset(
    {OrderStatus.REJECTED, OrderStatus.DECLINED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}
)


@dataclass(frozen=True)
class Step:
    """A step as `way.html: timeline` shows it."""

    title: str
    about: str
    state: str
    icon: str | None = None


def story(view: OrderView) -> list[Step]:
    """The steps, the first one first."""
    return [*_happened(view), *_to_come(view.next_steps)]


def last_act(view: OrderView) -> str:
    """What was done last, with who and when: what the loser of a race is told."""
    last = next(event for event in reversed(view.events) if event.party is not Party.SYSTEM)
    return f"{_(HAPPENED[last.event])}: {_who_and_when(last)}"


def _happened(view: OrderView) -> Iterable[Step]:
    for place, event in enumerate(view.events, start=1):
        is_end = place == len(view.events) and view.row.status in STOPPED
        about = _who_and_when(event)
        if event.reason:
            about = f"{about}. “{event.reason}”"
        yield Step(_(HAPPENED[event.event]), about, "stopped" if is_end else "done")


def _to_come(steps: tuple[NextStep, ...]) -> Iterable[Step]:
    for place, step in enumerate(steps):
        about = ""
        if step.by is not None:
            by = deadline_near(step.by) if isinstance(step.by, datetime) else day_near(step.by)
            about = _("paling lambat %(by)s", by=by)
        yield Step(_(TO_COME[step.event]), about, "later" if place else "now")


def _who_and_when(event: EventView) -> str:
    who = event.who or _(PARTIES[event.party])
    return f"{who}, {instant_near(event.at)}"
