"""What tests of releases share: one made-up release, from its plan to its folder, of a spring week in Paris.

Its noise comes from a seed: here it is a drawing, not a protection. No real row is in it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from hereabouts.acts.measuring.distributions import measure_distributions
from hereabouts.acts.measuring.purse import Purse
from hereabouts.acts.measuring.visitors import measure_visitors
from hereabouts.catalogue.distributions import Histograms
from hereabouts.catalogue.vectors import vectors_of
from hereabouts.estimate.distributions import distribution_estimate
from hereabouts.estimate.flows.expand import all_pairs
from hereabouts.estimate.flows.levels import Flows, flow_estimates
from hereabouts.estimate.measurements import FlowLevel, Measurements, Payment, PresenceLevel
from hereabouts.estimate.presence.hours import HourlyEstimate
from hereabouts.estimate.presence.levels import presence_estimates
from hereabouts.estimate.reconcile import parent_positions
from hereabouts.estimate.visitors.levels import visitor_estimates
from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.entries import Entry
from hereabouts.log.merkle import leaf_hash
from hereabouts.log.note import Note, Signer
from hereabouts.log.proof import Proof
from hereabouts.privacy.accounting import rho_of, scale_of, variance_for
from hereabouts.privacy.bins import BINS
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.privacy.measure import Contribution
from hereabouts.release import manifest as manifests
from hereabouts.release.levels import (
    FLOW_NORMS,
    FLOW_PAIRS,
    FLOW_TOTALS,
    flow_chain,
    presence_shares,
    statistic_shares,
    visitor_shares,
)
from hereabouts.release.logged import PROOF
from hereabouts.release.plan import Plan
from hereabouts.release.readme import readme
from hereabouts.release.region import Region, region_of
from hereabouts.release.registry import NAME as REGISTRY
from hereabouts.release.registry import registry
from hereabouts.release.tables.distributions import distributions_table
from hereabouts.release.tables.flows import flows_table
from hereabouts.release.tables.presence import presence_table
from hereabouts.release.tables.rows import Table
from hereabouts.release.tables.visitors import visitors_table
from hereabouts.windows import Calendar, Window

Integers = NDArray[np.int64]
Domains = dict[int, NDArray[np.uint64]]

_PLAN = {
    "name": "weekday-movement",
    "purpose": "transport-planning",
    "region": {"bbox": [2.25, 48.80, 2.45, 48.92]},
    "window": "2024-03-25/2024-04-01",
    "epsilon": 1.0,
    "delta": 1e-6,
    "statistics": ["presence", "flows"],
    "presence": {"resolutions": [6, 7], "periods": ["PT1H", "P1D", "P7D"]},
    "flows": {"resolutions": [5, 6], "periods": ["P7D"]},
}


class _Purse:
    """Noise for what is paid, and receipts."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(20240325)
        self.payments: list[Payment] = []

    def measure(
        self, values: Integers, squared: int, rho: Fraction, statistic: str, resolution: int | None, part: str
    ) -> tuple[Integers, float]:
        scale = scale_of(variance_for(squared, rho))
        self.payments.append(Payment(statistic, resolution, part, rho, squared, scale, values.size))
        return values + np.round(self.rng.normal(0.0, scale, values.shape)).astype(np.int64), scale


@pytest.fixture(scope="session")
def plan() -> Plan:
    return Plan.model_validate(_PLAN)


@pytest.fixture(scope="session")
def window(plan: Plan) -> Window:
    """A week whose Sunday has 23 hours."""
    return Calendar.of("Europe/Paris", "P7D", None).named(plan.window)


@pytest.fixture(scope="session")
def region(plan: Plan) -> Region:
    return region_of(plan.region)


@pytest.fixture(scope="session")
def domains(region: Region) -> Domains:
    return {resolution: region.cells(resolution) for resolution in range(8)}


