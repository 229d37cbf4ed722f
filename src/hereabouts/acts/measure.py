"""Measuring a plan: exact contributions go to :func:`hereabouts.privacy.measure` unopened, noisy numbers come back."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.flows import (
    TripCounts,
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


class Purse:
    """Pays for measurements and keeps the receipts: where there is none yet, no noise was drawn."""

    def __init__(self) -> None:
        self.payments: list[Payment] = []

    def measure(
        self, contribution: Contribution, rho: Fraction, statistic: str, resolution: int | None, part: str
    ) -> Measurement:
        """Measure one contribution, and keep what was paid for it."""
        found = measure(contribution, rho)
        piece = Payment(statistic, resolution, part, rho, found.squared_sensitivity, found.scale, found.values.size)
        self.payments.append(piece)
        return found


def measure_plan(
    folder: Path, window: Window, plan: Plan, region: Region, rho: Fraction, purse: Purse | None = None
) -> Measurements:
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
    purse
        An empty one, for a caller who must know afterwards whether anything was drawn.
    """
    purse = purse or Purse()
    each = rho / len(plan.statistics)
    domains = {resolution: region.cells(resolution) for resolution in range(LEAF + 1)}
    chain = flow_chain(plan.flows.resolutions, {r: cells.size for r, cells in domains.items()})
    # All that is read is read before the first draw: what fails by then has shown nothing to anyone.
    contributions: dict[int, Contribution] = {}
    trips: list[list[TripCounts]] = []
    if "presence" in plan.statistics:
        asked = {resolution: domains[resolution] for resolution in plan.presence.resolutions}
        rows = presence_batches(folder, window)
        contributions = presence_contributions(rows, region.leaves, asked, window.hours)
    if "flows" in plan.statistics:
        buckets = list(trip_buckets(folder))
        trips = [
            [trip_counts(*bucket, region.leaves, domains[step.resolution], step.resolution) for bucket in buckets]
            for step in chain
        ]
    presence = _measure_presence(contributions, each, purse) if contributions else ()
    flows = _measure_flows(trips, chain, domains, each, purse) if trips else ()
    return Measurements(tuple(purse.payments), presence, flows)


def _measure_presence(
    contributions: Mapping[int, Contribution], rho: Fraction, purse: Purse
) -> tuple[PresenceLevel, ...]:
    found = []
    for resolution, share in presence_shares(list(contributions)).items():
        noisy = purse.measure(contributions[resolution], rho * share, "presence", resolution, "hours")
        found.append(PresenceLevel(resolution, noisy.values, noisy.scale**2))
    return tuple(found)


def _measure_flows(
    trips: list[list[TripCounts]], chain: list[FlowStep], domains: Domains, rho: Fraction, purse: Purse
) -> tuple[FlowLevel, ...]:
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
