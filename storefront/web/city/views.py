"""The city's side, whole: the blueprint with every page on it."""

from storefront.web.city import (
    agency_views,
    bulletin_views,
    check_views,
    close_views,
    correction_views,
    exemption_views,
    explain_views,
    export_views,
    home_views,
    import_views,
    people_views,
    plan_views,
    programme_views,
    refund_views,
    rule_views,
    seller_views,
    signal_views,
    slip_views,
    tree_views,
    trial_views,
    year_end_views,
    year_views,
)
from storefront.web.city.office import city

__all__ = ["PAGES", "city"]

PAGES = (
    agency_views,
    bulletin_views,
    check_views,
    close_views,
    correction_views,
    exemption_views,
    explain_views,
    export_views,
    home_views,
    import_views,
    people_views,
    programme_views,
    plan_views,
    refund_views,
    rule_views,
    seller_views,
    signal_views,
    slip_views,
    tree_views,
    trial_views,
    year_end_views,
    year_views,
)
"""Modules that put their pages on the blueprint when they are loaded."""
