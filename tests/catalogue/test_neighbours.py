"""Every statistic and level together: one whole device moves all that is measured by no more than is paid for it.

From pings through the kernels, sealed files and the catalogue to what comes to the door, for whole plans. Composition
as it is proved: both of two neighbours are given the same noisy answers, so that what is asked next is the same; then
each exact question may differ by its bound, and what all differences cost at the noise that was drawn is at most the
charge. Only the door is the test's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.acts.measuring import purse
from hereabouts.acts.measuring.plan import measure_plan
from hereabouts.catalogue import vectors
from hereabouts.engines.local import summarise_bucket
from hereabouts.estimate.measurements import Measurements
from hereabouts.privacy import measure as privacy
from hereabouts.privacy.accounting import compose, rho_of, variance_for
from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.measure import Contribution, Measurement
from hereabouts.release.plan import Plan, Statistic
from hereabouts.release.region import Region
from hereabouts.store.open_window import Pings

if TYPE_CHECKING:
    from tests.catalogue.conftest import Chain, Recipe

NINE: tuple[str, ...] = get_args(Statistic)
KINDS = ("still", "restless", "commuter", "tourist", "border", "chatty", "burst", "edges", "sparse", "resident")
RHO = rho_of(1.0, 1e-6)

recipes = st.tuples(st.sampled_from(KINDS), st.integers(0, 2**32 - 1))


def plan(window: str, *statistics: str, **sections: dict[str, Any]) -> Plan:
    levels: dict[str, dict[str, Any]] = {
        "presence": {"resolutions": [5, 7]},
        "visitors": {"resolutions": [4, 6, 7], "periods": ["P1D", "P7D"]},
        "flows": {"resolutions": [5, 6], "periods": ["P1D", "P7D", "hour-of-day"]},
    }
    return Plan.model_validate(
        {
            "name": "test",
            "purpose": "transport-planning",
            "region": {"cells": ["871e15b71ffffff"]},  # not looked at: the region is handed over
            "window": window,
            "epsilon": 1.0,
            "delta": 1e-6,
            "statistics": list(statistics or NINE),
            **(levels | sections),
        }
    )


class Door:
    """Stands in for `privacy.measure`: keeps what comes to the door, and gives answers that were given before."""

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


class House:
    """Sealed windows of made-up devices, measured through a door."""

    def __init__(self, chain: Chain, folder: Path) -> None:
        self._chain, self._folder, self._made = chain, folder, 0

    def sealed(self, devices: Sequence[tuple[int, Recipe]], million: int | None = None) -> Path:
        """A sealed window; `million` is the number of a device that has a million pings beside."""
        self._made += 1
        folder = self._folder / str(self._made)
        for bucket in (0, 1):
            traces = [(number, self._chain.trace(recipe)) for number, recipe in devices if number % 2 == bucket] + [
                (million, self._chain.million())
            ] * (million is not None and million % 2 == bucket)
            names = [np.tile(np.array([[bucket, number]], np.uint64), (trace.time.size, 1)) for number, trace in traces]
            columns = [np.concatenate(parts) for parts in zip(*(trace for _, trace in traces), strict=True)] or [
                np.empty(0, np.int64), np.empty(0), np.empty(0)
            ]  # fmt: skip
            pings = Pings(np.concatenate([np.empty((0, 2), np.uint64), *names]), *columns)
            _, tables = summarise_bucket(pings, self._chain.window, 8, self._chain.cells)
            tables.write(folder, bucket)
        return folder

    def measured(self, folder: Path, wanted: Plan, door: Door, rho: Fraction = RHO) -> Measurements:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(purse, "measure", door)
            return measure_plan(folder, self._chain.window, wanted, Region(self._chain.leaves), rho)


@pytest.fixture
def house(chain: Chain, tmp_path: Path) -> House:
    return House(chain, tmp_path)


def cost_of(first: Door, second: Door) -> Fraction:
    """What the difference between two neighbours costs at the noise that was drawn: zCDP's rho, exactly.

    Each difference is held against its bound on the way.
    """
    cost = Fraction(0)
    for before, after, noisy in zip(first.came, second.came, first.gave, strict=True):
        moved = sum(int(value) ** 2 for value in (after.sums - before.sums).ravel() if value)
        assert moved <= noisy.squared_sensitivity
        assert Fraction(noisy.scale) ** 2 >= variance_for(noisy.squared_sensitivity, noisy.rho)
        cost += moved / (2 * Fraction(noisy.scale) ** 2)
    return cost


@given(town=st.lists(recipes, max_size=3), added=recipes, rho=st.sampled_from([RHO, Fraction(1, 10**5), Fraction(40)]))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_whole_device_costs_no_more_than_was_paid(
    house: House, chain: Chain, town: list[Recipe], added: Recipe, rho: Fraction
) -> None:
    """With much noise, so that bounds are chosen at random, and with hardly any, so that they fit the town."""
    wanted, devices = plan(chain.window.name), list(enumerate(town))
    first = Door()
    measured = house.measured(house.sealed(devices), wanted, first, rho)
    assert compose(payment.rho for payment in measured.payments) == rho, "to the last digit"
    assert [payment.rho for payment in measured.payments] == [noisy.rho for noisy in first.gave]
    second = Door(first.gave)
    house.measured(house.sealed([*devices, (len(town), added)]), wanted, second, rho)
    assert cost_of(first, second) <= rho


@pytest.mark.parametrize("kind", ["still", "restless", "tourist", "million"])
def test_a_device_that_makes_the_most_of_it_costs_no_more(house: House, chain: Chain, kind: str) -> None:
    """One that never moves, one that moves every minute, one that always travels, one with a million pings."""
    town = [(number, ("resident", number)) for number in range(6)]
    wanted, first = plan(chain.window.name), Door()
    house.measured(house.sealed(town), wanted, first)
    second = Door(first.gave)
    neighbour = house.sealed(town, million=7) if kind == "million" else house.sealed([*town, (7, (kind, 3))])
    house.measured(neighbour, wanted, second)
    assert cost_of(first, second) <= RHO


def test_every_statistic_that_is_asked_for_is_paid_for_and_nothing_else(house: House, chain: Chain) -> None:
    folder = house.sealed([(0, ("resident", 1))])
    paid = Counter(p.statistic for p in house.measured(folder, plan(chain.window.name), Door()).payments)
    assert paid.keys() == set(NINE)
    for statistic in NINE:
        alone = house.measured(folder, plan(chain.window.name, statistic), Door()).payments
        assert Counter(payment.statistic for payment in alone) == {statistic: paid[statistic]}
        assert compose(payment.rho for payment in alone) == RHO


def test_a_distribution_costs_an_eighth_of_what_a_map_does(house: House, chain: Chain) -> None:
    found = house.measured(house.sealed([]), plan(chain.window.name), Door()).payments
    spent = {name: compose(p.rho for p in found if p.statistic == name) for name in NINE}
    assert spent["presence"] == spent["visitors"] == spent["flows"] == 8 * spent["trip-lengths"]
    assert len({spent[name] for name in NINE[3:]}) == 1


def test_a_vector_that_is_not_scaled_would_be_found(
    house: House, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unscaled(counts: Any, device: Any, squared_norm: Any, bound: int) -> Any:
        return counts * SCALE

    monkeypatch.setattr(vectors, "scaled", unscaled)
    town = [(number, ("sparse", number)) for number in range(6)]
    wanted, first = plan(chain.window.name, "trip-lengths"), Door()
    house.measured(house.sealed(town), wanted, first, Fraction(40))
    second = Door(first.gave)
    house.measured(house.sealed([*town, (7, ("commuter", 3))]), wanted, second, Fraction(40))
    with pytest.raises(AssertionError):
        cost_of(first, second)


# --- the noise is as stated ------------------------------------------------------------------------------------------

PARTS = (
    ("visitors", 6, "cells/P1D"),
    ("trip-lengths", None, "bins"),
    ("trip-durations", None, "bins"),
    ("stay-durations", None, "bins"),
    ("trips-per-device-day", None, "counts"),
    ("cells-per-device-day", None, "counts"),
    ("radius-of-gyration", None, "counts"),
)


def noise_fits(noise: NDArray[np.float64], scale: float) -> bool:
    """Whether the mean square of many draws is that of this scale: six deviations either side."""
    share = float((noise**2).mean()) / scale**2
    return bool(abs(share - 1.0) < 6.0 * np.sqrt(2.0 / noise.size))


@pytest.mark.parametrize(("statistic", "resolution", "part"), PARTS, ids=str)
def test_the_noise_is_as_stated_and_not_less_or_more(
    house: House, chain: Chain, statistic: str, resolution: int | None, part: str
) -> None:
    """Through the door, of a town without anybody: all that comes out is noise."""
    sections = {"visitors": {"resolutions": [6], "periods": ["P1D"]}}
    wanted, folder = plan(chain.window.name, statistic, **sections), house.sealed([])
    drawn: list[NDArray[np.float64]] = []  # in units of what is stated, as a bound is chosen anew each time
    while sum(each.size for each in drawn) < 2500:
        door = Door()
        payments = house.measured(folder, wanted, door).payments
        what = [(p.statistic, p.resolution, p.part) for p in payments].index((statistic, resolution, part))
        drawn.append(door.gave[what].values.ravel() / payments[what].noise_scale)
    noise = np.concatenate(drawn)
    assert noise_fits(noise, 1.0)
    assert not noise_fits(noise, 0.7)
    assert not noise_fits(noise, 1.3)
