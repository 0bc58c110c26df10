"""The store. `create_app` is its table of contents."""

import os

from flask import Flask

from config import Settings, read_dotenv
from storefront import extensions
from storefront.api.webhooks import webhooks
from storefront.cli.export import export
from storefront.cli.ledger import ledger
from storefront.web import components, errors, frames, language, security, startup, statics
from storefront.web.pages import pages
from storefront.web.sandbox.views import sandbox


def create_app(settings: Settings | None = None) -> Flask:
    """Build the store from its settings; by default from those of the environment."""
    settings = settings or Settings.from_environ(read_dotenv() | os.environ)
    app = Flask(
        __name__,
        template_folder="../templates",
        static_folder="../static",
        instance_path=str(settings.instance_path),
    )
    app.config.from_mapping(settings.for_flask())

    extensions.init_app(app)
    language.init_app(app)
    security.init_app(app)
    statics.init_app(app)
    components.init_app(app)
    frames.init_app(app)
    errors.init_app(app)

    app.register_blueprint(pages)
    app.register_blueprint(webhooks)
    if settings.is_sandbox:
        app.register_blueprint(sandbox)

    app.cli.add_command(export)
    app.cli.add_command(ledger)
    startup.init_app(app)
    return app
