"""The auditor's side, whole: the blueprint with every page on it."""

from typing import Any

from storefront.web.audit import (
    agency_views,
    book_views,
    check_views,
    close_views,
    correction_views,
    explain_views,
    export_views,
    log_views,
    order_views,
    rule_views,
    signal_views,
    tree_views,
    view_views,
)
from storefront.web.audit.act_words import act_word, detail_words, who_word
from storefront.web.audit.office import audit
from storefront.web.words import entry_word

__all__ = ["PAGES", "audit"]

PAGES = (
    agency_views,
    book_views,
    check_views,
    close_views,
    correction_views,
    explain_views,
    export_views,
    log_views,
    order_views,
    rule_views,
    signal_views,
    tree_views,
    view_views,
)
"""Modules that put their pages on the blueprint when they are loaded."""


@audit.context_processor
def _words() -> dict[str, Any]:
    return {
        "entry_word": entry_word,
        "act_word": act_word,
        "who_word": who_word,
        "detail_words": detail_words,
    }
