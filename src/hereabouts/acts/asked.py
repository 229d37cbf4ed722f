"""What a plan asks of a store, and what it must satisfy before anything is spent: the same for release and preview."""

from __future__ import annotations

import time
from pathlib import Path

from hereabouts.errors import UsageError
from hereabouts.release.manifest import Places
from hereabouts.release.plan import Plan, load_plan
from hereabouts.release.protected import Protection, protect
from hereabouts.release.region import LEAF, Region, region_of
from hereabouts.rules.purposes import Purpose, refuse_against_people
from hereabouts.rules.release import check_release, refuse_region_around_places
from hereabouts.store.store import Store
from hereabouts.windows import Window

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


def check_rules(store: Store, plan: Plan, window: Window) -> Purpose:
    """Refuse a plan that purpose, policy, resolution or embargo do not let out; return its purpose.

    Raises
    ------
    RefusedError
        By the first rule that is not satisfied.
    """
    finest = max((r for s in plan.by_cell for r in plan.levels(s).resolutions), default=LEAF)
    refuse_against_people(plan.name, plan.justification or "")
    return check_release(
        store.policy,
        purpose=plan.purpose,
        finest_resolution=finest,
        justification=plan.justification,
        window=window.name,
        window_end=window.end,
        now=int(time.time()),
    )


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
