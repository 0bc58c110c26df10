"""What the store looks at when it starts, and says in its log."""

from pathlib import Path

from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import Settings
from storefront.extensions import db
from storefront.quota.rule_models import QuotaRule
from storefront.quota.rules import RuleTerms, differences_from_first
from storefront.sellers.models import SellerClass
from storefront.web.logs import log


def init_app(app: Flask) -> None:
    """Warn of a quota setting that differs from rule version 1: the table rules, not the setting.

    (contract.md, "Settings".) A database that is not there, or not migrated yet, is no news.
    """
    with app.app_context():
        if not has_table(QuotaRule.__tablename__):
            return
        with Session(db.engine) as session:
            found = differences_from_first(session, _terms(app.config["SETTINGS"]))
        db.engine.dispose()  # no connection may be shared by the workers that are forked later
    for name, (rule, setting) in found.items():
        log.warning("setting differs from rule version 1", term=name, rule=rule, setting=setting)


def has_table(name: str) -> bool:
    """Whether there is a database with this table; looking must not make an empty one."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    try:
        return inspect(db.engine).has_table(name)
    except OperationalError:
        return False


def _terms(settings: Settings) -> RuleTerms:
    return RuleTerms(
        target_permille=settings.quota_target_percent * 10,
        seller_classes=frozenset(SellerClass(name) for name in settings.quota_seller_classes),
        seller_monthly_cap_amount=settings.seller_monthly_cap,
    )
