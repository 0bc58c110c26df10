"""What was bought outside the store, apart beside the figures that contain it (product.md)."""

from collections.abc import Iterable
from typing import Protocol

from storefront.documents.papers import Cell, Fact, rupiah

HEAD = "Luar toko"


class Containing(Protocol):
    """A figure that says how much of it was bought outside the store, in whole rupiah."""

    @property
    def off_platform_amount(self) -> int: ...


def fact_outside(figures: Containing) -> Iterable[Fact]:
    """The fact that stands after the realised amount, where there is any."""
    if figures.off_platform_amount:
        yield Fact(
            "Di antaranya luar toko", rupiah(figures.off_platform_amount), "disetujui dua orang"
        )


def head_outside(rows: Iterable[Containing]) -> list[str]:
    """The head of a table's column for it, where a row has any."""
    return [HEAD] if any(row.off_platform_amount for row in rows) else []


def cell_outside(of: Containing, rows: Iterable[Containing]) -> list[Cell]:
    """A row's cell in that column, where the table has it."""
    return [rupiah(of.off_platform_amount)] if head_outside(rows) else []
