"""The definition, computed plainly, agrees with distances known by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely import LineString, MultiPoint, Point, Polygon, box

from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reference import gaps, nearest_places
from hereabouts.feeds.places.shapes import parts_of
from hereabouts.hexagons import EARTH_RADIUS

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Listed

METRE = 1.0 / math.radians(EARTH_RADIUS)
"""In degrees of latitude."""
DONUT = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])


def gap(places: PlaceList, latitude: float, longitude: float) -> list[float]:
    return list(map(float, gaps(parts_of(places.shape), places.radius, latitude, longitude)))


def test_from_a_point_by_the_haversine_formula(listed: Listed) -> None:
    quarter = math.pi * EARTH_RADIUS / 2.0
    assert gap(listed([Point(0, 90)]), 0.0, 77.0) == [pytest.approx(quarter)]
    assert gap(listed([Point(-179.5, 0)]), 0.0, 179.5) == [pytest.approx(quarter / 90.0)]
    assert gap(listed([Point(10, 50)], radius=40), 50 + 100 * METRE, 10.0) == [pytest.approx(60, abs=1e-6)]
    assert gap(listed([Point(10, 50)], radius=40), 50 + 30 * METRE, 10.0) == [0.0]


def test_from_an_area(listed: Listed) -> None:
    area = listed([box(10, 60, 11, 61)])
    assert gap(area, 60.5, 10.5) == [0.0]
    assert gap(area, 61 + 100 * METRE, 10.5) == [pytest.approx(100)]
    assert gap(area, 60.5, 11 + 100 * METRE / math.cos(math.radians(60.5))) == [pytest.approx(100)]
    corner = 61 + 30 * METRE, 11 + 40 * METRE / math.cos(math.radians(61 + 30 * METRE))
    assert gap(area, *corner) == [pytest.approx(50)]


def test_from_a_hole_and_from_a_line(listed: Listed) -> None:
    assert gap(listed([DONUT]), 2.0, 1.0 + 0.5 * METRE / math.cos(math.radians(2))) == [pytest.approx(0.5)]
    assert gap(listed([DONUT]), 2.0, 0.5) == [0.0]
    closed = LineString([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)])
    assert gap(listed([closed]), 4 - 10 * METRE, 2.0) == [pytest.approx(10)], "a line has no inside"


def test_across_the_antimeridian(listed: Listed) -> None:
    area = listed([box(179.9, -1, 180, 1), Polygon([(179.9, -1), (-179.9, -1), (-179.9, 1), (179.9, 1)])])
    assert gap(area, 0.0, -179.95)[1] == 0.0
    assert gap(area, 0.0, 179.95) == [0.0, 0.0]
    assert gap(area, 0.0, -179.9 + 5 * METRE)[1] == pytest.approx(5)
    assert gap(area, 0.0, -180 + 5 * METRE)[0] == pytest.approx(5)


def test_at_a_place_up_to_its_margin_and_no_farther(listed: Listed) -> None:
    places = listed([Point(10, 50)], radius=20, margin=30)
    metres = np.array([0, 20, 49.999, 50.001])
    assert nearest_places(places, 50 + metres * METRE, np.full(4, 10.0)).tolist() == [0, 0, 0, -1]


def test_of_several_the_nearest_footprint_counts_then_the_nearest_centre_then_the_first(listed: Listed) -> None:
    here = np.array([50.0]), np.array([10.0])
    east = 1.0 / math.cos(math.radians(50.0))
    far_but_wide, near = Point(10 + 90 * METRE * east, 50), Point(10, 50 + 20 * METRE)
    assert nearest_places(listed([far_but_wide, near], radius=[80, 0]), *here).tolist() == [0], "10 m against 20"
    assert nearest_places(listed([far_but_wide, near], radius=[95, 25]), *here).tolist() == [1], "inside of both"
    assert nearest_places(listed([near, near], ["shelters", "medical"]), *here).tolist() == [0], "the same place"
    assert nearest_places(listed([near, near], ["medical", "shelters"]), *here).tolist() == [0]


def test_a_place_of_several_parts_is_as_near_as_its_nearest(listed: Listed) -> None:
    places = listed([Point(0, 10), MultiPoint([(0, 50), (10, 50)])])
    assert nearest_places(places, np.array([50.0]), np.array([10.0])).tolist() == [1]
