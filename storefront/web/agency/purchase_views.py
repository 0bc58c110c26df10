"""Purchases outside the store: recorded by one, approved by another; and corrections of orders."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage

from storefront.agencies.queries import expense_accounts
from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import Action
from storefront.extensions import db, transaction
from storefront.orders.likeness import Likenesses, Probe, likenesses
from storefront.quota import off_platform
from storefront.quota.correction_models import (
    CorrectionKind,
    CorrectionState,
    OffPlatformPurchase,
)
from storefront.quota.correction_queries import (
    CorrectionFilter,
    CorrectionView,
    find_correction,
    list_corrections,
)
from storefront.quota.evidence import MOST_BYTES, Evidence, read_evidence
from storefront.quota.off_platform_plans import check_purchase
from storefront.web.agency.office import agency, current_office
from storefront.web.agency.purchase_forms import PurchaseForm, RefusalForm, ReversalForm
from storefront.web.clock import now, today
from storefront.web.correction_words import likenesses_of, send_evidence
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field, status_of
from storefront.web.fields import choice
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303
PICTURE_FAULT = "picture"
"""The field that a picture's refusals name; here the file is called otherwise."""


@agency.get("/purchases")
def purchases() -> ResponseReturnValue:
    """The agency's documents: purchases outside the store, and moves that concern it."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    asked = request.args.get("kind", "")
    kind = CorrectionKind(asked) if asked in {each.value for each in CorrectionKind} else None
    wanted = CorrectionFilter(
        agency_code=office.code, kind=kind, page=request.args.get("page", 1, type=int)
    )
    return render_template(
        "agency/purchases.html",
        page=list_corrections(db.session(), wanted),
        kind=kind,
        may_record=office.may(Action.RECORD_PURCHASE),
    )


@agency.get("/purchases/new")
def new_purchase() -> ResponseReturnValue:
    """The first step: what was bought, where, from whom."""
    current_office().require(Action.RECORD_PURCHASE)
    return _form_page(PurchaseForm(formdata=None))


@agency.post("/purchases/new")
def propose_purchase() -> ResponseReturnValue:
    """Look at it again with its likely duplicates (`action` = `check`), change it, or propose it.

    All that was typed goes along from step to step; only the file is chosen in the last one.
    """
    office = current_office()
    office.require(Action.RECORD_PURCHASE)
    form, action = PurchaseForm(), request.form.get("action", "propose")
    if action == "edit":
        return _form_page(form)
    if not form.validate():
        return _form_page(form), UNPROCESSABLE
    actor = current_actor()
    try:
        found = check_purchase(db.session(), actor, office.agency_id, form.purchase, now=now())
        if action == "check":
            return _check_page(form, found)
        evidence = _evidence(form.evidence.data)
        with transaction() as session:
            proposed = off_platform.propose_purchase(
                session, actor, office.agency_id, form.purchase, evidence, now=now()
            )
            correction_id, number = proposed.id, proposed.number
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        _put_beside(form, refusal)
        if form.evidence.errors:
            return _check_page(form, found), UNPROCESSABLE
        return _form_page(form), UNPROCESSABLE
    tell(
        _("%(number)s diajukan. Dihitung setelah orang kedua menyetujui.", number=number),
    )
    return redirect(url_for("agency.purchase", correction_id=correction_id), code=SEE_OTHER)


@agency.get("/purchases/<int:correction_id>")
def purchase(correction_id: int) -> ResponseReturnValue:
    """One document, with what an approver should look at."""
    return _page(_own(correction_id))


@agency.get("/purchases/<int:correction_id>/evidence")
def purchase_evidence(correction_id: int) -> Response:
    """Its file, for those who may see the document."""
    _own(correction_id)
    return send_evidence(correction_id)


@agency.post("/purchases/<int:correction_id>")
def decide_purchase(correction_id: int) -> ResponseReturnValue:
    """Approve (`decision` = `confirm`), or refuse or take back (`refuse`, with `reason`)."""
    view, decision, form = _own(correction_id), request.form.get("decision"), RefusalForm()
    if decision not in {"confirm", "refuse"}:
        raise NotFound
    is_own = view.row.proposed_by == current_actor().person_id
    if decision == "confirm" or not is_own:
        current_office().require(Action.CONFIRM)
    if not form.validate():
        return _page(view, refusal_form=form), UNPROCESSABLE
    try:
        with transaction() as session:
            if decision == "confirm":
                off_platform.approve_purchase(session, current_actor(), correction_id, now=now())
            else:
                reason = form.reason.data or ""
                off_platform.refuse_purchase(
                    session, current_actor(), correction_id, reason=reason, now=now()
                )
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        return _refused(correction_id, refusal, form)
    tell(_("Disetujui; sekarang dihitung.") if decision == "confirm" else _("Usulan ditutup."))
    return redirect(url_for("agency.purchase", correction_id=correction_id), code=SEE_OTHER)


@agency.post("/purchases/<int:correction_id>/reversal")
def reverse_purchase(correction_id: int) -> ResponseReturnValue:
    """Propose that an approved purchase be counted no more."""
    current_office().require(Action.RECORD_PURCHASE)
    view, form = _own(correction_id), ReversalForm()
    if not form.validate():
        return _page(view, reversal_form=form), UNPROCESSABLE
    try:
        evidence = _evidence(form.evidence.data)
        with transaction() as session:
            proposed = off_platform.propose_reversal(
                session,
                current_actor(),
                correction_id,
                reason=form.reason.data or "",
                evidence=evidence,
                now=now(),
            )
            opposite = proposed.id
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        if refusal.field in {"reason", "evidence", PICTURE_FAULT}:
            _put_beside(form, refusal)
            return _page(view, reversal_form=form), UNPROCESSABLE
        return _page(view, refusal=in_words(refusal)), status_of(refusal)
    tell(_("Pembatalan diajukan. Berlaku setelah orang kedua menyetujui."))
    return redirect(url_for("agency.purchase", correction_id=opposite), code=SEE_OTHER)


def _own(correction_id: int) -> CorrectionView:
    """A document of this agency, or one that moves orders to it; else there is none."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    view = find_correction(db.session(), correction_id)
    if office.code not in {view.row.agency_code, view.row.other_agency_code}:
        raise NotFound
    return view


