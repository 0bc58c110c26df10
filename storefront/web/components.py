"""What every template may call: how amounts, days and names are written."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import count, pairwise
from secrets import token_hex

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, get_group_symbol
from flask import Flask, g, has_request_context, request
from flask_babel import get_locale, gettext

from storefront.core.calendar import city_day, city_time, end_in_words
from storefront.web import charts, fields, pieces

Number = int | float | Decimal | Fraction

INDONESIAN = Locale("id")
NIP_PARTS = (0, 8, 14, 15, 18)
NIP_LENGTH = 18
INITIALS = 2
KILO = 1000
MOST_WRITTEN = 4_096
"""Numbers and days that are kept as they were written: Babel reads its pattern anew each time."""
ROUNDED_FROM = 100
"""From here a short amount has no decimal: Rp228 M, but Rp22,8 M."""


def init_app(app: Flask) -> None:
    pieces.init_app(app)
    app.jinja_env.filters.update({written.__name__: written for written in FILTERS})
    app.jinja_env.globals.update(
        unique_id=unique_id,
        current_locale=current_locale,
        field_kind=fields.kind,
        error_links=fields.error_links,
        column_plot=charts.column_plot,
        city_plot=charts.city_plot,
        spark_points=charts.spark_points,
        bar_parts=charts.bar_parts,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def current_locale() -> str:
    """The language of this page, as its `lang` attribute says it: `id` or `en`."""
    return str(_locale().language)


def unique_id(prefix: str) -> str:
    """An id that no other piece has, on this page or on one into which htmx puts this part."""
    if "piece_numbers" not in g:
        partial = has_request_context() and "HX-Request" in request.headers
        g.piece_numbers = count(1)
        g.piece_suffix = f"-{token_hex(3)}" if partial else ""
    return f"{prefix}-{next(g.piece_numbers)}{g.piece_suffix}"


def rupiah(amount: int) -> str:
    """`Rp15.000`. (Babel's own pattern for Indonesian would add `,00`.)"""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{number(abs(amount))}"


def rupiah_short(amount: int) -> str:
    """`Rp1,3 jt`, `Rp15,5 M`, `Rp228 M`: for charts and tiles, beside the full amount or its table.

    Babel's compact form would call 1.500.000 `Rp2 jt`.
    """
    scales = (
        (10**12, gettext("T")),
        (10**9, gettext("M")),
        (10**6, gettext("jt")),
        (10**3, gettext("rb")),
    )
    sign = "-" if amount < 0 else ""
    for scale, word in scales:
        if abs(amount) * 10_000 >= scale * 9_995:  # below it, the next scale would show 1.000
            shown = _rounded(Decimal(abs(amount)) / scale)
            return f"{sign}Rp{_decimal(shown, '#,##0.#')} {word}"
    return rupiah(amount)


def number(value: Number) -> str:
    """`3.213`."""
    if isinstance(value, int):  # the way of nearly all: Babel reads its pattern anew each time
        return f"{value:,}".replace(",", get_group_symbol(_locale()))
    return _decimal(value, "#,##0.###")


def percent(value: Number, digits: int = 1) -> str:
    """`30,7%`, half up. The value is in per cent: 40 is 40%."""
    step = Decimal(1).scaleb(-digits)
    shown = _exact(value).quantize(step, ROUND_HALF_UP)
    return f"{_decimal(shown, '0.' + '0' * digits if digits else '0')}%"


def day(when: date) -> str:
    """`Selasa, 24 November 2026`. Of an instant: its day in the city; so in all that follow."""
    return _date(when, "EEEE, d MMMM y")


def day_near(when: date) -> str:
    """`Selasa, 24 November`, where the year is plain."""
    return _date(when, "EEEE, d MMMM")


def day_plain(when: date) -> str:
    """`24 November 2026`."""
    return _date(when, "d MMMM y")


def day_short(when: date) -> str:
    """`24 Nov 2026`, for tables."""
    return _date(when, "d MMM y")


def clock(instant: datetime) -> str:
    """`09.12`, on the city's clock."""
    pattern = "HH.mm" if _locale() == INDONESIAN else "HH:mm"
    return str(format_time(city_time(instant).time(), pattern, locale=_locale()))


def instant(when: datetime) -> str:
    """`24 November 2026 pukul 09.12`."""
    return str(gettext("%(day)s pukul %(time)s", day=day_plain(when), time=clock(when)))


def instant_near(when: datetime) -> str:
    """`Selasa, 24 November, 09.12`."""
    return f"{day_near(when)}, {clock(when)}"


def day_and_time_of(end: datetime) -> tuple[date, str]:
    """The day that an end belongs to, and its time: midnight is 24.00 of the day before."""
    ends_on, at = end_in_words(end)
    midnight = "24.00" if _locale() == INDONESIAN else "24:00"
    return ends_on, midnight if at is None else clock(end)


def deadline(end: datetime) -> str:
    """An instant until which something can be done: `1 Desember 2026 pukul 24.00` at midnight."""
    ends_on, time = day_and_time_of(end)
    return str(gettext("%(day)s pukul %(time)s", day=day_plain(ends_on), time=time))


def deadline_near(end: datetime) -> str:
    """`Selasa, 1 Desember, 24.00`."""
    ends_on, time = day_and_time_of(end)
    return f"{day_near(ends_on)}, {time}"


def month(of: str | date) -> str:
    """`November 2026`, of a `YYYY-MM` or a day."""
    return _date(_first_of(of), "MMMM y")


def month_short(of: str | date) -> str:
    """`Nov`."""
    return _date(_first_of(of), "MMM")


def initials(name: str) -> str:
    """`RA` of Rina Amelia, `BE` of Dapur Bu Euis; titles are left out."""
    words = [word for word in name.split(",", maxsplit=1)[0].split() if not word.endswith(".")]
    letters = [word.lstrip("\"'(“")[:1] for word in words]
    return "".join(letter for letter in letters if letter.isalnum())[-INITIALS:].upper()


def nip(written: str) -> str:
    """`19790505 200501 1 004`; what has no 18 digits stays as it is."""
    if len(written) != NIP_LENGTH:
        return written
    return " ".join(written[a:b] for a, b in pairwise(NIP_PARTS))


def file_size(size: int) -> str:
    """`412 kB`, `1,2 MB`."""
    if size < KILO * KILO:
        return f"{number(max(1, round(size / KILO)))} kB"
    return f"{_decimal(_rounded(Decimal(size) / KILO**2), '#,##0.#')} MB"


FILTERS: tuple[Callable[..., str], ...] = (
    rupiah,
    rupiah_short,
    number,
    percent,
    day,
    day_near,
    day_plain,
    day_short,
    clock,
    instant,
    instant_near,
    deadline,
    deadline_near,
    month,
    month_short,
    initials,
    nip,
    file_size,
)


def _locale() -> Locale:
    locale: Locale | None = get_locale()
    return locale or INDONESIAN


def _exact(value: Number) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(str(value))


def _rounded(value: Decimal) -> Decimal:
    step = Decimal(1) if value >= ROUNDED_FROM else Decimal("0.1")
    return value.quantize(step, ROUND_HALF_UP)


def _decimal(value: Number, pattern: str) -> str:
    return _decimal_in(_locale(), _exact(value), pattern)


def _date(when: date, pattern: str) -> str:
    on = city_day(when) if isinstance(when, datetime) else when
    return _date_in(_locale(), on, pattern)


@lru_cache(MOST_WRITTEN)
def _decimal_in(locale: Locale, value: Decimal, pattern: str) -> str:
    return str(format_decimal(value, pattern, locale=locale))


@lru_cache(MOST_WRITTEN)
def _date_in(locale: Locale, day: date, pattern: str) -> str:
    return str(format_date(day, pattern, locale=locale))


def _first_of(of: str | date) -> date:
    return date.fromisoformat(f"{of}-01") if isinstance(of, str) else of
