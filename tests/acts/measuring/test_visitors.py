"""Measuring visitors: what is paid, and how bounds follow the devices."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.acts.measuring.purse import Purse
from hereabouts.acts.measuring.visitors import measure_visitors
from hereabouts.catalogue.vectors import DeviceVectors, vectors_of
from hereabouts.catalogue.visitors import Level
from hereabouts.estimate.measurements import Measurements, VisitorLevel
from hereabouts.hexagons import parents_of
from hereabouts.privacy.accounting import compose
from hereabouts.privacy.bounding import SCALE
from hereabouts.release.levels import visitor_shares
from hereabouts.windows import Window

WEEK = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 20), "UTC")
LEAVES = np.unique(np.asarray(h3.grid_disk(h3.latlng_to_cell(48.2, 16.4, 7), 3), dtype=np.uint64))
DOMAINS = {resolution: np.unique(parents_of(LEAVES, resolution)) for resolution in range(8)}
ENOUGH = Fraction(10**13)  # buys numbers without any noise, for looking at what is measured
SHARES = visitor_shares((6, 7), ("P1D", "P7D"))


def made(
    cells_each: int, devices: int = 400
) -> tuple[dict[Level, list[DeviceVectors]], dict[Level, NDArray[np.int64]]]:
    """Vectors of devices that are each in so many leaves on one day, and the exact counts."""
    rng = np.random.default_rng(cells_each)
    device = np.repeat(np.arange(devices), cells_each)
    leaf = np.concatenate([rng.choice(LEAVES.size, cells_each, replace=False) for _ in range(devices)])
    day = np.repeat(rng.integers(7, size=devices), cells_each)
    vectors, exact = {}, {}
    for resolution, period in SHARES:
        slots = 7 if period == "P1D" else 1
        cell = np.searchsorted(DOMAINS[resolution], parents_of(LEAVES[leaf], resolution))
        entry, size = cell * slots + (day if slots == 7 else 0), DOMAINS[resolution].size * slots
        vectors[resolution, period] = [vectors_of(device, entry, size, once=True)]
        pairs = np.unique(np.column_stack([device, entry]), axis=0)
        exact[resolution, period] = np.bincount(pairs[:, 1], minlength=size).reshape(-1, slots)
    return vectors, exact


def measured(cells_each: int, rho: Fraction) -> tuple[tuple[VisitorLevel, ...], Purse]:
    purse = Purse()
    return measure_visitors(made(cells_each)[0], SHARES, DOMAINS, WEEK, rho, purse), purse


@pytest.mark.parametrize("rho", [Fraction(1, 3), Fraction(7, 10**6), ENOUGH])
def test_the_parts_add_up_to_what_is_paid(rho: Fraction) -> None:
    levels, purse = measured(5, rho)
    assert compose(payment.rho for payment in purse.payments) == rho
    assert [(level.resolution, level.period) for level in levels] == list(SHARES)
    kept = Measurements.from_bytes(Measurements(tuple(purse.payments), visitors=levels).to_bytes())
    for before, after in zip(levels, kept.visitors, strict=True):
        assert np.array_equal(before.noisy, after.noisy)
        assert {k: v for k, v in vars(before).items() if k != "noisy"} == {
            k: v for k, v in vars(after).items() if k != "noisy"
        }


@pytest.mark.parametrize("cells_each", [1, 2, 8, 30])
def test_with_enough_paid_it_is_the_count_of_distinct_devices(cells_each: int) -> None:
    """Bounds follow the devices: where noise is nothing, nobody is scaled."""
    levels, _ = measured(cells_each, ENOUGH)
    exact = made(cells_each)[1]
    for level in levels:
        assert level.unit == SCALE
        assert np.array_equal(level.noisy, SCALE * exact[level.resolution, level.period])
        assert abs(level.taken) < SCALE / 8, "noise of a unit or two"
        assert level.spread == 0.0
        assert level.kept == level.noisy.sum()


def test_the_bound_is_at_most_the_natural_one() -> None:
    """A device is in one cell an hour: beyond the root of the hours nobody is scaled, whatever noise says."""
    purse = Purse()
    measure_visitors(made(8)[0], SHARES, DOMAINS, WEEK, Fraction(1, 10**9), purse)
    for payment in purse.payments:
        kind = payment.part.partition("/")[0]
        most = {"norms": len(SHARES), "cells": WEEK.hours * SCALE**2, "taken": (WEEK.hours * SCALE) ** 2}[kind]
        assert payment.squared_sensitivity <= most
