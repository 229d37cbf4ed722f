"""How long from pings to a release, beside the plain count that privacy has to be weighed against.

``make bench`` runs it. For each size it makes a town's week of pings, then measures in one run, each as a
process of its own and on the same Parquet files: DuckDB's plain ``COUNT(DISTINCT device_id)`` per (cell,
hour) (see `benchmarks.plain`, which says what flatters it), ``hereabouts intake`` and ``seal``, and
``release`` from the sealed store. A repetition begins with a new store, so nothing is answered from an
earlier one; the files are in the page cache for all. Compare ratios, not seconds.

Sizes come from ``BENCH_ROWS`` ("10000000 100000000"). Sizes of up to 20 M pings are measured three times, of
which the median counts; larger ones once.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.measured import CommandFailedError, Measured, measure

DAYS = 7
PINGS_PER_DAY = 14.3
WINDOW = "2024-03-04/2024-03-11"  # the made-up week: a Monday to the next one, in UTC
MARGIN_DEGREES = 0.02  # more than the circumradius of an H3 cell of resolution 7

BYTES_A_PING = 120  # feed, open store and sealed store together, with room to spare
SMALL_ROWS = 20_000_000
SMALL_REPEATS = 3

GIB = 2**30
AIMS = {"intake + seal": 4.0, "release": 1.0}  # times the plain count
MEMORY_AIM = 4 * GIB

PLAN = """\
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
class Step:
    """One measured step over all repetitions of a size."""

    name: str
    seconds: list[float]
    peak_bytes: int
    output: Any

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


class Bench:
    """One size: where its files lie, and how its commands are called."""

    def __init__(self, rows: int, folder: Path) -> None:
        self.rows = rows
        self.folder = folder
        self.feed = folder / "feed"
        self._command = str(Path(sys.executable).with_name("hereabouts"))

    def synth(self) -> Measured:
        devices = max(1, round(self.rows / (DAYS * PINGS_PER_DAY)))
        return self._hereabouts("synth", "--devices", devices, "--days", DAYS, "--seed", 1, "--out", self.feed)

    def extent(self) -> Any:
        return self._plain("--extent").output

    def plain(self, latitude: float) -> Measured:
        return self._plain("--latitude", str(latitude))

    def new_store(self, evidence: Path) -> Path:
        store = Path(tempfile.mkdtemp(prefix="store-", dir=self.folder)) / "store"
        self._hereabouts("init", store)
        self._hereabouts(
            "supplier", "add", "bench", "--store", store, "--consent-evidence", evidence,
            "--expires", "2099-12-31",
        )  # fmt: skip
        return store

    def intake(self, store: Path) -> Measured:
        return self._hereabouts("intake", self.feed, "--store", store, "--supplier", "bench")

    def seal(self, store: Path) -> Measured:
        return self._hereabouts("seal", "--store", store)

    def release(self, plan: Path, store: Path) -> Measured:
        return self._hereabouts("release", plan, "--store", store, "--out", store.parent / "release")

    def verify(self, store: Path) -> Measured:
        return self._hereabouts("verify", store.parent / "release", "--store", store)

    def _hereabouts(self, *words: object) -> Measured:
        return measure([self._command, *map(str, words), "--json"], self.folder)

    def _plain(self, *words: str) -> Measured:
        script = str(Path(__file__).with_name("plain.py"))
        return measure([sys.executable, script, str(self.feed), *words], self.folder)


def measure_size(rows: int, folder: Path) -> dict[str, Any]:
    """All steps of one size, in files under `folder`; says on standard error what it is at."""
    bench = Bench(rows, folder)
    evidence = folder / "evidence.txt"
    evidence.write_text("Made-up people; the consent column is theirs.\n", encoding="utf-8")
    say(f"{rows:,} pings: synth")
    runs: dict[str, list[Measured]] = {"synth": [bench.synth()]}
    extent = bench.extent()
    plan = folder / "plan.toml"
    plan.write_text(plan_for(extent), encoding="utf-8")
    middle = (extent["south"] + extent["north"]) / 2
    for number in range(1, repeats_of(rows) + 1):
        say(f"{rows:,} pings: run {number} of {repeats_of(rows)}")
        runs.setdefault("plain", []).append(bench.plain(middle))
        store = bench.new_store(evidence)
        runs.setdefault("intake", []).append(bench.intake(store))
        runs.setdefault("seal", []).append(bench.seal(store))
        runs.setdefault("release", []).append(bench.release(plan, store))
        bench.verify(store)
        shutil.rmtree(store.parent)
    steps = [
        Step(
            name,
            [run.seconds for run in found],
            max(run.peak_bytes for run in found),
            found[-1].output,
        )
        for name, found in runs.items()
    ]
    return {"rows_asked": rows, "extent": extent, "plan": plan.read_text(encoding="utf-8"), "steps": steps}


