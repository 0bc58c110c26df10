"""The tax that prices contain: rates with the day from which they hold."""

from datetime import date

from storefront.core.money import included_tax

PPN_PERMILLE: tuple[tuple[date, int], ...] = (
    (date(1985, 4, 1), 100),  # UU 8/1983, art. 7
    (date(2022, 4, 1), 110),  # UU 7/2021, art. 4
    # UU 7/2021 says 12 % from 2025; by PMK 131/2024 it is taken of 11/12 of the price of all that
    # is no luxury, so that what a price contains is 11 % still.
)


def ppn_permille(day: date) -> int:
    """The rate of a day, in permille of the price before tax."""
    return max((since, rate) for since, rate in PPN_PERMILLE if since <= day)[1]


def tax_in(amount: int, *, is_pkp: bool, day: date) -> int:
    """The tax contained in an amount of a day, in rupiah; 0 where the seller is no PKP."""
    return included_tax(amount, ppn_permille(day)) if is_pkp else 0
