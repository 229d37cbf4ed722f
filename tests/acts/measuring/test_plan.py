"""A whole plan: what it pays adds up exactly, and one device moves all of it by no more than was paid for.

From pings on: a sealed window is written with the kernels and read back, as a release does it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.acts.measuring import plan as acts
from hereabouts.acts.measuring import purse
from hereabouts.engines.local import summarise_bucket
from hereabouts.estimate.flows.expand import pairs_below
from hereabouts.estimate.flows.levels import judged_flows
from hereabouts.estimate.measurements import Measurements
from hereabouts.hexagons import centres_of, parents_of
from hereabouts.movement.cells import CellIndex
from hereabouts.privacy import measure as privacy
from hereabouts.privacy import mechanism
from hereabouts.privacy.accounting import compose, rho_of, variance_for
from hereabouts.privacy.bounding import SCALE, most_trips, squared_bound
from hereabouts.privacy.measure import Contribution, Measurement
from hereabouts.release import levels
from hereabouts.release.plan import Plan
from hereabouts.release.region import Region
from hereabouts.store.open_window import Pings
from hereabouts.windows import Window

WEEK = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 20), "UTC")
STORE_RESOLUTION, LEAF = 8, 7
MIDDLE = h3.latlng_to_cell(48.25, 16.4, LEAF)
REGION = Region(np.unique(np.array(list(h3.grid_disk(MIDDLE, 2)), dtype=np.uint64)))
#: Beside the region, but inside cells of resolution 5 that touch it.
FRINGE = np.array(
    [
        cell
        for cell in sorted(h3.grid_ring(MIDDLE, 3))
        if parents_of(np.array([cell], dtype=np.uint64), 5)[0] in REGION.cells(5)
    ],
    dtype=np.uint64,
)
ENOUGH = Fraction(10**13)  # buys numbers without any noise, for looking at what is measured
CELLS = CellIndex(STORE_RESOLUTION)

Tour = Sequence[np.uint64] | NDArray[np.uint64]  # cells of resolution 7 in which a device stays, one after another


def plan(
    *statistics: str,
    presence: Sequence[int] = (6, 7),
    flows: Sequence[int] = (5, 6),
    flow_periods: Sequence[str] = ("P7D",),
) -> Plan:
    return Plan.model_validate(
        {
            "name": "test",
            "purpose": "transport-planning",
            "region": {"cells": ["871e15b71ffffff"]},  # not looked at: the region is handed over
            "window": WEEK.name,
            "epsilon": 1.0,
            "delta": 1e-6,
            "statistics": list(statistics),
            "presence": {"resolutions": list(presence)},
            "flows": {"resolutions": list(flows), "periods": list(flow_periods)},
        }
    )


def seal(folder: Path, tours: Mapping[int, Tour]) -> Path:
    """A sealed window of devices that stay 20 minutes in the middle of each of their cells."""
    for bucket in (0, 1):
        rows = [
            (device, WEEK.start + 1201 * stop + second, *centres_of(np.array([cell]))[0])
            for device, tour in tours.items()
            if device % 2 == bucket
            for stop, cell in enumerate(tour)
            for second in (0, 1200)
        ]
        device, time, latitude, longitude = np.array(rows, dtype=np.float64).reshape(-1, 4).T
        pseudonym = np.column_stack([np.full(device.size, bucket), device]).astype(np.uint64)
        pings = Pings(pseudonym, time.astype(np.int64), latitude.copy(), longitude.copy())
        _, tables = summarise_bucket(pings, WEEK, STORE_RESOLUTION, CELLS)
        tables.write(folder, bucket)
    return folder


def town() -> dict[int, Tour]:
    """Thirty devices in and about the region."""
    rng = np.random.default_rng(3)
    around = np.concatenate([REGION.leaves, FRINGE])
    return {device: rng.choice(around, size=int(rng.integers(1, 40))) for device in range(30)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seal(tmp_path_factory.mktemp("sealed"), town())


def measured(folder: Path, wanted: Plan, rho: Fraction, region: Region = REGION) -> Measurements:
    return acts.measure_plan(folder, WEEK, wanted, region, rho)


def noisy_of(found: Measurements) -> list[NDArray[np.int64]]:
    return [level.noisy for level in found.presence] + [level.noisy for level in found.flows]


# --- what is paid ----------------------------------------------------------------------------------------------------

some_resolutions = st.lists(st.sampled_from([4, 5, 6, 7]), min_size=1, unique=True).map(sorted)
some_statistics = st.sampled_from([("presence",), ("flows",), ("presence", "flows"), ("flows", "presence")])
some_rho = st.one_of(
    st.builds(rho_of, st.sampled_from([0.1, 1.0, 2.0]), st.sampled_from([1e-6, 1e-9])),
    st.fractions(min_value=Fraction(1, 10**6), max_value=Fraction(3), max_denominator=10**12),
)


@given(
    statistics=some_statistics,
    presence=some_resolutions,
    flows=some_resolutions,
    rho=some_rho,
    full_pairs=st.sampled_from([4, 30, 250_000]),
)
@settings(max_examples=40, deadline=None)
def test_the_payments_add_up_to_the_charge_exactly(
    folder: Path, statistics: tuple[str, ...], presence: list[int], flows: list[int], rho: Fraction, full_pairs: int
) -> None:
    """Whatever is asked for; also where flows are looked for only below what stood out (a small `FULL_PAIRS`)."""
    wanted = plan(*statistics, presence=presence, flows=flows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(levels, "FULL_PAIRS", full_pairs)
        found = measured(folder, wanted, rho)
    assert compose(payment.rho for payment in found.payments) == rho
    for payment in found.payments:
        assert payment.rho > 0
        assert Fraction(payment.noise_scale) ** 2 >= variance_for(payment.squared_sensitivity, payment.rho)
    assert [level.resolution for level in found.presence] == (presence if "presence" in statistics else [])
    published = [level.resolution for level in found.flows if level.asked]
    assert published == (flows if "flows" in statistics else [])


def test_statistics_share_equally(folder: Path) -> None:
    found = measured(folder, plan("presence", "flows"), Fraction(1, 3))
    for statistic in ("presence", "flows"):
        assert compose(p.rho for p in found.payments if p.statistic == statistic) == Fraction(1, 6)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float]]:
    """How many draws of which scale were made, in order."""
    seen: list[tuple[int, float]] = []
    real = mechanism.discrete_gaussian

    def draw(count: int, scale: float) -> NDArray[np.int64]:
        seen.append((count, scale))
        return real(count, scale)

    monkeypatch.setattr(privacy, "discrete_gaussian", draw)
    return seen


@pytest.mark.parametrize("full_pairs", [4, 250_000])
def test_noise_is_drawn_once_for_each_payment_and_for_nothing_else(
    folder: Path, drawn: list[tuple[int, float]], monkeypatch: pytest.MonkeyPatch, full_pairs: int
) -> None:
    monkeypatch.setattr(levels, "FULL_PAIRS", full_pairs)
    found = measured(folder, plan("presence", "flows"), Fraction(1, 20))
    assert drawn == [(payment.values, payment.noise_scale) for payment in found.payments]
    numbers = [values.size for values in noisy_of(found)]
    assert [p.values for p in found.payments if p.part in {"hours", "pairs"}] == numbers


def test_measuring_again_draws_again(folder: Path) -> None:
    """There is no seed: a crash before anything was kept leaves nothing of the first draw."""
    one, other = (measured(folder, plan("presence", "flows"), Fraction(1, 10**4)) for _ in range(2))
    for first, second in zip(noisy_of(one), noisy_of(other), strict=True):
        assert (first == second).mean() < 0.2


def test_what_is_kept_of_it_says_the_same(folder: Path) -> None:
    found = measured(folder, plan("presence", "flows"), Fraction(1, 7))
    kept = Measurements.from_bytes(found.to_bytes())
    assert kept.payments == found.payments
    assert compose(payment.rho for payment in kept.payments) == Fraction(1, 7)


# --- what one device can change --------------------------------------------------------------------------------------


class Door:
    """Stands in for `privacy.measure`: keeps what comes to the door, and can give answers that were given before."""

    def __init__(self, answers: Sequence[Measurement] | None = None) -> None:
        self.came: list[Contribution] = []
        self.gave: list[Measurement] = []
        self._answers: Iterator[Measurement] | None = None if answers is None else iter(answers)

    def __call__(self, contribution: Contribution, rho: Fraction) -> Measurement:
        self.came.append(contribution)
        found = privacy.measure(contribution, rho) if self._answers is None else next(self._answers)
        assert found.values.shape == contribution.sums.shape, "the shape of a question must not depend on the data"
        assert found.squared_sensitivity == contribution.squared_sensitivity
        assert found.rho == rho
        self.gave.append(found)
        return found


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Measure a plan through a door of the test's own."""

    def run(door: Door, folder: Path, wanted: Plan, rho: Fraction) -> None:
        monkeypatch.setattr(purse, "measure", door)
        measured(folder, wanted, rho)

    return run


