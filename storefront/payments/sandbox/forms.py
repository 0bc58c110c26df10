"""Form-encoded bodies as Stripe reads them: brackets nest, numbers and `[]` make lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def parse_form(encoded: str) -> Json:
    """`a[b][0][c]=1&expand[]=x` as `{"a": {"b": [{"c": "1"}]}, "expand": ["x"]}`."""
    tree: Json = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, *_ = name.partition("[")
        _put(tree, [head, *_BRACKETS.findall(name[len(head) :])], value)
    return {key: _with_lists(value) for key, value in tree.items()}


def _put(tree: Json, path: list[str], value: str) -> None:
    *parents, last = path
    for key in parents:
        tree = tree.setdefault(key or str(len(tree)), {})
    tree[last or str(len(tree))] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _with_lists(inner) for key, inner in value.items()}
