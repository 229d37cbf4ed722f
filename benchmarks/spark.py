"""Intake and seal on a Spark cluster, beside Spark SQL's plain count on the same cluster and the same files.

For one worker and for two, of one core each (`benchmarks.standalone`: a real cluster, messages encrypted), and for each
feed: Spark SQL's ``COUNT(DISTINCT device_id)`` per (cell, hour), and ``hereabouts intake`` and ``seal`` with
``--engine spark`` and every gate on. Each is a process of its own, so that starting Spark counts for all. What was
shuffled is what Spark's event log says. Compare ratios, not seconds.

``python -m benchmarks.spark --rows 10000000 --tdrive tdrive.parquet``
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.commands import Commands
from benchmarks.machine import describe
from benchmarks.measured import CommandFailedError, Measured, measure
from benchmarks.processor import Processor
from benchmarks.standalone import Standalone, standalone
from benchmarks.words import say

ROOT = Path(__file__).resolve().parents[1]
TIMES_PLAIN_AIM, SPEED_UP_AIM = 1.0, 0.8
TDRIVE_LATITUDE = 39.9


@dataclass(frozen=True)
class Feed:
    """What is measured: its files, and a store that is ready to take them."""

    name: str
    files: Path
    rows: int
    latitude: float
    supplier: str
    empty: Path
    """A folder with the store and its keys, to be copied."""


@dataclass(frozen=True)
class Step:
    """One process on one cluster."""

    feed: str
    workers: int
    step: str
    seconds: float
    processor: float
    """Processor seconds of all processes of the cluster, and of the command."""
    shuffled: int
    """Bytes that Spark's tasks wrote for a shuffle."""
    open_bytes: int = 0


def steps_of(feed: Feed, cluster: Standalone, workers: int, folder: Path) -> Iterator[Step]:
    """Measure one feed on a running cluster."""
    run = tempfile.mkdtemp(prefix="run-", dir=folder)
    shutil.copytree(feed.empty, Path(run) / "site")
    store = Path(run) / "site" / "store"
    plain = [sys.executable, "-m", "benchmarks.plain_spark", str(feed.files)]
    hereabouts = [str(Path(sys.executable).with_name("hereabouts"))]
    on = ["--store", str(store), "--engine", "spark", "--master", cluster.master, "--json"]
    commands = {
        "plain": [*plain, "--master", cluster.master, "--latitude", str(feed.latitude)],
        "intake": [*hereabouts, "intake", str(feed.files), "--supplier", feed.supplier, *on],
        "seal": [*hereabouts, "seal", *on],
    }
    for step, command in commands.items():
        say(f"{feed.name}: {step} on {workers}")
        before = shuffled(folder / "events")
        with Processor() as processor:
            found: Measured = measure(command, Path(run))
        held = sum(path.stat().st_size for path in (store / "open").rglob("*") if path.is_file())
        say(f"{feed.name}: {step} on {workers}: {found.seconds:.1f} s, processor {processor.seconds:.1f} s")
        yield Step(
            feed.name, workers, step, found.seconds, processor.seconds, shuffled(folder / "events") - before, held
        )
    shutil.rmtree(run)


def shuffled(events: Path) -> int:
    """Bytes that tasks of all applications wrote for shuffles, by Spark's event logs."""
    total = 0
    for path in events.rglob("events_*"):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if '"SparkListenerTaskEnd"' in line:
                    metrics = json.loads(line).get("Task Metrics") or {}
                    total += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    return total


def made_up(rows: int, folder: Path) -> Feed:
    """A town's week of pings, and a store with every gate."""
    commands = Commands(rows, folder)
    say(f"{rows:,} pings: synth")
    commands.synth()
    extent = commands.extent()
    store = commands.new_store()
    return Feed(
        "made-up", commands.feed, int(extent["rows"]), (extent["south"] + extent["north"]) / 2, "bench", store.parent
    )


