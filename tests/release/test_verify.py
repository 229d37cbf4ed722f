"""A sound release passes; whatever one changes in it is found; and nothing in a folder makes the checker fall over."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from hereabouts.errors import VerificationError
from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.release.manifest import STALE, digest_of
from hereabouts.release.verify import check_release_folder, read_manifest
from tests.release.conftest import cover

FILES = ("README.md", "flows.parquet", "presence.parquet", "report.html")


def failed(folder: Path) -> dict[str, str]:
    """The checks that failed, and what they found."""
    return {check.name: check.found for check in check_release_folder(folder) if not check.passed}


def change(folder: Path, *path: str | int, to: Any) -> None:
    """Set one value of the manifest."""
    content = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    inside = content
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = to(inside[path[-1]]) if callable(to) else to
    cover(folder, content)


def rewrite(folder: Path, name: str, edit: Callable[[pa.Table], pa.Table]) -> None:
    """Change a table and cover the traces: digest and row counts are those of the new one."""
    file = folder / f"{name}.parquet"
    table = edit(pq.read_table(file))
    pq.write_table(table, file)
    levels = pc.binary_join_element_wise(table["resolution"].cast("string"), table["period"].cast("string"), "/")
    counts = {item["values"]: item["counts"] for item in levels.value_counts().to_pylist()}
    rows = read_manifest(folder)["rows"][name]
    change(folder, "rows", name, to={level: count | {"rows": counts.get(level, 0)} for level, count in rows.items()})
    change(folder, "files", file.name, to=digest_of(file))


def with_column(table: pa.Table, name: str, edit: Callable[[np.ndarray[Any, Any]], object]) -> pa.Table:
    """The table with another column of that name; `edit` changes a copy of its numbers in place."""
    values = table[name].to_numpy().copy()
    edit(values)
    return table.set_column(table.column_names.index(name), name, pa.array(values, table[name].type))


def test_a_sound_release_passes_every_check(folder: Path) -> None:
    checks = check_release_folder(folder)
    assert failed(folder) == {}
    names = [check.name for check in checks]
    assert len(set(names)) == len(names)
    assert {"files", "rho adds up", "epsilon and delta", "within the budget", "noise of flows 6 pairs"} <= set(names)
    assert any(name.startswith("presence: ") for name in names)
    assert any(name.startswith("flows: ") for name in names)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_an_altered_byte_is_found(folder: Path, name: str, place: float) -> None:
    content = bytearray((folder / name).read_bytes())
    content[int(place * len(content))] ^= 1
    (folder / name).write_bytes(content)
    assert failed(folder) == {"files": f"{name} was altered"}


@pytest.mark.parametrize("name", FILES)
def test_a_removed_file_is_found(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert failed(folder)["files"] == f"{name} is missing"


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_also_gone_from_the_list_is_found(folder: Path, name: str) -> None:
    (folder / name).unlink()
    change(folder, "files", to=lambda files: {k: v for k, v in files.items() if k != name})
    assert failed(folder)["files"] == f"{name} is missing"


@pytest.mark.parametrize("name", ["devices.csv", ".hidden", "presence.parquet.bak"])
def test_an_added_file_is_found(folder: Path, name: str) -> None:
    (folder / name).write_text("a", encoding="utf-8")
    assert failed(folder) == {"files": f"{name} is not in the manifest"}


def test_an_added_folder_is_found(folder: Path) -> None:
    (folder / "more").mkdir()
    assert failed(folder) == {"files": "more is not in the manifest"}


def test_a_file_outside_the_folder_is_never_read(folder: Path) -> None:
    (folder.parent / "secret").write_text("a", encoding="utf-8")
    change(folder, "files", "../secret", to=digest_of(folder.parent / "secret"))
    assert failed(folder) == {"files": "../secret is missing"}


def test_two_files_changed_for_each_other_are_found(folder: Path) -> None:
    first, second = folder / "README.md", folder / "report.html"
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    assert failed(folder) == {"files": "README.md was altered; report.html was altered"}


# --- parameters ------------------------------------------------------------------------------------------------------


def more(text: str) -> str:
    """A little more rho."""
    top, _, bottom = text.partition("/")
    return f"{int(top) + 1}/{bottom}"


@pytest.mark.parametrize(
    ("path", "to", "check"),
    [
        (("privacy", "rho"), more, "rho adds up"),
        (("privacy", "rho"), "1/1000", "rho adds up"),
        (("privacy", "epsilon"), 0.9, "epsilon and delta"),
        (("privacy", "epsilon"), 1.1, "epsilon and delta"),
        (("privacy", "epsilon"), 1.0001, "epsilon and delta"),
        (("privacy", "delta"), 1e-7, "epsilon and delta"),
        (("privacy", "delta"), 1e-5, "epsilon and delta"),
        (("privacy", "window_spent", "epsilon"), 1.2, "epsilon and delta"),
        (("privacy", "window_spent", "rho"), more, "epsilon and delta"),
        (("privacy", "window_spent", "rho"), "1/1000", "within the budget"),
        (("privacy", "window_spent", "rho"), "1", "within the budget"),
        (("privacy", "window_budget", "epsilon"), 9.0, "epsilon and delta"),
        (("privacy", "window_budget", "rho"), "1/1000", "within the budget"),
        (("privacy", "window_budget", "delta"), 1e-9, "epsilon and delta"),
        (("privacy", "lifetime", "epsilon"), 1.0, "epsilon and delta"),
        (("privacy", "lifetime", "rho"), "1/1000", "within the budget"),
        (("privacy", "restated", "epsilon"), 0.92, "epsilon restated"),
        (("privacy", "restated", "epsilon"), 1.0, "epsilon restated"),
        (("privacy", "restated", "delta"), 1e-9, "epsilon restated"),
        (("privacy", "restated", "bound"), "a better one", "epsilon restated"),
        (("measurement", "payments", 0, "rho"), more, "rho adds up"),
        (("measurement", "payments", 2, "rho"), "1/7", "noise of flows norms"),
        (("measurement", "payments", 0, "noise_scale"), 100.0, "noise of presence 6 hours"),
        (("measurement", "payments", 0, "noise_scale"), 130.0, "noise of presence 6 hours"),
        (("measurement", "payments", 1, "squared_sensitivity"), 168, "noise of presence 7 hours"),
        (("measurement", "payments", 1, "squared_sensitivity"), 166, "noise of presence 7 hours"),
        (("measurement", "payments", 5, "values"), 120, "statistics as paid for"),
        (("measurement", "payments", 5, "part"), "norms", None),
        (("measurement", "payments"), list.pop, None),
        (("measurement", "key"), "a", "measurement key"),
        (("measurement", "key"), "../../x", "measurement key"),
        (("statistics", "presence", "levels", 0, "noise_sd_hour"), 10.0, "statistics as paid for"),
        (("statistics", "presence", "levels", 0, "rho"), "1/100", "statistics as paid for"),
        (("statistics", "presence", "levels", 0, "periods"), ["PT1H"], "statistics as paid for"),
        (("statistics", "presence", "levels"), lambda levels: levels[:1], "statistics as paid for"),
        (("statistics", "flows", "levels", 1, "noise_sd"), 10.0, "statistics as paid for"),
        (("statistics", "flows", "levels", 1, "bound"), 1.0, "statistics as paid for"),
        (("statistics", "flows", "levels", 1, "pairs_measured"), 1, "statistics as paid for"),
        (("statistics", "flows", "levels", 1, "resolution"), 7, None),
        (("statistics",), lambda found: {"presence": found["presence"]}, "statistics as paid for"),
        (("rows",), lambda found: {"presence": found["presence"]}, "statistics as paid for"),
        (("rows", "presence", "7/PT1H", "rows"), 1, "presence: rows as counted"),
        (("rows", "presence", "7/PT1H", "rows"), 0, "presence: rows as counted"),
        (("rows", "flows"), lambda found: found | {"7/P7D": {"rows": 3, "domain": 9}}, "flows: rows as counted"),
        (("publish", "minimum"), 1000.0, "presence: no row below the minimum"),
        (("publish", "max_relative_halfwidth"), 0.1, "presence: no row too unsure"),
        (("window", "start"), "2024-03-26T00:00:00+01:00", "presence: rows within the window"),
        (("window", "end"), "2024-03-31T00:00:00+01:00", "presence: rows within the window"),
    ],
)  # fmt: skip
def test_a_changed_parameter_is_found(folder: Path, path: tuple[str | int, ...], to: Any, check: str | None) -> None:
    """By the check that is named; where there is none, what is left is no manifest that can be checked."""
    change(folder, *path, to=(lambda old: (to(old), old)[1]) if to is list.pop else to)
    if check is None:
        with contextlib.suppress(VerificationError):
            assert failed(folder)
    else:
        assert check in failed(folder)


@pytest.mark.parametrize("place", range(6))
def test_payments_that_miss_the_whole_by_a_last_digit_are_found(folder: Path, place: int) -> None:
    """Each with a noise scale and statements to match: the sum alone gives it away, and no float would."""
    payment = read_manifest(folder)["measurement"]["payments"][place]
    rho = Fraction(payment["rho"]) - Fraction(1, 10**30)
    assert float(rho) == float(Fraction(payment["rho"]))
    change(folder, "measurement", "payments", place, "rho", to=str(rho))
    assert "rho adds up" in failed(folder)


@pytest.mark.parametrize(
    "text",
    ["inf", "nan", "-1/3", "1e999999999", "1/0", "0.5", " 1/3", "1/3\n", "٣", "1/" + "9" * 5000, 0.5, None, [], True],
)
def test_a_rho_that_is_no_fraction_is_not_computed_with(folder: Path, text: Any) -> None:
    """Among these is one that would keep Python at work for days."""
    change(folder, "measurement", "payments", 0, "rho", to=text)
    with pytest.raises(VerificationError, match="lacks or garbles what has to be checked"):
        check_release_folder(folder)


# --- tables ----------------------------------------------------------------------------------------------------------


def set_first(value: float) -> Callable[[np.ndarray[Any, Any]], object]:
    def edit(values: np.ndarray[Any, Any]) -> None:
        values[0] = value

    return edit


VALUES = "values inside their intervals, none below zero"


@pytest.mark.parametrize(("name", "value"), [("presence", "devices"), ("flows", "trips")])
@pytest.mark.parametrize(
    ("column", "to", "check"),
    [
        ("value", -1.0, VALUES),
        ("value", 1e9, VALUES),
        ("value", float("nan"), VALUES),
        ("value", float("inf"), VALUES),
        ("value", 3.0, "no row below the minimum"),
        ("ci95_low", -0.5, VALUES),
        ("ci95_low", 1e9, VALUES),
        ("ci95_low", float("nan"), VALUES),
        ("ci95_high", 1.0, VALUES),
        ("ci95_high", float("inf"), VALUES),
        ("ci95_high", 1e9, "no row too unsure"),
        ("noise_sd", -1.0, VALUES),
        ("noise_sd", float("nan"), VALUES),
    ],
)
def test_a_changed_figure_is_found(folder: Path, name: str, value: str, column: str, to: float, check: str) -> None:
    changed = value if column == "value" else column
    rewrite(folder, name, lambda table: with_column(table, changed, set_first(to)))
    assert f"{name}: {check}" in failed(folder)


@pytest.mark.parametrize("name", ["presence", "flows"])
def test_a_second_row_of_one_key_is_found(folder: Path, name: str) -> None:
    rewrite(folder, name, lambda table: pa.concat_tables([table, table.slice(3, 1)]))
    assert failed(folder)[f"{name}: one row a key"] == "1 rows are second ones"


@pytest.mark.parametrize("name", ["presence", "flows"])
def test_a_row_more_or_less_is_found(folder: Path, name: str) -> None:
    file = folder / f"{name}.parquet"
    sound = pq.read_table(file)
    for table in (sound.slice(1), pa.concat_tables([sound, sound.slice(0, 1)])):
        pq.write_table(table, file)
        change(folder, "files", file.name, to=digest_of(file))
        assert f"{name}: rows as counted" in failed(folder)


@pytest.mark.parametrize(("name", "value"), [("presence", "devices"), ("flows", "trips")])
@pytest.mark.parametrize("by", [1.0, 1000.0])
def test_a_child_above_its_parent_is_found(folder: Path, name: str, value: str, by: float) -> None:
    """All figures of a parent are lowered, its interval with it: only its children give that away."""

    def edit(table: pa.Table) -> pa.Table:
        coarse = int(np.min(table["resolution"].to_numpy()))
        rows = np.flatnonzero((table["resolution"].to_numpy() == coarse) & (table[value].to_numpy() > 2 * by + 100))
        for column in (value, "ci95_low", "ci95_high"):
            table = with_column(table, column, lambda v: np.subtract.at(v, rows, np.minimum(by, v[rows])))
        return table

    rewrite(folder, name, edit)
    assert f"{name}: children within their parents" in failed(folder)


def test_a_child_above_its_grandparent_is_found_where_the_parent_is_not_published(folder: Path) -> None:
    def edit(table: pa.Table) -> pa.Table:
        """Resolution 6 becomes 5 by name: parents of two steps up, none between."""
        daily = table.filter(pc.equal(table["period"], "P7D"))
        fine = daily.filter(pc.equal(daily["resolution"], 7))
        cell = int(fine["cell"][0].as_py(), 16)
        grandparent = (cell & ~(0xF << 52)) | (5 << 52) | (0o77 << 24)
        row = fine.slice(0, 1).to_pylist()[0]
        parent = row | {"cell": f"{grandparent:x}", "resolution": 5, "devices": row["devices"] - 1.0}
        return pa.concat_tables([fine, pa.Table.from_pylist([parent], fine.schema)])

    rewrite(folder, "presence", edit)
    assert "presence: children within their parents" in failed(folder)


def test_a_cell_of_another_resolution_is_found(folder: Path) -> None:
    def edit(table: pa.Table) -> pa.Table:
        names = table["cell"].to_pylist()
        names[0] = f"{int(names[0], 16) & ~(0xF << 52) | (8 << 52):x}"
        return table.set_column(0, "cell", pa.array(names))

    rewrite(folder, "presence", edit)
    assert failed(folder)["presence: cells of their resolution"] == "1 cells are of another"


def test_a_row_from_another_week_is_found(folder: Path) -> None:
    def edit(table: pa.Table) -> pa.Table:
        starts = table["start"].cast(pa.int64()).to_numpy().copy()
        starts[0] += 30 * 86_400_000
        return table.set_column(2, "start", pa.array(starts).cast(table["start"].type))

    rewrite(folder, "presence", edit)
    assert failed(folder)["presence: rows within the window"] == "1 rows are not"


@pytest.mark.parametrize("name", ["presence", "flows"])
def test_a_column_that_does_not_belong_there_is_found(folder: Path, name: str) -> None:
    rewrite(folder, name, lambda table: table.append_column("device_id", pa.array(["a"] * table.num_rows)))
    assert "device_id" in failed(folder)[f"{name}: columns"]


@pytest.mark.parametrize("column", ["cell", "resolution", "start", "period", "devices", "ci95_low"])
def test_a_table_without_a_column_cannot_be_checked(folder: Path, column: str) -> None:
    file = folder / "presence.parquet"
    pq.write_table(pq.read_table(file).drop_columns([column]), file)
    change(folder, "files", file.name, to=digest_of(file))
    with pytest.raises(VerificationError, match="lacks or garbles"):
        check_release_folder(folder)


@pytest.mark.parametrize(
    ("column", "values"),
    [("cell", "x"), ("cell", None), ("cell", 5), ("devices", "many"), ("devices", 5), ("start", "today")],
)
def test_a_column_of_another_kind_cannot_be_checked(folder: Path, column: str, values: Any) -> None:
    file = folder / "presence.parquet"
    table = pq.read_table(file)
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, pa.array([values] * table.num_rows)), file)
    change(folder, "files", file.name, to=digest_of(file))
    with pytest.raises(VerificationError, match="lacks or garbles"):
        check_release_folder(folder)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not a table", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_file_that_is_no_table_cannot_be_checked(folder: Path, content: bytes) -> None:
    file = folder / "flows.parquet"
    file.write_bytes(content)
    change(folder, "files", file.name, to=digest_of(file))
    with pytest.raises(VerificationError, match="lacks or garbles"):
        check_release_folder(folder)


def test_a_release_may_publish_no_row(folder: Path) -> None:
    """Nothing was useful enough: that is a sound release, and a level of it may be empty."""
    for name in ("presence", "flows"):
        rewrite(folder, name, lambda table: table.slice(0, 0))
    assert failed(folder) == {}


def test_releases_of_rows_however_unsure_are_read_back(folder: Path) -> None:
    change(folder, "publish", "max_relative_halfwidth", to="inf")
    change(folder, "publish", "minimum", to=0)
    assert failed(folder) == {}


# --- manifests that are none -----------------------------------------------------------------------------------------


def test_a_sensitivity_that_no_proof_note_gives_is_found(folder: Path) -> None:
    """Else anybody could state a smaller one, with less noise to match."""
    payments = read_manifest(folder)["measurement"]["payments"]
    place = next(i for i, payment in enumerate(payments) if payment["part"] == "hours")
    scale = scale_of(variance_for(1, Fraction(payments[place]["rho"])))
    change(folder, "measurement", "payments", place, "squared_sensitivity", to=1)
    change(folder, "measurement", "payments", place, "noise_scale", to=scale)
    change(folder, "statistics", "presence", "levels", 0, "noise_sd_hour", to=scale)
    (found,) = (text for name, text in failed(folder).items() if name.startswith("noise of presence"))
    assert found == "no proof note gives it sensitivity 1 squared"


@pytest.mark.parametrize(
    ("stale", "note", "passes"),
    [(True, True, True), (False, False, True), (True, False, False), (False, True, False), (1, True, False)],
)
def test_a_stale_release_says_so_to_machines_and_people(folder: Path, stale: Any, note: bool, passes: bool) -> None:
    change(folder, "stale", to=stale)
    change(folder, "notes", to=lambda notes: [*notes, STALE] if note else notes)
    assert ("staleness" not in failed(folder)) == passes


def test_a_release_from_before_there_were_stale_ones_or_a_tighter_restatement(folder: Path) -> None:
    content = read_manifest(folder)
    del content["stale"], content["privacy"]["restated"]
    content["code_version"] = "0.0.9"
    cover(folder, content)
    assert failed(folder) == {}
