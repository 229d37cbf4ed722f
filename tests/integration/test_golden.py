"""What a sealed store holds is what the kernels say of the pings: bit for bit, in whatever order they came."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.feeds.ids.identifiers import canonical_id, pseudonyms
from hereabouts.movement.batch import summarise
from hereabouts.store.sealed import METRES, MINUTES

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site

WINDOWS = {"2024-03-04/2024-03-11": 1_709_510_400, "2024-03-11/2024-03-18": 1_710_115_200}
WEEK = 7 * 86_400


def pings_of(feed: Path, start: int) -> list[tuple[str, int, float, float]]:
    """The pings of one window, by the rules' own words, row by row: distinct, and in the kernels' order."""
    found = set()
    for file in sorted(feed.iterdir()):
        for row in pq.read_table(file).to_pylist():
            second = int(row["timestamp"].timestamp() // 1)
            good = row["horizontal_accuracy"] <= 500 and row["consent"] and not row["limit_ad_tracking"]
            if good and start <= second < start + WEEK:
                found.add((canonical_id(row["device_id"]), second, row["latitude"], row["longitude"]))
    return sorted(found)


def column(table: pa.Table, name: str) -> Any:
    values = table[name].combine_chunks()
    return values.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy() if name == "start" else values.to_numpy()


def devices(table: pa.Table) -> list[bytes]:
    found: list[bytes] = table["device"].cast(pa.binary(16)).to_pylist()
    return found


@pytest.mark.parametrize("window", WINDOWS)
def test_sealed_tables_are_what_the_kernels_say(sealed_site: Site, feed: Path, window: str) -> None:
    start = WINDOWS[window]
    pings = pings_of(feed, start)
    assert len(pings) > 500
    key = (sealed_site.keys / f"{window.replace('/', '_')}.pseudonyms.key").read_bytes()
    names = pseudonyms(pa.array([device for device, *_ in pings]), key).astype(">u8")
    by_name = sorted(zip([row.tobytes() for row in names], pings, strict=True), key=lambda pair: (pair[0], pair[1][1:]))
    distinct = sorted({name for name, _ in by_name})
    code = np.searchsorted(np.array(distinct), np.array([name for name, _ in by_name])).astype(np.int32)
    time, latitude, longitude = (np.array([ping[k] for _, ping in by_name]) for k in (1, 2, 3))
    found = summarise(code, time, latitude, longitude, start, start + WEEK, 8)

    tables = sealed_site.tables(window)
    presence, stays, trips = (tables[name] for name in ("presence", "stays", "trips"))
    assert presence.num_rows > 100
    assert trips.num_rows > 10
    for table, rows in ((presence, found.presence), (stays, found.stays), (trips, found.trips)):
        assert devices(table) == [distinct[k] for k in rows.device]
        assert np.array_equal(column(table, "start"), start + 3600 * rows.hour.astype(np.int64))
    assert np.array_equal(column(presence, "cell"), found.presence.cell)
    assert np.array_equal(column(stays, "cell"), found.stays.cell)
    assert np.array_equal(column(trips, "origin"), found.trips.origin)
    assert np.array_equal(column(trips, "destination"), found.trips.destination)
    for table, durations in ((stays, found.stays.duration), (trips, found.trips.duration)):
        lower = [max(edge for edge in MINUTES if edge <= seconds // 60) for seconds in durations]
        assert column(table, "minutes").tolist() == lower
    counts = {w: (p, h, t) for w, p, h, t in counted(sealed_site)}
    assert counts[window] == (len(pings), presence.num_rows, trips.num_rows)


def counted(site: Site) -> list[tuple[str, int, int, int]]:
    fields = ", ".join(f"json_extract(counts, '$.{name}')" for name in ("pings", "device_hours", "trips"))
    return [tuple(row) for row in site.sql(f"SELECT name, {fields} FROM windows ORDER BY name")]  # noqa: S608


def test_the_order_of_files_and_rows_and_their_format_do_not_matter(
    sealed_site: Site, empty_site: Site, feed: Path, copy: Copy, tmp_path: Path, command: Command
) -> None:
    """The same keys, the pings backwards, a part of them as text, in two intakes, some of them twice."""
    site = copy(empty_site)
    for key in sealed_site.keys.glob("*.pseudonyms.key"):
        (site.keys / key.name).write_bytes(key.read_bytes())
    text = tmp_path / "text"
    assert command("synth", "--devices", 60, "--days", 9, "--seed", 11, "--out", text, "--format", "csv").code == 0, (
        "the same town"
    )
    packed = tmp_path / "part-0004.csv.gz"
    packed.write_bytes(gzip.compress((text / "part-0004.csv").read_bytes()))
    files = sorted(feed.iterdir())
    backwards = []
    for number in (8, 7, 6, 5):
        backwards.append(tmp_path / f"backwards-{number}.parquet")
        rows = pq.read_table(files[number])
        pq.write_table(rows.take(list(reversed(range(rows.num_rows)))), backwards[-1], row_group_size=100)
    site.ok("intake", *backwards, packed, "--supplier", "acme")
    site.ok("intake", *reversed(files[:4]), text / "part-0001.csv", "--supplier", "acme")
    site.ok("seal")
    for window in WINDOWS:
        assert site.tables(window) == sealed_site.tables(window)
    assert counted(site) == counted(sealed_site)


def test_sealed_tables_hold_no_position_and_no_second(sealed_site: Site) -> None:
    for window in WINDOWS:
        tables = sealed_site.tables(window)
        assert {name: table.schema.names for name, table in tables.items()} == {
            "presence": ["device", "cell", "start"],
            "stays": ["device", "cell", "start", "minutes"],
            "trips": ["device", "origin", "destination", "start", "minutes", "metres"],
        }
        for table in tables.values():
            kinds = {str(kind) for kind in table.schema.types}
            assert kinds <= {"fixed_size_binary[16]", "uint64", "int32", "timestamp[ms, tz=UTC]"}
            assert not np.any(column(table, "start") % 3600)
        for name in ("stays", "trips"):
            assert set(column(tables[name], "minutes").tolist()) <= set(MINUTES.tolist())
        assert set(column(tables["trips"], "metres").tolist()) <= set(METRES.tolist())


def test_hours_begin_where_the_stores_clock_says(
    tmp_path: Path, sealed_site: Site, feed: Path, command: Command
) -> None:
    """In Kathmandu, 5 h 45 min ahead, whole hours begin at a quarter past in UTC."""
    site = type(sealed_site)(tmp_path)
    assert command("init", site.store, "--timezone", "Asia/Kathmandu").code == 0
    site.evidence.write_text("yes", encoding="utf-8")
    site.admit("acme")
    site.ok("intake", feed, "--supplier", "acme")
    site.ok("seal")
    for table in site.tables().values():
        assert set((column(table, "start") % 3600).tolist()) == {900}
