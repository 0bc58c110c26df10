"""People at work in an agency, each in front of a browser of their own."""

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.core.permissions import CITY, PersonId, Role, agency_scope
from tests.factories import HEALTH, NOON, signed_up
from tests.web.browsing import Form, Forms, form_to, sign_in


@dataclass(frozen=True)
class Desk:
    """A signed-in person's browser. `send` fills the form that a page shows, and sends it."""

    client: FlaskClient
    person_id: PersonId

    def see(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.text

    def form(self, page: str, action: str) -> Form:
        """The form to just that address, else one whose address begins so."""
        answer = self.client.get(page)
        exact = (form for form in Forms(answer.text).forms if form.action == action)
        return next(exact, None) or form_to(answer, action)

    def send(self, page: str, action: str, **typed: object) -> TestResponse:
        form = self.form(page, action)
        return self.client.post(form.action, data=form.filled(**typed))

    def token(self, page: str = "/agency/") -> str:
        """Of any form of a page: for a request that no page offers."""
        return self.form(page, "/logout")["csrf_token"]


def desk_of(app: Flask, session: Session, person_id: PersonId) -> Desk:
    return Desk(sign_in(app, session, person_id, now=NOON), person_id)


def city_desk(app: Flask, session: Session, role: Role) -> Desk:
    """Somebody new who holds a role over the whole city."""
    return desk_of(app, session, signed_up(session, role, CITY).person_id)


def staff(app: Flask, session: Session, role: Role, code: str = HEALTH.agency_code) -> Desk:
    """Somebody new who holds a role in an agency."""
    return desk_of(app, session, signed_up(session, role, agency_scope(code)).person_id)
