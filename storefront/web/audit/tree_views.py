"""The tree of agencies by its dates, and who changed it by which document."""

from flask.typing import ResponseReturnValue

from storefront.web import tree_desk
from storefront.web.audit.office import audit
from storefront.web.tree_desk import TreeDesk

DESK = TreeDesk("audit")


@audit.get("/tree")
def tree() -> ResponseReturnValue:
    """Everything as it stood on a day (`on`), or what stood below one agency (`below`)."""
    return tree_desk.show_tree(DESK)


@audit.get("/changes/<int:change_id>")
def change(change_id: int) -> ResponseReturnValue:
    """A change with all that it touches, and who proposed and confirmed it."""
    return tree_desk.show_change(DESK, change_id)
