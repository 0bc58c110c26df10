"""What is stored of a tree gives the same roots and proofs as the whole of it."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storefront.core import merkle
from storefront.core.append_only import definitions
from storefront.core.database import transaction
from storefront.core.merkle import Span
from storefront.core.tree_tiles import (
    Tree,
    TreeTile,
    consistency,
    inclusion,
    keep_tiles,
    root_at,
    walk,
)
from tests.conftest import CountSelects

LEAVES = [number.to_bytes(32) for number in range(1_300)]
READ: list[Span] = []


def _read(_session: Session, span: Span) -> list[bytes]:
    READ.append(span)
    return LEAVES[span.first : span.last]


TREE = Tree("test", _read)
SIZES = [0, 1, 2, 255, 256, 257, 512, 700, 768, 1_024, 1_100, 1_300]


@pytest.fixture
def kept(session: Session) -> Session:
    """Hashes stored step by step, as the log grew."""
    for size in SIZES:
        with transaction(session):
            keep_tiles(session, TREE, size)
    READ.clear()
    return session


def test_a_hash_is_stored_for_every_256_leaves_once(kept: Session) -> None:
    hashes = kept.scalars(select(TreeTile.hash).order_by(TreeTile.number)).all()
    assert hashes == [merkle.root(LEAVES[at : at + 256]) for at in range(0, 1_280, 256)]


@pytest.mark.parametrize("size", SIZES)
def test_a_root_at_any_size_is_that_of_the_leaves(kept: Session, size: int) -> None:
    assert root_at(kept, TREE, size) == merkle.root(LEAVES[:size])
    assert sum(span.last - span.first for span in READ) < 256


@pytest.mark.parametrize("size", SIZES)
def test_a_root_is_known_also_before_anything_is_stored(session: Session, size: int) -> None:
    assert root_at(session, TREE, size) == merkle.root(LEAVES[:size])


@pytest.mark.parametrize("size", SIZES[1:])
def test_proofs_are_those_of_the_whole_tree(kept: Session, size: int) -> None:
    for index in {0, size // 2, size - 1}:
        proof = inclusion(kept, TREE, index, size)
        assert proof == merkle.inclusion_proof(LEAVES[:size], index)
    for old in (each for each in SIZES[1:] if each <= size):
        assert consistency(kept, TREE, old, size) == merkle.consistency_proof(LEAVES[:size], old)


def test_a_root_is_one_question_whatever_the_size(
    kept: Session, count_selects: CountSelects
) -> None:
    with count_selects() as selects:
        root_at(kept, TREE, 1_300)
    assert len(selects) == 1


def test_a_walk_finds_every_root_on_the_way_and_nothing_wrong(kept: Session) -> None:
    walked = walk(kept, TREE, 1_300, [*SIZES, 2_000])
    assert walked.roots == {size: merkle.root(LEAVES[:size]) for size in SIZES}
    assert walked.wrong == []


def test_a_walk_names_the_leaves_under_a_wrong_hash(kept: Session) -> None:
    _tamper(kept, "UPDATE tree_tiles SET hash = (SELECT hash FROM tree_tiles WHERE number = 0)"
            " WHERE number = 2")  # fmt: skip
    assert walk(kept, TREE, 1_300, []).wrong == [Span(512, 768)]


def test_a_walk_names_the_leaves_under_a_hash_that_is_gone(kept: Session) -> None:
    _tamper(kept, "DELETE FROM tree_tiles WHERE number = 1")
    assert walk(kept, TREE, 1_300, []).wrong == [Span(256, 512)]


def test_a_walk_names_a_hash_over_leaves_that_are_not_there(kept: Session) -> None:
    assert walk(kept, TREE, 1_000, []).wrong == [Span(768, 1_024), Span(1_024, 1_280)]


def _tamper(session: Session, statement: str) -> None:
    dialect = session.get_bind().dialect.name
    with transaction(session):
        for name in definitions(dialect, ("tree_tiles",)):
            on = "" if dialect == "sqlite" else " ON tree_tiles"
            session.execute(text(f"DROP TRIGGER {name}{on}"))
        session.execute(text(statement))
