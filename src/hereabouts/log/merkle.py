"""Merkle trees of RFC 6962: hashes, and proofs that an entry is in a tree or that one tree goes on from another.

Makers of proofs ask for hashes of perfect subtrees through a function, so that they need not know where these lie.
Checkers (RFC 9162, 2.1.3.2 and 2.1.4.2) share no code with the makers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Nodes = Callable[[int, int], bytes]
"""``nodes(height, place)``: hash of the perfect subtree over 2**height entries from ``place * 2**height`` on."""

EMPTY = hashlib.sha256().digest()
"""Root of a tree without entries."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Root above a power of two of sibling hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[place], level[place + 1]) for place in range(0, len(level), 2)]
    return level[0]


def root(size: int, nodes: Nodes) -> bytes:
    """Root of the tree of the first `size` entries."""
    return _over(0, size, nodes) if size else EMPTY


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Siblings on the way from entry `index` to the root of the tree of `size`, the lowest first (RFC 6962, 2.1.1)."""
    proof: list[bytes] = []
    first, after = 0, size
    while after - first > 1:
        middle = first + _split(after - first)
        if index < middle:
            proof.append(_over(middle, after, nodes))
            after = middle
        else:
            proof.append(_over(first, middle, nodes))
            first = middle
    return proof[::-1]


def consistency_proof(old: int, size: int, nodes: Nodes) -> list[bytes]:
    """What shows that the tree of `size` begins with the tree of `old` entries, 0 < old <= size (RFC 6962, 2.1.2)."""
    proof: list[bytes] = []
    first, after, known = 0, size, True
    while old != after:
        middle = first + _split(after - first)
        if old <= middle:
            proof.append(_over(middle, after, nodes))
            after = middle
        else:
            proof.append(_over(first, middle, nodes))
            first, known = middle, False
    if not known:
        proof.append(_over(first, after, nodes))
    return proof[::-1]


def is_included(entry: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether `proof` shows that `entry` is the one at `index` in the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf_hash(entry)
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == tree_root


def is_consistent(old: int, old_root: bytes, size: int, tree_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that a tree goes on from an older one, neither empty (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == tree_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = found = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, found = node_hash(sibling, before), node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and found == tree_root


def _split(count: int) -> int:
    """The largest power of two below `count`, which is 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _over(first: int, after: int, nodes: Nodes) -> bytes:
    """Hash of the subtree over these entries, which begins where a tree of its size may."""
    count = after - first
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return nodes(height, first >> height)
    middle = first + _split(count)
    return node_hash(_over(first, middle, nodes), _over(middle, after, nodes))
