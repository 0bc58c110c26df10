"""Trees, against Certificate Transparency's reference tree of eight leaves and the RFC's own words.

The definitions below are those of RFC 9162 (2.1), recursion and all: slow, and plainly right.
"""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.merkle import (
    Frontier,
    consistency_proof,
    fold,
    included_root,
    inclusion_proof,
    is_consistent,
    root,
)

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LEAVES_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
LEAVES_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
LEAVES_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
LEAVES_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

trees = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


@pytest.mark.parametrize("size", range(9))
def test_the_reference_tree_has_its_known_roots(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("size", "index", "proof"),
    [
        (1, 0, []),
        (8, 0, [LEAF_1, LEAVES_2_3, LEAVES_4_7]),
        (8, 5, [LEAF_4, LEAVES_6_7, ROOTS[4]]),
        (3, 2, [ROOTS[2]]),
        (5, 1, [ROOTS[1], LEAVES_2_3, LEAF_4]),
    ],
)
def test_known_inclusion_proofs(size: int, index: int, proof: list[str]) -> None:
    assert [node.hex() for node in inclusion_proof(LEAVES[:size], index)] == proof


@pytest.mark.parametrize(
    ("old", "size", "proof"),
    [
        (1, 1, []),
        (1, 8, [LEAF_1, LEAVES_2_3, LEAVES_4_7]),
        (6, 8, [LEAVES_4_5, LEAVES_6_7, ROOTS[4]]),
        (2, 5, [LEAVES_2_3, LEAF_4]),
    ],
)
def test_known_consistency_proofs(old: int, size: int, proof: list[str]) -> None:
    assert [node.hex() for node in consistency_proof(LEAVES[:size], old)] == proof


@given(leaves=trees)
def test_the_root_is_what_the_definition_says(leaves: list[bytes]) -> None:
    assert root(leaves) == defined_root(leaves)


@given(leaves=trees, data=st.data())
def test_proofs_are_what_the_definition_says(leaves: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    assert inclusion_proof(leaves, at) == defined_inclusion(leaves, at)
    assert consistency_proof(leaves, at + 1) == defined_consistency(leaves, at + 1, whole=True)


@given(leaves=trees, width=st.sampled_from([1, 2, 4, 8, 16]))
def test_a_root_can_be_folded_from_subtrees(leaves: list[bytes], width: int) -> None:
    row = [root(leaves[at : at + width]) for at in range(0, len(leaves), width)]
    assert fold(row) == root(leaves)


@given(leaves=trees, width=st.sampled_from([1, 2, 4, 8]))
def test_every_root_is_known_on_the_way(leaves: list[bytes], width: int) -> None:
    edge = Frontier()
    for first in range(0, len(leaves), width):
        for last in range(first + 1, min(first + width, len(leaves) + 1)):
            assert edge.root(root(leaves[first:last])) == root(leaves[:last])
        edge.add(root(leaves[first : first + width]))
    assert edge.root() == root(leaves)
    assert Frontier().root() == root([])


@given(leaves=trees, data=st.data())
def test_both_proofs_lead_to_the_root_for_every_leaf_and_every_older_tree(
    leaves: list[bytes], data: st.DataObject
) -> None:
    at, size = data.draw(st.integers(0, len(leaves) - 1)), len(leaves)
    assert included_root(leaves[at], at, size, inclusion_proof(leaves, at)) == root(leaves)
    old_root = root(leaves[: at + 1])
    proof = consistency_proof(leaves, at + 1)
    assert is_consistent(at + 1, old_root, size, root(leaves), proof)


@given(leaves=trees, data=st.data())
def test_a_proof_of_another_leaf_place_or_tree_leads_elsewhere(
    leaves: list[bytes], data: st.DataObject
) -> None:
    at, size = data.draw(st.integers(0, len(leaves) - 1)), len(leaves)
    proof = inclusion_proof(leaves, at)
    assert included_root(leaves[at] + b"x", at, size, proof) != root(leaves)
    assert included_root(leaves[at], at, size, [*proof, b"x" * 32]) is None
    assert included_root(leaves[at], size, size, proof) is None
    if proof:
        assert included_root(leaves[at], at, size, proof[:-1]) is None
        changed = [b"x" * 32, *proof[1:]]
        assert included_root(leaves[at], at, size, changed) != root(leaves)


@given(leaves=trees, data=st.data())
def test_a_tree_that_was_not_only_added_to_has_no_proof(
    leaves: list[bytes], data: st.DataObject
) -> None:
    at, size = data.draw(st.integers(0, len(leaves) - 1)), len(leaves)
    other = [*leaves]
    other[at] += b"x"
    for old in range(at + 1, size + 1):
        proof = consistency_proof(other, old)
        assert not is_consistent(old, root(leaves[:old]), size, root(other), proof)
        assert not is_consistent(old, root(other[:old]), size, root(other), [*proof, b"x" * 32])
        if proof:
            rest = proof[:-1]
            assert not is_consistent(old, root(other[:old]), size, root(other), rest)


def test_there_is_no_proof_from_outside_the_tree() -> None:
    for size in (0, 4):
        with pytest.raises(IndexError):
            consistency_proof(LEAVES[:3], size)
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion_proof(LEAVES[:3], index)
    assert not is_consistent(0, root([]), 3, root(LEAVES[:3]), [])
    assert not is_consistent(4, root(LEAVES[:4]), 3, root(LEAVES[:3]), [])


def defined_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


def defined_inclusion(leaves: list[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*defined_inclusion(leaves[:k], index), defined_root(leaves[k:])]
    return [*defined_inclusion(leaves[k:], index - k), defined_root(leaves[:k])]


def defined_consistency(leaves: list[bytes], old: int, *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [defined_root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*defined_consistency(leaves[:k], old, whole=whole), defined_root(leaves[k:])]
    return [*defined_consistency(leaves[k:], old - k, whole=False), defined_root(leaves[:k])]


def split(size: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (size - 1).bit_length() - 1
