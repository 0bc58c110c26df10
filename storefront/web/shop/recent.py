"""What was read a moment ago, for who asks the same: what may lag by seconds, and is dear.

The counts beside the catalogue's filters read every product that fits, for each visitor the same;
the day's rule and holidays are the same on every product's page. Each worker keeps its own; nothing
that decides anything is read here.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import date
from threading import Lock
from typing import Any, TypeVar, cast

from flask import Flask, current_app

from storefront.extensions import db
from storefront.quota.rules import Rule, rule_on

MOST_KEPT = 2_000
LAG_S = 30
"""Seconds that what is read here may lag behind."""
Answer = TypeVar("Answer")


class Recent:
    """Answers by their questions, each kept for some seconds; or, not `keeps`, none of them."""

    def __init__(self, *, keeps: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._keeps = keeps
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Hashable, ask: Callable[[], Answer], lag_s: float = LAG_S) -> Answer:
        """The answer that is kept, else that of `ask`, which is then kept.

        What a question is about stands in it, so that no two kinds of questions are the same.
        """
        with self._lock:
            kept = self._kept.get(question)
        if kept is not None and self._clock() < kept[0]:
            return cast(Answer, kept[1])
        found = ask()
        if not self._keeps:
            return found
        with self._lock:
            self._kept[question] = (self._clock() + lag_s, found)
            self._kept.move_to_end(question)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def recently(question: Hashable, ask: Callable[[], Answer], lag_s: float = LAG_S) -> Answer:
    """`Recent.get` of this app; in tests every question is asked."""
    return cast(Recent, current_app.extensions["recent"]).get(question, ask, lag_s)


def recent_rule(day: date) -> Rule:
    """The rule in force on a day, to be shown. What is decided by it reads it itself."""
    return recently(("rule", day), lambda: rule_on(db.session(), day))


def init_app(app: Flask) -> None:
    app.extensions["recent"] = Recent(keeps=not app.testing)
