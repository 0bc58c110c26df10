"""What was counted a moment ago, for who asks the same: what may lag by seconds, and is dear.

The counts beside the catalogue's filters read every product that fits, for each visitor the same.
Each worker keeps its own; nothing that decides anything is read here.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

MOST_KEPT = 500
Answer = TypeVar("Answer")


class Recent(Generic[Answer]):
    """Answers by their questions, each kept for some seconds; with none, nothing is kept."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The answer that is kept, else that of `ask`, which is then kept."""
        with self._lock:
            until, answer = self._kept.get(question, (0.0, None))
        if answer is not None and self._clock() < until:
            return answer
        found = ask()
        with self._lock:
            self._kept[question] = (self._clock() + self._seconds, found)
            self._kept.move_to_end(question)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found
