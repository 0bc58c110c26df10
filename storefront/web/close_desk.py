"""Closed months, shown alike to the city, which closes them, and to the auditor, who reads."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from storefront.core.errors import NotFound
from storefront.core.paging import page_number
from storefront.extensions import db
from storefront.quota.closes import last_day_of
from storefront.quota.closing_models import PeriodClose
from storefront.quota.models import Amounts
from storefront.quota.seals import in_utc
from storefront.reports.close_differences import (
    close_difference,
    entries_between,
)
from storefront.reports.closes import find_close, list_closes, month_closed_before, next_close
from storefront.web.books import bring_up_to_date
from storefront.web.clock import now
from storefront.web.identity import current_actor

SEE_OTHER = 303


@dataclass(frozen=True)
class CloseDesk:
    """The endpoints of one side's pages, and whether one may propose and confirm there."""

    side: str
    may_close: bool = False

    @property
    def list(self) -> str:
        return f"{self.side}.closes"

    @property
    def close(self) -> str:
        return f"{self.side}.close"

    @property
    def compare(self) -> str:
        return f"{self.side}.compare_closes"

    @property
    def difference(self) -> str:
        return f"{self.side}.close_difference"

    @property
    def explain(self) -> str:
        return f"{self.side}.explain"

    @property
    def explain_agency(self) -> str:
        return f"{self.side}.explain_agency"

    @property
    def file(self) -> str:
        return f"{self.side}.close_difference_file"


def show_list(desk: CloseDesk) -> str:
    """The month that comes next, and those that were closed."""
    bring_up_to_date()
    session, actor = db.session(), current_actor()
    return render_template(
        "closes/list.html",
        desk=desk,
        following=next_close(session, actor, now=now()),
        page=list_closes(session, actor, page=page_number(request.args.get("page", type=int))),
        own=actor.person_id,
    )


def show_close(desk: CloseDesk, month: str) -> str:
    """What one close kept."""
    session, actor = db.session(), current_actor()
    close = find_close(session, actor, month)
    return render_template(
        "closes/close.html",
        desk=desk,
        close=close,
        moment={
            "as_of": last_day_of(month).isoformat(),
            "position": close.position,
            "known": in_utc(close.confirmed_at),
        },
        before=month_closed_before(session, month),
    )


def compare(desk: CloseDesk) -> ResponseReturnValue:
    """To the difference of two months chosen from the list, whichever was named first."""
    first, second = request.args.get("first", ""), request.args.get("second", "")
    if not first or not second or first == second:
        raise NotFound
    earlier, later = sorted((first, second))
    return redirect(url_for(desk.difference, first=earlier, second=later), code=SEE_OTHER)


def show_difference(desk: CloseDesk, first: str, second: str) -> str:
    return render_template(
        "closes/difference.html",
        desk=desk,
        difference=close_difference(db.session(), current_actor(), first, second),
    )


def difference_file(first: str, second: str) -> Response:
    """The same for programs: the same two closes give the same bytes."""
    session = db.session()
    difference = close_difference(session, current_actor(), first, second)
    positions = entries_between(session, difference)
    content = {
        "from": _close(difference.first),
        "to": _close(difference.second),
        "entries": difference.entries,
        **_amounts("change", difference.change),
        "accounts": [
            {
                "agency_code": account.agency_code,
                "fiscal_year": account.fiscal_year,
                "fund": "official",
                "seller_class": account.seller_class.value,
                **_amounts("before", account.before),
                **_amounts("change", account.change),
                **_amounts("after", account.after),
                "first_position": account.first_position,
                "last_position": account.last_position,
                "positions": positions[account.key],
            }
            for account in difference.accounts
        ],
    }
    written = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return Response(written, mimetype="application/json")


def _amounts(what: str, amounts: Amounts) -> dict[str, int]:
    return {f"committed_{what}": amounts.committed, f"realised_{what}": amounts.realised}


def _close(close: PeriodClose) -> dict[str, Any]:
    return {
        "month": close.month,
        "position": close.position,
        "checkpoint": close.checkpoint_size,
        "rule_version": close.rule_version,
        "confirmed_at": in_utc(close.confirmed_at),
    }
