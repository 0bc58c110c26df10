"""Changes of the tree of agencies: proposed, looked at, decided."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies.queries import AgencyRow, agency_tree, find_agency
from storefront.agencies.tree import confirm_change, propose_change, refuse_change
from storefront.agencies.tree_models import ChangeKind
from storefront.agencies.tree_plans import check_plan
from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.extensions import db, transaction
from storefront.quota.periods import books_as_seen, open_books
from storefront.reports.tree_preview import Preview, preview
from storefront.web import tree_desk
from storefront.web.city.office import city
from storefront.web.city.tree_forms import FORMS, KINDS, ChangeForm
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.tree_desk import TreeDesk

SEE_OTHER = 303
DESK = TreeDesk("city", may_change=True)


@city.get("/tree")
def tree() -> ResponseReturnValue:
    """Everything as it stood on a day (`on`), or what stood below one agency (`below`)."""
    return tree_desk.show_tree(DESK)


@city.get("/agencies/<code>/change")
def change_form(code: str) -> ResponseReturnValue:
    kind = _kind()
    form = FORMS[kind](formdata=None, effective_on=today())
    return _form_page(find_agency(db.session(), code), kind, form)


@city.post("/agencies/<code>/change")
def propose_change_of(code: str) -> ResponseReturnValue:
    """Show what a change would touch (`action` = `preview`), or propose it."""
    kind, agency = _kind(), find_agency(db.session(), code)
    form = FORMS[kind]()
    if not form.validate():
        return _form_page(agency, kind, form), UNPROCESSABLE
    plan = form.plan(code)
    try:
        if request.form.get("action") == "preview":
            first = books_as_seen(db.session()).first_day
            check_plan(db.session(), plan, first_open=first, today=today())
            codes = [plan.agency_code, *(part.code for part in plan.parts)]
            seen = preview(db.session(), codes, on=plan.effective_on, today=today())
            return _form_page(agency, kind, form, seen)
        with transaction() as session:
            first = open_books(session).first_day
            change = propose_change(session, current_actor(), plan, first_open=first, now=now())
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        _put_beside(form, refusal)
        return _form_page(agency, kind, form), status_of(refusal)
    tell(_("Usulan tercatat dan menunggu orang kedua."))
    return redirect(url_for("city.change", change_id=change.id), code=SEE_OTHER)


@city.get("/changes/<int:change_id>")
def change(change_id: int) -> ResponseReturnValue:
    """A change with all that it touches now, before one confirms it, and afterwards."""
    return tree_desk.show_change(DESK, change_id)


@city.post("/changes/<int:change_id>")
def decide_change(change_id: int) -> ResponseReturnValue:
    """Be the second person (`decision` = `confirm`), or refuse or take it back (`refuse`)."""
    decision, actor = request.form.get("decision", ""), current_actor()
    if decision not in {"confirm", "refuse"}:
        raise NotFound
    with transaction() as session:
        if decision == "confirm":
            first = open_books(session).first_day
            confirm_change(session, actor, change_id, first_open=first, now=now())
        else:
            refuse_change(session, actor, change_id, now=now())
    tell(_("Dikonfirmasi; berlaku mulai tanggalnya.") if decision == "confirm" else _("Ditolak."))
    return redirect(url_for("city.change", change_id=change_id), code=SEE_OTHER)


def _kind() -> str:
    asked = request.args.get("kind", ChangeKind.RENAME.value)
    if asked not in FORMS:
        raise NotFound
    return asked


def _form_page(agency: AgencyRow, kind: str, form: ChangeForm, seen: Preview | None = None) -> str:
    session = db.session()
    others = [row for row in agency_tree(session) if row.code != agency.code]
    form.offer(row for row in others if row.ended_on is None)
    return render_template(
        "city/change_form.html",
        agency=agency,
        kind=kind,
        kinds=KINDS,
        form=form,
        seen=seen,
        first=books_as_seen(session).first_day,
    )


def _put_beside(form: ChangeForm, refusal: DomainError) -> None:
    """A refusal beside its field; one of the tree as a whole beside what was chosen."""
    if isinstance(refusal, Conflict) and refusal.field not in form:
        form.form_errors.append(in_words(refusal))
        return
    name = refusal.field if refusal.field in form else form.beside
    form[name].errors = [*form[name].errors, in_words(refusal)]
