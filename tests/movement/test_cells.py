"""Cells are H3's own, for every position, and parents are H3's parents."""

from __future__ import annotations

import math
import threading
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.movement import cells as cells_module
from hereabouts.movement.cells import CellIndex, cells_of, parents_of
from hereabouts.movement.lattice import EDGE_GUARD, frame_of

RESOLUTIONS = range(4, 11)
Floats = NDArray[np.float64]


def asked_of_h3(latitude: Floats, longitude: Floats, resolution: int) -> NDArray[np.uint64]:
    found = [h3.latlng_to_cell(a, b, resolution) for a, b in zip(latitude, longitude, strict=True)]
    return np.array(found, np.uint64)


def anywhere(positions: int, seed: int) -> tuple[Floats, Floats]:
    """Positions over all of the globe, as many to each square kilometre."""
    rng = np.random.default_rng(seed)
    return np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, positions))), rng.uniform(-180.0, 180.0, positions)


def vectors_of(degrees: Any) -> Floats:
    phi, theta = np.radians(np.asarray(degrees, np.float64)).T
    return np.stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)], axis=1)


def degrees_of(vectors: Floats) -> tuple[Floats, Floats]:
    x, y, z = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).T
    return np.degrees(np.arcsin(z)), np.degrees(np.arctan2(y, x))


def size_of(resolution: int) -> float:
    """About the distance of neighbouring hexagons, radians."""
    return 0.38 / math.sqrt(7.0) ** resolution


def hard_places() -> Floats:
    """Unit vectors where a look-up by hexagon could go wrong."""
    centres = frame_of(0)[:, :3]
    pentagons = vectors_of([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)])
    edges = []
    for a, face in enumerate(centres):
        for b in np.argsort(-(centres @ face))[1:4]:
            along = np.cross(face, centres[b])
            edges += [face + centres[b] + s * along for s in (-0.5, -0.11, 0.0, 0.3)] if a < b else []
    poles = [[0, 0, 1], [0, 0, -1]]
    antimeridian = vectors_of([(latitude, 180.0) for latitude in (-75, -16.8, 0.0, 51.9, 66)])
    cities = vectors_of([(39.9, 116.4), (48.2, 16.4), (-33.9, 151.2), (37.8, -122.4), (0.0, 0.0)])
    places = np.vstack([centres, pentagons, edges, poles, antimeridian, cities])
    units: Floats = places / np.linalg.norm(places, axis=1, keepdims=True)
    return units


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_many_positions_around_hard_places(resolution: int) -> None:
    places = hard_places()
    scatter = np.random.default_rng(resolution).normal(size=(100, len(places), 3)) * 0.6 * size_of(resolution)
    latitude, longitude = degrees_of((places + scatter).reshape(-1, 3))
    expected = asked_of_h3(latitude, longitude, resolution)
    assert len(np.unique(expected)) < len(expected) / 5, "hexagons must be met several times to test the look-up"
    assert np.array_equal(cells_of(latitude, longitude, resolution), expected)


# At resolution 15 the arithmetic of H3 itself shows, a few nanometres wide.
@pytest.mark.parametrize("resolution", [*RESOLUTIONS, 15])
def test_positions_on_edges_of_hexagons_and_beside_them(resolution: int) -> None:
    index = CellIndex(resolution)
    around = np.unique(asked_of_h3(*degrees_of(hard_places()), resolution)).tolist()
    corners = [vectors_of(h3.cell_to_boundary(cell)) for cell in around]
    start = np.vstack(corners)
    end = np.vstack([np.roll(ring, -1, axis=0) for ring in corners])
    outward = np.cross(start, end)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    for share in (0.0, 0.31, 0.5):
        for offset in (0.0, 1e-13, 1e-9, 1e-7, 0.99 * EDGE_GUARD, 1.01 * EDGE_GUARD, 3 * EDGE_GUARD):
            for side in (-1.0, 1.0):
                beside = start + share * (end - start)
                beside /= np.linalg.norm(beside, axis=1, keepdims=True)
                beside += side * offset * size_of(resolution) * outward
                latitude, longitude = degrees_of(beside)
                expected = asked_of_h3(latitude, longitude, resolution)
                assert np.array_equal(index.cells_of(latitude, longitude), expected)


@pytest.mark.parametrize("resolution", range(5, 11))
def test_a_hundred_thousand_positions_over_the_globe(resolution: int) -> None:
    latitude, longitude = anywhere(100_000, seed=resolution)
    assert np.array_equal(cells_of(latitude, longitude, resolution), asked_of_h3(latitude, longitude, resolution))


@pytest.mark.prove
@pytest.mark.parametrize("resolution", range(5, 11))
def test_ten_million_positions_over_the_globe(resolution: int) -> None:
    index = CellIndex(resolution)
    for seed in range(100, 120):
        latitude, longitude = anywhere(500_000, seed)
        assert np.array_equal(index.cells_of(latitude, longitude), asked_of_h3(latitude, longitude, resolution))


