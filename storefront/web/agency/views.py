"""The agency's side, whole: the blueprint with every page on it."""

from typing import Any

from storefront.web.agency import (
    approval_views,
    budget_views,
    explain_views,
    export_views,
    home_views,
    last_year_views,
    order_views,
    payment_views,
    purchase_views,
    quota_views,
    roster_change_views,
    roster_views,
    serlok_views,
    year_end_views,
)
from storefront.web.agency.office import agency
from storefront.web.agency.words import method_word, stage_pill, stage_word
from storefront.web.words import entry_word

__all__ = ["PAGES", "agency"]

PAGES = (
    approval_views,
    budget_views,
    explain_views,
    export_views,
    home_views,
    last_year_views,
    order_views,
    payment_views,
    purchase_views,
    quota_views,
    roster_change_views,
    roster_views,
    year_end_views,
    serlok_views,
)
"""Modules that put their pages on the blueprint when they are loaded."""


@agency.context_processor
def _words() -> dict[str, Any]:
    return {
        "pill_of": stage_pill,
        "stage_word": stage_word,
        "method_word": method_word,
        "entry_word": entry_word,
    }
