"""Agencies without a target, for a time and a reason, in two hands."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storefront.agencies.queries import agency_tree
from storefront.core.errors import DomainError, NotFound
from storefront.extensions import db, transaction
from storefront.quota import exemptions as verbs
from storefront.web import rule_desk
from storefront.web.city.office import city
from storefront.web.city.rule_forms import ExemptionForm
from storefront.web.city.rule_views import DESK
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, show_beside_field
from storefront.web.fields import choice
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303
Act = Callable[..., object]


@city.get("/exemptions")
def exemptions() -> ResponseReturnValue:
    """All that were ever proposed, and the form of a new one. `?agency=` is chosen already."""
    year = today().year
    form = _form(
        formdata=None,
        agency_code=request.args.get("agency", ""),
        valid_from=today(),
        valid_to=today().replace(year=year, month=12, day=31),
    )
    return _page(form)


@city.post("/exemptions")
def propose_exemption() -> ResponseReturnValue:
    """Propose one. The agency keeps its target until another city admin confirms it."""
    form = _form()
    if not form.validate():
        return _page(form), UNPROCESSABLE
    first, last = form.period
    try:
        with transaction() as session:
            verbs.propose_exemption(
                session,
                current_actor(),
                form.agency_code.data or "",
                valid_from=first,
                valid_to=last,
                reason=form.reason.data or "",
                document_number=form.document_number.data or "",
                now=now(),
            )
    except NotFound:
        form.agency_code.errors = [str(_("Pilih instansi dari daftar."))]
        return _page(form), UNPROCESSABLE
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(form), UNPROCESSABLE
    tell(_("Usulan tercatat. Berlaku setelah admin kota lain mengonfirmasi."))
    return redirect(url_for("city.exemptions"), code=SEE_OTHER)


@city.post("/exemptions/<int:exemption_id>")
def decide_exemption(exemption_id: int) -> ResponseReturnValue:
    """Be the second person (`decision` = `confirm`), refuse, or `end` one that holds."""
    acts: Mapping[str, tuple[Act, str]] = {
        "confirm": (verbs.confirm_exemption, _("Pengecualian dikonfirmasi.")),
        "refuse": (verbs.refuse_exemption, _("Usulan pengecualian ditolak.")),
        "end": (verbs.end_exemption, _("Pengecualian diakhiri; targetnya berlaku lagi.")),
    }
    decision = request.form.get("decision", "")
    if decision not in acts:
        raise NotFound
    act, said = acts[decision]
    with transaction() as session:
        act(session, current_actor(), exemption_id, now=now())
    tell(said)
    return redirect(url_for("city.exemptions"), code=SEE_OTHER)


def _form(**arguments: object) -> ExemptionForm:
    form = ExemptionForm(**arguments)
    form.agency_code.choices = [choice("", _("Pilih instansi")), *_agencies(db.session())]
    return form


def _agencies(session: Session) -> list[Any]:
    return [choice(row.code, f"{row.name} ({row.code})") for row in agency_tree(session)]


def _page(form: ExemptionForm) -> str:
    return rule_desk.show_exemptions(DESK, form=form)
