"""The runs of the check, shown alike to the auditor, who may ask for one, and to the city."""

from dataclasses import dataclass

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from storefront.core.errors import N_
from storefront.extensions import db
from storefront.reports.check_history import find_run, last_run, list_runs
from storefront.reports.check_requests import CheckRequest, find_request
from storefront.reports.checks import SEALS
from storefront.reports.reconciliation import TITLES
from storefront.web.clock import now
from storefront.web.identity import current_actor

WAITING = "pemeriksaan"
"""The id of the piece that says how far a check is, and that asks again by itself."""
DIFFERENCES = {
    "committed": N_("komitmen"),
    "realised": N_("realisasi"),
    "spent": N_("terpakai"),
    "paid": N_("dibayar"),
    "paid by its agency": N_("dibayar instansinya"),
    "withheld": N_("pajak dipungut"),
    "documents as sealed": N_("surat dan buktinya tidak seperti saat disegel"),
    "stock": N_("stok"),
    "taken": N_("diambil dari stok"),
    "seal does not match": N_("segelnya tidak cocok dengan isinya"),
    "balances do not follow from the entry before": N_("saldonya tidak menyambung"),
    "account does not match its last entry": N_("akun tidak sama dengan catatan terakhirnya"),
    "is not as it was created": N_("pengaman basis data hilang atau diubah"),
    "is missing or out of order": N_("nomornya hilang atau tidak urut"),
    "has no position and waits for none": N_("catatan ini tidak bernomor"),
    "a refund is not allocated yet": N_("dana kembali belum dialokasikan"),
}
"""What differs, in words; what has none here is shown as it is."""


@dataclass(frozen=True)
class CheckDesk:
    """The endpoints of one side's pages, and whether one may ask for a check there."""

    side: str
    may_ask: bool = False

    @property
    def list(self) -> str:
        return f"{self.side}.reconciliation"

    @property
    def run(self) -> str:
        return f"{self.side}.check_run"

    @property
    def ask(self) -> str:
        return f"{self.side}.check_now"


def show_list(desk: CheckDesk) -> ResponseReturnValue:
    """The last kept run, at once, those before it, and whether one is asked for."""
    session, actor = db.session(), current_actor()
    waiting = find_request(session, actor, now=now())
    if request.headers.get("HX-Target") == WAITING:
        return _how_far(desk, waiting)
    last = last_run(session, actor)
    page = render_template(
        "checks/list.html",
        desk=desk,
        waiting=waiting,
        last=find_run(session, actor, last.number) if last else None,
        is_stale=last is None or last.is_stale(now()),
        runs=list_runs(session, actor, before=request.args.get("before", type=int)),
        **_words(),
    )
    return make_response(page, {"Vary": "HX-Target, Cookie"})


def show_run(desk: CheckDesk, number: int) -> str:
    """One run, with all that was kept of what it found."""
    run = find_run(db.session(), current_actor(), number)
    return render_template("checks/run.html", desk=desk, run=run, **_words())


def _how_far(desk: CheckDesk, waiting: CheckRequest | None) -> Response:
    """The piece alone; once the check is made, the whole page anew."""
    if waiting is None:
        return make_response("", {"HX-Refresh": "true"})
    piece = render_template("checks/_waiting.html", desk=desk, waiting=waiting)
    return make_response(piece, {"Vary": "HX-Target, Cookie"})


def _words() -> dict[str, object]:
    return {"titles": TITLES, "seals": SEALS, "differences": DIFFERENCES}
