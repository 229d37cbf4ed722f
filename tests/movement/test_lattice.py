"""The face lattices: where H3's choice is certain, and where it has to be asked."""

from __future__ import annotations

import math

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.movement.lattice import ELSEWHERE, UNSURE, face_keys, frame_of, lattice_keys, nearest_face, vector_of

BEIJING = (39.9, 116.4)
Floats = NDArray[np.float64]


def keys_of(places: list[tuple[float, float]], resolution: int) -> list[int]:
    latitude, longitude = (np.array(column, np.float64) for column in zip(*places, strict=True))
    keys = np.empty(len(places), np.uint64)
    lattice_keys(frame_of(resolution), 0, latitude, longitude, keys)
    found: list[int] = keys.tolist()
    return found


def degrees_of(vector: Floats) -> tuple[float, float]:
    x, y, z = (vector / np.linalg.norm(vector)).tolist()
    return math.degrees(math.asin(z)), math.degrees(math.atan2(y, x))


@settings(deadline=None)
@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
def test_vectors_are_those_of_trigonometry(latitude: float, longitude: float) -> None:
    """To a nanometre on the Earth; certainty is claimed from 5,000 nanometres on, at the finest resolution."""
    phi, theta = math.radians(latitude), math.radians(longitude)
    expected = math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)
    assert np.abs(np.subtract(vector_of(latitude, longitude), expected)).max() < 5e-16


def test_quarter_turns_are_exact() -> None:
    for longitude, (x, y) in {0: (1, 0), 90: (0, 1), 180: (-1, 0), -90: (0, -1), -180: (-1, 0)}.items():
        assert vector_of(0.0, float(longitude)) == (x, y, 0.0)
    assert vector_of(90.0, 12.0)[2] == 1.0
    assert vector_of(-90.0, 12.0) == pytest.approx((0, 0, -1.0))


@pytest.mark.parametrize("resolution", range(4, 11))
def test_all_of_a_hexagon_has_the_key_of_its_centre(resolution: int) -> None:
    cell = h3.latlng_to_cell(*BEIJING, resolution)
    centre = np.array(h3.cell_to_latlng(cell))
    corners = np.array(h3.cell_to_boundary(cell))
    inner = centre + 0.99 * (corners - centre)
    keys = set(keys_of([tuple(place) for place in (centre, *inner)], resolution))
    assert len(keys) == 1
    assert keys.isdisjoint({UNSURE, ELSEWHERE})


@pytest.mark.parametrize("resolution", range(4, 11))
def test_no_key_at_a_corner(resolution: int) -> None:
    corners = h3.cell_to_boundary(h3.latlng_to_cell(*BEIJING, resolution))
    assert set(keys_of(list(corners), resolution)) == {UNSURE}


def test_no_key_at_the_centre_of_a_face_where_h3_itself_is_coarse() -> None:
    assert keys_of([degrees_of(frame_of(15)[7, :3])], 15) == [UNSURE]


def test_between_two_faces_neither_is_certain() -> None:
    frame = frame_of(8)
    latitude, longitude = (np.array([angle]) for angle in degrees_of(frame[0, :3] + frame[1, :3]))
    keys = np.empty(1, np.uint64)
    for face in (0, 1):
        assert face_keys(frame, face, latitude, longitude, keys) == 1
        assert keys[0] == ELSEWHERE
    lattice_keys(frame, 0, latitude, longitude, keys)
    assert keys[0] == UNSURE


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 180.001, -1e300])
def test_what_is_no_position_is_never_certain(bad: float) -> None:
    assert keys_of([(bad, 0.0), (0.0, bad), (bad, bad)], 8) == [UNSURE] * 3


def test_every_direction_is_on_one_face_at_most() -> None:
    frame, keys = frame_of(8), np.empty(1, np.uint64)
    for vector in np.random.default_rng(1).normal(size=(200, 3)):
        latitude, longitude = degrees_of(vector)
        place = np.array([latitude]), np.array([longitude])
        on = [face for face in range(20) if face_keys(frame, face, *place, keys) == 0]
        assert on in ([], [nearest_face(frame, *vector_of(latitude, longitude))])


def test_a_block_of_many_faces_has_the_keys_of_each_position_by_itself() -> None:
    places = [degrees_of(vector) for vector in np.random.default_rng(2).normal(size=(300, 3))]
    assert keys_of(places, 6) == [key for place in places for key in keys_of([place], 6)]
