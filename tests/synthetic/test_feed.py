"""The feed: canonical columns, days in order, rows by time, and the same rows however they are cut."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.synthetic import FEED_SCHEMA, TownConfig, pings
from hereabouts.synthetic.feed import part_batches, parts_of
from hereabouts.synthetic.town import build_town

SMALL = TownConfig(devices=120, days=3, seed=2)
ORDER = [(name, "ascending") for name in ("timestamp", "latitude", "longitude", "device_id")]


def table(config: TownConfig) -> pa.Table:
    return pa.Table.from_batches(pings(config), FEED_SCHEMA)


def canonical(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring(pc.utf8_lower(pc.utf8_trim_whitespace(ids)), "-", "")


@pytest.fixture(scope="module")
def feed() -> pa.Table:
    return table(TownConfig(devices=2000, days=7, seed=4))


def test_columns_are_the_canonical_ones(feed: pa.Table) -> None:
    assert feed.schema.names == [
        "device_id",
        "id_type",
        "latitude",
        "longitude",
        "horizontal_accuracy",
        "timestamp",
        "consent",
        "limit_ad_tracking",
        "source_type",
    ]
    assert [str(kind) for kind in feed.schema.types] == [
        "string",
        "string",
        "double",
        "double",
        "float",
        "timestamp[ms, tz=UTC]",
        "bool",
        "bool",
        "string",
    ]
    feed.validate(full=True)
    assert sum(column.null_count for column in feed.columns) == 0
    assert set(feed["id_type"].unique().to_pylist()) == {"aaid", "idfa"}
    assert feed["source_type"].unique().to_pylist() == ["sdk"]


def test_the_same_seed_gives_the_same_rows_and_another_gives_others() -> None:
    first = table(SMALL)
    assert first.equals(table(SMALL))
    other = table(TownConfig(devices=120, days=3, seed=3))
    assert not set(canonical(first["device_id"]).to_pylist()) & set(canonical(other["device_id"]).to_pylist())


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 5000))
def test_how_devices_are_cut_into_parts_does_not_change_the_rows(rows: int) -> None:
    town = build_town(SMALL)
    parts = parts_of(SMALL, rows)
    batches = [batch for part in parts for batch in part_batches(SMALL, town, part)]
    assert len(parts) >= SMALL.days
    assert pa.Table.from_batches(batches, FEED_SCHEMA).sort_by(ORDER).equals(table(SMALL).sort_by(ORDER))


def test_a_device_keeps_its_rows_in_a_larger_feed_of_more_days() -> None:
    longer = table(TownConfig(devices=120, days=5, seed=2))
    assert longer.slice(0, table(SMALL).num_rows).equals(table(SMALL))


def test_rows_are_by_time_and_devices_are_mixed(feed: pa.Table) -> None:
    time = feed["timestamp"].cast(pa.int64()).to_numpy()
    assert np.all(np.diff(time) >= 0)  # days come in order, too
    device = canonical(feed["device_id"]).to_numpy()
    assert np.mean(device[1:] == device[:-1]) < 0.05


def test_times_are_those_of_the_days_asked_for(feed: pa.Table) -> None:
    first, last = pc.min_max(feed["timestamp"]).as_py().values()
    assert first.date() == dt.date(2024, 3, 4)
    assert last.date() == dt.date(2024, 3, 10)


def test_a_town_elsewhere_lives_by_its_own_clock() -> None:
    config = TownConfig(200, 2, start=dt.date(2024, 3, 30), timezone="Europe/Madrid", latitude=40.0, longitude=-3.0)
    madrid = table(config)
    first, last = pc.min_max(madrid["timestamp"]).as_py().values()
    assert first >= dt.datetime(2024, 3, 29, 23, tzinfo=dt.UTC)
    assert last < dt.datetime(2024, 3, 31, 22, tzinfo=dt.UTC)  # the second day has 23 hours
    assert pc.mean(madrid["latitude"]).as_py() == pytest.approx(40.0, abs=0.5)


def test_some_rows_spell_their_device_oddly(feed: pa.Table) -> None:
    ids = feed["device_id"]
    odd = {
        "capitals": pc.match_substring_regex(ids, "^[0-9A-F-]{36}$"),
        "bare": pc.match_substring_regex(ids, "^[0-9a-f]{32}$"),
        "spaced": pc.match_substring_regex(ids, "^ [0-9a-f-]{36} $"),
    }
    for flags in odd.values():
        assert pc.mean(flags.cast(pa.float64())).as_py() == pytest.approx(0.01, rel=0.3)
    plain = pc.match_substring_regex(ids, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    assert pc.mean(plain.cast(pa.float64())).as_py() == pytest.approx(0.97, abs=0.005)
    assert len(canonical(ids).unique()) <= 2000


def test_a_device_refuses_consent_as_a_whole(feed: pa.Table) -> None:
    devices = feed.append_column("who", canonical(feed["device_id"])).group_by("who")
    flags = ["consent", "limit_ad_tracking", "id_type"]
    said = devices.aggregate([(flag, "count_distinct") for flag in flags] + [("consent", "min")])
    for flag in flags:
        assert pc.max(said[f"{flag}_count_distinct"]).as_py() == 1
    assert 1 - pc.mean(said["consent_min"].cast(pa.float64())).as_py() == pytest.approx(0.03, abs=0.012)


def test_cells_are_unevenly_full_as_in_a_city() -> None:
    feed = next(pings(TownConfig(devices=20_000, days=1, seed=1))).slice(0, 250_000)
    chosen = np.random.default_rng(0).choice(feed.num_rows, 20_000, replace=False)
    positions = zip(feed["latitude"].to_numpy()[chosen], feed["longitude"].to_numpy()[chosen], strict=True)
    counts = np.array(sorted(Counter(h3.latlng_to_cell(*where, 7) for where in positions).values()))
    assert 40 <= len(counts) <= 200
    assert counts[-1] > 8 * counts.mean()
    assert np.median(counts) < 0.3 * counts.mean()


def test_one_device_may_have_no_ping_at_all() -> None:
    assert table(TownConfig(devices=1, days=1, pings_per_day=1e-9)).num_rows == 0
