"""Where the gateway sends a payer back to.

Made of PUBLIC_URL, never of a request's host: the page and the worker must name the same address
for the same purchase, or a repeated opening would not be the same to the gateway.
"""

from flask import current_app

from storefront.orders.paying import ReturnAddresses


def addresses_of(number: str) -> ReturnAddresses:
    """The addresses for a purchase, by its number."""
    purchase = f"{current_app.config['SETTINGS'].public_url}/purchases/{number}"
    return ReturnAddresses(success=f"{purchase}/paid", cancel=purchase)
