"""Radius of gyration: how far a device is from the middle of its hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.hexagons import distance
from hereabouts.movement.gyration import radii_of_gyration

Floats = NDArray[np.float64]


def radius(*points: tuple[float, float]) -> float:
    """Of one device that spends an hour at each of these."""
    return float(radii_of_gyration(np.zeros(len(points), dtype=np.int64), np.array(points), 1)[0])


def test_who_never_moves_has_none() -> None:
    assert radius(*[(48.2, 16.37)] * 168) == pytest.approx(0.0, abs=1e-6)


def test_to_and_fro_it_is_half_of_the_way() -> None:
    ends = (48.2, 16.37), (48.3, 16.37)
    way = distance(*(np.array([end]) for end in ends))[0]
    assert radius(*ends) == pytest.approx(way / 2, rel=1e-6)
    assert radius(*ends * 84) == pytest.approx(way / 2, rel=1e-6)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_hours_weigh(share: float) -> None:
    """Of two places, p of the hours at one: the root of p(1 - p) of the way."""
    away = round(100 * share)
    points = [(48.2, 16.4)] * (100 - away) + [(48.2, 16.5)] * away
    way = distance(np.array([[48.2, 16.4]]), np.array([[48.2, 16.5]]))[0]
    assert radius(*points) == pytest.approx(way * np.sqrt(share * (1 - share)), rel=1e-4)


@given(
    points=st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), min_size=1, max_size=30),
    where=st.sampled_from([(48.2, 16.4), (-33.9, 151.2), (0.0, 0.0)]),
)
@settings(max_examples=60, deadline=None)
def test_in_a_town_it_is_the_distance_from_the_mean_of_degrees(
    points: list[tuple[float, float]], where: tuple[float, float]
) -> None:
    """As other libraries reckon it, to a tenth of a per cent."""
    place = np.array(points) + where
    middle = np.tile(place.mean(axis=0), (len(place), 1))
    expected = float(np.sqrt((distance(place, middle) ** 2).mean()))
    assert radius(*map(tuple, place)) == pytest.approx(expected, rel=2e-3, abs=0.01)


def test_the_antimeridian_is_a_place_like_any_other() -> None:
    here, there = ((0.0, longitude) for longitude in (179.95, -179.95))
    assert radius(here, there) == pytest.approx(radius((0.0, 10.0), (0.0, 10.1)), rel=1e-9)


def test_places_all_around_the_globe_have_a_radius_too() -> None:
    """Their mean is the centre of the Earth."""
    assert np.isfinite(radius((0.0, 0.0), (0.0, 180.0)))


def test_devices_are_told_apart_and_one_without_hours_has_none() -> None:
    device = np.array([2, 0, 2, 0], dtype=np.int64)
    centre = np.array([[0.0, 0.0], [5.0, 5.0], [0.0, 1.0], [5.0, 5.0]])
    found = radii_of_gyration(device, centre, 3)
    assert found[0] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(radius((0.0, 0.0), (0.0, 1.0)))
