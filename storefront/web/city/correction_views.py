"""Corrections of the whole city: what waits for a second person, and orders held elsewhere."""

from collections.abc import Callable

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.extensions import db, transaction
from storefront.orders import moving
from storefront.orders.affected_queries import late_records, list_affected
from storefront.quota import off_platform
from storefront.quota.correction_models import CorrectionKind, CorrectionState
from storefront.quota.correction_queries import (
    CorrectionFilter,
    CorrectionView,
    find_correction,
    list_corrections,
)
from storefront.quota.evidence import MOST_BYTES, Evidence, read_evidence
from storefront.quota.models import Fund
from storefront.quota.off_platform import StatedClass
from storefront.sellers.models import SellerClass
from storefront.web.city.correction_forms import DecisionForm, MoveForm, PersonalForm
from storefront.web.city.office import city
from storefront.web.clock import now
from storefront.web.correction_words import likenesses_of, send_evidence
from storefront.web.errors import UNPROCESSABLE, in_words, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303
STATES = {each.value: each for each in CorrectionState}


@city.get("/corrections")
def corrections() -> ResponseReturnValue:
    """Documents, those that wait by default; orders held elsewhere; late records of own money."""
    return _page(MoveForm(formdata=None), PersonalForm(formdata=None))


@city.post("/corrections/moves")
def propose_moves() -> ResponseReturnValue:
    """Propose that the chosen official orders go where they belong."""
    form = MoveForm()
    chosen = request.form.getlist("orders")
    if not form.validate():
        return _page(form, PersonalForm(formdata=None), chosen=chosen), UNPROCESSABLE
    try:
        evidence = _evidence(form.evidence.data)
        with transaction() as session:
            proposed = moving.propose_moves(
                session,
                current_actor(),
                chosen,
                reason=form.reason.data or "",
                evidence=evidence,
                now=now(),
            )
            made = len(proposed)
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        name = "evidence" if refusal.field in {"picture", "evidence"} else refusal.field
        if isinstance(refusal, Conflict) or name not in form:
            told = _page(
                form, PersonalForm(formdata=None), chosen=chosen, refusal=in_words(refusal)
            )
            return told, status_of(refusal)
        form[name].errors = [*form[name].errors, in_words(refusal)]
        return _page(form, PersonalForm(formdata=None), chosen=chosen), UNPROCESSABLE
    tell(
        ngettext(
            "Usulan tersimpan dan menunggu orang kedua.",
            "%(num)s usulan tersimpan dan menunggu orang kedua.",
            made,
        )
    )
    return redirect(url_for("city.corrections"), code=SEE_OTHER)


@city.post("/corrections/personal")
def propose_personal() -> ResponseReturnValue:
    """Propose that own money follow the late records, whatever there is of it."""
    form = PersonalForm()
    if not form.validate():
        return _page(MoveForm(formdata=None), form), UNPROCESSABLE
    try:
        with transaction() as session:
            moving.propose_personal(
                session,
                current_actor(),
                reason=form.personal_reason.data or "",
                refused=_shows_refused(),
                now=now(),
            )
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        told = _page(MoveForm(formdata=None), form, refusal=in_words(refusal))
        return told, status_of(refusal)
    tell(_("Usulan tersimpan dan menunggu orang kedua."))
    return redirect(url_for("city.corrections"), code=SEE_OTHER)


@city.get("/corrections/<int:correction_id>")
def correction(correction_id: int) -> ResponseReturnValue:
    """One document, with what a second person should look at."""
    return _document(find_correction(db.session(), correction_id))


@city.get("/corrections/<int:correction_id>/evidence")
def correction_evidence(correction_id: int) -> Response:
    return send_evidence(correction_id)


