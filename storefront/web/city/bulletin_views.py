"""The city's monthly bulletins, each a paper of a closed month."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from storefront.documents.bulletin import bulletin as bulletin_paper
from storefront.extensions import db, snapshot
from storefront.reports.bulletins import bulletin_figures, closed_months
from storefront.web.city.office import city
from storefront.web.identity import current_actor
from storefront.web.papers import checkpoint_named, letterhead, report_response


@city.get("/bulletins")
def bulletins() -> ResponseReturnValue:
    """Every closed month with its bulletin."""
    return render_template(
        "city/bulletins.html", months=closed_months(db.session(), current_actor())
    )


@city.get("/bulletins/<month>.pdf")
def bulletin(month: str) -> ResponseReturnValue:
    """The bulletin of a closed month: figures as known at its close, the same each time."""
    with snapshot() as session:
        figures = bulletin_figures(session, current_actor(), month)
    report = bulletin_paper(
        figures,
        month,
        letterhead=letterhead(current_app.config["CITY_NAME"], ""),
        checkpoint=checkpoint_named(figures.position.number),
    )
    return report_response(report, file_name=f"buletin-{month}.pdf")
