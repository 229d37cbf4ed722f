"""Children that add up over slots to what they have in all, and in every slot to no more than their parent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_ROUNDS = 100
# A child gets a trace of its parent's rhythm, so that it has somewhere to go where its own leaves no room.
_TRACE = 1e-3


def fit_within(children: Floats, totals: Floats, parents: Floats, position: Integers) -> Floats:
    """Children moved as little as has to be, by iterative proportional fitting (Deming and Stephan 1940).

    What a parent has beyond its children is fitted along as one more of them. A child's slots then add up to its
    total, within what a hundred rounds leave; never to more.

    Parameters
    ----------
    children
        Values to fit, none below zero, shape (children, slots).
    totals
        What each child has over all slots, shape (children,); those of one parent add up to no more than it has.
    parents
        Shape (parents, slots).
    position
        Each child's parent, -1 where it has none and stays as it is, shape (children,).
    """
    order = np.flatnonzero(position >= 0)
    order = order[np.argsort(position[order], kind="stable")]
    if not order.size:
        return children
    used, place = np.unique(position[order], return_inverse=True)
    first = np.flatnonzero(np.diff(place, prepend=-1))
    most, each = parents[used], totals[order]
    whole = most.sum(axis=1)
    rhythm = _over(most, whole[:, None])
    moved = (1.0 - _TRACE) * children[order] + _TRACE * each[:, None] * rhythm[place]
    rest = np.maximum(whole - np.add.reduceat(each, first), 0.0)
    left = np.maximum(most - np.add.reduceat(moved, first, axis=0), _TRACE * rest[:, None] * rhythm)
    for _ in range(_ROUNDS):
        factor = _over(most, np.add.reduceat(moved, first, axis=0) + left)
        moved, left = moved * factor[place], left * factor
        moved *= _over(each, moved.sum(axis=1))[:, None]
        left *= _over(rest, left.sum(axis=1))[:, None]
    moved *= np.minimum(_over(most, np.add.reduceat(moved, first, axis=0)), 1.0)[place]
    found = children.copy()
    found[order] = moved
    return found


def _over(parts: Floats, whole: Floats) -> Floats:
    """Quotients, 0 where there is nothing to divide by."""
    return np.divide(parts, whole, out=np.zeros(np.broadcast(parts, whole).shape), where=whole > 0.0)
