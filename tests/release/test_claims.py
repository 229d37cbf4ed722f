"""What a table claims of itself (CLAIMS); how each claim can be false is in test_verify.py, through whole folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hereabouts.release.claims import COLUMNS, wrong_claims
from hereabouts.release.tables.rows import Table
from hereabouts.release.verify import read_manifest


@pytest.fixture
def manifest(folder: Path) -> dict[str, Any]:
    return read_manifest(folder)


@pytest.mark.parametrize("name", ["presence", "flows"])
def test_all_claims_of_a_sound_table_hold(tables: dict[str, Table], manifest: dict[str, Any], name: str) -> None:
    found = dict(wrong_claims(name, tables[name].content, manifest))
    of_slots = {"slots within their window"} if name == "flows" else set()
    assert set(found) == of_slots | {
        "columns",
        "rows as counted",
        "none of the rows that protected areas withhold",
        "cells of their resolution",
        "rows within the window",
        "a start or a slot, by the period",
        "values inside their intervals, none below zero",
        "no row below the minimum",
        "no row too unsure",
        "one row a key",
        "children within their parents",
    }
    assert set(found.values()) == {""}
    assert tables[name].content.column_names == list(COLUMNS[name])


def test_the_order_of_rows_says_nothing(tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    content = tables["presence"].content
    turned = content.take(pa.array(range(content.num_rows - 1, -1, -1)))
    assert set(dict(wrong_claims("presence", turned, manifest)).values()) == {""}


def test_rounding_is_no_fault(tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    """Children are rounded each by itself: half a thousandth a row is allowed, and no more."""
    content = tables["flows"].content
    trips = content["trips"].to_numpy()
    for off, sound in ((-0.0005, True), (-0.1, False)):
        coarse = content["resolution"].to_numpy() == 5
        moved = content.set_column(content.column_names.index("trips"), "trips", pa.array(trips + off * coarse))
        assert (dict(wrong_claims("flows", moved, manifest))["children within their parents"] == "") is sound


def test_a_table_that_nobody_knows_has_no_claims(tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    with pytest.raises(LookupError):
        list(wrong_claims("homes", tables["presence"].content, manifest))


def test_rows_fit_into_what_protected_areas_leave(tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    counts = manifest["rows"]["presence"]
    claim = "none of the rows that protected areas withhold"

    def found(withheld: dict[str, int]) -> str:
        told = manifest | {"protected_areas": {"areas": [], "rows_withheld": {"presence": withheld}}}
        return dict(wrong_claims("presence", tables["presence"].content, told))[claim]

    left = {level: count["domain"] - count["rows"] for level, count in counts.items()}
    assert found(left) == ""
    assert "7/PT1H" in found(left | {"7/PT1H": left["7/PT1H"] + 1})
    assert "7/PT1H" in found(left | {"7/PT1H": -1})
    assert found({level: some for level, some in left.items() if level != "6/P1D"}) == "6/P1D: nothing is said of it"


def test_without_a_limit_no_row_is_too_unsure(tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    """A row of zero times no limit is no number, and no fault."""
    content = tables["presence"].content
    zero = content.set_column(content.column_names.index("devices"), "devices", pa.array([0.0] * content.num_rows))
    lenient = manifest | {"publish": {"minimum": 0.0, "max_relative_halfwidth": "inf"}}
    assert dict(wrong_claims("presence", zero, lenient))["no row too unsure"] == ""
