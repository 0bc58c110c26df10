"""Every table of the store, also of rooms that no page has led to yet."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData

import storefront
from storefront.core.database import Base

ON_THE_GROUND = ("audit", "audit_positions", "numbering", "outbox", "tree_tiles")
"""Rooms of `core` whose subject is a table."""


def all_tables() -> MetaData:
    """The models' metadata, once every one of them has been imported."""
    rooms = Path(storefront.__file__).parent
    for models in sorted(rooms.glob("*/*models.py")):
        import_module(f"storefront.{models.parent.name}.{models.stem}")
    for name in ON_THE_GROUND:
        import_module(f"storefront.core.{name}")
    return Base.metadata
