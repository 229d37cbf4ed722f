"""Measuring a plan: exact contributions go to :func:`hereabouts.privacy.measure` unopened, noisy numbers come back."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.flows import (
    flow_contribution,
    norms_contribution,
    totals_contribution,
    trip_counts,
)
from hereabouts.catalogue.presence import presence_contributions
from hereabouts.engines.local import presence_batches, trip_buckets
from hereabouts.estimate.expand import all_pairs, pairs_below
from hereabouts.estimate.measurements import FlowLevel, Measurements, Payment, PresenceLevel
from hereabouts.privacy.bounding import SCALE, most_trips, squared_bound
from hereabouts.privacy.measure import Contribution, Measurement, measure
from hereabouts.release.levels import NORMS, PAIRS, TOTALS, FlowStep, flow_chain, presence_shares
from hereabouts.release.plan import Plan
from hereabouts.release.region import LEAF, Region
from hereabouts.windows import Window

Domains = Mapping[int, NDArray[np.uint64]]


class _Purse:
    """Pays for measurements and keeps the receipts."""

    def __init__(self) -> None:
        self.payments: list[Payment] = []

    def measure(
        self, contribution: Contribution, rho: Fraction, statistic: str, resolution: int | None, part: str
    ) -> Measurement:
        found = measure(contribution, rho)
        piece = Payment(statistic, resolution, part, rho, found.squared_sensitivity, found.scale, found.values.size)
        self.payments.append(piece)
        return found


def measure_plan(folder: Path, window: Window, plan: Plan, region: Region, rho: Fraction) -> Measurements:
    """Measure all that a plan asks for, for exactly `rho`, which the caller has charged.

    Nobody is told how far it is: a caller that was told between two draws could stop there, having seen the first.

    Parameters
    ----------
    folder
        The sealed window's folder.
    window, plan, region
        What is measured; public.
    rho
        What was paid; the parts add up to it.
    """
    purse = _Purse()
    each = rho / len(plan.statistics)
    presence: tuple[PresenceLevel, ...] = ()
    flows: tuple[FlowLevel, ...] = ()
    if "presence" in plan.statistics:
        presence = _measure_presence(folder, window, plan.presence.resolutions, region, each, purse)
    if "flows" in plan.statistics:
        domains = {resolution: region.cells(resolution) for resolution in range(LEAF + 1)}
        chain = flow_chain(plan.flows.resolutions, {r: cells.size for r, cells in domains.items()})
        flows = _measure_flows(folder, chain, domains, each, purse)
    return Measurements(tuple(purse.payments), presence, flows)


def _measure_presence(
    folder: Path, window: Window, resolutions: tuple[int, ...], region: Region, rho: Fraction, purse: _Purse
) -> tuple[PresenceLevel, ...]:
    domains = {resolution: region.cells(resolution) for resolution in resolutions}
    contributions = presence_contributions(presence_batches(folder, window), region.leaves, domains, window.hours)
    found = []
    for resolution, share in presence_shares(resolutions).items():
        noisy = purse.measure(contributions[resolution], rho * share, "presence", resolution, "hours")
        found.append(PresenceLevel(resolution, noisy.values, noisy.scale**2))
    return tuple(found)


def _measure_flows(
    folder: Path, chain: list[FlowStep], domains: Domains, rho: Fraction, purse: _Purse
) -> tuple[FlowLevel, ...]:
    trips = [
        [
            trip_counts(*bucket, domains[LEAF], domains[step.resolution], step.resolution)
            for bucket in trip_buckets(folder)
        ]
        for step in chain
    ]
    norms = purse.measure(norms_contribution(trips), rho * NORMS, "flows", None, "norms").values
    bounds = [squared_bound(histogram) for histogram in norms]
    totals = purse.measure(
        totals_contribution(trips, bounds, most_trips(norms[-1])), rho * TOTALS, "flows", None, "totals"
    )
    found: list[FlowLevel] = []
    for place, step in enumerate(chain):
        size = domains[step.resolution].size
        pairs = all_pairs(size) if step.full else pairs_below(found[-1], domains, step.resolution)
        contribution = flow_contribution(trips[place], pairs, bounds[place])
        noisy = purse.measure(contribution, rho * PAIRS * step.share, "flows", step.resolution, "pairs")
        found.append(
            FlowLevel(
                resolution=step.resolution,
                asked=step.asked,
                pairs=pairs,
                noisy=noisy.values,
                variance=noisy.scale**2,
                unit=SCALE,
                totals=(int(totals.values[0]), int(totals.values[1 + place])),
                totals_variance=totals.scale**2,
            )
        )
    return tuple(found)
