"""Release: rules, budget, measurement, estimates, and a folder that may be given to anyone.

The order matters. Nothing is measured before the rules and the ledger agree; noise is drawn once and kept on the
disk before it is used; what is published can be made again from what was kept, and costs nothing then.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hereabouts import __version__
from hereabouts.acts.accounts import ledger_of, spending_of
from hereabouts.acts.asked import asked, check_places, check_rules, measurable, purposes_of
from hereabouts.acts.paid import Progress, measured_for, sealed_for
from hereabouts.acts.place import check_place, place
from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.record import Said, acting, log_verifier, prove, record_charges
from hereabouts.estimate.distributions import distribution_estimate
from hereabouts.estimate.flows.levels import flow_estimates
from hereabouts.estimate.flows.slots import slot_estimates
from hereabouts.estimate.measurements import Measurements
from hereabouts.estimate.presence.levels import presence_estimates
from hereabouts.estimate.visitors.levels import visitor_estimates
from hereabouts.ledger import Charge
from hereabouts.log.entries import append
from hereabouts.privacy.accounting import epsilon_of, rho_of
from hereabouts.release import manifest as manifests
from hereabouts.release.coarsen import coarsened
from hereabouts.release.logged import PROOF
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.readme import readme
from hereabouts.release.region import LEAF
from hereabouts.release.registry import NAME as REGISTRY
from hereabouts.release.registry import registry
from hereabouts.release.tables.distributions import distributions_table
from hereabouts.release.tables.flows import flows_table
from hereabouts.release.tables.presence import presence_table, slots_of
from hereabouts.release.tables.rows import Table
from hereabouts.release.tables.visitors import visitors_table
from hereabouts.report import write_report
from hereabouts.rules.gate import pass_gate
from hereabouts.rules.grounds import Grounds
from hereabouts.state import writing
from hereabouts.store.store import Store
from hereabouts.windows import Window

_UNLISTED = "not listed"
"""What the public log says of a purpose that nobody declared: such words may be anything."""


@dataclass(frozen=True)
class Released:
    """What one release let out.

    Attributes
    ----------
    folder
        The release's folder.
    again
        The measurement had been paid for before: nothing was spent.
    stale
        It is of earlier data: they have changed since.
    spent, left
        Epsilon that was spent now, and what the window has left at the budget's delta.
    rows
        Published rows by table and level.
    """

    folder: Path
    again: bool
    stale: bool
    spent: float
    left: float
    rows: dict[str, dict[str, int]]


def release(
    plan: Path,
    store: Path,
    out: Path,
    tile_url: str | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
) -> Released:
    """Publish what a plan asks for, paid from the window's budget.

    A plan that was measured before is published again from what was measured, for nothing: marked stale, if the data
    have changed since.

    Parameters
    ----------
    plan
        The plan, a TOML file.
    store
        The store's folder.
    out
        Folder of the release; must not exist, or be empty.
    tile_url
        Address of map tiles for the report, which then is no longer self-contained.
    progress
        Told what is being done.
    fresh
        Measure anew if the data have changed since the plan was measured: a new charge.

    Raises
    ------
    RefusedError
        By the first rule that is not satisfied, or the budget.
    UsageError
        When plan, window or place are wrong.
    """
    said = Said()
    with acting(store, "release", said) as target:
        return _release(target, plan, out, tile_url, progress or _silent, fresh, said)


def _release(
    target: Store, plan: Path, out: Path, tile_url: str | None, tell: Progress, fresh: bool, said: Said
) -> Released:
    wanted, window = asked(plan, target)
    said.document = plan.read_bytes()
    listed = wanted.purpose in purposes_of(target)
    said.facts = {"window": window.name, "purpose": wanted.purpose if listed else _UNLISTED}
    check_place(out)
    check_rules(target, wanted, window)
    protection = measurable(target, wanted, window)
    region = protection.region
    rho = rho_of(wanted.epsilon, wanted.delta)
    # Held to the end: were the data changed before the folder is in its place, it would not say that it is stale.
    with target.locked(), place(out) as folder:
        bring_up_to_date(target)
        purpose, grounds = check_rules(target, wanted, window)  # again: it may have waited long for the lock
        places = check_places(target, region)
        known = sealed_for(target, window, rho, wanted)
        measured, charge, again = measured_for(target, known, wanted, region, rho, tell, fresh)
        spending = spending_of(target, window)
        tell("estimates")
        tables = _tables(measured, wanted, window, protection)
        who = target.policy.publisher
        run = manifests.Run(
            charge.key,
            charge.rho,
            spending,
            target.policy.name,
            purpose.dpv,
            _instant(charge.measured_at or charge.created),
            __version__,
            str(log_verifier(target)),
            stale=charge.data_version != known.data_version,
            protected=protection.facts(wanted, window),
            places=places,
            grounds=grounds.facts(),
            publisher=None if who is None else who.model_dump(),
        )
        levels = {name: table.levels for name, table in tables.items()}
        content = manifests.manifest(wanted, window, int(region.leaves.size), measured, run, levels)
        tell("report")
        digest = _write(folder, content, tables, tile_url)
        entry = _log(target, content, grounds, charge, again, said.document, digest)
        (folder / PROOF).write_text(str(prove(target, entry)), encoding="utf-8")
    left = ledger_of(target).left(window.name)
    return Released(
        out,
        again,
        run.stale,
        0.0 if again else wanted.epsilon,
        epsilon_of(left, spending.delta) if left > 0 else 0.0,
        {name: {level: count.rows for level, count in table.levels.items()} for name, table in tables.items()},
    )


def _tables(measured: Measurements, plan: Plan, window: Window, protection: Protection) -> dict[str, Table]:
    domains = {resolution: protection.region.cells(resolution) for resolution in range(LEAF + 1)}
    measured = coarsened(measured, domains, window, protection)
    tables = {}
    if measured.presence:
        estimates = presence_estimates(measured.presence, domains, window.day_of_hour, slots_of(plan, window))
        tables["presence"] = presence_table(estimates, domains, window, plan, protection)
    if measured.flows:
        flows = flow_estimates(measured.flows, domains)
        by_slot = slot_estimates(measured.flow_slots, flows, domains)
        tables["flows"] = flows_table(flows, domains, window, plan, protection, by_slot)
    if measured.visitors:
        visitors = visitor_estimates(measured.visitors, domains, window.duration)
        tables["visitors"] = visitors_table(visitors, domains, window, plan, protection)
    if measured.distributions:
        distributions = {each.statistic: distribution_estimate(each) for each in measured.distributions}
        tables["distributions"] = distributions_table(distributions, plan)
    return tables


def _log(
    store: Store,
    content: dict[str, Any],
    grounds: Grounds,
    charge: Charge,
    again: bool,
    plan: bytes | None,
    digest: str,
) -> int:
    """Log the release, once: the same one again, after a crash or to another place, has its entry already."""
    facts = {
        "window": content["window"]["name"],
        "purpose": content["purpose"],
        "dpv": content["purpose_dpv"],
        "policy": content["policy"],
        "statistics": sorted(content["rows"]),
        "finest_resolution": content["finest_resolution"],
        "epsilon": repr(content["privacy"]["epsilon"]),
        "delta": repr(content["privacy"]["delta"]),
        "rho": content["privacy"]["rho"],
        "charge": charge.id,
        "again": again,
        "stale": content["stale"],
        "manifest": digest,
        **grounds.logged(),
    }
    record_charges(store)  # what it cost comes before it
    with writing(store.state) as session:
        pass_gate(session, store.policy, "release", int(time.time()))  # nothing is let out after a stop order
        return append(session, "release", facts, document=plan, subject=f"release:{digest}")


def _write(folder: Path, content: dict[str, Any], tables: dict[str, Table], tile_url: str | None) -> str:
    """Write the release, and give the digest of its manifest, which has those of all other files."""
    for name, table in tables.items():
        pq.write_table(table.content, folder / f"{name}.parquet", compression="zstd")
    write_report(content, {name: t.content for name, t in tables.items()}, folder / "report.html", tile_url=tile_url)
    (folder / "README.md").write_text(readme(content), encoding="utf-8")
    (folder / REGISTRY).write_text(registry(content), encoding="utf-8")
    text = manifests.to_json(manifests.with_files(content, folder))
    (folder / manifests.NAME).write_text(text, encoding="utf-8")
    return manifests.digest_of(folder / manifests.NAME)


def _instant(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).isoformat()


def _silent(step: str) -> None:
    """Show no progress."""
