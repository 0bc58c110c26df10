"""Papers as a browser gets them: drawn once asked for, and named so that they can be filed."""

from functools import cache
from pathlib import Path

from flask import Response, current_app

from storefront.core.calendar import instant_of
from storefront.core.rendering import PaperRenderer
from storefront.documents.papers import Letterhead, Report
from storefront.extensions import db
from storefront.quota import checkpoints

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"
NOT_KEPT = "private, no-store"


@cache
def _renderer() -> PaperRenderer:
    """One a process, made with its first paper: it keeps fonts and templates."""
    return PaperRenderer(TEMPLATES)


def report_response(report: Report, *, file_name: str) -> Response:
    """The report as PDF, to be shown by the browser and saved under its name."""
    paper = _renderer().render("report", report.as_data(), at=instant_of(report.day))
    return Response(
        paper,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{file_name}"',
            "Cache-Control": NOT_KEPT,
        },
    )


def letterhead(issuer: str, address: str) -> Letterhead:
    """The city's letterhead over whoever issues the paper."""
    config = current_app.config
    return Letterhead(
        government=f"Pemerintah {config['CITY_NAME']}",
        issuer=issuer,
        address=address,
        store=config["STORE_NAME"],
    )


def checkpoint_named(position: int) -> str | None:
    """The last checkpoint up to a position, as a paper names it: its size and its root's head."""
    found = checkpoints.latest(db.session(), up_to=position)
    return None if found is None else f"{found.size} {found.root[:16]}"
