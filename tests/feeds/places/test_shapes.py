"""Footprints: what can be none, and what shapes are made of, across the antimeridian too."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from hereabouts.feeds.places.shapes import AREA, LINE, POINT, Parts, canonical, faults_of, parts_of


def shapes(*found: shapely.Geometry | None) -> NDArray[np.object_]:
    return np.array([*found, None], np.object_)[:-1]


def parts(*found: shapely.Geometry) -> Parts:
    return parts_of(canonical(shapes(*found)))


CROSSING = Polygon([(179.9, 10), (-179.9, 10), (-179.9, 10.1), (179.9, 10.1)])
"""Two corners on each side of the antimeridian."""
DONUT = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (None, "without a geometry"),
        (shapely.GeometryCollection([Point(1, 1)]), "another geometry"),
        (Point(), "another geometry"),
        (Polygon(), "another geometry"),
        (Point(181, 0), "not on Earth"),
        (Point(0, 90.001), "not on Earth"),
        (Point(np.nan, 1), "not on Earth"),
        (LineString([(0, 1), (np.inf, 1)]), "not on Earth"),
        (Point(0, 0), "exactly 0,0"),
        (box(0, 88.5, 1, 89), "beyond 88 degrees"),
        (Polygon([(0, 80), (120, 80), (-120, 80)]), "around a pole"),
        (Polygon([(0, 1), (1, 2), (1, 1), (0, 2)]), "crosses itself"),
        (LineString([(1, 1), (1, 1)]), "crosses itself or has no extent"),
        (MultiPolygon([box(5, 5, 6, 6), Polygon([(0, 1), (1, 2), (1, 1), (0, 2)])]), "crosses itself"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_be_no_footprint(shape: shapely.Geometry | None, words: str) -> None:
    found = [said for bad, said in faults_of(shapes(Point(5, 5), shape)) if bad[1]]
    assert words in " ".join(found)
    assert not any(bad[0] for bad, _ in faults_of(shapes(Point(5, 5), shape))), "the other one is sound"


@pytest.mark.parametrize(
    "shape",
    [
        Point(180, 90),
        MultiPoint([(1, 1), (2, 2)]),
        LineString([(0, 0), (1, 0)]),
        DONUT,
        CROSSING,
        MultiPolygon([box(179, 0, 180, 1), box(-180, 0, -179, 1)]),
        MultiPolygon([box(0, 0, 2, 2), box(1, 1, 3, 3)]),
        box(-170, -60, 170, 60),
    ],
    ids=str,
)
def test_what_can_be_one(shape: shapely.Geometry) -> None:
    assert not any(bad.any() for bad, _ in faults_of(shapes(shape)))


def test_no_shapes_no_faults() -> None:
    assert all(len(bad) == 0 for bad, _ in faults_of(shapes()))


def test_one_area_has_one_canonical_form() -> None:
    ring = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    same = shapes(
        Polygon(ring),
        MultiPolygon([Polygon(ring)]),
        Polygon([(x, y, 9.0) for x, y in ring]),
        Polygon([(-x if x == 0 else x, y) for x, y in ring]),
    )
    assert len({shapely.to_wkb(shape) for shape in canonical(same)}) == 1


@pytest.mark.parametrize("repeated", [DONUT, Polygon([(1, 0), (1, 1), (0, 0), (0, 0), (1, 0)]), CROSSING], ids=str)
def test_what_is_canonical_stays_as_it_is(repeated: shapely.Geometry) -> None:
    """A registered list is read again and again, and has to keep its digest."""
    once = canonical(shapes(repeated))
    assert shapely.to_wkb(canonical(once)).tolist() == shapely.to_wkb(once).tolist()
    assert shapely.get_coordinates(once[0]).tolist() == shapely.get_coordinates(repeated).tolist()


def test_parts_of_each_kind() -> None:
    found = parts(Point(1, 2), LineString([(0, 0), (1, 1), (2, 0)]), DONUT, MultiPoint([(5, 5), (6, 6)]))
    assert found.shape.tolist() == [0, 1, 2, 3, 3]
    assert found.kind.tolist() == [POINT, LINE, AREA, POINT, POINT]
    assert np.diff(found.first_edge).tolist() == [0, 2, 8, 0, 0], "the hole has its edges too"
    assert found.centre[[0, 2]].tolist() == [[2, 1], [2, 2]]


def test_edges_join_the_corners_of_their_own_ring_alone() -> None:
    found = parts(DONUT, box(10, 10, 11, 11))
    lengths = np.hypot(*(found.edges[:, 2:] - found.edges[:, :2]).T)
    assert sorted(set(lengths.tolist())) == [1.0, 2.0, 4.0]


def test_a_jump_at_the_antimeridian_becomes_none() -> None:
    found = parts(CROSSING, LineString([(-179.9, 0), (179.9, 0)]), Point(-180, 0))
    west, _, east, _ = found.box.T
    assert (east - west).tolist() == pytest.approx([0.2, 0.2, 0.0])
    assert np.abs(found.centre[:, 1]).tolist() == pytest.approx([180.0, 180.0, 180.0])
    assert np.hypot(*(found.edges[:, 2:] - found.edges[:, :2]).T).max() < 0.3


def test_a_hole_beyond_the_antimeridian_stays_in_its_area() -> None:
    hole = [(-179.9, 1), (-179.8, 1), (-179.8, 2), (-179.9, 2)]
    found = parts(Polygon([(179, 0), (-179, 0), (-179, 3), (179, 3)], [hole]))
    west, _, east, _ = found.box[0]
    assert found.edges[:, 0].min() == west
    assert found.edges[:, 0].max() == east
    assert east - west == pytest.approx(2.0)
    assert shapely.area(found.geometry[0]) == pytest.approx(6.0 - 0.1)
