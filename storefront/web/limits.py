"""How often one address may send what costs work and needs no account.

Signing in is slowed down elsewhere, by the database (`accounts/logins.py`). Here many processes
count together where there is a Redis (`REDIS_URL`); without one, or while it is away, each counts
for itself.
"""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from config import Settings

APPLICATIONS = "60 per hour"
"""A market's office may send its stalls' applications on one morning."""
GUESTS_CARTS = "1200 per hour"
"""A whole building of guests may stand behind one address."""

limiter = Limiter(get_remote_address, default_limits=[])


def init_app(app: Flask, settings: Settings) -> None:
    app.config |= {
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
    }
    limiter.enabled = True
    limiter.init_app(app)
    limiter.enabled = not app.testing  # tests come from one address
