"""Trees of every small size: proofs that are made are accepted, and no other is."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.log.merkle import (
    EMPTY,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    perfect_root,
    root,
)

ENTRIES = [f"entry {number}".encode() for number in range(70)]


def nodes(height: int, place: int) -> bytes:
    first = place << height
    return perfect_root([leaf_hash(entry) for entry in ENTRIES[first : first + (1 << height)]])


def plain_root(entries: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return hashlib.sha256(b"\1" + plain_root(entries[:k]) + plain_root(entries[k:])).digest()


@pytest.mark.parametrize("size", range(70))
def test_the_root_is_that_of_the_standard(size: int) -> None:
    assert root(size, nodes) == plain_root(ENTRIES[:size])
    assert root(0, nodes) == EMPTY


def test_known_hashes() -> None:
    """From RFC 9162's test vectors, as other implementations publish them."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"", b"").hex() == hashlib.sha256(b"\1").hexdigest()


@given(st.data())
def test_an_entry_is_proved_to_be_where_it_is_and_nowhere_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    proof, tree = inclusion_proof(index, size, nodes), root(size, nodes)
    assert is_included(ENTRIES[index], index, size, proof, tree)
    assert not is_included(b"another", index, size, proof, tree)
    for other in {(index + 1) % size, (index - 1) % size, size, -1} - {index}:
        assert not is_included(ENTRIES[index], other, size, proof, tree)
    assert not is_included(ENTRIES[index], index, size, [*proof, bytes(32)], tree)
    if proof:
        assert not is_included(ENTRIES[index], index, size, proof[:-1], tree)
        spoilt = data.draw(st.integers(0, len(proof) - 1))
        altered = [bytes(32) if place == spoilt else each for place, each in enumerate(proof)]
        assert not is_included(ENTRIES[index], index, size, altered, tree)


@given(st.integers(1, 70), st.integers(1, 70))
def test_a_tree_is_proved_to_go_on_from_an_older_one(one: int, other: int) -> None:
    old, size = sorted((one, other))
    proof = consistency_proof(old, size, nodes)
    before, now = root(old, nodes), root(size, nodes)
    assert is_consistent(old, before, size, now, proof)
    assert not is_consistent(old, bytes(32), size, now, proof)
    assert not is_consistent(old, before, size, bytes(32), proof)
    assert not is_consistent(old, before, size, now, [*proof, bytes(32)])
    if old < size:
        assert not is_consistent(old, now, size, before, proof)
        assert not is_consistent(size, now, old, before, proof)
    if proof:
        assert not is_consistent(old, before, size, now, proof[:-1])
