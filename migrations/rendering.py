"""How a column type of ours is written into a migration: as plain SQLAlchemy.

A migration must mean next year what it means today, so it names no class of the store.
"""

from typing import Any, Literal

import sqlalchemy as sa

from storefront.core.database import UtcDateTime


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Alembic's hook; False leaves the rendering to Alembic."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.Enum):
        values = ", ".join(repr(value) for value in item.enums)
        return (
            f"sa.Enum({values}, name={item.name!r}, native_enum=False,"
            f" create_constraint=True, length={item.length})"
        )
    if isinstance(item, sa.BigInteger) and "sqlite" in item._variant_mapping:  # noqa: SLF001
        return "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')"
    return False
