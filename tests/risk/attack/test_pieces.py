"""What devices add to a release's numbers: the same as what the release itself is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hereabouts.catalogue.flows import flow_contribution, trip_counts
from hereabouts.catalogue.presence import presence_contributions
from hereabouts.catalogue.vectors import vectors_contribution
from hereabouts.catalogue.visitors import visitor_vectors
from hereabouts.estimate.measurements import Measurements
from hereabouts.release.region import Region
from hereabouts.risk.attack.pieces import Crowd, read_crowd
from hereabouts.risk.attack.queries import queries_of
from hereabouts.windows import Window

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries


def whole(buckets: list[DeviceRows], queries: Queries) -> Crowd:
    return read_crowd(buckets, queries(1.0), 10_000, np.random.default_rng(1))


def test_sums_are_those_of_the_release(
    buckets: list[DeviceRows], queries: Queries, region: Region, window: Window
) -> None:
    found = {(p.query.statistic, p.query.resolution): p for p in whole(buckets, queries).pieces}
    domains = {resolution: region.cells(resolution) for resolution in (5, 6, 7)}
    rows = [(b.cells, b.presence.cell, b.presence.hour) for b in buckets]
    presence = presence_contributions(rows, region.leaves, {6: domains[6], 7: domains[7]}, window.hours)
    for resolution in (6, 7):
        assert (found["presence", resolution].sums == presence[resolution].sums.ravel()).all()
    visited = visitor_vectors(buckets, region.leaves, domains, [(7, "P1D")], window)[7, "P1D"]
    query = found["visitors", 7].query
    assert query.squared_bound is not None
    contribution = vectors_contribution(visited, query.size, query.squared_bound)
    assert (found["visitors", 7].sums == contribution.sums).all()
    assert contribution.squared_sensitivity == query.squared_sensitivity
    query = found["flows", 6].query
    assert query.kept is not None
    assert query.squared_bound is not None
    trips = [
        trip_counts(b.trips.device, b.cells, b.trips.origin, b.trips.destination, region.leaves, domains[6], 6)
        for b in buckets
    ]
    assert (found["flows", 6].sums == flow_contribution(trips, query.kept, query.squared_bound).sums).all()


def test_what_all_devices_add_is_the_sum(buckets: list[DeviceRows], queries: Queries) -> None:
    crowd = whole(buckets, queries)
    assert crowd.devices == crowd.sampled == 400
    for piece in crowd.pieces:
        again = np.zeros_like(piece.sums)
        np.add.at(again, piece.sample.entry, piece.sample.value)
        assert (again == piece.sums).all()
        assert (piece.sample.squared_norms <= piece.query.squared_sensitivity).all()


def test_a_device_has_one_place_in_all_pieces(buckets: list[DeviceRows], queries: Queries) -> None:
    """Presence at resolution 6 is presence at 7 seen from further away: of each device as many hours."""
    crowd = read_crowd(buckets, queries(1.0), 50, np.random.default_rng(2))
    six, seven = (piece.sample for piece in crowd.pieces[:2])
    assert crowd.sampled == six.devices == 50
    assert (np.diff(six.start) == np.diff(seven.start)).all()
    some = np.array([7, 3, 3])
    taken = seven.take(some)
    for row, device in enumerate(some):
        own = slice(seven.start[device], seven.start[device + 1])
        assert (taken.entry[taken.start[row] : taken.start[row + 1]] == seven.entry[own]).all()


def test_the_sample_is_even(buckets: list[DeviceRows], queries: Queries) -> None:
    """Devices of the first bucket and of the last are drawn alike."""
    hours = [int(b.presence.device.size) for b in buckets]
    drawn = [
        np.diff(read_crowd(order, queries(1.0), 40, np.random.default_rng(seed)).pieces[0].sample.start).sum()
        for order in (buckets, buckets[::-1])
        for seed in range(40)
    ]
    assert abs(np.mean(drawn) - sum(hours) / 10) < 0.06 * sum(hours) / 10


def test_nobody_is_no_crowd(queries: Queries) -> None:
    crowd = read_crowd([], queries(1.0), 10, np.random.default_rng(1))
    assert (crowd.devices, crowd.sampled) == (0, 0)


def test_norms_and_totals_are_left_out_by_name(
    measured: Callable[[float], Measurements], region: Region, window: Window
) -> None:
    _, others = queries_of(measured(1.0), region, window)
    assert others == ["flows (norms)"]
