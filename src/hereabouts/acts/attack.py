"""Attack: what somebody who knows much already could learn from a release; for the owner of its store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hereabouts.acts.accounts import ledger_of, measurement_key
from hereabouts.acts.asked import measurable
from hereabouts.acts.paid import read_paid
from hereabouts.acts.place import check_place, place
from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.record import Said, acting, log
from hereabouts.engines.sealed_rows import device_rows
from hereabouts.errors import RefusedError, UsageError
from hereabouts.release.plan import BY_CELL, Plan
from hereabouts.release.verify import read_manifest
from hereabouts.report.confidential.attack import attack_page
from hereabouts.risk.attack.attempts import PUBLICATIONS
from hereabouts.risk.attack.known import worst_area
from hereabouts.risk.attack.overlapping import every_second
from hereabouts.risk.attack.queries import name_of, queries_of, tables_of
from hereabouts.risk.attack.result import Attack, Attacked
from hereabouts.risk.attack.run import Attackable, attacked, sampled
from hereabouts.store.looks import look
from hereabouts.store.store import Store

Progress = Callable[[str], None]
_FEWEST_PUBLICATIONS = 8


def attack(
    folder: Path,
    store: Path,
    out: Path,
    area: Path | None = None,
    seed: int = 1,
    publications: int = PUBLICATIONS,
    progress: Progress | None = None,
) -> Attack:
    """Attack a release in every way that is known, and write ``attack.html`` and ``attack.json``.

    Both are confidential: they are computed on exact data and not differentially private. They hold figures about all
    targets together alone, none about fewer than 20 devices. Trials measure the release's own sums again, in memory,
    with noise that is neither published nor kept: nothing is spent.

    Parameters
    ----------
    folder
        The release.
    store
        The store that made it.
    out
        Folder of the report; must not exist, or be empty.
    area
        The GeoJSON file of the plan's region, where it was one: a release does not hold it.
    seed
        The same seed draws the same targets; noise has none.
    publications
        How often the release is published anew in memory, each time with fresh noise: an even number, 8 or more. This
        is what takes time; fewer give wider intervals.
    progress
        Told what is being done.

    Returns
    -------
    Attack
        What ``attack.json`` says.

    Raises
    ------
    BadInputError
        When there is no release, or fewer than 20 devices are in it.
    UsageError
        When the place is taken, or this store did not make the release.
    RefusedError
        When the window has no tables any more, or its data have changed since they were looked at
        (:mod:`hereabouts.store.looks`).
    MachineError
        When the machine refuses, or something of the store is missing.
    """
    if publications < _FEWEST_PUBLICATIONS or publications % 2:
        raise UsageError(f"got {publications} publications, expected an even number of {_FEWEST_PUBLICATIONS} or more")
    check_place(out)
    tell = progress or _silent
    content = read_manifest(folder)
    plan = _plan(content, area)
    said = Said()
    with acting(store, "attack", said) as target, target.locked(), place(out) as made:
        bring_up_to_date(target)
        said.facts = {"window": target.calendar.named(plan.window).name}
        log(target, "attack", said.facts, "begun")
        release = _attackable(target, content, plan, seed, tell)
        result = attacked(release, seed, publications, tell)
        text = json.dumps(result.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
        (made / "attack.json").write_text(text + "\n", encoding="utf-8")
        (made / "attack.html").write_text(attack_page(result), encoding="utf-8")
    return result


def _attackable(store: Store, content: dict[str, Any], plan: Plan, seed: int, tell: Progress) -> Attackable:
    """The release with the exact data behind it.

    Raises
    ------
    UsageError
        When the store has no measurement by that plan and key.
    RefusedError, MachineError
        When the window has no tables or was looked at before its data changed, or the measurement is missing.
    """
    window = store.calendar.named(plan.window)
    protection = measurable(store, plan, window)
    charge = ledger_of(store).find(window.name, str(content["measurement"]["key"]))
    region = protection.region
    if charge is None or charge.key != measurement_key(store.facts.id, charge.data_version, plan, window, region):
        raise UsageError(
            f"store {store.path} has not measured what this release says: give the store that made it, and with --area "
            "the GeoJSON file of the plan's region if it was one"
        )
    known = store.sealed_window(window)
    if known is None or window.end <= store.retention.tables_until():
        raise RefusedError(
            "retention", f"window {window.name} has no tables any more: there is nothing to compare with"
        )
    paid = read_paid(store, charge)
    queries, left_out = queries_of(paid, region, window)
    part, _ = queries_of(paid, region, window, every_second(region.leaves))
    tell("reading")
    look(store, window)
    rows = device_rows(store.sealed_folder(window), window, tables_of(queries))
    both = sampled(rows, queries, part, seed)
    facts = Attacked(
        plan.name,
        window.name,
        plan.epsilon,
        plan.delta,
        known.data_version != charge.data_version,
        tuple(name_of(query) for query in queries),
        tuple(dict.fromkeys(left_out)),
        worst_area(float(charge.rho)),
    )
    return Attackable(facts, both, plan, window, protection, store.facts.resolution)


def _plan(content: dict[str, Any], area: Path | None) -> Plan:
    """The plan that a manifest tells of.

    Raises
    ------
    UsageError
        When its region was a GeoJSON file, which is not given, or it tells of none.
    """
    region = content["region"]
    if "geojson" in region and area is None:
        raise UsageError(
            f"the plan's region was the GeoJSON file {region['geojson']}, which a release does not hold: give it with "
            "--area"
        )
    publish = content["publish"]
    found: dict[str, Any] = {
        "name": content["name"],
        "purpose": content["purpose"],
        "region": {"geojson": str(area)} if "geojson" in region else _area(region),
        "window": content["window"]["name"],
        "epsilon": content["privacy"]["epsilon"],
        "delta": content["privacy"]["delta"],
        "finest_resolution": content["finest_resolution"],
        "justification": content["justification"],
        "publish": {name: float(value) for name, value in publish.items()},
        "statistics": [],
    }
    for statistic, told in content["statistics"].items():
        if statistic not in BY_CELL:
            found["statistics"] += [each["statistic"] for each in told["histograms"]]
            continue
        levels = [level for level in told["levels"] if level.get("published", True)]
        found["statistics"].append(statistic)
        found[statistic] = {
            "resolutions": sorted({level["resolution"] for level in levels}),
            "periods": sorted(
                {period for level in levels for period in level["periods"]}
                | {slots["period"] for slots in told.get("slots", ())}
            ),
        }
    return Plan.model_validate(found)


def _area(region: dict[str, Any]) -> dict[str, Any]:
    return {"bbox": region["bbox"]} if "bbox" in region else {"cells": region["h3"]}


def _silent(step: str) -> None:
    """Show no progress."""
