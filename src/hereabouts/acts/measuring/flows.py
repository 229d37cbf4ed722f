"""Measuring flows: lengths of vectors, what scaling takes, then pairs from the coarsest resolution on, then slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hereabouts.acts.measuring.purse import Purse
from hereabouts.catalogue.flows import (
    TripCounts,
    among,
    flow_contribution,
    lengths_contribution,
    norms_contribution,
    totals_contribution,
)
from hereabouts.estimate.flows.expand import all_pairs, clear_pairs, pairs_below
from hereabouts.estimate.flows.levels import judged_flows
from hereabouts.estimate.measurements import FlowLevel, FlowSlots
from hereabouts.privacy.bounding import SCALE, most_trips, squared_bound
from hereabouts.release.levels import FLOW_NORMS, FLOW_PAIRS, FLOW_TOTALS, SLOT_NORMS, FlowStep

Domains = Mapping[int, NDArray[np.uint64]]
Slotted = tuple[int, str]
"""A resolution, and a period that is made of slots."""


def measure_flows(
    trips: list[list[TripCounts]], chain: list[FlowStep], domains: Domains, rho: Fraction, purse: Purse
) -> tuple[FlowLevel, ...]:
    """Measure the flows of a chain of resolutions, coarsest first, for exactly `rho`.

    Parameters
    ----------
    trips
        For each step of the chain the devices' vectors, bucket by bucket.
    chain, domains
        Resolutions to measure, and the region's sorted cells by resolution.
    """
    norms = purse.measure(norms_contribution(trips), rho * FLOW_NORMS, "flows", None, "norms").values
    bounds = [squared_bound(histogram) for histogram in norms[1:]]
    sizes = [domains[step.resolution].size for step in chain]
    totals = purse.measure(
        totals_contribution(trips, sizes, bounds, most_trips(norms[0])), rho * FLOW_TOTALS, "flows", None, "totals"
    )
    found: list[FlowLevel] = []
    for place, step in enumerate(chain):
        pairs = all_pairs(sizes[place]) if step.full else _pairs_below(found, domains, step.resolution)
        contribution = flow_contribution(trips[place], pairs, bounds[place])
        noisy = purse.measure(contribution, rho * FLOW_PAIRS * step.share, "flows", step.resolution, "pairs")
        found.append(
            FlowLevel(
                resolution=step.resolution,
                asked=step.asked,
                pairs=pairs,
                noisy=noisy.values,
                variance=noisy.scale**2,
                unit=SCALE,
                totals=tuple(int(total) for total in totals.values[place].ravel()),
                totals_variance=totals.scale**2,
            )
        )
    return tuple(found)


def measure_flow_slots(
    trips: Mapping[Slotted, Sequence[TripCounts]],
    shares: Mapping[Slotted, Fraction],
    slots: Mapping[str, int],
    measured: Sequence[FlowLevel],
    domains: Domains,
    rho: Fraction,
    purse: Purse,
) -> tuple[FlowSlots, ...]:
    """Measure flows by day or hour of the day, of the pairs whose flow over the window stands out.

    Parameters
    ----------
    trips
        For each resolution and period the devices' vectors of pairs and slots, bucket by bucket.
    shares
        What each of them gets of `rho`.
    slots
        How many slots each period has.
    measured
        Flows over the window, of all these resolutions.
    """
    found = []
    flows = judged_flows(measured, domains) if shares else {}
    for (resolution, period), share in shares.items():
        pairs = clear_pairs(flows[resolution], domains[resolution].size)
        entries = (pairs[:, None] * slots[period] + np.arange(slots[period])).ravel()
        vectors = among(trips[resolution, period], entries)
        paid = rho * share
        what = ("flows", resolution)
        norms = purse.measure(lengths_contribution(vectors), paid * SLOT_NORMS, *what, f"slot-norms/{period}")
        contribution = flow_contribution(vectors, entries, squared_bound(norms.values))
        noisy = purse.measure(contribution, paid * (1 - SLOT_NORMS), *what, f"slots/{period}")
        values = noisy.values.reshape(pairs.size, slots[period])
        found.append(FlowSlots(resolution, period, pairs, values, noisy.scale**2, SCALE))
    return tuple(found)


def _pairs_below(measured: list[FlowLevel], domains: Domains, resolution: int) -> NDArray[np.int64]:
    """The pairs of a resolution that are worth measuring, by the coarser ones that were measured."""
    coarser = measured[-1].resolution
    flows = judged_flows(measured, domains)[coarser]
    return pairs_below(flows, domains[coarser], domains[resolution], coarser)
