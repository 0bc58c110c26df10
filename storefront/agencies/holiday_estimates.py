"""The national calendar of a year, as far as it can be known beforehand.

Days that follow the moon, and the joint leave of civil servants, are set by decree each year; for
years to come these are estimates, and the city puts them right (stack.md, "calendars").
"""

from datetime import date

LONGEST_NAME = 160


def estimates(year: int) -> dict[date, str]:
    """Public holidays and joint leave of a year, by day, with their Indonesian names.

    The library is loaded when it is asked: it takes most of a second, and the shop never asks.
    """
    from holidays import country_holidays  # noqa: PLC0415

    found = country_holidays(
        "ID", years=year, categories=("government", "public"), language="id", expand=False
    )
    return {day: name[:LONGEST_NAME] for day, name in sorted(found.items())}
