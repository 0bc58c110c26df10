"""A mail before it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storefront.notifications.recipients import Recipient


@dataclass(frozen=True)
class Letter:
    """A mail to be rendered: to whom, from which template, with which values.

    `path` is where its button leads; the address of the store stands before it. `code` names a
    one-time code whose link the renderer makes: the token itself is nowhere kept.
    """

    to: Recipient
    template: str
    path: str
    values: Mapping[str, object] = field(default_factory=dict)
    code_id: int | None = None