def _refused(correction_id: int, refusal: DomainError, form: RefusalForm) -> ResponseReturnValue:
    view = _own(correction_id)
    if refusal.field == "reason" and not isinstance(refusal, Conflict):
        show_beside_field(form, refusal)
        return _page(view, refusal_form=form), UNPROCESSABLE
    return _page(view, refusal=in_words(refusal)), status_of(refusal)


def _evidence(sent: object) -> Evidence | None:
    if not isinstance(sent, FileStorage) or not sent.filename:
        return None
    return read_evidence(sent.filename, sent.stream.read(MOST_BYTES + 1))


def _put_beside(form: FlaskForm, refusal: DomainError) -> None:
    name = "evidence" if refusal.field == PICTURE_FAULT else refusal.field
    if name is None or name not in form:
        raise refusal
    form[name].errors = [*form[name].errors, in_words(refusal)]


def _form_page(form: PurchaseForm) -> str:
    accounts = expense_accounts(db.session())
    form.expense_account.choices = [
        choice("", _("Tidak disebut")),
        *(choice(code, f"{code} {name}") for code, name in accounts.items()),
    ]
    return render_template("agency/purchase_form.html", form=form, today=today())


def _check_page(form: PurchaseForm, found: OffPlatformPurchase) -> str:
    return render_template(
        "agency/purchase_check.html",
        form=form,
        found=found,
        alike=_alike(found),
        account=expense_accounts(db.session()).get(found.expense_account, ""),
    )


def _alike(found: OffPlatformPurchase) -> Likenesses:
    probe = Probe(
        agency_code=found.agency_code,
        bought_on=found.bought_on,
        document_number=found.document_number,
        seller_id=found.seller_id,
        seller_name=found.seller_name,
        seller_nib=found.seller_nib,
        amount=found.amount,
    )
    return likenesses(db.session(), probe)


def _page(
    view: CorrectionView,
    *,
    refusal: str | None = None,
    refusal_form: RefusalForm | None = None,
    reversal_form: ReversalForm | None = None,
) -> str:
    office, actor = current_office(), current_actor()
    is_own = view.row.agency_code == office.code and view.row.kind is CorrectionKind.ADJUST
    proposed_it = view.row.proposed_by == actor.person_id
    is_standing = (
        view.row.state is CorrectionState.APPROVED
        and view.reverses_id is None
        and view.reversed_by is None
    )
    return render_template(
        "agency/purchase.html",
        view=view,
        row=view.row,
        alike=likenesses_of(view),
        refusal=refusal,
        refusal_form=refusal_form or RefusalForm(formdata=None),
        reversal_form=reversal_form or ReversalForm(formdata=None),
        may_decide=is_own and view.is_waiting and not proposed_it and office.may(Action.CONFIRM),
        may_take_back=view.is_waiting and proposed_it,
        may_reverse=is_own and is_standing and office.may(Action.RECORD_PURCHASE),
    )
