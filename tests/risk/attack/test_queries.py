"""From payments to queries: which tables they read, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.catalogue.flows import among, flow_contribution, trip_counts
from hereabouts.estimate.measurements import FlowSlots, Measurements, Payment
from hereabouts.privacy.accounting import rho_of
from hereabouts.privacy.bins import BINS
from hereabouts.release.region import Region
from hereabouts.risk.attack.pieces import read_crowd
from hereabouts.risk.attack.queries import name_of, queries_of, tables_of
from hereabouts.windows import Window

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries


def test_each_piece_has_a_name_and_a_noise(queries: Queries) -> None:
    found = queries(1.0)
    assert [name_of(query) for query in found] == [
        "presence at resolution 6 (hours)",
        "presence at resolution 7 (hours)",
        "visitors at resolution 7 by P1D (cells)",
        "flows at resolution 6 (pairs)",
    ]
    assert tables_of(found) == {"presence", "trips"}
    for query in found:
        assert query.noise_scale**2 * 2 * float(query.rho) >= query.squared_sensitivity


def test_distributions_are_queries_too(region: Region, window: Window) -> None:
    rho = rho_of(1.0, 1e-6)
    payments = (
        Payment("trip-lengths", None, "taken", rho, 1, 0.0, 0),
        Payment("trip-lengths", None, "bins", rho, 4 * 256 * 256, 0.0, 0),
        Payment("cells-per-device-day", None, "counts", rho, 4, 0.0, 0),
    )
    found, others = queries_of(Measurements(payments), region, window)
    assert [(query.size, query.squared_bound) for query in found] == [
        (len(BINS["trip-lengths"].edges), 4),
        (len(BINS["cells-per-device-day"].edges), None),
    ]
    assert others == ["trip-lengths (taken)"]
    assert tables_of(found) == {"presence", "trips"}


@pytest.mark.parametrize(("period", "slots"), [("P1D", 2), ("hour-of-day", 24)])
def test_flows_by_slot_are_those_of_the_release(
    period: str, slots: int, buckets: list[DeviceRows], region: Region, window: Window
) -> None:
    domain = region.cells(6)
    pairs = np.arange(0, domain.size**2, 3)
    level = FlowSlots(6, period, pairs, np.zeros((pairs.size, slots), dtype=np.int64), 1.0, 256)
    paid = Payment("flows", 6, f"slots/{period}", rho_of(1.0, 1e-6), 2 * 256 * 256, 0.0, 0)
    (query,), _ = queries_of(Measurements((paid,), flow_slots=(level,)), region, window)
    of_hour = window.day_of_hour if period == "P1D" else window.hour_of_day()[1]
    trips = [
        trip_counts(
            b.trips.device, b.cells, b.trips.origin, b.trips.destination, region.leaves, domain, 6,
            of_hour[b.trips.hour], slots,
        )
        for b in buckets
    ]  # fmt: skip
    entries = (pairs[:, None] * slots + np.arange(slots)).ravel()
    truth = flow_contribution(among(trips, entries), entries, 2)
    (piece,) = read_crowd(buckets, [query], 100, np.random.default_rng(1)).pieces
    assert piece.sums.sum() > 0
    assert (piece.sums == truth.sums).all()