def repeats_of(rows: int) -> int:
    """How often a size is measured."""
    return SMALL_REPEATS if rows <= SMALL_ROWS else 1


def plan_for(extent: dict[str, float]) -> str:
    """A plan whose region covers the feed."""
    return PLAN.format(
        south=extent["south"] - MARGIN_DEGREES,
        north=extent["north"] + MARGIN_DEGREES,
        west=extent["west"] - MARGIN_DEGREES,
        east=extent["east"] + MARGIN_DEGREES,
        window=WINDOW,
    )


def table(results: list[dict[str, Any]]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| pings | step | seconds | times plain | peak GiB | aim |",
        "| ---: | --- | ---: | ---: | ---: | --- |",
    ]
    for result in results:
        for name, seconds, peak_bytes in rows_of(result["steps"]):
            plain = seconds_of(result["steps"], "plain")
            lines.append(
                f"| {result['extent']['rows']:,} | {name} | {seconds:.1f} | {seconds / plain:.2f} "
                f"| {peak_bytes / GIB:.2f} | {judged(name, seconds / plain, peak_bytes)} |"
            )
    return "\n".join(lines)


def rows_of(steps: list[Step]) -> Iterator[tuple[str, float, int]]:
    """Name, seconds and peak of each step, and of intake and seal together."""
    for step in steps:
        yield step.name, step.median, step.peak_bytes
        if step.name == "seal":
            intake = next(other for other in steps if other.name == "intake")
            both = [first + then for first, then in zip(intake.seconds, step.seconds, strict=True)]
            yield "intake + seal", statistics.median(both), max(intake.peak_bytes, step.peak_bytes)


def seconds_of(steps: list[Step], name: str) -> float:
    """Median seconds of the step called `name`."""
    return next(step.median for step in steps if step.name == name)


def judged(name: str, ratio: float, peak_bytes: int) -> str:
    """Whether a step keeps to its aim; empty where it has none."""
    if name not in AIMS:
        return ""
    kept = ratio <= AIMS[name] and peak_bytes <= MEMORY_AIM
    return f"≤ {AIMS[name]:g} × plain, ≤ {MEMORY_AIM / GIB:g} GiB: {'kept' if kept else 'MISSED'}"


def say(text: str) -> None:
    """Tell a person what is going on, apart from the results."""
    print(text, file=sys.stderr, flush=True)


def require_space(rows: int, folder: Path) -> None:
    """End with exit code 6 where the disk could not hold a run."""
    free, needed = shutil.disk_usage(folder).free, rows * BYTES_A_PING
    if free < needed:
        say(
            f"{folder} has {free / GIB:.1f} GiB free, and {rows:,} pings need {needed / GIB:.1f}: "
            "name another folder with --work, or fewer pings with BENCH_ROWS"
        )
        sys.exit(6)


def main() -> None:
    """Measure every size asked for and print the machine and the table; JSON with ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write all figures there, as JSON")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()), help="where files may lie meanwhile")
    given = parser.parse_args()
    sizes = [int(word) for word in os.environ.get("BENCH_ROWS", "10000000 100000000").split()]
    require_space(max(sizes), given.work)

    machine = describe()
    results = []
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="hereabouts-bench-", dir=given.work) as folder:
            try:
                results.append(measure_size(rows, Path(folder)))
            except CommandFailedError as error:
                say(str(error))
                sys.exit(1)
    print(json.dumps(machine, indent=2, ensure_ascii=False))
    print()
    print(table(results))
    if given.out:
        document = {"machine": machine, "results": results}
        given.out.write_text(json.dumps(document, indent=2, default=asdict) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