@pytest.mark.parametrize("resolution", range(5, 11))
def test_poles_and_the_antimeridian(resolution: int) -> None:
    """The 180th meridian is one line under two names, and at a pole every longitude is the same place."""
    around = np.concatenate([[0.0], 10.0 ** np.arange(-13, 1)])
    turns = np.array([-180.0, -179.999999999, -90.0, -1e-9, 0.0, 45.0, 90.0, 123.4, 179.999999999, 180.0])
    poles = [(sign * (90.0 - off), turn) for sign in (1.0, -1.0) for off in around for turn in turns]
    meridian = [
        (parallel, sign * (180.0 - off))
        for parallel in (-90.0, -75.0, -16.8, -1e-9, 0.0, 51.9, 66.0, 89.999)
        for off in around
        for sign in (1.0, -1.0)
    ]
    latitude, longitude = np.array(poles + meridian).T
    found = cells_of(latitude, longitude, resolution)
    assert np.array_equal(found, asked_of_h3(latitude, longitude, resolution))
    for sign in (1.0, -1.0):
        assert np.unique(found[latitude == sign * 90.0]).size == 1


@settings(deadline=None, max_examples=200)
@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    resolution=st.integers(0, 15),
    seed=st.integers(0, 2**32),
)
def test_any_position_and_its_neighbours(latitude: float, longitude: float, resolution: int, seed: int) -> None:
    near = np.random.default_rng(seed).normal(size=(2, 30)) * np.degrees(size_of(resolution))
    lat = np.clip(np.append(latitude, latitude + near[0]), -90, 90)
    lon = np.clip(np.append(longitude, longitude + near[1]), -180, 180)
    assert np.array_equal(cells_of(lat, lon, resolution), asked_of_h3(lat, lon, resolution))


def test_the_index_remembers_and_grows() -> None:
    index, rng = CellIndex(9), np.random.default_rng(4)
    for _ in range(4):
        latitude, longitude = rng.uniform(48.0, 48.5, 20_000), rng.uniform(16.0, 16.8, 20_000)
        assert np.array_equal(index.cells_of(latitude, longitude), asked_of_h3(latitude, longitude, 9))


def test_a_full_index_forgets_and_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells_module, "_MOST_KEYS", 10)
    index, rng = CellIndex(9), np.random.default_rng(5)
    for _ in range(3):
        latitude, longitude = rng.uniform(48.0, 48.1, 500), rng.uniform(16.0, 16.1, 500)
        assert np.array_equal(index.cells_of(latitude, longitude), asked_of_h3(latitude, longitude, 9))


def test_an_interrupted_look_up_leaves_nothing_half_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    index = CellIndex(8)
    latitude, longitude = np.linspace(48, 49, 500), np.linspace(16, 17, 500)
    index.cells_of(latitude[:100], longitude[:100])
    with monkeypatch.context() as patch:
        patch.setattr(h3, "latlng_to_cell", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            index.cells_of(latitude, longitude)
    assert np.array_equal(index.cells_of(latitude, longitude), asked_of_h3(latitude, longitude, 8))


def test_threads_may_share_an_index() -> None:
    index, rng = CellIndex(9), np.random.default_rng(6)
    batches = [(rng.uniform(48.0, 48.3, 30_000), rng.uniform(16.0, 16.5, 30_000)) for _ in range(4)]
    found: dict[int, NDArray[np.uint64]] = {}

    def look_up(number: int) -> None:
        found[number] = index.cells_of(*batches[number])

    threads = [threading.Thread(target=look_up, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, batch in enumerate(batches):
        assert np.array_equal(found[number], asked_of_h3(*batch, 9))


def test_no_positions_no_cells() -> None:
    assert cells_of(np.empty(0), np.empty(0), 8).dtype == np.uint64
    assert cells_of([], [], 8).size == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_position_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        cells_of([1.0, bad], [1.0, 1.0], 8)
    with pytest.raises(ValueError, match="not finite"):
        cells_of([1.0, 1.0], [1.0, bad], 8)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        cells_of([1.0, 2.0], [1.0], 8)


@pytest.mark.parametrize("resolution", [-1, 16])
def test_there_are_sixteen_resolutions(resolution: int) -> None:
    with pytest.raises(ValueError, match="0 to 15"):
        CellIndex(resolution)


@settings(deadline=None)
@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), finest=st.integers(0, 15))
def test_parents_are_those_of_h3(latitude: float, longitude: float, finest: int) -> None:
    cell = h3.latlng_to_cell(latitude, longitude, finest)
    for resolution in range(finest + 1):
        assert parents_of(np.array([cell], np.uint64), resolution).tolist() == [h3.cell_to_parent(cell, resolution)]
