"""How figures are written within a sentence on a paper. In tables the templates write them."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from storefront.quota.rule_models import RuleBase

INDONESIAN = "id"


def foot_of(position: int, rule_version: int, checkpoint: str | None) -> str:
    """What a figure on paper can be checked by: the state of the ledger, the rule, its seal."""
    parts = [f"Catatan kuota nomor {grouped(position)}", f"aturan versi {rule_version}"]
    if checkpoint is not None:
        parts.append(f"cap buku {checkpoint}")
    return " · ".join(parts)


def share_head(base: RuleBase) -> str:
    """Over a column of shares: of what they are, by the rule that the figures are judged by."""
    return "Dari pagu" if base is RuleBase.BUDGET else "Dari realisasi"


def day_in_words(day: date) -> str:
    """`24 November 2026`."""
    return format_date(day, "d MMMM y", locale=INDONESIAN)


def month_in_words(month: str) -> str:
    """`November 2026`, of a YYYY-MM."""
    return format_date(date.fromisoformat(f"{month}-01"), "MMMM y", locale=INDONESIAN)


def month_short(month: str) -> str:
    """`Nov`, of a YYYY-MM."""
    return format_date(date.fromisoformat(f"{month}-01"), "MMM", locale=INDONESIAN)


def grouped(number: int) -> str:
    """`18.467`."""
    return format_decimal(number, locale=INDONESIAN)


def percent_in_words(share: int) -> str:
    """Thousandths as per cent, with a decimal only where there is one: `40%`, `37,5%`."""
    return f"{format_decimal(share / 10, format='0.#', locale=INDONESIAN)}%"


def one_decimal(share: int | None) -> str:
    """Thousandths as per cent with one decimal: `30,7%`; nothing where there is no share."""
    if share is None:
        return ""
    return f"{format_decimal(share / 10, format='0.0', locale=INDONESIAN)}%"
