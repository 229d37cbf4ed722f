"""How long from pings to a release, beside the plain count that privacy has to be weighed against.

``make bench`` runs it. For each size it makes a town's week of pings, then measures in one run, each as a
process of its own and on the same Parquet files: DuckDB's plain ``COUNT(DISTINCT device_id)`` per (cell,
hour) (see `benchmarks.plain`, which says what flatters it), ``hereabouts intake`` and ``seal`` with every gate on
(`benchmarks.commands`), and ``release`` from the sealed store. A repetition begins with a new store, so nothing is
answered from an earlier one; the files are in the page cache for all, and all loops were compiled before. Compare
ratios, not seconds.

Sizes come from ``BENCH_ROWS`` ("10000000 100000000"). Sizes of up to 20 M pings are measured three times, of
which the median counts; larger ones once. Sizes of 1 B or more, and all of them with ``--daily``, are taken in day by
day instead (`benchmarks.daily`).
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

from benchmarks import daily
from benchmarks.commands import Commands, gated, warm_up
from benchmarks.machine import describe
from benchmarks.measured import CommandFailedError, Measured
from benchmarks.words import GIB, require_space, say, shares

BYTES_A_PING = 120  # feed, open store and sealed store together, with room to spare
SMALL_ROWS = 20_000_000
SMALL_REPEATS = 3

AIMS = {"intake + seal": 2.0, "release": 0.5}  # times the plain count
MEMORY_AIM = 3 * GIB
AIMED_FROM = 90_000_000
"""The aims are set for 100 M pings: on few, starting a command weighs more than the pings do."""


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


def measure_size(rows: int, folder: Path) -> dict[str, Any]:
    """All steps of one size, in files under `folder`; says on standard error what it is at."""
    commands = Commands(rows, folder)
    say(f"{rows:,} pings: synth")
    runs: dict[str, list[Measured]] = {"synth": [commands.synth()]}
    extent = commands.extent()
    plan = commands.plan(extent)
    middle = (extent["south"] + extent["north"]) / 2
    for number in range(1, repeats_of(rows) + 1):
        say(f"{rows:,} pings: run {number} of {repeats_of(rows)}")
        runs.setdefault("plain", []).append(commands.plain(middle))
        store = commands.new_store()
        runs.setdefault("intake", []).append(commands.intake(store))
        runs.setdefault("seal", []).append(commands.seal(store))
        runs.setdefault("release", []).append(commands.release(plan, store))
        commands.verify(store)
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
    return {
        "rows_asked": rows,
        "extent": extent,
        "plan": plan.read_text(encoding="utf-8"),
        "dropped": gated(runs["intake"][-1].output),
        "steps": steps,
    }


def repeats_of(rows: int) -> int:
    """How often a size is measured."""
    return SMALL_REPEATS if rows <= SMALL_ROWS else 1


def table(results: list[dict[str, Any]]) -> str:
    """The figures as a Markdown table, and what the gates dropped."""
    lines = [
        "| pings | step | seconds | times plain | peak GiB | aim |",
        "| ---: | --- | ---: | ---: | ---: | --- |",
    ]
    for result in results:
        rows = result["extent"]["rows"]
        for name, seconds, peak_bytes in rows_of(result["steps"]):
            plain = seconds_of(result["steps"], "plain")
            lines.append(
                f"| {rows:,} | {name} | {seconds:.1f} | {seconds / plain:.2f} "
                f"| {peak_bytes / GIB:.2f} | {judged(name, rows, seconds / plain, peak_bytes)} |"
            )
    lines += ["", *(shares(result["extent"]["rows"], result["dropped"]) for result in results)]
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


def judged(name: str, rows: int, ratio: float, peak_bytes: int) -> str:
    """Whether a step keeps to its aim; empty where it has none."""
    if name not in AIMS:
        return ""
    aim = f"≤ {AIMS[name]:g} × plain, ≤ {MEMORY_AIM / GIB:g} GiB"
    if rows < AIMED_FROM:
        return f"{aim} at 100 M"
    return f"{aim}: {'kept' if ratio <= AIMS[name] and peak_bytes <= MEMORY_AIM else 'MISSED'}"


def main() -> None:
    """Measure every size asked for and print the machine and the tables; JSON with ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write all figures there, as JSON")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()), help="where files may lie meanwhile")
    parser.add_argument("--daily", action="store_true", help="take every size in day by day")
    parser.add_argument("--beside", type=int, default=daily.BESIDE, help="the size that daily ones are compared with")
    given = parser.parse_args()
    sizes = [int(word) for word in os.environ.get("BENCH_ROWS", "10000000 100000000").split()]
    whole = [rows for rows in sizes if rows < daily.FROM_ROWS and not given.daily]
    by_day = [rows for rows in sizes if rows not in whole]
    for rows in whole:
        require_space(rows, BYTES_A_PING, given.work)
    for rows in by_day:
        require_space(rows, daily.BYTES_A_PING, given.work)

    machine = describe()
    results, days = [], []
    try:
        say("a small town first, so that all loops are compiled")
        with tempfile.TemporaryDirectory(prefix="hereabouts-bench-", dir=given.work) as folder:
            warm_up(Path(folder))
        for rows in whole:
            with tempfile.TemporaryDirectory(prefix="hereabouts-bench-", dir=given.work) as folder:
                results.append(measure_size(rows, Path(folder)))
        for rows in [given.beside, *by_day] if by_day else []:
            with tempfile.TemporaryDirectory(prefix="hereabouts-bench-", dir=given.work) as folder:
                days.append(daily.measure_days(rows, Path(folder)))
    except CommandFailedError as error:
        say(str(error))
        sys.exit(1)
    print(json.dumps(machine, indent=2, ensure_ascii=False))
    for text in ([table(results)] if results else []) + ([daily.table(days)] if days else []):
        print(f"\n{text}")
    if given.out:
        document = {"machine": machine, "results": results, "daily": days}
        given.out.write_text(json.dumps(document, indent=2, default=asdict) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
