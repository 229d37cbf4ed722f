"""What a plan asks of a store, and what it must satisfy before anything is spent: the same for release and preview."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from pathlib import Path

from hereabouts.errors import UsageError
from hereabouts.log.actor import actor
from hereabouts.release.manifest import Places
from hereabouts.release.plan import Plan, load_plan
from hereabouts.release.protected import Protection, protect
from hereabouts.release.region import LEAF, Region, region_of
from hereabouts.release.signed import plan_digest
from hereabouts.rules.gate import check_act
from hereabouts.rules.grounds import Grounds, Request, check_grounds
from hereabouts.rules.purposes import Purpose, load_purposes, refuse_against_people
from hereabouts.rules.release import check_release, refuse_region_around_places
from hereabouts.rules.standing import standing
from hereabouts.state import reading
from hereabouts.store.store import Store
from hereabouts.windows import Window

PURPOSES = "purposes.toml"
"""The file, in the store, of an operator's own purposes, each declared under one of DPV's."""

# Noise is drawn for every cell and hour of a region: beyond this a plan takes hours, and is refused.
_MOST_DRAWS = 40_000_000


def asked(plan: Path, store: Store) -> tuple[Plan, Window]:
    """A plan, and the window of the store that it is of.

    Raises
    ------
    BadInputError, UsageError, MachineError
        When it is no plan, or asks for a window or periods that there are not.
    """
    wanted = load_plan(plan)
    window = store.calendar.named(wanted.window)
    wanted.check_periods(window.duration)
    return wanted, window


def purposes_of(store: Store) -> Mapping[str, Purpose]:
    """The purposes that a plan on this store may name: those that are shipped, and its own ``purposes.toml``.

    Raises
    ------
    RefusedError, UsageError, MachineError
        When that file would configure what nobody can, or is not one.
    """
    own = store.path / PURPOSES
    return load_purposes(own if own.exists() else None)


def check_rules(store: Store, plan: Plan, window: Window) -> tuple[Purpose, Grounds]:
    """Refuse a plan that the rules do not let out; return its purpose, and what its release rests on.

    Raises
    ------
    RefusedError
        By the first rule that is not satisfied.
    """
    now = int(time.time())
    request = Request(plan_digest(plan), actor(), plan.purpose, plan.recipients)
    with reading(store.state) as session:
        there = standing(session, request.plan)
    check_act(store.policy, there, "release", now)
    finest = max((r for s in plan.by_cell for r in plan.levels(s).resolutions), default=LEAF)
    refuse_against_people(plan.name, plan.justification or "")
    purpose = check_release(
        store.policy,
        purpose=plan.purpose,
        finest_resolution=finest,
        justification=plan.justification,
        window=window.name,
        window_end=window.end,
        now=now,
        purposes=purposes_of(store),
    )
    return purpose, check_grounds(store.policy, there, request, dt.datetime.fromtimestamp(now, dt.UTC).date())


def measurable(store: Store, plan: Plan, window: Window) -> Protection:
    """What of the plan's region may be measured.

    Raises
    ------
    RefusedError
        When protected areas leave nothing of it.
    UsageError
        When there is no such region, or it is too large.
    """
    protection = protect(store.policy.protected_areas, store.path, region_of(plan.region), window)
    _check_size(plan, window, protection.region)
    return protection


def check_places(store: Store, region: Region) -> Places | None:
    """Refuse a region that is drawn around a listed place (SL-BLOCK); give what a manifest says of the list."""
    version, places = store.places()
    if places is None:
        return None
    # Imported here: geometry takes long to load, and is needed by stores that have a list.
    from hereabouts.feeds.places.cells import cells_touched  # noqa: PLC0415

    refuse_region_around_places(region.leaves, cells_touched(places, LEAF))
    return Places(version, places.digest)


def _check_size(plan: Plan, window: Window, region: Region) -> None:
    days = int(window.day_starts().size)
    slots = {
        "presence": window.hours,
        "visitors": sum(1 if period == window.duration else days for period in plan.visitors.periods),
    }
    for statistic in slots.keys() & set(plan.statistics):
        cells = sum(region.cells(resolution).size for resolution in plan.levels(statistic).resolutions)
        if cells * slots[statistic] > _MOST_DRAWS:
            raise UsageError(
                f"plan '{plan.name}' measures {cells * slots[statistic]:,} numbers for {statistic}, at most "
                f"{_MOST_DRAWS:,} are drawn: choose coarser resolutions or a smaller region"
            )
