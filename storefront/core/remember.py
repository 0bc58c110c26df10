"""What a read may be told from a moment ago, instead of reading it anew.

A read says by `remember(question, ask)` which of its parts may lag by seconds; its caller decides
whether they do, and for how long.
"""

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

Answer = TypeVar("Answer")


class Remember(Protocol):
    """The answer to a question that is remembered, or that of `ask`."""

    def __call__(self, question: Hashable, ask: Callable[[], Answer], /) -> Answer: ...


def asked_now(_question: Hashable, ask: Callable[[], Answer], /) -> Answer:
    """Remember nothing."""
    return ask()
