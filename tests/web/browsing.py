"""A browser without JavaScript: it follows links and sends forms as they are shown."""

from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from storefront.accounts import sessions
from storefront.core.database import transaction
from storefront.core.permissions import PersonId


@dataclass
class Form:
    """A form with what a browser would send of it, button apart."""

    action: str
    method: str
    id: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, **changed: Any) -> "MultiDict[str, str]":
        """The fields, some of them changed; None leaves one out."""
        kept = [(name, value) for name, value in self.fields if name not in changed]
        typed = [(name, str(value)) for name, value in changed.items() if value is not None]
        return MultiDict(kept + typed)

    def __getitem__(self, name: str) -> str:
        return next(value for own, value in self.fields if own == name)

    def __contains__(self, name: str) -> bool:
        return any(own == name for own, _value in self.fields)


class Forms(HTMLParser):
    """The forms of a page. A control may stand outside of its form and name it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._outside: list[tuple[str, str, str]] = []
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._textarea: str | None = None
        self._text = ""
        self.feed(html)
        for form_id, name, value in self._outside:
            next(form for form in self.forms if form.id == form_id).fields.append((name, value))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(a.get("action", ""), a.get("method", "get"), a.get("id", ""))
            self.forms.append(self._open)
        elif tag == "input" and a.get("name"):
            is_choice = a.get("type") in {"checkbox", "radio"}
            if not is_choice or "checked" in a:
                self._add(a, a["name"], a.get("value", "on" if is_choice else ""))
        elif tag == "select":
            self._select, self._options = a.get("name"), []
        elif tag == "option":
            self._options.append((a.get("value", ""), "selected" in a))
        elif tag == "textarea":
            self._textarea, self._text = a.get("name"), ""
        elif tag == "button" and self._open is not None and a.get("type") != "button":
            self._open.buttons.append((a.get("name", ""), a.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select and self._open is not None and self._options:
            chosen = [value for value, is_selected in self._options if is_selected]
            self._open.fields.append((self._select, (chosen or [self._options[0][0]])[0]))
        elif tag == "textarea" and self._textarea and self._open is not None:
            self._open.fields.append((self._textarea, self._text.removeprefix("\r\n")))
            self._textarea = None

    def handle_data(self, data: str) -> None:
        self._text += data

    def _add(self, attributes: dict[str, str], name: str, value: str) -> None:
        if "form" in attributes:
            self._outside.append((attributes["form"], name, value))
        elif self._open is not None:
            self._open.fields.append((name, value))


def form_to(answer: TestResponse, action: str) -> Form:
    """The form of a page whose address begins so."""
    found = [form for form in Forms(answer.text).forms if form.action.startswith(action)]
    assert found, f"no form to {action}"
    return found[0]


def sign_in(
    app: Flask,
    session: Session,
    person_id: PersonId,
    *,
    now: datetime,
    client: FlaskClient | None = None,
) -> FlaskClient:
    """A browser that is signed in; one that was a guest's keeps what it had."""
    client = client or app.test_client()
    with transaction(session):
        key = sessions.begin(session, person_id, device="Firefox", now=now, replaces=None)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = key
    return client
