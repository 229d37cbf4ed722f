"""From a release's payments to the queries that were paid for: which of its noisy vectors are attacked, and which not.

Left out are the few numbers that choose bounds and correct for them (norms, totals): they take a tenth of what flows
and visitors cost, and say nothing about places. The ceiling for any device at all covers them too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.distributions import DISTRIBUTIONS
from hereabouts.catalogue.rows import DeviceRows
from hereabouts.catalogue.visitors import slots_of
from hereabouts.estimate.measurements import Measurements, Payment
from hereabouts.privacy.bins import BINS
from hereabouts.privacy.bounding import SCALE
from hereabouts.release.plan import DAILY
from hereabouts.release.region import LEAF, Region
from hereabouts.risk.attack.pieces import Query
from hereabouts.store.sealed import PRESENCE, TRIPS
from hereabouts.windows import Window

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Domains = Mapping[int, Cells]
Counted = Callable[[DeviceRows], tuple[Integers, Integers]]


def queries_of(
    measured: Measurements, region: Region, window: Window, leaves: Cells | None = None
) -> tuple[list[Query], list[str]]:
    """The queries of a release, and the names of what was paid for and is not attacked.

    Parameters
    ----------
    measured
        What was measured, as the store keeps it: it knows between which cells flows were.
    region, window
        Of the plan.
    leaves
        The same in a part of the region: some of its cells at resolution 7, sorted. Numbers keep their places, those
        that nothing can add to any more with them.
    """
    inside = region.leaves if leaves is None else leaves
    domains = {resolution: region.cells(resolution) for resolution in range(LEAF + 1)}
    found: list[Query] = []
    others: list[str] = []
    for payment in measured.payments:
        made = _query(payment, measured, inside, domains, window)
        if made is None:
            others.append(name_of(payment))
        else:
            found.append(made)
    return found, others


def _query(paid: Payment, measured: Measurements, leaves: Cells, domains: Domains, window: Window) -> Query | None:
    kind, _, period = paid.part.partition("/")
    named, cost = (paid.statistic, paid.resolution, paid.part), (paid.squared_sensitivity, paid.rho)
    bound = paid.squared_sensitivity // (SCALE * SCALE)
    if (paid.statistic, kind) == ("presence", "hours") and paid.resolution is not None:
        domain = domains[paid.resolution]
        slots = np.arange(window.hours)
        counted = _presence(leaves, domain, paid.resolution, slots, window.hours)
        return Query(*named, domain.size * window.hours, *cost, counted)
    if (paid.statistic, kind) == ("visitors", "cells") and paid.resolution is not None:
        domain = domains[paid.resolution]
        of_hour, slots_in_all = slots_of(period, window)
        counted = _presence(leaves, domain, paid.resolution, of_hour, slots_in_all)
        return Query(*named, domain.size * slots_in_all, *cost, counted, once=True, squared_bound=bound)
    if (paid.statistic, kind) == ("flows", "pairs") and not period and paid.resolution is not None:
        domain = domains[paid.resolution]
        kept = next(level.pairs for level in measured.flows if level.resolution == paid.resolution)
        counted = _flows(leaves, domain, paid.resolution)
        return Query(*named, domain.size**2, *cost, counted, squared_bound=bound, kept=kept)
    if (paid.statistic, kind) == ("flows", "slots") and paid.resolution is not None:
        domain = domains[paid.resolution]
        level = next(
            each for each in measured.flow_slots if (each.resolution, each.period) == (paid.resolution, period)
        )
        slots_in_all = level.noisy.shape[1]
        kept = (level.pairs[:, None] * slots_in_all + np.arange(slots_in_all)).ravel()
        of_hour = window.day_of_hour if period == DAILY else window.hour_of_day()[1]
        # Vectors are scaled after all else was left out of them.
        counted = _among(kept, _flows(leaves, domain, paid.resolution, of_hour, slots_in_all))
        return Query(*named, domain.size**2 * slots_in_all, *cost, counted, squared_bound=bound, kept=kept)
    if paid.statistic in DISTRIBUTIONS and kind in {"counts", "bins"}:
        counted = _distribution(paid.statistic, leaves, window)
        size = len(BINS[paid.statistic].edges)
        return Query(*named, size, *cost, counted, squared_bound=bound if kind == "bins" else None)
    return None


def tables_of(queries: Sequence[Query]) -> set[str]:
    """The sealed tables that queries read."""
    by_name = {"presence": {PRESENCE}, "visitors": {PRESENCE}, "flows": {TRIPS}}
    tables = [by_name.get(each.statistic) or DISTRIBUTIONS[each.statistic].tables for each in queries]
    return set().union(*tables)


def name_of(paid: Payment | Query) -> str:
    """What was measured, for people."""
    resolution = "" if paid.resolution is None else f" at resolution {paid.resolution}"
    _, _, period = paid.part.partition("/")
    return f"{paid.statistic}{resolution}{f' by {period}' if period else ''} ({paid.part.partition('/')[0]})"


def _presence(leaves: Cells, domain: Cells, resolution: int, slot_of_hour: Integers, slots: int) -> Counted:
    def counted(rows: DeviceRows) -> tuple[Integers, Integers]:
        device, cell, hour = rows.presence
        place = rows.places(leaves, domain, resolution)[cell]
        inside = place >= 0
        return device[inside], place[inside] * slots + slot_of_hour[hour[inside]]

    return counted


def _flows(
    leaves: Cells, domain: Cells, resolution: int, slot_of_hour: Integers | None = None, slots: int = 1
) -> Counted:
    def counted(rows: DeviceRows) -> tuple[Integers, Integers]:
        place = rows.places(leaves, domain, resolution)
        start, end = place[rows.trips.origin], place[rows.trips.destination]
        inside = (start >= 0) & (end >= 0)
        slot = 0 if slot_of_hour is None else slot_of_hour[rows.trips.hour[inside]]
        return rows.trips.device[inside], (start[inside] * domain.size + end[inside]) * slots + slot

    return counted


def _among(kept: Integers, counted: Counted) -> Counted:
    def fewer(rows: DeviceRows) -> tuple[Integers, Integers]:
        device, entry = counted(rows)
        known = np.isin(entry, kept)
        return device[known], entry[known]

    return fewer


def _distribution(statistic: str, leaves: Cells, window: Window) -> Counted:
    def counted(rows: DeviceRows) -> tuple[Integers, Integers]:
        device, values = DISTRIBUTIONS[statistic].values(rows, leaves, window)
        return device, BINS[statistic].place(values)

    return counted
