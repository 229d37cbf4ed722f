"""Measuring flows by slot: what is paid, and that every choice is made on numbers that carry noise."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.acts.measuring.flows import measure_flow_slots, measure_flows
from hereabouts.acts.measuring.purse import Purse
from hereabouts.catalogue.flows import TripCounts
from hereabouts.estimate.flows.expand import clear_pairs
from hereabouts.estimate.flows.levels import judged_flows
from hereabouts.estimate.measurements import FlowLevel, FlowSlots
from hereabouts.hexagons import parents_of
from hereabouts.privacy import measure as privacy
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.release.levels import SLOT_NORMS, flow_chain, slot_shares

LEAVES = np.unique(np.asarray(h3.grid_disk(h3.latlng_to_cell(48.85, 2.35, 7), 4), dtype=np.uint64))
DOMAINS = {r: np.unique(parents_of(LEAVES, r)) for r in range(8)}
SIZE, HOURS, RHO = DOMAINS[6].size, 24, Fraction(1, 10)
PERIOD = "hour-of-day"
Integers = NDArray[np.int64]


def counts(device: Integers, entry: Integers) -> TripCounts:
    """Devices' trips by entry."""
    whole, count = np.unique(device * 10**6 + entry, return_counts=True)
    whose, place = np.divmod(whole, 10**6)
    squares = np.bincount(whose, count**2).astype(np.int64)
    return TripCounts(place, count.astype(np.int64), whose, squares)


def town(devices: int = 3000) -> tuple[TripCounts, TripCounts]:
    """Everybody goes out at eight and back at five, between two places; some go elsewhere too. By pair; and by hour."""
    rng = np.random.default_rng(1)
    device = np.repeat(np.arange(devices), 3)
    pair = np.tile([1, SIZE, 0], devices)
    pair[2::3] = rng.integers(0, SIZE**2, devices)
    hour = np.tile([8, 17, 12], devices)
    return counts(device, pair), counts(device, pair * HOURS + hour)


def measured(purse: Purse) -> tuple[tuple[FlowLevel, ...], tuple[FlowSlots, ...]]:
    by_pair, by_hour = town()
    shares = slot_shares((6,), (PERIOD,), "P7D")
    chain = flow_chain((6,), {r: cells.size for r, cells in DOMAINS.items()})
    rest = RHO * (1 - sum(shares.values()))
    flows = measure_flows([[by_pair]], chain, DOMAINS, rest, purse)
    return flows, measure_flow_slots({(6, PERIOD): [by_hour]}, shares, {PERIOD: HOURS}, flows, DOMAINS, RHO, purse)


def test_payments_add_up_and_say_what_they_are_for() -> None:
    purse = Purse()
    measured(purse)
    assert sum(payment.rho for payment in purse.payments) == RHO
    norms, slots = purse.payments[-2:]
    assert (norms.part, slots.part) == (f"slot-norms/{PERIOD}", f"slots/{PERIOD}")
    assert norms.rho == RHO / 2 * SLOT_NORMS
    assert (norms.squared_sensitivity, norms.values) == (1, NORM_BINS)
    assert slots.squared_sensitivity in {2**power * SCALE**2 for power in range(NORM_BINS)}


def test_hours_are_measured_for_the_pairs_that_stand_out_of_the_noise() -> None:
    flows, (slots,) = measured(Purse())
    clear = clear_pairs(judged_flows(flows, DOMAINS)[6], SIZE)
    assert np.array_equal(slots.pairs, clear)
    assert slots.noisy.shape == (clear.size, HOURS)
    found = dict(zip(slots.pairs.tolist(), slots.noisy.tolist(), strict=True))
    assert int(np.argmax(found[1])) == 8
    assert int(np.argmax(found[SIZE])) == 17


def test_without_noise_it_is_the_scaled_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The noise test, through the door that there is: all of what is measured is what the catalogue bounds."""
    draws: list[int] = []

    def nothing(count: int, scale: float) -> Integers:
        draws.append(count)
        return np.zeros(count, dtype=np.int64)

    monkeypatch.setattr(privacy, "discrete_gaussian", nothing)
    purse = Purse()
    _, (slots,) = measured(purse)
    assert draws == [payment.values for payment in purse.payments]
    hours = dict(zip(slots.pairs.tolist(), slots.noisy.tolist(), strict=True))
    assert hours[1][8] > 0
    assert sum(hours[1]) - hours[1][8] <= 40 * SCALE, "those who went elsewhere, there by chance"


def test_where_no_slots_are_asked_for_none_are_measured() -> None:
    purse = Purse()
    by_pair, _ = town()
    chain = flow_chain((6,), {r: cells.size for r, cells in DOMAINS.items()})
    flows: Sequence[FlowLevel] = measure_flows([[by_pair]], chain, DOMAINS, RHO, purse)
    assert measure_flow_slots({}, {}, {}, flows, DOMAINS, RHO, purse) == ()
    assert sum(payment.rho for payment in purse.payments) == RHO
