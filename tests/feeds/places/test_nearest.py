"""What the kernels of the gate may not get wrong by themselves; that they agree with the definition is test_gate's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon, box, transform

from hereabouts.feeds.places import nearest
from hereabouts.feeds.places.nearest import Facts, facts_of, judge
from hereabouts.feeds.places.shapes import parts_of
from hereabouts.hexagons import EARTH_RADIUS

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Listed


def test_its_globe_is_everybodys() -> None:
    """Written out there, as a cached kernel would not see another file change."""
    assert nearest._EARTH_RADIUS == EARTH_RADIUS


def test_edges_come_in_chunks_with_the_boxes_around_them(listed: Listed) -> None:
    winding = LineString([(x, x % 3) for x in range(21)])
    parts = parts_of(listed([Point(5, 5), winding, box(0, 0, 1, 1)]).shape)
    areas, _, first, boxes, edges = facts_of(parts, np.zeros(3), np.zeros(3))
    assert areas.tolist() == [False, False, True]
    assert first.tolist() == [0, 0, 2, 3], "a point has no edges, and 20 edges fill two chunks"
    assert boxes.tolist() == [[0, 0, 16, 2], [16, 0, 20, 2], [0, 0, 1, 1]]
    assert edges.shape == (3, 4, 16), "chunk, coordinate, edge"
    lengths = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    assert (lengths > 0).sum(axis=1).tolist() == [16, 4, 4]
    assert edges[1, :, 4:].tolist() == [[20] * 12, [2] * 12] * 2, "what is left over is the last corner"


def judged(facts: Facts, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.int32]:
    """The part that each position is at, where all parts are candidates everywhere."""
    n, parts = len(latitude), len(facts[1])
    best, starts = np.full(n, -1, np.int32), np.array([0, parts], np.int32)
    rows, candidates = np.arange(n, dtype=np.int32), np.arange(parts, dtype=np.int32)
    judge(latitude, longitude, rows, np.zeros(n, np.int32), n, starts, candidates, facts, best, np.empty(n))
    return best


SHAPES = [
    Point(0, 0),
    Point(1e-3, 2e-3),
    LineString([(-1e-3, 0), (2e-3, 1e-3), (2e-3, -1e-3)]),
    box(-1e-3, -5e-4, 1e-3, 5e-4),
    Polygon([(0, 0), (3e-3, 0), (3e-3, 3e-3), (0, 3e-3), (0, 2e-3), (2e-3, 2e-3), (2e-3, 1e-3), (0, 1e-3)]),
]
"""Also one whose centre lies outside it."""


@settings(deadline=None, max_examples=50)
@given(
    latitude=st.floats(-79.9, 79.9),
    longitude=st.sampled_from([0.0, 116.4, 179.9995]),
    chosen=st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4),
    reach=st.floats(0.01, 3000.0),
    seed=st.integers(0, 2**32),
)
def test_what_is_clear_without_measuring_is_what_measuring_would_say(
    latitude: float, longitude: float, chosen: list[shapely.Geometry], reach: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shift = rng.uniform(-1e-3, 1e-3, (len(chosen), 2)) + np.array([longitude, latitude])
    moved = [transform(shape, lambda xy, by=by: xy + by) for shape, by in zip(chosen, shift, strict=True)]
    parts = parts_of(np.array([*moved, None], np.object_)[:-1])
    margin = np.full(len(parts), reach / 2)
    facts = facts_of(parts, margin, margin)
    measured = facts[1].copy()
    measured[:, 7], measured[:, 8] = -1.0, np.inf  # nothing is clear
    # As far from a centre as the reach, nearly: where a mistake would show.
    n, of = 300, rng.integers(0, len(parts), 300)
    angle, away = (
        rng.uniform(0, 2 * np.pi, n),
        reach / 111_195 * (1 + rng.normal(0, 1, n) * 10 ** rng.uniform(-9, 0, n)),
    )
    y = parts.centre[of, 0] + away * np.sin(angle)
    x = parts.centre[of, 1] + away * np.cos(angle) / np.cos(np.radians(y))
    x = (x + 180.0) % 360.0 - 180.0
    assert judged(facts, y, x).tolist() == judged((facts[0], measured, *facts[2:]), y, x).tolist()
