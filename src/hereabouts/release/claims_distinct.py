"""What visitors and distributions claim of themselves, beside what all tables do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.hexagons import parents_of
from hereabouts.release.claims_figures import ROUNDING, numbers, wrong_figures

Cells = NDArray[np.uint64]


def wrong_wholes(
    cells: Cells, resolution: NDArray[Any], start: NDArray[Any], period: pa.ChunkedArray, value: NDArray[Any]
) -> str:
    """Visitors of a published cell are at least those of every published cell below it, in the same period.

    Parameters
    ----------
    cells, resolution, start, period, value
        Columns of the table, shape (rows,).
    """
    found = np.unique(resolution).tolist()
    keys = ["cell", "start", "period"]
    for coarse, fine in ((c, f) for c in found for f in found if c < f):
        above, below = (
            pa.table(
                {
                    "cell": parents_of(cells[rows], coarse),
                    "start": start[rows],
                    "period": period.filter(pa.array(rows)),
                    "value": value[rows],
                }
            )
            for rows in (resolution == coarse, resolution == fine)
        )
        both = below.join(above, keys, join_type="inner", right_suffix="_above")
        part, whole = both["value"].to_numpy(), both["value_above"].to_numpy()
        over = np.flatnonzero(part > whole + 2 * ROUNDING)
        if over.size:
            cell = int(both["cell"][int(over[0])].as_py())
            return f"below {cell:x} one has {part[over[0]]:g}, and it has {whole[over[0]]:g}"
    return ""


def wrong_days(
    cells: Cells, start: NDArray[Any], period: pa.ChunkedArray, value: NDArray[Any], window: dict[str, Any]
) -> str:
    """Visitors over the window are at least those of every published day of the same cell.

    Parameters
    ----------
    cells, start, period, value
        Columns of the table, shape (rows,).
    window
        What the manifest says of the window.
    """
    daily = np.array([each == "P1D" for each in period.to_pylist()], dtype=bool)
    if daily.all():  # the window may be a day
        return ""
    whole = dict(zip(cells[~daily].tolist(), value[~daily].tolist(), strict=True))
    for cell, day, most in zip(cells[daily].tolist(), start[daily].tolist(), value[daily].tolist(), strict=True):
        if most > whole.get(cell, most) + 2 * ROUNDING:
            return f"{cell:x} has {most:g} on a day ({day}), and {whole[cell]:g} in {window['name']}"
    return ""


def wrong_histograms(
    content: pa.Table, manifest: dict[str, Any], columns: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Each claim about the table of distributions, with what is wrong about it; nothing where it holds.

    Raises
    ------
    LookupError, TypeError, ValueError, AttributeError
        When table or manifest are not such as this version writes.
    """
    yield "columns", "" if tuple(content.column_names) == columns else f"got {', '.join(content.column_names)}"
    statistics = content["statistic"].to_pylist()
    counts = {name: statistics.count(name) for name in dict.fromkeys(statistics)}
    claimed = {name: each["rows"] for name, each in manifest["rows"]["distributions"].items() if each["rows"]}
    yield "rows as counted", "" if counts == claimed else f"got {counts}, claimed {claimed}"

    told = {each["statistic"]: each for each in manifest["statistics"]["distributions"]["histograms"]}
    known = {
        (name, float(low), float(high), each["unit"])
        for name, each in told.items()
        for low, high in zip(each["edges"], [*each["edges"][1:], float("inf")], strict=True)
    }
    rows = list(zip(statistics, *(content[name].to_pylist() for name in ("bin_low", "bin_high", "unit")), strict=True))
    strange = sum(row not in known for row in rows)
    yield "bins as told", f"{strange} rows are of other bins" if strange else ""
    double = len(rows) - len(set(rows))
    yield "one row a key", f"{double} rows are second ones" if double else ""
    value, noise, low, high = (numbers(content, name) for name in columns[-4:])
    yield from wrong_figures(value, noise, low, high, manifest["publish"])
