"""The commands that are measured, each a process of its own, on a store with every gate on.

Gates: the feed's consent column, 5,000 sensitive places, a list of withdrawn devices; pings are encrypted at rest. A
run whose receipts do not show all of them at work is no measurement, and fails.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measured import CommandFailedError, Measured, measure
from benchmarks.places import write_places, write_withdrawn
from hereabouts.synthetic import TownConfig

DAYS = 7
PINGS_PER_DAY = 14.3
SEED = 1
WINDOW = "2024-03-04/2024-03-11"  # the made-up week: a Monday to the next one, in UTC
_WARM_ROWS = 50_000
MARGIN_DEGREES = 0.02  # more than the circumradius of an H3 cell of resolution 7

GATES = {
    "consent": ("consent", "consent_missing", "consent_refused"),
    "opt-out": ("opted_out",),
    "accuracy": ("accuracy",),
    "sensitive places": ("sensitive",),
    "withdrawn devices": ("withdrawn",),
}
"""What has to have dropped rows, and under which reasons of a receipt."""

_PLAN = """\
name = "benchmark"
purpose = "transport-planning"
region = {{ bbox = [{west:.6f}, {south:.6f}, {east:.6f}, {north:.6f}] }}
window = "{window}"
epsilon = 1.0
delta = 1e-6
finest_resolution = 7
statistics = ["presence", "flows"]
[presence]
resolutions = [4, 5, 6, 7]
periods = ["PT1H", "P1D", "P7D"]
[flows]
resolutions = [4, 5, 6, 7]
periods = ["P7D"]
"""


@dataclass(frozen=True)
class Commands:
    """One size: where its files lie, and how its commands are called."""

    rows: int
    folder: Path

    @property
    def feed(self) -> Path:
        return self.folder / "feed"

    @property
    def town(self) -> TownConfig:
        return TownConfig(devices=max(1, round(self.rows / (DAYS * PINGS_PER_DAY))), days=DAYS, seed=SEED)

    def synth(self, *more: object) -> Measured:
        town = self.town
        sizes = ("--devices", town.devices, "--days", town.days, "--seed", town.seed)
        return self._hereabouts("synth", *sizes, "--out", self.feed, *more)

    def extent(self) -> Any:
        return self._plain("--extent").output

    def plain(self, latitude: float) -> Measured:
        return self._plain("--latitude", str(latitude))

    def new_store(self) -> Path:
        """A store with its gates; the feed must be there, as some of the withdrawn ids are its own."""
        store = Path(tempfile.mkdtemp(prefix="store-", dir=self.folder)) / "store"
        evidence = self.folder / "evidence.txt"
        evidence.write_text("Made-up people; the consent column is theirs.\n", encoding="utf-8")
        places = write_places(self.folder / "places.geojson", self.town)
        withdrawn = write_withdrawn(self.folder / "withdrawn.txt", self.feed, SEED)
        self._hereabouts("init", store)
        self._hereabouts(
            "supplier", "add", "bench", "--store", store, "--consent-evidence", evidence,
            "--expires", "2099-12-31",
        )  # fmt: skip
        self._hereabouts("places", "add", places, "--store", store)
        self._hereabouts("withdraw", withdrawn, "--store", store)
        return store

    def plan(self, extent: dict[str, float]) -> Path:
        """A plan whose region covers the feed."""
        box = {side: extent[side] - MARGIN_DEGREES for side in ("south", "west")}
        box |= {side: extent[side] + MARGIN_DEGREES for side in ("north", "east")}
        path = self.folder / "plan.toml"
        path.write_text(_PLAN.format(**box, window=WINDOW), encoding="utf-8")
        return path

    def intake(self, store: Path) -> Measured:
        return self._hereabouts("intake", self.feed, "--store", store, "--supplier", "bench")

    def seal(self, store: Path) -> Measured:
        return self._hereabouts("seal", "--store", store)

    def release(self, plan: Path, store: Path) -> Measured:
        return self._hereabouts("release", plan, "--store", store, "--out", store.parent / "release")

    def verify(self, store: Path) -> Measured:
        return self._hereabouts("verify", store.parent / "release", "--store", store)

    def _hereabouts(self, *words: object) -> Measured:
        command = str(Path(sys.executable).with_name("hereabouts"))
        return measure([command, *map(str, words), "--json"], self.folder)

    def _plain(self, *words: str) -> Measured:
        script = str(Path(__file__).with_name("plain.py"))
        return measure([sys.executable, script, str(self.feed), *words], self.folder)


def warm_up(folder: Path) -> None:
    """Run each command once on a small town: loops are compiled once a machine, and no size is to pay for it."""
    commands = Commands(_WARM_ROWS, folder)
    commands.synth()
    plan, store = commands.plan(commands.extent()), commands.new_store()
    commands.intake(store)
    commands.seal(store)
    commands.release(plan, store)
    commands.verify(store)


def gated(receipts: list[dict[str, Any]]) -> dict[str, float]:
    """The share of rows that each reason dropped.

    Raises
    ------
    CommandFailedError
        When a gate was not on.
    """
    rows = sum(receipt["rows"] for receipt in receipts)
    dropped = Counter[str]()
    for receipt in receipts:
        dropped.update(receipt["dropped"])
    off = [gate for gate, reasons in GATES.items() if not any(dropped[reason] for reason in reasons)]
    if off or any(receipt["again"] for receipt in receipts):
        raise CommandFailedError(
            f"receipts show no row dropped for {', '.join(off)}: a gate was off, figures mean nothing"
        )
    return {reason: count / rows for reason, count in dropped.most_common()}
