"""The store. `create_app` is its table of contents."""

import os

from flask import Flask

from config import Settings, read_dotenv
from storefront import extensions
from storefront.api import health
from storefront.api.webhooks import webhooks
from storefront.cli.agencies import agencies
from storefront.cli.budgets import budgets
from storefront.cli.catalog import categories
from storefront.cli.demo import demo
from storefront.cli.export import export
from storefront.cli.ledger import ledger
from storefront.cli.roster import roster
from storefront.cli.users import users
from storefront.cli.worker import worker
from storefront.web import (
    components,
    correction_words,
    errors,
    frames,
    identity,
    language,
    limits,
    logs,
    media,
    pieces,
    rule_words,
    security,
    startup,
    statics,
    watched,
)
from storefront.web.account.own_views import account
from storefront.web.agency.views import agency
from storefront.web.audit.views import audit
from storefront.web.checkpoint_pages import checkpoints
from storefront.web.city.views import city
from storefront.web.dev_mail import dev_mail
from storefront.web.pages import pages
from storefront.web.sandbox.views import sandbox
from storefront.web.seller.views import seller
from storefront.web.seller_apply.views import seller_apply
from storefront.web.shop import carts, recent
from storefront.web.shop.buyer_views import buyer
from storefront.web.shop.cart_views import cart
from storefront.web.shop.checkout_views import checkout
from storefront.web.shop.purchase_views import purchases
from storefront.web.shop.serlok_views import serlok
from storefront.web.shop.views import shop


def create_app(settings: Settings | None = None) -> Flask:
    """Build the store from its settings; by default from those of the environment."""
    settings = settings or Settings.from_environ(read_dotenv() | os.environ)
    app = Flask(
        __name__,
        template_folder="../templates",
        static_folder="../static",
        instance_path=str(settings.instance_path),
    )
    app.jinja_environment = pieces.Templates
    app.config.from_mapping(settings.for_flask())

    logs.init_app(app)
    health.init_app(app)
    extensions.init_app(app)
    identity.init_app(app)
    language.init_app(app)
    security.init_app(app)
    limits.init_app(app, settings)
    statics.init_app(app)
    components.init_app(app)
    correction_words.init_app(app)
    rule_words.init_app(app)
    frames.init_app(app)
    watched.init_app(app)
    errors.init_app(app)

    carts.init_app(app)
    recent.init_app(app)
    media.init_app(app)
    app.register_blueprint(account)
    app.register_blueprint(agency)
    app.register_blueprint(audit)
    app.register_blueprint(buyer)
    app.register_blueprint(cart)
    app.register_blueprint(checkout)
    app.register_blueprint(checkpoints)
    app.register_blueprint(city)
    app.register_blueprint(dev_mail)
    app.register_blueprint(pages)
    app.register_blueprint(purchases)
    app.register_blueprint(seller)
    app.register_blueprint(seller_apply)
    app.register_blueprint(serlok)
    app.register_blueprint(shop)
    app.register_blueprint(webhooks)
    if settings.is_sandbox:
        app.register_blueprint(sandbox)

    app.cli.add_command(agencies)
    app.cli.add_command(budgets)
    app.cli.add_command(categories)
    app.cli.add_command(demo)
    app.cli.add_command(export)
    app.cli.add_command(ledger)
    app.cli.add_command(worker)
    app.cli.add_command(roster)
    app.cli.add_command(users)
    startup.init_app(app)
    return app
