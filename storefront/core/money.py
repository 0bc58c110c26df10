"""Whole rupiah, divided so that the parts always make the whole again."""

from collections.abc import Sequence


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to the weights, by largest remainder (product.md, "Money").

    The parts are whole rupiah in the order of the weights and add up to the amount. Of equal
    remainders the earlier part gets the rupiah, so the same question has one answer.
    Raises ValueError for a negative amount or weight, or when no weight is above zero.
    """
    total = sum(weights)
    if amount < 0 or total == 0 or min(weights) < 0:
        raise ValueError(f"cannot share {amount} by {list(weights)}")
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: -(amount * weights[at] % total))
    for at in by_remainder[: amount - sum(parts)]:
        parts[at] += 1
    return parts


def included_tax(amount: int, rate_permille: int) -> int:
    """The tax that a price contains, in whole rupiah, rounded down (PPN 11 % is 110 permille)."""
    return amount * rate_permille // (1_000 + rate_permille)
