"""Corrections of the ledger, read by the auditor: every document, its evidence, both hands."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from storefront.extensions import db
from storefront.orders.affected_queries import late_records
from storefront.quota.correction_models import CorrectionKind, CorrectionState
from storefront.quota.correction_queries import (
    CorrectionFilter,
    find_correction,
    list_corrections,
)
from storefront.quota.models import Fund
from storefront.web.audit.office import audit
from storefront.web.correction_words import likenesses_of, send_evidence
from storefront.web.identity import current_actor

STATES = {each.value: each for each in CorrectionState}
KINDS = {each.value: each for each in CorrectionKind}


@audit.get("/corrections")
def corrections() -> ResponseReturnValue:
    """All documents, the latest first; by kind, state, or agency."""
    wanted = CorrectionFilter(
        agency_code=request.args.get("agency", "").strip() or None,
        kind=KINDS.get(request.args.get("kind", "")),
        state=STATES.get(request.args.get("state", "")),
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "audit/corrections.html", page=list_corrections(db.session(), wanted), wanted=wanted
    )


@audit.get("/corrections/<int:correction_id>")
def correction(correction_id: int) -> ResponseReturnValue:
    """One document whole. Of own money only that it stands there."""
    view = find_correction(db.session(), correction_id)
    is_personal = view.row.fund is Fund.PERSONAL
    actor = current_actor()
    return render_template(
        "audit/correction.html",
        view=view,
        row=view.row,
        alike=likenesses_of(view),
        records=late_records(db.session(), actor, correction_id=correction_id)
        if is_personal
        else (),
    )


@audit.get("/corrections/<int:correction_id>/evidence")
def correction_evidence(correction_id: int) -> Response:
    return send_evidence(correction_id)
