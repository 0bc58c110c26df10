"""What all refusals of the store have in common."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import combinations

import pytest
from flask_babel import force_locale

import storefront
from storefront.catalog.wishes import VariantRefused
from storefront.core.errors import Conflict, DomainError
from storefront.web.errors import said
from tests.web.bare import bare_app

PLACEHOLDER = re.compile(r"%\((\w+)\)(.)")
NO_MESSAGE_OF_THEIR_OWN = {Conflict, VariantRefused}
"""Only derived from."""


def refusals(of: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every class of the store, of tests none."""
    for each in of.__subclasses__():
        if each.__module__.startswith("storefront.") and each not in NO_MESSAGE_OF_THEIR_OWN:
            yield each
        yield from refusals(each)


for _module in pkgutil.walk_packages(storefront.__path__, "storefront."):
    import_module(_module.name)
ALL = sorted(set(refusals()), key=lambda each: (each.__module__, each.__name__))


def test_there_are_refusals_of_every_room() -> None:
    rooms = {each.__module__.split(".")[1] for each in ALL}
    assert rooms >= {"core", "accounts", "agencies", "sellers", "catalog", "payments", "orders"}


@pytest.mark.parametrize("refusal", ALL, ids=lambda each: each.__name__)
def test_a_refusal_has_a_code_and_says_its_details_in_both_languages(
    refusal: type[DomainError],
) -> None:
    """`..._amount` is rupiah and `..._word` words by then, so neither is written as a number."""
    assert re.fullmatch(r"[a-z][a-z_]*", refusal.code)
    found = PLACEHOLDER.findall(refusal.message)
    assert {kind for _name, kind in found} <= {"s", "d"}
    assert refusal.message.replace("%%", "").count("%") == len(found)
    details = {name: "kata" if name.endswith("_word") else 2026 for name, _kind in found}
    with bare_app().test_request_context("/"):
        for language in ("id", "en"):
            with force_locale(language):
                assert "%(" not in said(refusal.message, details)


def test_a_code_belongs_to_one_refusal_and_what_derives_from_it() -> None:
    """Two rooms that neither may ask the other say the same thing under the same name."""
    shared = [
        (one, other)
        for one, other in combinations(ALL, 2)
        if one.code == other.code and one.__name__ != other.__name__
    ]
    assert [
        (one, other) for one, other in shared if not _where_said(one) & _where_said(other)
    ] == []


def _where_said(of: type[DomainError]) -> set[type]:
    """The refusal itself or what it derives from, as far as they state its code."""
    return {base for base in of.__mro__ if base.__dict__.get("code") == of.code}
