"""Where a year will end, by which reckoning, and how wrong that reckoning was of late.

Two methods, both simple enough to be done by hand:

- **shape of last year**: what stands now, times what last year came to in the end over what it had
  reached by the end of the same month. Agencies spend late, and mostly as late as the year before.
- **even months**: where last year has nothing to compare with, the mean of the months that are
  over, for each month of the year.

The error is not assumed: the same method is put back to an earlier month of this year, as many
months ago as the year still has (or as many as there are), and its forecast for the last finished
month is compared with what that month came to. docs/reports.md has a worked example.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

MONTHS = 12
FEWEST_MONTHS = 2
"""Finished months of this year below which nothing is foretold: there is nothing to check it by."""
LEAST_OF_LAST_YEAR = Fraction(1, 20)
"""What last year must have reached by the same month, of its whole, to be a shape at all."""


class Method(StrEnum):
    SHAPE = "shape"
    EVEN = "even"


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a year will come to, in whole rupiah."""

    amount: int
    low_amount: int
    high_amount: int
    method: Method
    error_permille: int
    """How far the same method was off, `checked_months` ago, of what came."""
    checked_months: int
    months_over: int
    """Finished months that it is reckoned from."""
    reckoned_amount: int
    """What the method gives by itself; the forecast is never below what stands already."""
    foretold_amount: int
    """What the method, put back, foretold for the last finished month."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What a year still asks for: missing rupiah over the months left, this one included."""

    missing_amount: int
    months_left: int

    @property
    def monthly_amount(self) -> int:
        """Rounded up: paying it each month reaches the target."""
        return -(-self.missing_amount // self.months_left)


def foresee(
    finished: Sequence[int], *, now: int, open_commitments: int, last_year: Sequence[int]
) -> Forecast | None:
    """Foretell the end of a running year; None where it has too little to be reckoned from.

    `finished`: realised up to the end of each month that is over, from January on; `now`: realised
    up to today; `last_year`: the same of the year before, twelve months, or nothing. Never less
    than what is realised already; what is committed is taken to be realised too.
    """
    over = len(finished)
    if not FEWEST_MONTHS <= over < MONTHS or finished[-1] <= 0:
        return None
    method = Method.SHAPE if _has_shape(last_year, over) else Method.EVEN
    back = min(MONTHS - over, over - 1)
    came = finished[-1]
    if method is Method.SHAPE and not _has_shape(last_year, over - back):
        method = Method.EVEN
    foretold = _reckon(method, finished[: over - back], last_year, until=over)
    error = abs(Fraction(foretold - came, came))
    reckoned = _reckon(method, finished, last_year, until=MONTHS)
    amount = max(reckoned, now + open_commitments)
    spread = round(amount * error)
    return Forecast(
        amount=amount,
        low_amount=max(amount - spread, now),
        high_amount=amount + spread,
        method=method,
        error_permille=round(error * 1_000),
        checked_months=back,
        months_over=over,
        reckoned_amount=reckoned,
        foretold_amount=foretold,
    )


def _has_shape(last_year: Sequence[int], month: int) -> bool:
    if len(last_year) < MONTHS or last_year[-1] <= 0:
        return False
    return last_year[month - 1] >= last_year[-1] * LEAST_OF_LAST_YEAR


def _reckon(method: Method, finished: Sequence[int], last_year: Sequence[int], until: int) -> int:
    """What the end of month `until` comes to, from the months that are over."""
    over = len(finished)
    if method is Method.EVEN:
        return finished[-1] * until // over
    return finished[-1] * last_year[until - 1] // last_year[over - 1]
