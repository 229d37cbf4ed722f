"""The README of a release: what a person who got the folder needs before using a figure from it."""

from __future__ import annotations

from typing import Any

_TEXT = """# {name}

Movement figures about crowds, made by hereabouts {code_version} on {created}.

- **When:** {start} to {end} ({timezone}).
- **Where:** {region_cells:,} H3 cells of resolution 7.
- **Purpose:** {purpose}.
- **Privacy:** epsilon {epsilon:g}, delta {delta:g}, for {unit}.

## How to read the tables
{tables}
One row is one key; each (resolution, period) is a table of its own, so pick one before you add anything up. `start` is
the beginning of the period, with its time zone. `devices` is the mean number of devices present; `trips` is how many
went from `origin` to `destination`. `noise_sd` is the standard deviation of the value's whole error. The value is an
estimate: of such intervals, `ci95_low` to `ci95_high`, 95 in 100 hold the truth.

A row that is missing is not zero. It had less than {minimum:g}, or its interval was wider than {halfwidth} of its value
on one side; what it holds is inside its parent at a coarser resolution or period.

## What these figures cannot say
{notes}

## Checking it
`hereabouts verify .` compares every file with the digests in `release.json` and the parameters with what they claim.
`report.html` opens in any browser, offline.
"""


def readme(manifest: dict[str, Any]) -> str:
    """The README's text, from the manifest alone."""
    rows = (
        f"- `{table}.parquet`, {level.replace('/', ', ')}: {count['rows']:,} rows of {count['domain']:,}"
        for table, levels in manifest["rows"].items()
        for level, count in levels.items()
    )
    return _TEXT.format(
        name=manifest["name"],
        code_version=manifest["code_version"],
        created=manifest["created"],
        start=manifest["window"]["start"],
        end=manifest["window"]["end"],
        timezone=manifest["window"]["timezone"],
        region_cells=manifest["region_cells"],
        purpose=manifest["purpose"],
        epsilon=manifest["privacy"]["epsilon"],
        delta=manifest["privacy"]["delta"],
        unit=manifest["privacy"]["unit"],
        minimum=manifest["publish"]["minimum"],
        halfwidth=manifest["publish"]["max_relative_halfwidth"],
        tables="\n".join(rows),
        notes="\n".join(f"- {note}" for note in manifest["notes"]),
    )
