"""The gate (SL-BLOCK) says of every ping what the definition says, wherever it is and whatever is listed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon, box

from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reading import RawPlaces
from hereabouts.feeds.places.reference import nearest_places

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Listed

Floats = NDArray[np.float64]
HARD = [(52, -1), (0.0, 179.999), (-89.99, 20), (89.5, -170), (75, 180), (0.001, 0), (87, -180), (-60, -179.95)]
"""A city, the antimeridian, poles and near them, the equator."""


def turned(longitude: Any) -> Any:
    return (longitude + 180.0) % 360.0 - 180.0


def by_definition(gate: PlaceGate, places: PlaceList, latitude: Floats, longitude: Floats) -> list[int]:
    nearest = nearest_places(places, latitude, longitude).tolist()
    return [-1 if place < 0 else gate.categories.index(places.category[place]) for place in nearest]


def drawn(rng: np.random.Generator, latitude: float, longitude: float, size: float) -> shapely.Geometry:
    """A point, a line, or an area with or without a hole, about a position."""
    kind = rng.integers(0, 4)
    corners = int(rng.integers(3, 40))
    angle, away = np.sort(rng.uniform(0, 2 * np.pi, corners)), size * rng.uniform(0.05, 1, corners)
    x = away * np.cos(angle) / np.cos(np.radians(latitude))
    y = np.clip(away * np.sin(angle), -87.9 - latitude, 87.9 - latitude)
    if kind == 0 or abs(latitude) > 87:
        return Point(longitude, latitude)
    if kind == 1:
        return LineString(np.column_stack([turned(longitude + x), latitude + y]))
    outer, inner = np.column_stack([x, y]), np.column_stack([x, y]) * 0.3
    area = Polygon(outer, [inner] if kind == 3 and Polygon(outer).contains(Polygon(inner)) else [])
    if not area.is_valid:
        return Point(longitude, latitude)
    return shapely.transform(area, lambda xy: np.column_stack([turned(longitude + xy[:, 0]), latitude + xy[:, 1]]))


def some_list(rng: np.random.Generator, latitude: float, longitude: float, size: float) -> tuple[PlaceList, Floats]:
    """Up to 30 places about a position, and their positions."""
    n = int(rng.integers(1, 30))
    y = np.clip(latitude + rng.normal(0, size, n), -90, 90)
    x = turned(longitude + rng.normal(0, size, n) / max(np.cos(np.radians(latitude)), 0.01))
    shapes = np.array([*(drawn(rng, *at, size) for at in zip(y, x, strict=True)), None], np.object_)[:-1]
    words = [list(categories())[number] for number in rng.integers(0, len(categories()), n)]
    radius = np.where(rng.random(n) < 0.5, np.nan, rng.uniform(0, 10 ** rng.uniform(1, 5), n))
    margin = np.where(rng.random(n) < 0.5, np.nan, rng.uniform(0, 10 ** rng.uniform(1, 4.9), n))
    return PlaceList.of("list", RawPlaces(list(words), shapes, radius, margin)), np.column_stack([y, x])


@settings(deadline=None, max_examples=60)
@given(where=st.sampled_from(HARD), size=st.floats(-4, 0.5), seed=st.integers(0, 2**32))
def test_it_is_the_definition(where: tuple[float, float], size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    places, at = some_list(rng, *where, 10**size)
    near = at[rng.integers(0, len(at), 100)]
    away = 10 ** rng.uniform(-6, 0.7, 100) * 10**size
    latitude = np.clip(near[:, 0] + rng.normal(0, 1, 100) * away, -90, 90)
    longitude = turned(near[:, 1] + rng.normal(0, 1, 100) * away / np.maximum(np.cos(np.radians(near[:, 0])), 0.01))
    longitude[:3], longitude[3:6] = 180.0, -180.0
    gate = PlaceGate(places)
    assert gate.at(latitude, longitude).tolist() == by_definition(gate, places, latitude, longitude)


def test_just_within_and_just_beyond_the_margin(listed: Listed) -> None:
    """All around many places: a grid that is too narrow in one direction shows here."""
    rng = np.random.default_rng(3)
    latitude, longitude = rng.uniform(-80, 80, 300), rng.uniform(-180, 180, 300)
    reach = 10 ** rng.uniform(0, 4, 300)
    bearing = rng.uniform(0, 2 * np.pi, 300)
    for factor, there in ((1 - 1e-6, True), (1 + 1e-6, False)):
        angle = reach * factor / 6_371_008.8
        phi, theta = np.radians(latitude), np.radians(longitude)
        up = np.arcsin(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(bearing))
        east = np.arctan2(np.sin(bearing) * np.sin(angle) * np.cos(phi), np.cos(angle) - np.sin(phi) * np.sin(up))
        for one in range(0, 300, 3):
            place = listed([Point(longitude[one], latitude[one])], margin=reach[one])
            found = PlaceGate(place).at([np.degrees(up[one])], [turned(np.degrees(theta[one] + east[one]))])
            assert (found >= 0).tolist() == [there]


@pytest.mark.parametrize("slope", [-5.0, -1.0, -0.2, 0.2, 1.0, 5.0])
def test_beside_a_slanting_line(listed: Listed, slope: float) -> None:
    """What is nearest there lies in another row of the grid."""
    width = 0.02 / max(abs(slope), 1.0)
    places = listed([LineString([(10, 0), (10 + width, width * slope)])], margin=500)
    share = np.random.default_rng(7).uniform(0, 1, 400)
    away = np.where(np.arange(400) % 2, 1, -1) * np.repeat([498.0, 502.0], 200) / 111_195.08 / np.hypot(1, slope)
    found = PlaceGate(places).at(width * slope * share + away, 10 + width * share - slope * away)
    assert (found[:200] >= 0).all()
    assert (found[200:] < 0).all()


def test_categories_are_named_by_their_public_places(listed: Listed) -> None:
    gate = PlaceGate(listed([Point(1, 1), Point(2, 2)], ["shelters", "medical"]))
    assert gate.categories == tuple(categories())
    found = gate.at([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert found.dtype == np.int16
    assert [None if number < 0 else gate.categories[number] for number in found] == ["shelters", "medical", None]


def test_many_places_in_one_spot(listed: Listed) -> None:
    rng = np.random.default_rng(1)
    spots = rng.normal([51.5, -0.1], 1e-3, (200, 2))
    places = listed(
        [Point(x, y) for y, x in spots], rng.choice(list(categories()), 200), radius=rng.uniform(0, 99, 200)
    )
    gate = PlaceGate(places)
    latitude, longitude = rng.normal(51.5, 2e-3, 500), rng.normal(-0.1, 2e-3, 500)
    assert gate.at(latitude, longitude).tolist() == by_definition(gate, places, latitude, longitude)


def test_huge_and_tiny_places_together(listed: Listed) -> None:
    """They lie on different levels of the grid, and the nearer one counts all the same."""
    sizes = [(11 - half, 11 - half, 11 + half, 11 + half) for half in (0.05, 0.5)]
    shapes = [Point(11, 11), Point(40, 40), *(box(*size) for size in sizes), box(-170, -60, 170, 60)]
    words = ["medical", "consular", "shelters", "religious", "military"]
    places = listed(shapes, words, radius=[500, 9000, 0, 0, 0], margin=[30, 5, 50, 0, 0])
    gate = PlaceGate(places)
    assert len(gate._levels) >= 4
    rng = np.random.default_rng(2)
    about = [rng.normal(11, 0.3, (200, 2)), rng.normal(11, 3e-3, (200, 2)), rng.normal(40, 0.05, (200, 2))]
    latitude, longitude = np.concatenate([rng.uniform([-90, -180], [90, 180], (200, 2)), *about]).T
    found = gate.at(latitude, longitude).tolist()
    assert found == by_definition(gate, places, latitude, longitude)
    assert len(set(found)) == 6, "each of them, and none"


def test_what_is_in_a_batch_beside_a_ping_changes_nothing(listed: Listed) -> None:
    gate = PlaceGate(listed([Point(1, 1)], radius=1000))
    rng = np.random.default_rng(5)
    latitude, longitude = rng.normal(1, 0.01, 40_000), rng.normal(1, 0.01, 40_000)
    whole = gate.at(latitude, longitude)
    assert 0 < (whole >= 0).sum() < 40_000
    assert np.array_equal(
        np.concatenate([gate.at(latitude[:7], longitude[:7]), gate.at(latitude[7:], longitude[7:])]), whole
    )
    assert np.array_equal(gate.at(latitude[::-1], longitude[::-1]), whole[::-1])


def test_threads_may_share_a_gate(listed: Listed) -> None:
    rng = np.random.default_rng(6)
    gate = PlaceGate(listed([Point(x, y) for x, y in rng.normal(10, 0.05, (300, 2))]))
    batches = [rng.normal(10, 0.05, (2, 50_000)) for _ in range(4)]
    found: dict[int, NDArray[np.int16]] = {}

    def look_up(number: int) -> None:
        found[number] = gate.at(*batches[number])

    threads = [threading.Thread(target=look_up, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, batch in enumerate(batches):
        assert np.array_equal(found[number], gate.at(*batch))


def test_no_pings(listed: Listed) -> None:
    found = PlaceGate(listed([Point(1, 1)])).at(np.empty(0), np.empty(0))
    assert found.dtype == np.int16
    assert found.size == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 90.001, -1e300])
def test_a_position_that_is_not_on_earth_is_refused(listed: Listed, bad: float) -> None:
    gate = PlaceGate(listed([Point(1, 1)]))
    with pytest.raises(ValueError, match="not on Earth"):
        gate.at([1.0, bad], [1.0, 1.0])
    with pytest.raises(ValueError, match="not on Earth"):
        gate.at([1.0, 1.0], [1.0, 180.001 if bad == 90.001 else bad])


def test_columns_of_different_length_are_refused(listed: Listed) -> None:
    with pytest.raises(ValueError, match="equally long"):
        PlaceGate(listed([Point(1, 1)])).at([1.0, 2.0], [1.0])