@pytest.fixture(scope="session")
def measured(plan: Plan, window: Window, domains: Domains) -> Measurements:
    """Presence and flows that everybody may see: thousands of devices, more by day than by night."""
    purse = _Purse()
    each = rho_of(plan.epsilon, plan.delta) / 2
    busy = purse.rng.lognormal(6.0, 1.5, domains[7].size)
    rhythm = 1.2 + np.sin((np.arange(window.hours) - 8) / 24 * 2 * np.pi)
    devices = purse.rng.poisson(busy[:, None] * rhythm)
    presence = []
    for resolution, share in presence_shares(plan.presence.resolutions).items():
        sums = np.zeros((domains[resolution].size, window.hours), dtype=np.int64)
        np.add.at(sums, parent_positions(domains[7], domains[resolution], resolution), devices)
        noisy, scale = purse.measure(sums, window.hours, each * share, "presence", resolution, "hours")
        presence.append(PresenceLevel(resolution, noisy, scale**2))

    chain = flow_chain(plan.flows.resolutions, {r: cells.size for r, cells in domains.items()})
    rows = 1 + len(chain)
    purse.measure(np.zeros((rows, NORM_BINS), np.int64), rows, each * FLOW_NORMS, "flows", None, "norms")
    whole, most = 60_000 * SCALE, 8 * SCALE
    totals, totals_scale = purse.measure(
        np.full((len(chain), 4), whole // 4),
        len(chain) * most**2,
        each * FLOW_TOTALS,
        "flows",
        None,
        "totals",
    )
    finest = domains[7].size
    trips = purse.rng.multinomial(30_000, np.outer(busy, busy).ravel() / busy.sum() ** 2)
    origin, destination = np.divmod(np.arange(finest**2), finest)
    flows = []
    for place, step in enumerate(chain):
        position = parent_positions(domains[7], domains[step.resolution], step.resolution)
        size = domains[step.resolution].size
        sums = np.bincount(position[origin] * size + position[destination], trips, size**2).astype(np.int64) * SCALE
        noisy, scale = purse.measure(
            sums, 4 * SCALE**2, each * FLOW_PAIRS * step.share, "flows", step.resolution, "pairs"
        )
        flows.append(
            FlowLevel(
                step.resolution, step.asked, all_pairs(size), noisy, scale**2, SCALE,
                tuple(int(total) for total in totals[place]), totals_scale**2,
            )
        )  # fmt: skip
    return Measurements(tuple(purse.payments), tuple(presence), tuple(flows))


@pytest.fixture(scope="session")
def presence_found(measured: Measurements, domains: Domains, window: Window) -> dict[int, HourlyEstimate]:
    return presence_estimates(measured.presence, domains, window.day_of_hour)


@pytest.fixture(scope="session")
def flows_found(measured: Measurements, domains: Domains) -> dict[int, Flows]:
    return flow_estimates(measured.flows, domains)


@pytest.fixture(scope="session")
def tables(
    presence_found: dict[int, HourlyEstimate],
    flows_found: dict[int, Flows],
    domains: Domains,
    window: Window,
    plan: Plan,
) -> dict[str, Table]:
    return {
        "presence": presence_table(presence_found, domains, window, plan),
        "flows": flows_table(flows_found, domains, window, plan),
    }


@pytest.fixture(scope="session")
def run(plan: Plan) -> manifests.Run:
    rho = rho_of(plan.epsilon, plan.delta)
    spending = manifests.Spending(
        window=rho * 3 / 2, budget=rho_of(2.0, 1e-6), lifetime=rho * 5 / 2, windows=2, delta=1e-6
    )
    return manifests.Run(
        key="5eed" * 16,
        rho=rho,
        spending=spending,
        policy="research",
        purpose_dpv="dpv:ServiceProvision",
        measured="2024-04-10T12:00:00+00:00",
        code_version="0.1.0",
        log_key=str(LOG.verifier),
    )


@pytest.fixture(scope="session")
def written(
    plan: Plan,
    window: Window,
    region: Region,
    measured: Measurements,
    run: manifests.Run,
    tables: dict[str, Table],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A sound release's folder, for all tests: ask for `folder` to change one."""
    return _written(tmp_path_factory.mktemp("made") / "release", plan, window, region, measured, run, tables)


def _written(
    folder: Path,
    plan: Plan,
    window: Window,
    region: Region,
    measured: Measurements,
    run: manifests.Run,
    tables: dict[str, Table],
) -> Path:
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table.content, folder / f"{name}.parquet", compression="zstd")
    levels = {name: table.levels for name, table in tables.items()}
    content = manifests.manifest(plan, window, int(region.leaves.size), measured, run, levels)
    (folder / "README.md").write_text(readme(content), encoding="utf-8")
    (folder / REGISTRY).write_text(registry(content), encoding="utf-8")
    (folder / "report.html").write_text("<!doctype html><title>Where the crowd is</title>", encoding="utf-8")
    text = manifests.to_json(manifests.with_files(content, folder))
    (folder / manifests.NAME).write_text(text, encoding="utf-8")
    log_release(folder)
    return folder


LOG = Signer.of("hereabouts/made-up", bytes(32))


def cover(folder: Path, content: dict[str, Any]) -> None:
    """Write a manifest that was tampered with, and cover the traces: registry and log say what it says now."""
    with contextlib.suppress(Exception):  # of what is garbled there is no entry
        if REGISTRY in content["files"]:
            (folder / REGISTRY).write_text(registry(content), encoding="utf-8")
            content["files"][REGISTRY] = manifests.digest_of(folder / REGISTRY)
    (folder / manifests.NAME).write_text(json.dumps(content), encoding="utf-8")
    log_release(folder)


def log_release(folder: Path) -> None:
    """Put a proof beside a release that it is the only entry of a log."""
    facts = {"manifest": manifests.digest_of(folder / manifests.NAME)}
    entry = Entry("2024-04-11T12:00:00+00:00", "anna", "operator", "release", "done", None, facts, None).to_bytes()
    text = Checkpoint(LOG.name, 1, leaf_hash(entry)).text
    proof = Proof(0, (), Note.parse(f"{text}\n{LOG.sign(text)}"), entry)
    (folder / PROOF).write_text(str(proof), encoding="utf-8")


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A sound release's folder, to be tampered with."""
    return shutil.copytree(written, tmp_path / "release")


# --- visitors and distributions, measured as a release does it, from vectors that are made up ------------------------


@pytest.fixture(scope="session")
def device_plan(plan: Plan) -> Plan:
    names = ("visitors", *BINS)
    visitors = plan.visitors.model_copy(update={"resolutions": (5, 6), "periods": ("P1D", "P7D")})
    return plan.model_copy(update={"statistics": names, "visitors": visitors})


@pytest.fixture(scope="session")
def device_measured(device_plan: Plan, window: Window, domains: Domains) -> Measurements:
    """Of 20,000 devices, each in a few cells on some days, some more popular than others."""
    rng, purse = np.random.default_rng(7), Purse()
    rho = rho_of(device_plan.epsilon, device_plan.delta)
    share = statistic_shares(device_plan.statistics)
    device = np.repeat(np.arange(20_000), 6)
    popular = rng.pareto(1.0, domains[7].size)
    leaf, day = rng.choice(popular.size, device.size, p=popular / popular.sum()), rng.integers(7, size=device.size)
    by_level = visitor_shares(device_plan.visitors.resolutions, device_plan.visitors.periods)
    vectors = {}
    for resolution, period in by_level:
        cell = parent_positions(domains[7], domains[resolution], resolution)[leaf]
        slots = 7 if period == "P1D" else 1
        entry = cell * slots + (day if slots == 7 else 0)
        vectors[resolution, period] = [vectors_of(device, entry, domains[resolution].size * slots, once=True)]
    visitors = measure_visitors(vectors, by_level, domains, window, rho * share["visitors"], purse)
    found = []
    for name, bins in BINS.items():
        size, natural = len(bins.edges), None
        if name in ("trips-per-device-day", "cells-per-device-day", "radius-of-gyration"):
            sums = rng.integers(3000, 9000, size).astype(np.int64)
            natural = Contribution(sums, 1 if bins.counted == "devices" else 49)
        found.append(Histograms(name, natural, [vectors_of(device, rng.integers(size, size=device.size), size)]))
    distributions = measure_distributions(found, {name: rho * share[name] for name in BINS}, purse)
    return Measurements(tuple(purse.payments), visitors=visitors, distributions=distributions)


@pytest.fixture(scope="session")
def device_tables(
    device_plan: Plan, device_measured: Measurements, window: Window, domains: Domains
) -> dict[str, Table]:
    visitors = visitor_estimates(device_measured.visitors, domains, window.duration)
    distributions = {each.statistic: distribution_estimate(each) for each in device_measured.distributions}
    return {
        "visitors": visitors_table(visitors, domains, window, device_plan),
        "distributions": distributions_table(distributions, device_plan),
    }


@pytest.fixture
def device_folder(
    device_plan: Plan,
    device_measured: Measurements,
    device_tables: dict[str, Table],
    window: Window,
    region: Region,
    run: manifests.Run,
    tmp_path: Path,
) -> Path:
    """A sound release of these alone, to be tampered with."""
    return _written(tmp_path / "by-device", device_plan, window, region, device_measured, run, device_tables)
