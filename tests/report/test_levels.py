from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.errors import BadInputError
from hereabouts.report.levels import cells_by_resolution, read_levels, share_of_fullest
from hereabouts.report.manifest import Window, read_manifest

ZONE = ZoneInfo("UTC")
WINDOW = Window("w", datetime(2020, 1, 6, tzinfo=ZONE), datetime(2020, 1, 13, tzinfo=ZONE), ZONE)
COLUMNS = {"noise_sd": 3.0, "ci95_low": 14.0, "ci95_high": 26.0}


def presence(*rows: tuple[str, int, datetime | None, str, float], **extra: list[Any]) -> pa.Table:
    cell, resolution, start, period, devices = zip(*rows, strict=True)
    return pa.table(
        {
            "cell": list(cell),
            "resolution": pa.array(resolution, pa.int8()),
            "start": pa.array(start, pa.timestamp("us", "UTC")),
            "period": list(period),
            "devices": list(devices),
            **{name: [value] * len(rows) for name, value in COLUMNS.items()},
            **extra,
        }
    )


FIRST = datetime(2020, 1, 6, 1, tzinfo=UTC)


def test_a_level_is_one_resolution_and_period() -> None:
    table = presence(
        ("8731aa429ffffff", 7, FIRST, "PT1H", 20.0),
        ("8731aa431ffffff", 7, WINDOW.start, "P7D", 21.0),
        ("8631aa42fffffff", 6, WINDOW.start, "P7D", 40.0),
    )
    levels = read_levels({"presence": table}, WINDOW)
    assert [level.key for level in levels] == ["6/P7D", "7/PT1H", "7/P7D"]
    hourly = levels[1]
    assert hourly.slots[hourly.slot[0]].label == "Mon 6 Jan 2020, 01:00–02:00"
    assert hourly.value.tolist() == [20.0]


def test_levels_of_a_resolution_share_their_cells_also_with_flows(small_release: Any) -> None:
    levels = read_levels(small_release.tables, WINDOW)
    for resolution, cells in cells_by_resolution(levels).items():
        assert np.array_equal(cells, np.unique(cells))
        assert all(np.array_equal(one.cells, cells) for one in levels if one.resolution == resolution)
    flows = levels[-1]
    row = small_release.tables["flows"].slice(0, 1).to_pylist()[0]
    assert [f"{int(flows.cells[end]):x}" for end in flows.ends[0]] == [row["origin"], row["destination"]]


def test_recurring_slots_come_from_their_own_column() -> None:
    table = presence(
        ("8731aa429ffffff", 7, None, "typical-week", 20.0),
        ("8731aa429ffffff", 7, None, "typical-week", 22.0),
        ("8731aa429ffffff", 7, FIRST, "PT1H", 24.0),
        slot=["weekend-03", "weekday-08", None],
    )
    hours, typical = read_levels({"presence": table}, WINDOW)
    assert [typical.slots[at].key for at in typical.slot] == ["weekend-03", "weekday-08"]
    assert len(hours.slots) == 168


def test_dictionary_columns_and_other_tables_are_welcome() -> None:
    table = presence(("8731aa429ffffff", 7, FIRST, "PT1H", 20.0))
    encoded = table.set_column(0, "cell", table.column("cell").dictionary_encode())
    (level,) = read_levels({"presence": encoded, "distributions": pa.table({"x": [1]})}, WINDOW)
    assert f"{int(level.cells[0]):x}" == "8731aa429ffffff"


def test_visitors_are_read_as_presence_is_and_share_its_cells() -> None:
    table = presence(("8731aa429ffffff", 7, FIRST, "PT1H", 20.0), ("8731aa42effffff", 7, FIRST, "PT1H", 20.0))
    visitors = presence(("8731aa429ffffff", 7, FIRST, "P7D", 60.0))
    here, there = read_levels({"visitors": visitors, "presence": table}, WINDOW)
    assert (here.statistic, there.statistic) == ("presence", "visitors")
    assert there.cells.tolist() == here.cells.tolist()
    assert there.value.tolist() == [60.0]


def test_no_table_and_an_empty_one_have_no_levels(small_release: Any) -> None:
    assert read_levels({}, WINDOW) == ()
    assert read_levels({"presence": small_release.tables["presence"].slice(0, 0)}, WINDOW) == ()


def test_a_table_that_is_not_a_release_is_refused() -> None:
    good = presence(("8731aa429ffffff", 7, FIRST, "PT1H", 20.0))
    with pytest.raises(BadInputError, match="missing ci95_low"):
        read_levels({"presence": good.drop_columns(["ci95_low"])}, WINDOW)
    with pytest.raises(BadInputError, match="'nowhere' is not an H3 cell"):
        read_levels({"presence": presence(("nowhere", 7, FIRST, "PT1H", 20.0))}, WINDOW)
    with pytest.raises(BadInputError, match="devices is not finite"):
        read_levels({"presence": presence(("8731aa429ffffff", 7, FIRST, "PT1H", float("nan")))}, WINDOW)
    naive = good.set_column(2, "start", pa.array([FIRST.replace(tzinfo=None)], pa.timestamp("us")))
    with pytest.raises(BadInputError, match="timestamp with a time zone"):
        read_levels({"presence": naive}, WINDOW)
    holed = good.set_column(4, "devices", pa.array([None], pa.float64()))
    with pytest.raises(BadInputError, match="devices has nulls"):
        read_levels({"presence": holed}, WINDOW)


def test_finer_levels_hold_a_share_of_the_fullest(release: Any) -> None:
    levels = read_levels(release.tables, read_manifest(release.manifest).window)
    shares = {level.key: share_of_fullest(level, levels) for level in levels if level.statistic == "presence"}
    fine, middle, coarse = (shares[f"{resolution}/PT1H"] or 0 for resolution in (7, 6, 5))
    assert 0 < fine < middle < coarse <= 1
    assert max(share or 0 for share in shares.values()) == 1


def test_visitors_have_no_share_as_they_cannot_be_added_up(full_release: Any) -> None:
    levels = read_levels(full_release.tables, read_manifest(full_release.manifest).window)
    assert {share_of_fullest(level, levels) for level in levels if level.statistic == "visitors"} == {None}
