"""The README of a release: what a person who got the folder needs before using a figure from it."""

from __future__ import annotations

from typing import Any

_TEXT = """# {name}

Movement figures about crowds, by hereabouts {code_version}, measured on {measured}.

- **When:** {start} to {end} ({timezone}).
- **Where:** {region_cells:,} H3 cells of resolution 7.
- **Purpose:** {purpose}.
- **Privacy:** epsilon {epsilon:g}, delta {delta:g}, for {unit}.

## How to read the tables
{tables}
One row is one key; each (resolution, period) is a table of its own, so pick one before you add anything up. `start` is
the beginning of the period, with its time zone. `devices` is the mean number of devices present, or, of visitors, how
many different ones were there (these do not add up, over cells or over days); `trips` is how many went from `origin` to
`destination`; `devices_or_trips` is how many trips, stays, days of devices or devices were from `bin_low` up to, not
including, `bin_high`. `noise_sd` is the standard deviation of the value's whole error. The value is an
estimate: of such intervals, `ci95_low` to `ci95_high`, 95 in 100 hold the truth.

A row that is missing is not zero. It had less than {minimum:g}, or its interval was wider than {halfwidth} of its value
on one side; what it holds is inside its parent at a coarser resolution or period.
{protected}{places}
## What these figures cannot say
{notes}

## Checking it
`hereabouts verify .` compares every file with the digests in `release.json` and the parameters with what they claim.
`report.html` opens in any browser, offline.
"""


_PROTECTED = """
Or it was withheld, whatever its figure: the region holds protected areas of the store's policy. Nothing finer than this
is published of them, nor anything from which it could be worked out, from this release and others under that policy:

{areas}
{left_out}"""
_LEFT_OUT = """
The plan's region cut through such areas: {cells:,} cells of resolution 7 of it were left out. Coarser cells around them
hold what is left.
"""
_PLACES = """
Pings at the places of the store's list of sensitive places, version {version} (SHA-256
{digest}), were dropped before anything was counted.
"""
_STALE_PLACES = """
In force is version {version} of the store's list of sensitive places (SHA-256
{digest}); these figures were measured before the store's data last changed, and may lack it.
"""
_NO_PLACES = """
The store had no list of sensitive places: pings at clinics, places of worship and the like are counted as any others.
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
        measured=manifest["measured"],
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
        protected=_protected(manifest.get("protected_areas", {})),
        places=_places(manifest),
        notes="\n".join(f"- {note}" for note in manifest["notes"]),
    )


def _protected(section: dict[str, Any]) -> str:
    if not section.get("areas"):
        return ""
    areas = (
        f"- {area['name']}: H3 resolution {area['finest_resolution']}, period {area['finest_period']}"
        for area in section["areas"]
    )
    cells = section["region_cells_left_out"]
    left_out = _LEFT_OUT.format(cells=cells) if cells else ""
    return _PROTECTED.format(areas="\n".join(areas), left_out=left_out)


def _places(manifest: dict[str, Any]) -> str:
    """What became of pings at sensitive places, where the manifest says it."""
    if "sensitive_places" not in manifest:
        return ""
    listed = manifest["sensitive_places"]
    if listed is None:
        return _NO_PLACES
    return (_STALE_PLACES if manifest.get("stale") else _PLACES).format(**listed)
