"""The look alone: layouts, pieces and static pages on an app without database or domain.

Addresses that layouts link to, and that other rooms serve, are stood in for by empty ones.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask

from storefront.extensions import csrf
from storefront.web import components, errors, frames, language, security, statics
from storefront.web.pages import pages

ROOT = Path(__file__).parents[2]
ELSEWHERE = (
    "shop.home", "shop.products", "shop.product", "shop.seller", "shop.city_figures",
    "checkpoints.show_all", "serlok.show",
    "cart.show", "buyer.orders", "account.show", "account.login", "account.logout",
    "account.reset", "seller_apply.apply",
)  # fmt: skip


def bare_app(**config: Any) -> Flask:
    app = Flask(
        "storefront", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.from_mapping(
        SECRET_KEY="k" * 32,
        STORE_NAME="Salapak",
        CITY_NAME="Kota Bandung",
        BABEL_DEFAULT_LOCALE="id",
        BABEL_DEFAULT_TIMEZONE="Asia/Jakarta",
        **config,
    )
    csrf.init_app(app)
    language.init_app(app)
    security.init_app(app)
    statics.init_app(app)
    components.init_app(app)
    frames.init_app(app)
    errors.init_app(app)
    app.register_blueprint(pages)
    _stand_in(app)
    return app


def _stand_in(app: Flask) -> None:
    for room in sorted({name.split(".")[0] for name in ELSEWHERE}):
        blueprint = Blueprint(room, __name__)
        for name in (name for name in ELSEWHERE if name.startswith(f"{room}.")):
            page = name.split(".")[1]
            path = "/" if name == "shop.home" else f"/{room}/{page}"
            path += "/<slug>" if name in {"shop.product", "shop.seller"} else ""
            blueprint.add_url_rule(
                path, endpoint=page, view_func=lambda **_: "", methods=["GET", "POST"]
            )
        app.register_blueprint(blueprint)