def hostile() -> dict[str, Tour]:
    """Devices that make the most of it: the last stays of a full week end before the window does."""
    stays = (WEEK.end - WEEK.start) // 1201
    ways = itertools.permutations(REGION.leaves.tolist(), 2)
    everywhere = [np.uint64(cell) for way in itertools.islice(ways, stays // 2) for cell in way]
    far = [REGION.leaves[0], REGION.leaves[-1]]
    return {
        "to and fro": far * (stays // 2),
        "everywhere": everywhere,
        "never moves": [REGION.leaves[3]] * stays,
        "in and out": [cell for pair in zip(REGION.leaves, FRINGE, strict=False) for cell in pair] * 9,
        "one trip": far,
        "nowhere": [],
    }


@pytest.mark.parametrize(("full_pairs", "periods"), [(4, ("P7D",)), (250_000, ("P7D", "P1D", "hour-of-day"))])
@pytest.mark.parametrize("name", list(hostile()))
def test_one_device_moves_the_whole_plan_by_no_more_than_was_paid_for(
    tmp_path: Path,
    through: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    full_pairs: int,
    periods: Sequence[str],
) -> None:
    """Composition as it is proved: given the same noisy answers so far, the next exact question differs by at most
    its bound; and the sum of what each difference costs at the noise that was drawn is at most the charge."""
    monkeypatch.setattr(levels, "FULL_PAIRS", full_pairs)
    wanted = plan("presence", "flows", presence=(5, 7), flows=(5, 7), flow_periods=periods)
    rho = rho_of(2.0, 1e-6)
    first, second = Door(), Door()
    through(first, seal(tmp_path / "without", town()), wanted, rho)
    second = Door(first.gave)
    through(second, seal(tmp_path / "with", {**town(), 30: hostile()[name]}), wanted, rho)
    cost = Fraction(0)
    for before, after, noisy in zip(first.came, second.came, first.gave, strict=True):
        moved = sum(int(value) ** 2 for value in (after.sums - before.sums).ravel() if value)
        assert moved <= noisy.squared_sensitivity
        cost += moved / (2 * Fraction(noisy.scale) ** 2)
    assert cost <= rho
    if name == "to and fro" and len(periods) == 1:
        assert cost > rho / 2, "the charge is not far from what a device can cost"


def test_every_choice_is_made_on_numbers_that_carry_noise(
    folder: Path, through: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far vectors are scaled, how many trips count, and where finer pairs are looked for."""
    monkeypatch.setattr(levels, "FULL_PAIRS", 4)
    door = Door()
    through(door, folder, plan("flows", flows=(5, 6, 7)), Fraction(1))
    norms, totals, *pairs = door.gave
    trips, *lengths = norms.values
    assert totals.squared_sensitivity == len(lengths) * (most_trips(trips) * SCALE) ** 2
    assert [p.squared_sensitivity for p in pairs] == [squared_bound(length) * SCALE**2 for length in lengths]

    found = measured(folder, plan("flows", flows=(5, 6, 7)), Fraction(1))
    domains = {resolution: REGION.cells(resolution) for resolution in range(LEAF + 1)}
    for coarse, fine in itertools.pairwise(found.flows):
        above, below = domains[coarse.resolution], domains[fine.resolution]
        if fine.pairs.size < below.size**2:
            flows = judged_flows(found.flows, domains)[coarse.resolution]
            assert np.array_equal(fine.pairs, pairs_below(flows, above, below, coarse.resolution))


# --- what is measured ------------------------------------------------------------------------------------------------


def flows_of(found: Measurements) -> dict[int, dict[int, float]]:
    """Trips by resolution and pair, without the zeros."""
    return {
        level.resolution: {
            int(pair): value / level.unit
            for pair, value in zip(level.pairs, level.noisy.tolist(), strict=True)
            if value
        }
        for level in found.flows
    }


def one_trip_each(trips: Sequence[tuple[np.uint64, np.uint64]]) -> dict[int, Tour]:
    """So that no vector is scaled."""
    return dict(enumerate(trips))


def expected_flows(trips: Sequence[tuple[np.uint64, np.uint64]], resolution: int) -> dict[int, float]:
    domain = REGION.cells(resolution)
    expected: dict[int, float] = {}
    for trip in trips:
        origin, destination = np.searchsorted(domain, parents_of(np.array(trip, dtype=np.uint64), resolution)).tolist()
        pair = origin * domain.size + destination
        expected[pair] = expected.get(pair, 0.0) + 1.0
    return expected


def test_with_enough_paid_it_is_the_count_of_trips(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    trips = [tuple(rng.choice(REGION.leaves, 2, replace=False)) for _ in range(60)]
    found = measured(seal(tmp_path, one_trip_each(trips)), plan("flows", flows=(5, 6, 7)), ENOUGH)
    assert flows_of(found) == {resolution: expected_flows(trips, resolution) for resolution in (5, 6, 7)}
    for level in found.flows:
        kept_within, taken_within, kept, taken = level.totals
        assert kept_within + kept == 60 * SCALE
        assert taken_within == taken == 0


def test_with_enough_paid_it_is_the_count_of_device_hours(tmp_path: Path) -> None:
    tours = {device: [cell] for device, cell in enumerate(REGION.leaves)} | {100: [REGION.leaves[4]]}
    found = measured(seal(tmp_path, tours), plan("presence", presence=(6, 7)), ENOUGH)
    coarse, fine = found.presence
    assert (coarse.resolution, fine.resolution) == (6, 7)
    ones = np.ones(REGION.leaves.size)
    ones[4] = 2
    assert np.array_equal(fine.noisy[:, 0], ones)
    assert not fine.noisy[:, 1:].any()
    assert coarse.noisy.sum() == fine.noisy.sum()


def test_trips_that_end_beside_the_region_are_not_counted_at_coarser_resolutions(tmp_path: Path) -> None:
    inside = (REGION.leaves[0], REGION.leaves[-1])
    beside = [(REGION.leaves[0], cell) for cell in FRINGE]
    found = measured(seal(tmp_path, one_trip_each([inside, *beside])), plan("flows", flows=(5, 7)), ENOUGH)
    assert flows_of(found) == {resolution: expected_flows([inside], resolution) for resolution in (5, 7)}


def test_presence_beside_the_region_is_not_counted_at_coarser_resolutions(tmp_path: Path) -> None:
    tours = {device: [cell] for device, cell in enumerate(FRINGE)}
    found = measured(seal(tmp_path, tours), plan("presence", presence=(5,)), ENOUGH)
    assert not found.presence[0].noisy.any()


def test_an_empty_window_is_measured_all_the_same(tmp_path: Path) -> None:
    """And pays as much: whether anybody was there is not for free."""
    found = measured(seal(tmp_path, {}), plan("presence", "flows"), Fraction(1, 9))
    assert compose(payment.rho for payment in found.payments) == Fraction(1, 9)
