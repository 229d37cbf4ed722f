"""Sensitive places through the commands: what a list keeps out never is in the store, before it was added or after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from hereabouts.hexagons import distance

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
HOSPITAL, SHELTER = (52.3, -1.1), (52.295, -1.1175)
ROWS = f"""\
category,latitude,longitude,radius,margin
medical,{HOSPITAL[0]},{HOSPITAL[1]},1500,
shelters,{SHELTER[0]},{SHELTER[1]},600,200
"""


@pytest.fixture
def places(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def nearest(rows: pa.Table) -> NDArray[np.int64]:
    """0 at the hospital, 1 at the shelter, -1 at neither, by the haversine formula alone."""
    at = np.column_stack([rows["latitude"].to_numpy(), rows["longitude"].to_numpy()])
    gaps = [
        np.maximum(distance(at, np.tile(place, (len(at), 1))) - radius, 0.0)
        for place, radius in ((HOSPITAL, 1500.0), (SHELTER, 600.0))
    ]
    centres = [distance(at, np.tile(place, (len(at), 1))) for place in (HOSPITAL, SHELTER)]
    within = [gaps[0] <= 100.0, gaps[1] <= 200.0]
    first = (gaps[0] < gaps[1]) | ((gaps[0] == gaps[1]) & (centres[0] <= centres[1]))
    return np.where(within[0] & (first | ~within[1]), 0, np.where(within[1], 1, -1))


def unnamed(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Tables without pseudonyms, which differ from store to store, in the order of what is left."""
    found = {}
    for name, table in tables.items():
        columns = [column for column in table.column_names if column != "device"]
        found[name] = table.select(columns).sort_by([(column, "ascending") for column in columns])
    return found


def test_what_is_at_a_place_is_dropped_at_intake_and_counted(
    empty_site: Site, copy: Copy, feed: Path, places: Path
) -> None:
    """SL-BLOCK: each row counts once, under the nearest place's category."""
    site = copy(empty_site)
    site.ok("places add", places)
    for file, receipt in zip(sorted(feed.iterdir()), site.ok("intake", feed, "--supplier", "acme"), strict=True):
        rows = pq.read_table(file)
        dropped = receipt["dropped"]
        assert receipt["places_version"] == 1
        assert dropped["sensitive"] == sum(receipt["sensitive"].values())
        assert receipt["rows"] == receipt["taken"] + sum(dropped.values())
        # Rows that other reasons keep out are counted there.
        most = np.bincount(nearest(rows) + 1, minlength=3)[1:]
        found = [receipt["sensitive"].get(name, 0) for name in ("medical", "shelters")]
        others = sum(dropped.values()) - dropped["sensitive"]
        assert all(most - others <= found)
        assert all(found <= most)
        assert min(found) > 0


def test_a_store_that_has_the_list_from_the_start_holds_what_a_clean_feed_gives(
    empty_site: Site, copy: Copy, feed: Path, places: Path, tmp_path: Path
) -> None:
    """The gate leaves no trace of a dropped ping in any kernel: as if the supplier had left those rows out."""
    listed, plain = copy(empty_site), copy(empty_site)
    listed.ok("places add", places)
    listed.ok("intake", feed, "--supplier", "acme")
    clean = tmp_path / "clean"
    clean.mkdir()
    for file in sorted(feed.iterdir()):
        rows = pq.read_table(file)
        pq.write_table(rows.filter(pa.array(nearest(rows) < 0)), clean / file.name)
    plain.ok("intake", clean, "--supplier", "acme")
    listed.ok("seal")
    plain.ok("seal")
    for window in (FIRST, SECOND):
        one, other = (unnamed(site.tables(window)) for site in (listed, plain))
        assert one == other
        assert one["presence"].num_rows > 0


def test_a_place_that_is_added_later_is_as_good_for_what_still_waits(
    taken_site: Site, empty_site: Site, copy: Copy, feed: Path, places: Path
) -> None:
    """SL-PURGE: open windows drop their pings there, and are then what they would have been."""
    late, early = copy(taken_site), copy(empty_site)
    late.ok("places add", places)
    early.ok("places add", places)
    early.ok("intake", feed, "--supplier", "acme")
    assert late.ok("seal") == early.ok("seal")
    assert late.ok("places test")["passed"]


def test_sealed_windows_lose_the_cells_of_a_place(sealed_site: Site, copy: Copy, places: Path) -> None:
    site = copy(sealed_site)
    before = site.tables()
    purged = site.ok("places add", places)["purged"]
    after = site.tables()
    removed = next(window["removed"] for window in purged if window["window"] == FIRST)
    for table in ("presence", "trips"):
        assert before[table].num_rows - after[table].num_rows == removed[table]
    assert removed["presence"] > 0
    assert site.ok("places add", places)["purged"] == [], "what is done is not done again"
