"""The face lattices: where H3's choice is certain, and where it has to be asked."""

from __future__ import annotations

import math

import h3.api.basic_int as h3
import numpy as np
import pytest

from hereabouts.movement.lattice import frame_of, is_on_face, lattice_key, nearest_face

BEIJING = (39.9, 116.4)


def vector_of(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)


def key_of(latitude: float, longitude: float, resolution: int) -> int:
    frame, vector = frame_of(resolution), vector_of(latitude, longitude)
    return int(lattice_key(frame, nearest_face(frame, *vector), *vector))


@pytest.mark.parametrize("resolution", range(4, 11))
def test_all_of_a_hexagon_has_the_key_of_its_centre(resolution: int) -> None:
    cell = h3.latlng_to_cell(*BEIJING, resolution)
    centre = np.array(h3.cell_to_latlng(cell))
    corners = np.array(h3.cell_to_boundary(cell))
    inner = centre + 0.99 * (corners - centre)
    keys = {key_of(latitude, longitude, resolution) for latitude, longitude in (centre, *inner)}
    assert len(keys) == 1
    assert keys != {0}


@pytest.mark.parametrize("resolution", range(4, 11))
def test_no_key_at_a_corner(resolution: int) -> None:
    corners = h3.cell_to_boundary(h3.latlng_to_cell(*BEIJING, resolution))
    assert {key_of(latitude, longitude, resolution) for latitude, longitude in corners} == {0}


def test_no_key_at_the_centre_of_a_face_where_h3_itself_is_coarse() -> None:
    frame = frame_of(15)
    assert lattice_key(frame, 7, *frame[7, :3]) == 0


def test_between_two_faces_neither_is_certain() -> None:
    frame = frame_of(8)
    edge = frame[0, :3] + frame[1, :3]
    edge /= np.linalg.norm(edge)
    assert not is_on_face(frame, 0, *edge)
    assert not is_on_face(frame, 1, *edge)


def test_a_position_that_is_not_a_number_is_on_no_face() -> None:
    frame = frame_of(8)
    assert not any(is_on_face(frame, face, math.nan, 0.0, 0.0) for face in range(20))


def test_every_direction_is_on_one_face_at_most() -> None:
    frame = frame_of(8)
    for vector in np.random.default_rng(1).normal(size=(200, 3)):
        unit = vector / np.linalg.norm(vector)
        on = [face for face in range(20) if is_on_face(frame, face, *unit)]
        assert on in ([], [nearest_face(frame, *unit)])
