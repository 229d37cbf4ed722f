"""What a released table claims of itself (CLAIMS), checked against its own rows and the manifest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.hexagons import parents_of, resolution_of
from hereabouts.release.claims_distinct import wrong_days, wrong_histograms, wrong_wholes
from hereabouts.release.claims_figures import ROUNDING, numbers, wrong_figures
from hereabouts.release.claims_slots import wrong_slots
from hereabouts.release.plan import HOUR_OF_DAY, TYPICAL_WEEK

COLUMNS = {
    "presence": ("cell", "resolution", "start", "period", "slot", "devices", "noise_sd", "ci95_low", "ci95_high"),
    "flows": (
        "origin", "destination", "resolution", "start", "period", "slot", "trips", "noise_sd", "ci95_low", "ci95_high",
    ),
    "visitors": ("cell", "resolution", "start", "period", "devices", "noise_sd", "ci95_low", "ci95_high"),
    "distributions": (
        "statistic", "bin_low", "bin_high", "unit", "devices_or_trips", "noise_sd", "ci95_low", "ci95_high",
    ),
}  # fmt: skip
_ENDS = {"presence": ("cell",), "visitors": ("cell",), "flows": ("origin", "destination")}


def wrong_claims(table: str, content: pa.Table, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each claim about a table, with what is wrong about it; nothing where it holds.

    Raises
    ------
    LookupError, TypeError, ValueError, AttributeError
        When table or manifest are not such as this version writes.
    """
    columns = COLUMNS[table]
    if table == "distributions":
        yield from wrong_histograms(content, manifest, columns)
        return
    yield "columns", "" if tuple(content.column_names) == columns else f"got {', '.join(content.column_names)}"
    value, noise, low, high = (numbers(content, name) for name in columns[-4:])
    levels = np.array(
        [f"{r}/{p}" for r, p in zip(content["resolution"].to_pylist(), content["period"].to_pylist(), strict=True)]
    )
    counts = {str(level): int(count) for level, count in zip(*np.unique(levels, return_counts=True), strict=True)}
    claimed = {level: count["rows"] for level, count in manifest["rows"][table].items() if count["rows"]}
    yield "rows as counted", "" if counts == claimed else f"got {counts}, claimed {claimed}"
    yield "none of the rows that protected areas withhold", _withheld(table, manifest)

    ends = [_indexes(content[name]) for name in _ENDS[table]]
    resolution = content["resolution"].to_numpy()
    other = sum(int((resolution_of(end) != resolution).sum()) for end in ends)
    yield "cells of their resolution", f"{other} cells are of another" if other else ""
    start, dated = _moments(content)
    first, after = (dt.datetime.fromisoformat(manifest["window"][end]).timestamp() for end in ("start", "end"))
    outside = int((dated & ~((start >= first) & (start < after))).sum())
    yield "rows within the window", f"{outside} rows are not" if outside else ""
    wrong = int((dated == np.isin(content["period"].to_pylist(), (TYPICAL_WEEK, HOUR_OF_DAY))).sum())
    yield "a start or a slot, by the period", f"{wrong} rows have the other" if wrong else ""

    yield from wrong_figures(value, noise, low, high, manifest["publish"])

    keys = content.select([*_ENDS[table], "resolution", "period"]).append_column("start", pa.array(start))
    double = content.num_rows - keys.group_by(keys.column_names).aggregate([]).num_rows
    yield "one row a key", f"{double} rows are second ones" if double else ""
    if table == "visitors":
        yield "no child above its parent", wrong_wholes(ends[0], resolution, start, content["period"], value)
        yield "no day above the window", wrong_days(ends[0], start, content["period"], value, manifest["window"])
        return
    yield "children within their parents", _children(ends, resolution, start, content["period"], value)
    if table == "flows":
        yield "slots within their window", wrong_slots(ends, resolution, content["period"], value, manifest["window"])


def _moments(content: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """UTC seconds at which each row begins, or a number below zero for the name of its slot; and which have a start."""
    start = content["start"].cast(pa.timestamp("s", "UTC")).cast(pa.int64())
    dated = start.is_valid().to_numpy()
    moment = start.fill_null(-1).to_numpy().copy()
    if "slot" in content.column_names:
        # A row has one of the two: what has both, or none, stays without a start.
        dated &= content["slot"].is_null().to_numpy()
        code = content["slot"].combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy()
        moment[~dated] = -2 - code[~dated]
    return moment, dated


def _withheld(table: str, manifest: dict[str, Any]) -> str:
    """Rows that are published fit into what protected areas leave of each level.

    Which cells they withhold is not in the manifest: a list of corridors is what it should not become.
    """
    withheld = manifest.get("protected_areas", {"rows_withheld": {}})["rows_withheld"].get(table, {})
    over = [
        f"{level}: {count['rows']} rows of {count['domain']}, of which {withheld[level]} are withheld"
        for level, count in manifest["rows"][table].items()
        if level in withheld and not 0 <= count["rows"] <= count["domain"] - withheld[level] <= count["domain"]
    ]
    missing = [level for level in manifest["rows"][table] if withheld and level not in withheld]
    return "; ".join(over + [f"{level}: nothing is said of it" for level in missing])


def _children(
    ends: list[NDArray[np.uint64]], resolution: NDArray[Any], start: NDArray[Any], period: Any, value: NDArray[Any]
) -> str:
    """Published descendants of one resolution add up to no more than their published ancestor."""
    names = [f"end{place}" for place in range(len(ends))]
    keys = [*names, "start", "period"]
    found = np.unique(resolution).tolist()
    for coarse, fine in ((c, f) for c in found for f in found if c < f):
        sides = []
        for rows in (resolution == coarse, resolution == fine):
            columns = {name: parents_of(end[rows], coarse) for name, end in zip(names, ends, strict=True)}
            sides.append(
                pa.table({**columns, "start": start[rows], "period": period.filter(rows), "value": value[rows]})
            )
        parents, children = sides
        sums = children.group_by(keys).aggregate([("value", "sum"), ("value", "count")])
        both = sums.join(parents, keys, join_type="inner")
        total, parent, parts = (both[name].to_numpy() for name in ("value_sum", "value", "value_count"))
        over = np.flatnonzero(total > parent + ROUNDING * (parts + 1))
        if over.size:
            cell = int(both["end0"][int(over[0])].as_py())
            return f"under {cell:x} they add up to {total[over[0]]:g}, and it has {parent[over[0]]:g}"
    return ""


def _indexes(names: pa.ChunkedArray) -> NDArray[np.uint64]:
    """H3 indexes from their names."""
    encoded = names.combine_chunks().dictionary_encode()
    indexes = np.array([int(name, 16) for name in encoded.dictionary.to_pylist()], dtype=np.uint64)
    return indexes[encoded.indices.to_numpy()] if len(indexes) else np.empty(0, dtype=np.uint64)
