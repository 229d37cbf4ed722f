"""Whether what a plan says may be released at all: purpose, resolution, embargo, region (SL-BLOCK).

Whether it was approved is asked in :mod:`hereabouts.rules.grounds`. What it costs is not asked here: that is the
ledger's to say, and it says it last.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

from hereabouts.errors import RefusedError
from hereabouts.rules.policy import Policy
from hereabouts.rules.purposes import Purpose, require_purpose

_DAY = 86_400

SMALLEST_PIECE = 49
"""Cells of resolution 7 that a piece of a region with a sensitive place in or beside it holds at the least.

As many as lie in one cell of resolution 5: some 250 km², 9 km from the middle to the edge, so that a piece holds a town
and its roads rather than a place and its visitors. What pings at listed places would have said is gone before anything
is counted; this keeps a region, of which sums and distributions are made as well, from being drawn so tightly around
one that they speak of those who come and go. A larger region costs no more: the noise of a cell does not depend on
how many there are.
"""


def check_release(
    policy: Policy,
    *,
    purpose: str,
    finest_resolution: int,
    justification: str | None,
    window: str,
    window_end: int,
    now: int,
    purposes: Mapping[str, Purpose] | None = None,
) -> Purpose:
    """Refuse a plan that the rules do not let out; return its purpose where they do.

    Parameters
    ----------
    policy
        The store's policy.
    purpose, justification
        As the plan says; the justification is ``None`` or blank where there is none.
    finest_resolution
        Finest H3 resolution of all statistics of the plan.
    window, window_end
        The window's name, and the end of it: UTC seconds since the epoch.
    now
        UTC seconds since the epoch.
    purposes
        What may be named; the shipped purposes by default.

    Raises
    ------
    RefusedError
        By rule ``purpose``, ``resolution`` or ``embargo``: the first that is not satisfied.
    """
    named = require_purpose(purpose, purposes)
    _check_resolution(policy, finest_resolution, justification)
    _check_embargo(policy, window, window_end, now)
    return named


def refuse_region_around_places(leaves: NDArray[np.uint64], touched: NDArray[np.uint64]) -> None:
    """Refuse a region of which a piece is drawn around a sensitive place (SL-BLOCK).

    A piece is what hangs together, cell by neighbouring cell: cells far away do not make a small piece a large one. It
    is drawn around a place when it has fewer than :data:`SMALLEST_PIECE` cells and the place touches one of them, or a
    neighbour of one. The refusal says neither which place nor what kind, but that one is near: whoever may not know
    that must not be let file plans. Two large regions that differ by a piece are not refused: what they differ by is
    published cell by cell in both.

    Parameters
    ----------
    leaves
        The region's H3 cells of resolution 7, shape (n,).
    touched
        Those that a listed place touches, anywhere, shape (k,).

    Raises
    ------
    RefusedError
        By rule ``SL-BLOCK``.
    """
    region = set(leaves.tolist())
    large: set[int] = set()
    beside = [around for cell in touched.tolist() for around in h3.grid_disk(cell, 1).tolist() if around in region]
    for cell in dict.fromkeys(beside):
        piece = _piece(cell, region, large)
        if len(piece) < SMALLEST_PIECE and not piece & large:
            raise RefusedError(
                "SL-BLOCK",
                f"a piece of the plan's region has {len(piece)} cells of resolution 7 (about {len(piece) * 5} km²) and "
                f"a listed sensitive place in it or beside it; such a piece has {SMALLEST_PIECE} at the least: draw a "
                "larger region, which costs no more, or leave the piece out",
            )
        large |= piece


def _piece(start: int, region: set[int], large: set[int]) -> set[int]:
    """The cells that hang together with `start`, or so many of them that it is settled that they are enough."""
    found, edge = {start}, [start]
    while edge and len(found) < SMALLEST_PIECE and not found & large:
        ring = h3.grid_disk(edge.pop(), 1).tolist()
        new = [cell for cell in ring if cell in region and cell not in found]
        found.update(new)
        edge += new
    return found


def _check_resolution(policy: Policy, finest: int, justification: str | None) -> None:
    if finest > policy.finest_resolution and not (justification or "").strip():
        raise RefusedError(
            "resolution",
            f"the plan asks for H3 resolution {finest}, and the policy allows {policy.finest_resolution} "
            f"without a justification: ask for {policy.finest_resolution} or coarser, or say in the plan "
            "why finer is needed "
            '(justification = "..."); it is published with the release',
        )


def _check_embargo(policy: Policy, window: str, window_end: int, now: int) -> None:
    opens = window_end + policy.embargo_days * _DAY
    if now < opens:
        raise RefusedError(
            "embargo",
            f"window {window} ends at {_instant(window_end)} and is released {policy.embargo_days} days "
            f"after that at the earliest: try again from {_instant(opens)}, or release an older window",
        )


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
