"""Stays, held against a reference that follows the definition word by word."""

from __future__ import annotations

import math
import time as clock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.movement.stays import Stays, stays

Ping = tuple[int, int, float, float]
"""Device, time, latitude, longitude."""
METRE = 1 / 111_195.0
"""Degrees of latitude."""


def run(pings: list[Ping]) -> list[tuple[int, int, int, float, float]]:
    columns = zip(*pings, strict=True) if pings else ([], [], [], [])
    found = stays(*(list(column) for column in columns))
    assert [column.dtype for column in found] == [np.int32, np.int64, np.int64, np.float64, np.float64]
    return list(zip(*(column.tolist() for column in found), strict=True))


def distance(one: Ping, other: Ping) -> float:
    a, b = math.radians(one[2]), math.radians(other[2])
    across, along = math.sin((b - a) / 2), math.sin(math.radians(other[3] - one[3]) / 2)
    return 2 * 6_371_008.8 * math.asin(math.sqrt(across**2 + math.cos(a) * math.cos(b) * along**2))


def mean(values: list[float]) -> float:
    total = 0.0  # not sum(), which compensates from Python 3.12 on
    for value in values:
        total += value
    return total / len(values)


def reference(pings: list[Ping]) -> list[tuple[int, int, int, float, float]]:
    found = []
    for device in sorted({ping[0] for ping in pings}):
        own = [ping for ping in pings if ping[0] == device]
        while own:
            anchor, together = own[0], own[:1]
            for ping in own[1:]:
                if distance(anchor, ping) > 200 or ping[1] - together[-1][1] > 6 * 3600:
                    break
                together.append(ping)
            if together[-1][1] - anchor[1] >= 20 * 60:
                places = mean([p[2] for p in together]), mean([p[3] for p in together])
                found.append((device, anchor[1], together[-1][1], *places))
                own = own[len(together) :]
            else:
                own = own[1:]
    return found


@st.composite
def walks(draw: st.DrawFn) -> list[Ping]:
    """Devices that step about at any latitude; steps near the radius, times near the limits."""
    pings = []
    for device in range(draw(st.integers(1, 3))):
        latitude = draw(st.one_of(st.floats(-89.9, 89.9), st.floats(84.9, 85.1), st.just(0.0)))
        narrowing = math.cos(math.radians(latitude))
        longitude, time = draw(st.floats(-170, 170)), 0
        steps = st.sampled_from([0.0, 40.0, 60.0, 140.0, 199.7, 199.99, 200.01, 200.3, 1e3])
        waits = st.sampled_from([0, 1, 60, 300, 600, 1199, 1200, 21_600, 21_601])
        for _ in range(draw(st.integers(0, 14))):
            step, bearing = draw(steps) * METRE, draw(st.floats(0, 2 * math.pi))
            home = draw(st.booleans())
            time += draw(waits)
            north = latitude + step * math.cos(bearing)
            east = longitude + step * math.sin(bearing) / narrowing
            pings.append((device, time, north, min(max(east, -180.0), 180.0)))
            if not home:
                latitude, longitude = pings[-1][2:]
    return pings


@settings(deadline=None, max_examples=400)
@given(pings=walks())
def test_equals_the_reference(pings: list[Ping]) -> None:
    assert run(pings) == reference(pings)


@pytest.mark.parametrize("latitude", [0.0, 48.2, -67.0, 84.99, 85.01, 89.0])
def test_the_short_cuts_of_the_distance_are_exact_near_the_radius(latitude: float) -> None:
    # Two pings a device, 20 minutes apart: a stay if the second is just inside the radius.
    rng = np.random.default_rng(3)
    pings: list[Ping] = []
    for device in range(1500):
        bearing, radius = rng.uniform(0, 2 * math.pi), 200 * (1 + rng.normal() * 10 ** rng.uniform(-6, -1))
        narrowing = math.cos(math.radians(latitude))
        north, east = radius * METRE * math.cos(bearing), radius * METRE * math.sin(bearing) / narrowing
        pings += [(device, 0, latitude, 10.0), (device, 1200, latitude + north, 10.0 + east)]
    found = {row[0] for row in run(pings)}
    assert found == {row[0] for row in reference(pings)}
    assert 300 < len(found) < 1200


def test_twenty_minutes_make_a_stay() -> None:
    assert run([(0, 0, 48.0, 16.0), (0, 1200, 48.0, 16.0)]) == [(0, 0, 1200, 48.0, 16.0)]
    assert run([(0, 0, 48.0, 16.0), (0, 1199, 48.0, 16.0)]) == []


def test_one_ping_is_no_stay() -> None:
    assert run([(0, 0, 48.0, 16.0)]) == []
    assert run([]) == []


def test_a_gap_of_more_than_six_hours_ends_a_stay() -> None:
    assert len(run([(0, 0, 48.0, 16.0), (0, 21_600, 48.0, 16.0)])) == 1
    assert run([(0, 0, 48.0, 16.0), (0, 21_601, 48.0, 16.0)]) == []


def test_a_stay_ends_with_the_device() -> None:
    assert run([(0, 0, 48.0, 16.0), (1, 1200, 48.0, 16.0)]) == []


def test_the_next_anchor_is_the_ping_after_the_stay() -> None:
    north = 48.0 + 150 * METRE
    pings = [(0, 0, 48.0, 16.0), (0, 1200, north, 16.0), (0, 1300, 48.1, 16.0), (0, 2600, 48.1, 16.0)]
    assert [row[1:3] for row in run(pings)] == [(0, 1200), (1300, 2600)]


def test_distance_counts_from_the_anchor_not_from_ping_to_ping() -> None:
    drift = [(0, 300 * k, 48.0 + 90 * k * METRE, 16.0) for k in range(40)]
    assert run(drift) == reference(drift) == []


def test_the_place_is_the_mean() -> None:
    pings = [(0, 0, 48.0, 16.0), (0, 600, 48.0006, 16.0), (0, 1200, 48.0, 16.0012)]
    ((_, _, _, latitude, longitude),) = run(pings)
    assert (latitude, longitude) == (mean([48.0, 48.0006, 48.0]), mean([16.0, 16.0, 16.0012]))


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_across_the_antimeridian_the_mean_is_where_the_pings_are(side: float) -> None:
    ((_, _, _, latitude, longitude),) = run([(0, 0, -16.8, side * 179.9999), (0, 1200, -16.8, -side * 179.9995)])
    assert latitude == pytest.approx(-16.8)
    assert longitude == pytest.approx(-side * 179.9998)


def test_a_million_pings_of_one_device() -> None:
    n = 1_000_000
    rng = np.random.default_rng(1)
    device, time = np.zeros(n, np.int32), np.sort(rng.integers(0, 7 * 86_400, n))
    stays(device[:1], time[:1], [0.0], [0.0])
    began = clock.perf_counter()
    still = stays(device, time, np.full(n, 48.0), np.full(n, 16.0))
    restless = stays(device, time, rng.uniform(48.0, 48.004, n), rng.uniform(16.0, 16.004, n))
    walking = stays(device, time, 48.0 + time * 1e-5, np.full(n, 16.0))
    assert clock.perf_counter() - began < 10
    assert (len(still.device), len(restless.device), len(walking.device)) == (1, 0, 0)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        stays([0], [0, 1], [1.0, 1.0], [1.0, 1.0])


def test_the_result_names_its_columns() -> None:
    assert Stays._fields == ("device", "start", "end", "latitude", "longitude")
