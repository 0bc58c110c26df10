"""Checkpoints of the ledger for everybody: what they are, each as its signed note, and the keys."""

from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue

from storefront.core.paging import page_number
from storefront.extensions import db
from storefront.quota import checkpoints as kept
from storefront.quota.models import TreeName

PLAIN = "text/plain; charset=utf-8"
VERIFIER = Path(__file__).parents[2] / "docs" / "verify_ledger.py"

checkpoints = Blueprint("checkpoints", __name__, url_prefix="/ledger")


@checkpoints.get("/checkpoints")
def show_all() -> ResponseReturnValue:
    """All of both logs, the latest first, and how one is checked."""
    page = kept.list_checkpoints(db.session(), page=page_number(request.args.get("page", type=int)))
    return render_template("pages/checkpoints.html", page=page, trees=TreeName)


@checkpoints.get("/checkpoints/<int:size>", defaults={"tree": TreeName.LEDGER.value})
@checkpoints.get("/checkpoints/<any(audit):tree>/<int:size>")
def show(size: int, tree: str) -> ResponseReturnValue:
    """The note, to the byte as it was signed."""
    found = kept.find(db.session(), size, TreeName(tree))
    if found is None:
        abort(404)
    return Response(found.note, content_type=PLAIN)


@checkpoints.get("/key")
def keys() -> ResponseReturnValue:
    """The keys that verify them, one a line, the newest first."""
    lines = "".join(f"{key}\n" for key in kept.keys(db.session()))
    return Response(lines, content_type=PLAIN)


@checkpoints.get("/verify_ledger.py")
def verifier() -> ResponseReturnValue:
    """The program that checks proofs and exports without the store, to keep beside them.

    Whoever doubts the store takes it from the repository instead: docs/promises.md.
    """
    return send_file(VERIFIER, mimetype="text/x-python", as_attachment=True)
