"""A week that no disk need hold at once: made and taken in day by day, each day's feed deleted after its intake.

The same devices on all seven days; every gate on, as in `benchmarks.commands`. Sizes are compared by seconds a row,
with a smaller one that is taken in the same way in the same run. There is no plain count here, as the raw feed is
never there as a whole.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import DAYS, Commands, gated
from benchmarks.words import GIB, say, shares

FROM_ROWS = 1_000_000_000
BESIDE = 100_000_000
BYTES_A_PING = 45  # the open store, one day's feed, and room for the first sealed buckets
RATIO_AIM = 1.2  # times the seconds a row of the smaller size
MEMORY_AIM = 4 * GIB


@dataclass(frozen=True)
class Days:
    """All steps of one size.

    Attributes
    ----------
    rows
        Pings of the week.
    seconds
        Of each step, added up over the days.
    peak_bytes
        Of each step, the largest of all days.
    dropped
        The share of rows that each reason dropped.
    open_bytes
        What the open store held on the disk before it was sealed.
    """

    rows: int
    seconds: dict[str, float]
    peak_bytes: dict[str, int]
    dropped: dict[str, float]
    open_bytes: int

    @property
    def per_row(self) -> dict[str, float]:
        """Microseconds a ping of each step."""
        return {step: seconds / self.rows * 1e6 for step, seconds in self.seconds.items()}


def measure_days(rows: int, folder: Path) -> Days:
    """Make, take in and delete seven days one after another, then seal and release them."""
    commands = Commands(rows, folder)
    made, taken = [commands.synth("--day", 1)], []
    store, plan = commands.new_store(), commands.plan(commands.extent())  # the first day stands for the town's extent
    for day in range(1, DAYS + 1):
        say(f"{rows:,} pings, day by day: day {day} of {DAYS}")
        if day > 1:
            made.append(commands.synth("--day", day))
        taken.append(commands.intake(store))
        shutil.rmtree(commands.feed)
    open_bytes = sum(path.stat().st_size for path in (store / "open").rglob("*") if path.is_file())
    say(f"{rows:,} pings, day by day: seal, release")
    sealed, released = commands.seal(store), commands.release(plan, store)
    commands.verify(store)
    runs = {"synth": made, "intake": taken, "seal": [sealed], "intake + seal": [*taken, sealed], "release": [released]}
    return Days(
        rows=sum(day.output["pings"] for day in made),
        seconds={step: sum(run.seconds for run in found) for step, found in runs.items()},
        peak_bytes={step: max(run.peak_bytes for run in found) for step, found in runs.items()},
        dropped=gated([receipt for day in taken for receipt in day.output]),
        open_bytes=open_bytes,
    )


def table(results: list[Days]) -> str:
    """The figures as a Markdown table: the first size is what the others are compared with."""
    first = results[0]
    lines = [
        f"| pings, day by day | step | seconds | µs a ping | times those at {first.rows:,} | peak GiB | aim |",
        "| ---: | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for days in results:
        for step, each in days.per_row.items():
            ratio, peak = each / first.per_row[step], days.peak_bytes[step]
            lines.append(
                f"| {days.rows:,} | {step} | {days.seconds[step]:.1f} | {each:.3f} | {ratio:.2f} | {peak / GIB:.2f} "
                f"| {judged(step, ratio, peak) if days is not first else ''} |"
            )
    lines.append("")
    for days in results:
        bytes_a_ping = days.open_bytes / days.rows
        lines.append(
            f"{shares(days.rows, days.dropped)} The open store held {bytes_a_ping:.1f} bytes a ping of the feed."
        )
    return "\n".join(lines)


def judged(step: str, ratio: float, peak_bytes: int) -> str:
    """Whether a step keeps to its aim; empty where it has none."""
    if step != "intake + seal":
        return ""
    kept = ratio <= RATIO_AIM and peak_bytes <= MEMORY_AIM
    return f"≤ {RATIO_AIM:g} × seconds a row, ≤ {MEMORY_AIM / GIB:g} GiB: {'kept' if kept else 'MISSED'}"
