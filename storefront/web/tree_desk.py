"""The tree of agencies on a day, and its changes: the city makes them, the auditor reads."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import render_template, request

from storefront.agencies.models import AgencyId
from storefront.agencies.tree_history import all_changes, find_change, pending_changes
from storefront.agencies.tree_queries import TreeNode, tree_on
from storefront.core.errors import NotFound
from storefront.extensions import db
from storefront.reports.tree_preview import preview
from storefront.web.clock import today
from storefront.web.identity import current_actor

Row = tuple[int, TreeNode, str | None, int]
"""How deep it stands, the agency, who took over from it, how many stand directly below."""


@dataclass(frozen=True)
class TreeDesk:
    """The endpoints of one side's pages, and whether one may propose and decide there."""

    side: str
    may_change: bool = False

    @property
    def tree(self) -> str:
        return f"{self.side}.tree"

    @property
    def change(self) -> str:
        return f"{self.side}.change"

    @property
    def agencies(self) -> str:
        return f"{self.side}.agencies"

    @property
    def agency(self) -> str:
        return f"{self.side}.agency"


def show_tree(desk: TreeDesk) -> str:
    """Everything as it stood on a day (`on`), or what stood below one agency (`below`)."""
    day = _asked_day()
    nodes = {id_: node for id_, node in tree_on(db.session(), day).items() if node.has_begun}
    code = request.args.get("below")
    top = next((node for node in nodes.values() if node.code == code), None)
    if code and top is None:
        raise NotFound
    return render_template(
        "city/tree.html",
        desk=desk,
        on=day,
        today=today(),
        top=top,
        above=_above(nodes, top),
        rows=list(_walk(nodes, top)),
        changes=[] if top else all_changes(db.session(), current_actor()),
    )


def show_change(desk: TreeDesk, change_id: int) -> str:
    """A change with all that it touches now, before it is decided, and afterwards."""
    session, actor = db.session(), current_actor()
    found = find_change(session, actor, change_id)
    codes = [found.agency_code, *(code for code, _name in found.parts)]
    pending = {each.change_id for each in pending_changes(session, actor)}
    return render_template(
        "city/change.html",
        desk=desk,
        change=found,
        seen=preview(session, codes, on=found.effective_on, today=today()),
        today=today(),
        may_decide=desk.may_change and change_id in pending,
    )


def _asked_day() -> date:
    """The day that the address asks for; today for none, and for what is no day."""
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today()


def _above(nodes: Mapping[AgencyId, TreeNode], top: TreeNode | None) -> list[TreeNode]:
    above: list[TreeNode] = []
    at = top.parent_id if top else None
    while at is not None and at in nodes:
        above.insert(0, nodes[at])
        at = nodes[at].parent_id
    return above


def _walk(nodes: Mapping[AgencyId, TreeNode], top: TreeNode | None) -> list[Row]:
    """Each agency before those below it, by name among its own."""
    below: dict[AgencyId | None, list[TreeNode]] = {}
    for node in sorted(nodes.values(), key=lambda node: (node.name, node.code)):
        below.setdefault(node.parent_id if node.parent_id in nodes else None, []).append(node)
    counts = Counter({id_: len(those) for id_, those in below.items()})

    def down(node: TreeNode, depth: int) -> list[Row]:
        heir = nodes.get(node.heir_id) if node.heir_id is not None else None
        rows: list[Row] = [(depth, node, heir.name if heir else None, counts[node.id])]
        for child in below.get(node.id, []):
            rows += down(child, depth + 1)
        return rows

    tops = [top] if top else below.get(None, [])
    return [row for node in tops for row in down(node, 0)]
