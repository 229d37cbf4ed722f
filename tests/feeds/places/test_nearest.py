"""What the kernels of the gate may not get wrong by themselves; that they agree with the definition is test_gate's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from shapely import LineString, Point, box

from hereabouts.feeds.places import nearest
from hereabouts.feeds.places.nearest import facts_of
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
