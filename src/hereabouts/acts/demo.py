"""Demo: the whole way once, on a made-up town, through the same acts that real feeds go through."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hereabouts.acts.attack import attack
from hereabouts.acts.audit import audit
from hereabouts.acts.budget import Budget, budget
from hereabouts.acts.init import init
from hereabouts.acts.intake import Receipt, intake
from hereabouts.acts.place_test import PlaceTestReport, prove_places
from hereabouts.acts.places import AddedPlaces, add_places
from hereabouts.acts.release import Released, release
from hereabouts.acts.seal import Sealed, seal
from hereabouts.acts.suppliers import add_supplier
from hereabouts.acts.synth import synth
from hereabouts.acts.verify import verify
from hereabouts.errors import UsageError
from hereabouts.release.verify import Check

_MARK = ".hereabouts-demo"
_DEVICES, _DAYS, _SEED = 50_000, 7, 1
_PLAN = """\
name = "demo town"
purpose = "transport-planning"
region = { bbox = [-1.9, 51.8, -0.3, 52.8] }
window = "2024-03-04/2024-03-11"
epsilon = 1.0
delta = 1e-6
statistics = ["presence", "flows", "trip-lengths", "stay-durations"]

[presence]
resolutions = [5, 6, 7]
periods = ["PT1H", "P1D", "P7D"]

[flows]
resolutions = [5, 6]
periods = ["P7D"]
"""
# Near the middle of the made-up town, where many pass by: what is dropped there is in the receipts.
_PLACES = """\
category,name,latitude,longitude,radius
medical,Made-up General Hospital,52.3010,-1.1040,200
religious,Made-up Church,52.2995,-1.0985,30
shelters,Made-up Night Shelter,52.3032,-1.0961,15
"""


@dataclass(frozen=True)
class Demo:
    """What the demo made."""

    report: Path
    places: AddedPlaces
    tested: PlaceTestReport
    receipts: list[Receipt]
    sealed: list[Sealed]
    released: Released
    checks: list[Check]
    budget: Budget
    audited: Path
    attacked: Path


def demo(out: Path, progress: Callable[[str], None] | None = None) -> Demo:
    """Make a town's pings, keep its sensitive places out, take the rest in, seal, release, verify, audit and attack.

    Parameters
    ----------
    out
        Folder of the demo; an earlier demo in it is replaced, anything else is left alone.
    progress
        Told what is being done.

    Raises
    ------
    UsageError
        When the folder holds something that no demo made.
    """
    tell = progress or _silent
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: give another place with --out")
    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise UsageError(f"{out} holds files that no demo made: give another folder with --out")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).touch()
    plan = out / "plan.toml"
    plan.write_text(_PLAN, encoding="utf-8")
    evidence = out / "consent.txt"
    evidence.write_text("A made-up record: nobody in this town has ever lived.\n", encoding="utf-8")
    store = out / "store"
    tell(f"synth: {_DEVICES:,} devices, {_DAYS} days")
    synth(_DEVICES, _DAYS, _SEED, out / "feed")
    tell("init")
    init(store)
    add_supplier("made-up", store, evidence, dt.datetime.now(dt.UTC).date() + dt.timedelta(days=365))
    tell("places")
    listed = out / "places.csv"
    listed.write_text(_PLACES, encoding="utf-8")
    places = add_places(listed, store)
    tested = prove_places(store)
    tell("intake")
    receipts = intake([out / "feed"], store, "made-up")
    tell("seal")
    sealed = seal(store)
    tell("release")
    released = release(plan, store, out / "release")
    tell("verify")
    checks = verify(released.folder, store)
    tell("audit")
    audit(store, out / "audit")
    tell("attack")
    attack(released.folder, store, out / "attack", publications=8)  # in less than a minute
    return Demo(
        released.folder / "report.html",
        places,
        tested,
        receipts,
        sealed,
        released,
        checks,
        budget(store),
        out / "audit" / "audit.html",
        out / "attack" / "attack.html",
    )


def _silent(step: str) -> None:
    """Show no progress."""
