"""A made-up crowd in a small region, and what a release would measure of it; made in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.estimate.measurements import FlowLevel, Measurements, Payment
from hereabouts.privacy.accounting import rho_of
from hereabouts.privacy.bounding import SCALE
from hereabouts.release.plan import Area
from hereabouts.release.region import Region, region_of
from hereabouts.risk.attack.pieces import Query
from hereabouts.risk.attack.queries import queries_of
from hereabouts.windows import Window

BBOX = (-1.4, 52.1, -0.8, 52.5)
Queries = Callable[[float], list[Query]]


@pytest.fixture(scope="session")
def window() -> Window:
    return Window(dt.date(2024, 3, 4), dt.date(2024, 3, 6), "UTC")


@pytest.fixture(scope="session")
def region() -> Region:
    """Some 400 cells of resolution 7."""
    return region_of(Area(bbox=BBOX))


@pytest.fixture(scope="session")
def measured(region: Region, window: Window) -> Callable[[float], Measurements]:
    """What is measured at an epsilon: presence, visitors and flows, a third of rho each."""

    def of(epsilon: float) -> Measurements:
        third = rho_of(epsilon, 1e-6) * Fraction(1, 3)
        size = region.cells(6).size
        pairs = np.arange(size**2)
        bound = 2 * SCALE * SCALE
        payments = (
            Payment("presence", 6, "hours", third * Fraction(7, 17), window.hours, 0.0, 0),
            Payment("presence", 7, "hours", third * Fraction(10, 17), window.hours, 0.0, 0),
            Payment("visitors", 7, "cells/P1D", third, bound, 0.0, 0),
            Payment("flows", None, "norms", third / 10, 1, 0.0, 0),
            Payment("flows", 6, "pairs", third * Fraction(9, 10), bound, 0.0, 0),
        )
        flows = FlowLevel(6, True, pairs, np.zeros(size**2, dtype=np.int64), 1.0, SCALE, (0, 0), 1.0)
        return Measurements(payments, flows=(flows,))

    return of


@pytest.fixture(scope="session")
def queries(measured: Callable[[float], Measurements], region: Region, window: Window) -> Queries:
    return lambda epsilon: queries_of(measured(epsilon), region, window)[0]


@pytest.fixture(scope="session")
def buckets(region: Region, window: Window) -> list[DeviceRows]:
    """Four buckets of a hundred devices: each at one of its two cells in most hours, with a trip now and then."""
    rng = np.random.default_rng(5)
    none = np.empty(0, dtype=np.int64)
    found = []
    for _ in range(4):
        devices, hours = 100, window.hours
        own = rng.integers(0, region.leaves.size, (devices, 2)) // rng.integers(1, 6, (devices, 1))
        there = rng.random((devices, hours)) < rng.uniform(0.2, 1.0, (devices, 1))
        device, hour = np.nonzero(there)
        presence = Presence(device, own[device, (hour % 24 > 8).astype(int)], hour)
        trips = rng.integers(0, devices, 300)
        zeros = np.zeros(300, dtype=np.int64)
        made = Trips(trips, own[trips, 0], own[trips, 1], zeros, zeros, zeros)
        found.append(DeviceRows(devices, region.leaves, presence, Stays(none, none, none), made))
    return found