@city.post("/corrections/<int:correction_id>")
def decide_correction(correction_id: int) -> ResponseReturnValue:
    """Approve (`decision` = `confirm`; of a purchase with a stated class), or refuse (`refuse`)."""
    view, form = find_correction(db.session(), correction_id), DecisionForm()
    decision = request.form.get("decision")
    if decision not in {"confirm", "refuse"}:
        raise NotFound
    if not form.validate():
        return _document(view, form=form), UNPROCESSABLE
    act = _act(view, form, confirms=decision == "confirm")
    try:
        with transaction() as session:
            act(session)
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        view = find_correction(db.session(), correction_id)
        if isinstance(refusal, Conflict) or refusal.field not in form:
            return _document(view, refusal=in_words(refusal)), status_of(refusal)
        form[refusal.field].errors = [*form[refusal.field].errors, in_words(refusal)]
        return _document(view, form=form), UNPROCESSABLE
    tell(_("Disetujui; sekarang dihitung.") if decision == "confirm" else _("Usulan ditutup."))
    return redirect(url_for("city.correction", correction_id=correction_id), code=SEE_OTHER)


def _act(
    view: CorrectionView, form: DecisionForm, *, confirms: bool
) -> Callable[[Session], object]:
    actor, of, reason = current_actor(), view.row.correction_id, form.reason.data or ""
    if view.row.kind is CorrectionKind.MOVE:
        if confirms:
            return lambda session: moving.approve_move(session, actor, of, now=now())
        return lambda session: moving.refuse_move(session, actor, of, reason=reason, now=now())
    if confirms:
        stated = _stated(form)
        return lambda session: off_platform.approve_purchase(
            session, actor, of, stated=stated, now=now()
        )
    return lambda session: off_platform.refuse_purchase(
        session, actor, of, reason=reason, now=now()
    )


def _stated(form: DecisionForm) -> StatedClass | None:
    if not form.seller_class.data:
        return None
    return StatedClass(SellerClass(form.seller_class.data), form.class_evidence.data or "")


def _evidence(sent: object) -> Evidence | None:
    if not isinstance(sent, FileStorage) or not sent.filename:
        return None
    return read_evidence(sent.filename, sent.stream.read(MOST_BYTES + 1))


def _shows_refused() -> bool:
    """Whether the page shows what somebody decided stays, to propose it again (`stays=1`)."""
    return bool(request.args.get("stays"))


def _page(
    form: MoveForm,
    personal_form: PersonalForm,
    *,
    chosen: list[str] | None = None,
    refusal: str | None = None,
) -> str:
    session, actor = db.session(), current_actor()
    state = STATES.get(request.args.get("state", CorrectionState.PROPOSED.value))
    wanted = CorrectionFilter(state=state, page=request.args.get("page", 1, type=int))
    at, refused = request.args.get("orders_page", 1, type=int), _shows_refused()
    affected = list_affected(session, actor, refused=refused, page=at)
    every = [row.number for row in affected.rows if row.is_movable and not refused]
    return render_template(
        "city/corrections.html",
        page=list_corrections(session, wanted),
        state=state,
        affected=affected,
        chosen=set(every if chosen is None else chosen),
        records=late_records(session, actor, refused=refused),
        shows_refused=refused,
        form=form,
        personal_form=personal_form,
        refusal=refusal,
    )


def _document(
    view: CorrectionView, *, form: DecisionForm | None = None, refusal: str | None = None
) -> str:
    session, actor = db.session(), current_actor()
    is_personal = view.row.fund is Fund.PERSONAL
    of = view.row.correction_id
    proposed_it = view.row.proposed_by == actor.person_id
    may_state = view.purchase is not None and view.purchase.seller_id is None
    return render_template(
        "city/correction.html",
        view=view,
        row=view.row,
        alike=likenesses_of(view),
        records=late_records(session, actor, correction_id=of) if is_personal else (),
        form=form or DecisionForm(formdata=None),
        refusal=refusal,
        may_decide=view.is_waiting and not proposed_it,
        may_take_back=view.is_waiting and proposed_it,
        may_state=may_state and view.reverses_id is None,
    )
