"""Measuring a plan: exact contributions go to the noise unopened, noisy numbers come back."""

from __future__ import annotations

from fractions import Fraction

from hereabouts.acts.measuring.distributions import measure_distributions
from hereabouts.acts.measuring.flows import Slotted, measure_flow_slots, measure_flows
from hereabouts.acts.measuring.presence import measure_presence
from hereabouts.acts.measuring.purse import Purse
from hereabouts.acts.measuring.visitors import measure_visitors
from hereabouts.catalogue.distributions import Histograms, histograms, tables_read
from hereabouts.catalogue.flows import TripCounts, trip_counts
from hereabouts.catalogue.presence import presence_contributions
from hereabouts.catalogue.rows import PRESENCE
from hereabouts.catalogue.vectors import DeviceVectors
from hereabouts.catalogue.visitors import Level, visitor_vectors
from hereabouts.engines.local import presence_batches, trip_buckets
from hereabouts.engines.sealed_rows import device_rows
from hereabouts.estimate.measurements import FlowLevel, FlowSlots, Measurements
from hereabouts.objects import AnyPath
from hereabouts.privacy.measure import Contribution
from hereabouts.release.levels import flow_chain, slot_shares, statistic_shares, visitor_shares
from hereabouts.release.plan import DAILY, HOUR_OF_DAY, Plan
from hereabouts.release.region import LEAF, Region
from hereabouts.windows import Window


def measure_plan(
    folder: AnyPath, window: Window, plan: Plan, region: Region, rho: Fraction, purse: Purse | None = None
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
    share = statistic_shares(plan.statistics)
    domains = {resolution: region.cells(resolution) for resolution in range(LEAF + 1)}
    chain = flow_chain(plan.flows.resolutions, {r: cells.size for r, cells in domains.items()})
    slotted = slot_shares(plan.flows.resolutions, plan.flows.periods, window.duration)
    slot = {DAILY: window.day_of_hour, HOUR_OF_DAY: window.hour_of_day()[1]}
    slots = {period: int(number.max()) + 1 for period, number in slot.items()}
    # All that is read is read before the first draw: what fails by then has shown nothing to anyone.
    contributions: dict[int, Contribution] = {}
    trips: list[list[TripCounts]] = []
    by_slot: dict[Slotted, list[TripCounts]] = {}
    visited: dict[Level, list[DeviceVectors]] = {}
    counted: list[Histograms] = []
    if "presence" in plan.statistics:
        asked = {resolution: domains[resolution] for resolution in plan.presence.resolutions}
        rows = presence_batches(folder, window)
        contributions = presence_contributions(rows, region.leaves, asked, window.hours)
    if "flows" in plan.statistics:
        buckets = list(trip_buckets(folder, window))
        trips = [
            [trip_counts(*bucket[:4], region.leaves, domains[step.resolution], step.resolution) for bucket in buckets]
            for step in chain
        ]
        by_slot = {
            (resolution, period): [
                trip_counts(
                    *bucket[:4], region.leaves, domains[resolution], resolution, slot[period][bucket[4]], slots[period]
                )
                for bucket in buckets
            ]
            for resolution, period in slotted
        }
    by_level = visitor_shares(plan.visitors.resolutions, plan.visitors.periods)
    if "visitors" in plan.statistics:
        rows_by_device = device_rows(folder, window, {PRESENCE})
        visited = visitor_vectors(rows_by_device, region.leaves, domains, list(by_level), window)
    if plan.distributions:
        rows_by_device = device_rows(folder, window, tables_read(plan.distributions))
        counted = histograms(rows_by_device, region.leaves, plan.distributions, window)
    presence = measure_presence(contributions, rho * share["presence"], purse) if contributions else ()
    flows: tuple[FlowLevel, ...] = ()
    flow_slots: tuple[FlowSlots, ...] = ()
    if trips:
        whole = rho * share["flows"]
        flows = measure_flows(trips, chain, domains, whole * (1 - sum(slotted.values())), purse)
        flow_slots = measure_flow_slots(by_slot, slotted, slots, flows, domains, whole, purse)
    visitors = measure_visitors(visited, by_level, domains, window, rho * share["visitors"], purse) if visited else ()
    paid = {name: rho * share[name] for name in plan.distributions}
    distributions = measure_distributions(counted, paid, purse)
    return Measurements(
        tuple(purse.payments),
        presence=presence,
        flows=flows,
        flow_slots=flow_slots,
        visitors=visitors,
        distributions=distributions,
    )
