"""The seller's side, whole: one blueprint with all its pages."""

from storefront.web.seller import (
    home_views,
    money_views,
    order_views,
    product_views,
    profile_views,
)
from storefront.web.seller.room import seller

__all__ = ["home_views", "money_views", "order_views", "product_views", "profile_views", "seller"]
