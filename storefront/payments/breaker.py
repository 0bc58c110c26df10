"""A circuit breaker: who does not answer is left alone for a while, and nobody waits for them."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Opens after so many failures in a row; after a pause lets one call through to try.

    Kept by each process for itself: it saves the waiting of its own threads.
    """

    def __init__(
        self,
        *,
        most_failures: int = 5,
        pause_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_failures = most_failures
        self._pause_s = pause_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    def lets_through(self) -> bool:
        """Whether to call now. After a pause the first to ask tries, and the others wait again."""
        with self._lock:
            if self._failures < self._most_failures:
                return True
            if self._clock() < self._closed_until:
                return False
            self._closed_until = self._clock() + self._pause_s
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._closed_until = self._clock() + self._pause_s
