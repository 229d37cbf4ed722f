"""Checking a release with nothing but its folder: digests, parameters, and what the tables claim of themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts.errors import BadInputError, VerificationError
from hereabouts.hexagons import parents_of
from hereabouts.privacy.accounting import delta_of, scale_of, variance_for
from hereabouts.release.manifest import FORMAT, NAME, digest_of

_VALUE = {"presence": "devices", "flows": "trips"}
_ENDS = {"presence": ("cell",), "flows": ("origin", "destination")}
# Values are rounded to thousandths, and a parent has up to 7^3 descendants three resolutions down.
_ROUNDING = 0.0006


@dataclass(frozen=True)
class Check:
    """One thing that was checked, and what was found."""

    name: str
    passed: bool
    found: str


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release's folder.

    Raises
    ------
    BadInputError
        When there is none, or it is not one that this version knows.
    """
    path = folder / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise BadInputError(folder, f"holds no {NAME}: expected the folder of a release") from None
    except (ValueError, UnicodeDecodeError):
        raise BadInputError(path, "is not JSON: the file was altered or cut short") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        got = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise BadInputError(path, f"got manifest format {got}, this version reads {FORMAT}: use a newer hereabouts")
    return content


def check_release_folder(folder: Path) -> list[Check]:
    """Every check that needs the folder alone, in order.

    Raises
    ------
    BadInputError
        When there is no manifest to check against.
    VerificationError
        When the manifest lacks what a check needs.
    """
    manifest = read_manifest(folder)
    try:
        checks = [
            _files(folder, manifest),
            _total(manifest),
            _restated(manifest),
            *_noise(manifest),
            _budget(manifest),
        ]
        if not checks[0].passed:
            return checks
        for table in manifest["rows"]:
            content = pq.read_table(folder / f"{table}.parquet")
            checks += [
                Check(f"{table}: {name}", not bad, bad or "as claimed") for name, bad in _rows(table, content, manifest)
            ]
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OSError, pa.ArrowException) as error:
        raise VerificationError(
            f"{folder / NAME} lacks or garbles what has to be checked ({type(error).__name__}: {error}): it is not a "
            "release as this version writes it"
        ) from None
    return checks


def _files(folder: Path, manifest: dict[str, Any]) -> Check:
    listed = manifest["files"]
    there = {path.name for path in folder.iterdir()} - {NAME}
    wrong = [f"{name} is missing" for name in listed.keys() - there]
    wrong += [f"{name} is not in the manifest" for name in there - listed.keys()]
    wrong += [f"{name} was altered" for name in listed.keys() & there if digest_of(folder / name) != listed[name]]
    return Check("files", not wrong, "; ".join(sorted(wrong)) or f"{len(listed)} files as listed")


def _total(manifest: dict[str, Any]) -> Check:
    paid = sum((Fraction(p["rho"]) for p in manifest["measurement"]["payments"]), Fraction(0))
    whole = Fraction(manifest["privacy"]["rho"])
    return Check("rho adds up", paid == whole, f"parts {paid}, whole {whole}")


def _restated(manifest: dict[str, Any]) -> Check:
    privacy = manifest["privacy"]
    delta = delta_of(Fraction(privacy["rho"]), float(privacy["epsilon"]))
    claimed = float(privacy["delta"])
    return Check(
        "epsilon and delta",
        delta <= claimed,
        f"rho gives delta {delta:.3g} at this epsilon, claimed {claimed:.3g}",
    )


def _noise(manifest: dict[str, Any]) -> Iterator[Check]:
    for payment in manifest["measurement"]["payments"]:
        least = scale_of(variance_for(int(payment["squared_sensitivity"]), Fraction(payment["rho"])))
        scale = float(payment["noise_scale"])
        level = "" if payment["resolution"] is None else f" {payment['resolution']}"
        name = f"noise of {payment['statistic']}{level} {payment['part']}"
        yield Check(name, scale >= least, f"scale {scale:.6g}, its rho asks for {least:.6g}")


def _budget(manifest: dict[str, Any]) -> Check:
    spent = Fraction(manifest["privacy"]["window_spent"]["rho"])
    budget = Fraction(manifest["privacy"]["window_budget"]["rho"])
    own = Fraction(manifest["privacy"]["rho"])
    return Check("within the budget", own <= spent <= budget, f"this {own}, window {spent}, budget {budget}")


def _rows(table: str, content: pa.Table, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each claim about a table, with what is wrong about it; nothing where it holds."""
    value = content[_VALUE[table]].to_numpy()
    low, high = content["ci95_low"].to_numpy(), content["ci95_high"].to_numpy()
    levels = np.array(
        [f"{r}/{p}" for r, p in zip(content["resolution"].to_pylist(), content["period"].to_pylist(), strict=True)]
    )
    counts = {str(level): int(count) for level, count in zip(*np.unique(levels, return_counts=True), strict=True)}
    claimed = {level: count["rows"] for level, count in manifest["rows"][table].items() if count["rows"]}
    yield "rows as counted", "" if counts == claimed else f"got {counts}, claimed {claimed}"
    wrong = int((~((low >= 0) & (low <= value + _ROUNDING) & (value <= high + _ROUNDING))).sum())
    yield "values inside their intervals, none below zero", f"{wrong} rows are not" if wrong else ""
    least = float(manifest["publish"]["minimum"])
    small = int((value < least - _ROUNDING).sum())
    yield "no row below the minimum", f"{small} rows are below {least:g}" if small else ""
    keys = content.select([*_ENDS[table], "resolution", "period", "start"])
    double = content.num_rows - keys.group_by(keys.column_names).aggregate([]).num_rows
    yield "one row a key", f"{double} rows are second ones" if double else ""
    yield "children within their parents", _children(table, content, levels, value)


def _children(table: str, content: pa.Table, levels: Any, value: Any) -> str:
    """Published children add up to no more than their published parent."""
    ends = [_indexes(content[name]) for name in _ENDS[table]]
    start = content["start"].cast(pa.int64()).to_numpy()
    period = np.array([str(level).partition("/")[2] for level in levels])
    resolution = content["resolution"].to_numpy()
    for coarse, fine in zip(np.unique(resolution)[:-1], np.unique(resolution)[1:], strict=True):
        parents = {key: value[row] for key, row in _keyed(ends, start, period, resolution == coarse, int(coarse))}
        sums: dict[tuple[Any, ...], list[float]] = {}
        for key, row in _keyed(ends, start, period, resolution == fine, int(coarse)):
            sums.setdefault(key, []).append(float(value[row]))
        for key, parts in sums.items():
            if key in parents and sum(parts) > parents[key] + _ROUNDING * (len(parts) + 1):
                return f"under {format(int(key[0]), 'x')} they add up to {sum(parts):g}, and it has {parents[key]:g}"
    return ""


def _keyed(ends: Any, start: Any, period: Any, rows: Any, resolution: int) -> Iterator[tuple[tuple[Any, ...], int]]:
    places = np.flatnonzero(rows)
    columns = [parents_of(end[places], resolution).tolist() for end in ends]
    yield from zip(
        zip(*columns, start[places].tolist(), period[places].tolist(), strict=True),
        places.tolist(),
        strict=True,
    )


def _indexes(names: pa.ChunkedArray) -> Any:
    """H3 indexes from their names."""
    encoded = names.combine_chunks().dictionary_encode()
    indexes = np.array([int(name, 16) for name in encoded.dictionary.to_pylist()], dtype=np.uint64)
    return indexes[encoded.indices.to_numpy()] if len(indexes) else np.empty(0, dtype=np.uint64)
