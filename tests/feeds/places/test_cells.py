"""The cells of a list (SL-PURGE): no cell too few for what the gate drops, and hardly one too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from hereabouts.feeds.places.cells import cells_touched
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reading import RawPlaces
from hereabouts.hexagons import centres_of, distance
from hereabouts.movement.cells import cells_of

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Listed

HARD = [(52, -1), (0.0, 179.999), (-89.99, 20), (89.5, -170), (75, 180), (0.001, 0), (37.77, -122.42), (-60, -179.95)]


def about(latitude: float, longitude: float, metres: float, kind: int, rng: np.random.Generator) -> object:
    """A point, a line or an area of some size."""
    if kind == 0 or abs(latitude) > 80:
        return Point(longitude, latitude)
    degrees = metres / 111_195.0
    angle = np.sort(rng.uniform(0, 2 * np.pi, 12))
    x = longitude + degrees * np.cos(angle) / np.cos(np.radians(latitude))
    ring = np.column_stack([(x + 180) % 360 - 180, latitude + degrees * np.sin(angle)])
    return LineString(ring) if kind == 1 else Polygon(ring)


@settings(deadline=None, max_examples=60)
@given(
    where=st.sampled_from(HARD),
    kind=st.integers(0, 2),
    size=st.floats(1, 4),
    reach=st.floats(0, 3.5),
    resolution=st.integers(7, 9),
    seed=st.integers(0, 2**32),
)
def test_whatever_the_gate_drops_lies_in_one_of_them(
    where: tuple[float, float], kind: int, size: float, reach: float, resolution: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shape = np.array([about(*where, 10**size, kind, rng), None], np.object_)[:-1]
    places = PlaceList.of("list", RawPlaces(["medical"], shape, np.zeros(1), np.array([10**reach])))
    degrees = (10**size * (kind > 0) + 10**reach) / 111_195.0
    latitude = np.clip(where[0] + rng.uniform(-degrees, degrees, 2000), -90, 90)
    wide = degrees / np.maximum(np.cos(np.radians(latitude)), 1e-3)
    longitude = (where[1] + rng.uniform(-1, 1, 2000) * wide + 180) % 360 - 180
    there = PlaceGate(places).at(latitude, longitude) >= 0
    cells = cells_touched(places, resolution)
    assert np.isin(cells_of(latitude[there], longitude[there], resolution), cells).all()


def test_a_small_place_in_a_cells_middle_touches_that_cell_alone(listed: Listed) -> None:
    cell = h3.latlng_to_cell(52.3, -1.1, 8)
    latitude, longitude = h3.cell_to_latlng(cell)
    assert cells_touched(listed([Point(longitude, latitude)]), 8).tolist() == [cell]


def test_a_place_on_an_edge_touches_the_cells_on_both_sides(listed: Listed) -> None:
    cell = h3.latlng_to_cell(52.3, -1.1, 8)
    corners = h3.cell_to_boundary(cell)
    middle = np.mean(corners[:2], axis=0)
    found = cells_touched(listed([Point(middle[1], middle[0])], margin=50), 8).tolist()
    assert len(found) == 2
    assert cell in found
    corner = cells_touched(listed([Point(corners[0][1], corners[0][0])], margin=0), 8)
    assert len(corner) == 3


def test_no_cell_that_is_clearly_out_of_reach(listed: Listed) -> None:
    places = listed([Point(-1.1, 52.3)], radius=2000)
    cells = cells_touched(places, 8)
    away = distance(centres_of(cells), np.tile([52.3, -1.1], (len(cells), 1)))
    longest = 600.0  # from a cell's centre to its corners, there
    assert away.max() < 2100 + longest
    assert 20 < len(cells) < 40


def test_the_inside_of_a_large_area_is_touched_too(listed: Listed) -> None:
    cells = cells_touched(listed([box(-1.3, 52.2, -0.9, 52.4)]), 7)
    inside = h3.h3shape_to_cells(h3.LatLngPoly([(52.2, -1.3), (52.2, -0.9), (52.4, -0.9), (52.4, -1.3)]), 7)
    assert set(inside) <= set(cells.tolist())
    assert len(cells) < 2 * len(inside)


def test_cells_of_a_list_are_those_of_its_places(listed: Listed) -> None:
    shapes = [Point(-1.1, 52.3), box(10, 10, 10.02, 10.02), Point(179.9999, 1)]
    together = cells_touched(listed(shapes), 8)
    alone = np.unique(np.concatenate([cells_touched(listed([shape]), 8) for shape in shapes]))
    assert together.dtype == np.uint64
    assert np.array_equal(together, alone), "ascending, each once"


@pytest.mark.parametrize("resolution", [7, 8, 9, 12])
def test_pentagons_are_no_hole_in_it(listed: Listed, resolution: int) -> None:
    pentagon = h3.get_pentagons(resolution)[3]
    latitude, longitude = h3.cell_to_latlng(pentagon)
    found = cells_touched(listed([Point(longitude, latitude)], margin=3000 if resolution < 9 else 20), resolution)
    assert pentagon in found