def tdrive(file: Path, folder: Path) -> Feed:
    """The pings of Beijing's taxis."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    site = folder / "tdrive"
    site.mkdir()
    evidence = site / "evidence.txt"
    evidence.write_text("Public research data.\n", encoding="utf-8")
    hereabouts, store = str(Path(sys.executable).with_name("hereabouts")), str(site / "store")
    place = ("--timezone", "Asia/Shanghai", "--anchor", "2008-02-02")
    measure([hereabouts, "init", store, *place, "--json"], site)
    admit = ("--consent-evidence", str(evidence), "--expires", "2099-12-31", "--all-consented")
    measure([hereabouts, "supplier", "add", "tdrive", "--store", store, *admit, "--json"], site)
    rows = int(pq.ParquetFile(file).metadata.num_rows)
    return Feed("T-Drive", file.resolve(), rows, TDRIVE_LATITUDE, "tdrive", site)


@contextmanager
def running(folder: Path, workers: int, memory: str) -> Iterator[Standalone]:
    """A cluster whose settings are this process's, and those of all that it starts."""
    events = folder / "events"
    events.mkdir(exist_ok=True)
    log = {"enabled": "true", "dir": events.as_uri(), "compress": "false", "rolling.enabled": "true"}
    more = {f"spark.eventLog.{name}": value for name, value in log.items()}
    own = Path(tempfile.mkdtemp(prefix="cluster-", dir=folder)) / "cluster"
    before = dict(os.environ)
    with standalone(own, workers, memory, more) as cluster:
        os.environ.update(cluster.environment)
        os.environ["PYTHONPATH"] = os.pathsep.join([*filter(None, [before.get("PYTHONPATH")]), str(ROOT)])
        try:
            yield cluster
        finally:
            os.environ.clear()
            os.environ.update(before)


def table(feeds: list[Feed], steps: list[Step]) -> str:
    """The figures as a Markdown table, and how they keep to the aims."""
    lines = [
        "| feed | workers | step | seconds | processor seconds | M pings a processor second | shuffled, B a ping |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for feed in feeds:
        lines += [_row(feed, step) for step in steps if step.feed == feed.name]
    return "\n".join([*lines, "", *(line for feed in feeds for line in verdicts(feed, steps))])


def _row(feed: Feed, step: Step) -> str:
    speed, bytes_a_ping = feed.rows / step.processor / 1e6, step.shuffled / feed.rows
    return (
        f"| {feed.name}, {feed.rows:,} | {step.workers} | {step.step} | {step.seconds:.1f} | {step.processor:.1f} "
        f"| {speed:.2f} | {bytes_a_ping:.1f} |"
    )


def verdicts(feed: Feed, steps: list[Step]) -> Iterator[str]:
    """How a feed's figures keep to the aims."""
    up: dict[int, tuple[float, float]] = {}
    for workers in sorted({step.workers for step in steps}):
        of = {step.step: step for step in steps if (step.feed, step.workers) == (feed.name, workers)}
        plain, ours = of["plain"].seconds, of["intake"].seconds + of["seal"].seconds
        processor = (of["intake"].processor + of["seal"].processor) / of["plain"].processor
        up[workers] = plain, ours
        held = of["intake"].open_bytes / feed.rows
        yield (
            f"{feed.name} on {workers}: intake and seal take {ours / plain:.2f} times as long as the plain count "
            f"({kept(ours / plain <= TIMES_PLAIN_AIM)}) and {processor:.2f} times its processor time; the open store "
            f"held {held:.1f} B a ping."
        )
    if {1, 2} <= up.keys():
        plain_up, ours_up = (up[1][which] / up[2][which] for which in (0, 1))
        yield (
            f"{feed.name}: two workers are {ours_up:.2f} times as fast as one, with the plain count {plain_up:.2f}: "
            f"{ours_up / plain_up:.2f} of that ({kept(ours_up / plain_up >= SPEED_UP_AIM)})."
        )


def kept(good: bool) -> str:
    """Whether an aim is kept."""
    return "kept" if good else "MISSED"


def main() -> None:
    """Measure, and print the machine and the table; JSON with ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="made-up pings; 0 for none")
    parser.add_argument("--tdrive", type=Path, help="the T-Drive file, to measure it too")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="clusters to measure on")
    parser.add_argument("--memory", default="2g", help="of each executor's JVM")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()), help="where files may lie meanwhile")
    parser.add_argument("--out", type=Path, help="write all figures there, as JSON")
    given = parser.parse_args()
    machine, steps = describe(), []
    try:
        with tempfile.TemporaryDirectory(prefix="hereabouts-spark-", dir=given.work) as name:
            folder = Path(name)
            feeds = [made_up(given.rows, folder)] if given.rows else []
            feeds += [tdrive(given.tdrive, folder)] if given.tdrive else []
            for workers in given.workers:
                with running(folder, workers, given.memory) as cluster:
                    for feed in feeds:
                        steps += list(steps_of(feed, cluster, workers, folder))
    except CommandFailedError as error:
        say(str(error))
        sys.exit(1)
    print(json.dumps(machine, indent=2, ensure_ascii=False))
    print(f"\n{table(feeds, steps)}")
    if given.out:
        document: dict[str, Any] = {"machine": machine, "steps": [asdict(step) for step in steps]}
        given.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
