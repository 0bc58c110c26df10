"""The demo's mailbox: every mail, as it was sent. There is none in production."""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from config import Environment
from storefront.core.errors import NotFound
from storefront.core.paging import page_number
from storefront.extensions import db
from storefront.notifications.mail import list_mails

dev_mail = Blueprint("dev_mail", __name__)


@dev_mail.before_request
def _only_in_the_demo() -> None:
    if current_app.config["SETTINGS"].environment is Environment.PRODUCTION:
        raise NotFound


@dev_mail.get("/dev/mail")
def show() -> ResponseReturnValue:
    """Newest first; `?to=` shows one address."""
    to = request.args.get("to", "")
    page = list_mails(db.session(), to=to, page=page_number(request.args.get("page", type=int)))
    return render_template("dev/mail.html", page=page, to=to)
