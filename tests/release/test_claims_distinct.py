"""What visitors and distributions claim of themselves; each claim can be false, and is then found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.release.claims import COLUMNS, wrong_claims
from hereabouts.release.tables.rows import Table
from hereabouts.release.verify import read_manifest

Numbers = np.ndarray[Any, Any]


@pytest.fixture
def manifest(device_folder: Path) -> dict[str, Any]:
    return read_manifest(device_folder)


def wrong(content: pa.Table, table: str, manifest: dict[str, Any]) -> set[str]:
    return {claim for claim, found in wrong_claims(table, content, manifest) if found}


def changed(content: pa.Table, column: str, edit: Callable[[Numbers], object]) -> pa.Table:
    values = content[column].to_numpy().copy()
    edit(values)
    return content.set_column(content.column_names.index(column), column, pa.array(values, content[column].type))


@pytest.mark.parametrize("name", ["visitors", "distributions"])
def test_all_claims_of_a_sound_table_hold(device_tables: dict[str, Table], manifest: dict[str, Any], name: str) -> None:
    content = device_tables[name].content
    assert content.num_rows > 10
    assert wrong(content, name, manifest) == set()
    assert content.column_names == list(COLUMNS[name])
    turned = content.take(pa.array(range(content.num_rows - 1, -1, -1)))
    assert wrong(turned, name, manifest) == set(), "the order of rows says nothing"


def both(content: pa.Table, key: str) -> tuple[int, int]:
    """A row of resolution 5 and one of the same period, or one of a day and the window's of the same cell."""
    rows = content.to_pylist()
    for one, first in enumerate(rows):
        for other, second in enumerate(rows):
            if key == "day" and first["cell"] == second["cell"] and first["period"] == "P7D" != second["period"]:
                return one, other
    raise LookupError(key)


def test_a_day_above_the_window_is_found(device_tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    content = device_tables["visitors"].content
    whole, day = both(content, "day")
    high = float(content["devices"][whole].as_py())

    def edit(values: Numbers) -> None:
        values[day] = high + 1.0

    assert "no day above the window" in wrong(changed(content, "devices", edit), "visitors", manifest)


def test_a_child_above_its_parent_is_found(device_tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    content = device_tables["visitors"].content
    fine = np.flatnonzero(content["resolution"].to_numpy() == 6)

    def edit(values: Numbers) -> None:
        values[fine] += 1e6

    assert "no child above its parent" in wrong(changed(content, "devices", edit), "visitors", manifest)


def test_children_may_add_up_to_more_than_their_parent(
    device_tables: dict[str, Table], manifest: dict[str, Any]
) -> None:
    """Distinct devices are not additive: this is not claimed, and not so."""
    assert "children within their parents" not in dict(
        wrong_claims("visitors", device_tables["visitors"].content, manifest)
    )


@pytest.mark.parametrize(
    ("column", "edit", "claim"),
    [
        ("bin_high", lambda values: np.add(values, 1.0, out=values), "bins as told"),
        ("bin_low", lambda values: np.copyto(values, values[0]), "one row a key"),
        ("devices_or_trips", lambda values: np.copyto(values, -5.0), "values inside their intervals, none below zero"),
        ("devices_or_trips", lambda values: np.copyto(values, 3.0), "no row below the minimum"),
        ("ci95_high", lambda values: np.copyto(values, 1e9), "no row too unsure"),
        ("noise_sd", lambda values: np.copyto(values, np.nan), "values inside their intervals, none below zero"),
    ],
)
def test_a_histogram_that_is_tampered_with_is_found(
    device_tables: dict[str, Table],
    manifest: dict[str, Any],
    column: str,
    edit: Callable[[Numbers], object],
    claim: str,
) -> None:
    content = device_tables["distributions"].content
    if claim == "one row a key":
        content = pa.concat_tables([content, content.slice(0, 1)])
        assert claim in wrong(content, "distributions", manifest)
        return
    assert claim in wrong(changed(content, column, edit), "distributions", manifest)


def test_rows_that_are_missing_are_found(device_tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    content = device_tables["distributions"].content.slice(1)
    assert "rows as counted" in wrong(content, "distributions", manifest)
