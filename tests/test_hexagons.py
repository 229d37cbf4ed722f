"""Index algebra without a kernel says what H3 itself says, and distances are those of a sphere."""

from __future__ import annotations

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.hexagons import EARTH_RADIUS, centres_of, distance, neighbours_of, parents_of, resolution_of

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
points = st.tuples(latitudes, longitudes)


def cells_at(places: list[tuple[float, float]], resolution: int) -> NDArray[np.uint64]:
    return np.array([h3.latlng_to_cell(*place, resolution) for place in places], dtype=np.uint64)


@given(places=st.lists(points, max_size=5), resolution=st.integers(0, 15))
def test_resolutions_are_read_from_the_index(places: list[tuple[float, float]], resolution: int) -> None:
    cells = cells_at(places, resolution)
    assert resolution_of(cells).tolist() == [resolution] * len(places)


@given(places=st.lists(points, max_size=5), fine=st.integers(0, 15), steps=st.integers(0, 15))
def test_parents_are_those_of_the_hierarchy(places: list[tuple[float, float]], fine: int, steps: int) -> None:
    coarse = max(fine - steps, 0)
    cells = cells_at(places, fine)
    assert parents_of(cells, coarse).tolist() == [h3.cell_to_parent(cell, coarse) for cell in cells]


@pytest.mark.parametrize("resolution", [1, 5, 7, 8, 15])
def test_pentagons_and_what_is_around_them_have_the_same_parents(resolution: int) -> None:
    cells = np.unique(np.concatenate([h3.grid_disk(pentagon, 2) for pentagon in h3.get_pentagons(resolution)]))
    for coarse in range(resolution + 1):
        assert parents_of(cells, coarse).tolist() == [h3.cell_to_parent(cell, coarse) for cell in cells]


def test_a_parent_goes_by_index_not_by_where_its_child_lies() -> None:
    """Children stick out of the drawn hexagon: some have their centre in a neighbour of their parent."""
    parent = h3.latlng_to_cell(48.85, 2.35, 5)
    children = np.asarray(h3.cell_to_children(parent, 8), dtype=np.uint64)
    drawn = np.array([h3.latlng_to_cell(*centre, 5) for centre in centres_of(children)], dtype=np.uint64)
    assert (drawn != parent).any()
    assert (parents_of(children, 5) == parent).all()


def test_centres_are_latitude_then_longitude() -> None:
    cells = cells_at([(48.85, 2.35), (-33.9, 151.2)], 9)
    assert centres_of(cells) == pytest.approx(np.array([[48.85, 2.35], [-33.9, 151.2]]), abs=0.005)
    assert centres_of(cells[:0]).shape == (0, 2)


@given(a=points, b=points)
def test_distances_are_great_circles(a: tuple[float, float], b: tuple[float, float]) -> None:
    """By the angle between unit vectors, which shares no step with the haversine formula."""
    (found,) = distance(np.array([a]), np.array([b]))
    u, v = (unit_vector(*place) for place in (a, b))
    angle = np.arctan2(np.linalg.norm(np.cross(u, v)), u @ v)
    # Near the antipode the haversine loses half of its digits: a few centimetres of 20,000 km.
    assert found == pytest.approx(EARTH_RADIUS * angle, rel=1e-7, abs=0.5)


def unit_vector(latitude: float, longitude: float) -> NDArray[np.float64]:
    phi, lam = np.radians([latitude, longitude])
    return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def test_distances_of_known_places() -> None:
    equator, north, antipode = [0.0, 0.0], [90.0, 0.0], [0.0, 180.0]
    quarter, half = distance(np.array([equator, equator]), np.array([north, antipode]))
    assert quarter == pytest.approx(EARTH_RADIUS * np.pi / 2)
    assert half == pytest.approx(EARTH_RADIUS * np.pi)
    (across_the_date_line,) = distance(np.array([[0.0, 179.999]]), np.array([[0.0, -179.999]]))
    assert across_the_date_line == pytest.approx(EARTH_RADIUS * np.radians(0.002))
    (a_hundred_metres,) = distance(np.array([[60.0, 10.0]]), np.array([[60.0, 10.0018]]))
    assert a_hundred_metres == pytest.approx(100.08, abs=0.01)
    assert distance(np.empty((0, 2)), np.empty((0, 2))).shape == (0,)


@pytest.mark.parametrize("place", [(48.85, 2.35), (0.0, 180.0), (90.0, 0.0)])
def test_neighbours_are_the_ring_of_h3(place: tuple[float, float]) -> None:
    """In Paris, across the date line, and around the pole."""
    cells = np.unique(h3.grid_disk(h3.latlng_to_cell(*place, 7), 3))
    found = neighbours_of(cells)
    for row, cell in enumerate(cells):
        ring = set(h3.grid_ring(cell, 1).tolist())
        assert {int(cells[p]) for p in found[row] if p >= 0} == ring & set(cells.tolist())


def test_a_neighbour_outside_the_region_is_none() -> None:
    centre = h3.latlng_to_cell(48.85, 2.35, 7)
    assert neighbours_of(np.array([centre], dtype=np.uint64)).tolist() == [[-1] * 6]
    pair = np.sort(np.array([centre, h3.grid_ring(centre, 1)[0]], dtype=np.uint64))
    assert np.sort(neighbours_of(pair), axis=1).tolist() == [[-1] * 5 + [1], [-1] * 5 + [0]]
    assert neighbours_of(pair[:0]).shape == (0, 6)


def test_a_pentagon_has_five_neighbours() -> None:
    pentagon = h3.get_pentagons(7)[0]
    cells = np.unique(h3.grid_disk(pentagon, 1))
    found = neighbours_of(cells)
    (row,) = np.flatnonzero(cells == pentagon)
    assert (found[row] >= 0).sum() == 5
    assert found[row][-1] == -1


def test_being_a_neighbour_is_mutual() -> None:
    cells = np.unique(h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 7), 5))
    found = neighbours_of(cells)
    for row in range(cells.size):
        for other in found[row][found[row] >= 0]:
            assert row in found[other]
