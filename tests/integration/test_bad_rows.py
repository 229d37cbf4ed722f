"""Rows that are no pings cost themselves alone, and are counted by reason in the receipt."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

NOW = dt.datetime.now(dt.UTC)
GOOD = "phone,2024-03-05T12:00:00Z,52.3,-1.1,true"
BAD = {
    "position": [
        "phone,2024-03-05T12:00:00Z,90.1,-1.1,true",
        "phone,2024-03-05T12:00:00Z,52.3,180.5,true",
        "phone,2024-03-05T12:00:00Z,-91,0,true",
        "phone,2024-03-05T12:00:00Z,0,0,true",
        "phone,2024-03-05T12:00:00Z,0.0,-0.0,true",
    ],
    "unreadable": [
        "phone,2024-03-05T12:00:00Z,inf,-1.1,true",
        "phone,2024-03-05T12:00:00Z,NaN,-1.1,true",
        "phone,2024-03-05T12:00:00Z,north,-1.1,true",
        "phone,2024-03-05T12:00:00Z,,-1.1,true",
        "phone,yesterday,52.3,-1.1,true",
        "phone,2024-02-31T12:00:00Z,52.3,-1.1,true",
        ",2024-03-05T12:00:00Z,52.3,-1.1,true",
        "phone,2024-03-05T12:00:00Z,52.3",
        '"phone,2024-03-05T12:00:00Z,52.3,-1.1,true',
    ],
    "time": [
        "phone,1989-12-31T23:59:59Z,52.3,-1.1,true",
        "phone,1970-01-01T00:00:00Z,52.3,-1.1,true",
        f"phone,{NOW + dt.timedelta(days=2):%Y-%m-%dT%H:%M:%SZ},52.3,-1.1,true",
        "phone,9999-12-31T00:00:00Z,52.3,-1.1,true",
    ],
    "consent_missing": ["phone,2024-03-05T12:00:00Z,52.3,-1.1,"],
    "consent_refused": ["phone,2024-03-05T12:00:00Z,52.3,-1.1,false"],
    "consent_unreadable": ["phone,2024-03-05T12:00:00Z,52.3,-1.1,maybe"],
    "zero_id": ["00000000-0000-0000-0000-000000000000,2024-03-05T12:00:00Z,52.3,-1.1,true"],
}


@pytest.mark.parametrize("reason", BAD)
def test_bad_rows_of_a_csv(reason: str, empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    (receipt,) = site.ok("intake", site.csv([GOOD, *BAD[reason], GOOD]), "--supplier", "acme")
    assert receipt["dropped"] == {reason: len(BAD[reason])}
    assert (receipt["rows"], receipt["taken"]) == (2 + len(BAD[reason]), 2)


def test_all_of_them_at_once_leave_the_good_ones(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    rows = [row for reason in BAD.values() for row in [GOOD, *reason]]
    (receipt,) = site.ok("intake", site.csv(rows), "--supplier", "acme")
    assert receipt["dropped"] == {reason: len(bad) for reason, bad in BAD.items()}
    assert receipt["taken"] == len(BAD)
    (sealed,) = site.ok("seal")
    assert sealed["pings"] == 1, "the good row is the same each time"
    said = site.csv([*rows, GOOD])
    assert "4 time, 9 unreadable" in site.run("intake", said, "--supplier", "acme").out


def test_a_feed_of_nothing_but_bad_rows_is_taken_and_says_so(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    (receipt,) = site.ok("intake", site.csv(BAD["position"]), "--supplier", "acme")
    assert (receipt["taken"], receipt["windows"]) == (0, {})
    assert site.ok("seal") == []


def test_accuracy_is_held_to_the_stores_limit(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    header = "device_id,timestamp,latitude,longitude,consent,horizontal_accuracy"
    rows = [f"{GOOD},{metres}" for metres in ("500", "0", "", "500.1", "-1", "1e9", "far")]
    (receipt,) = site.ok("intake", site.csv(rows, header=header), "--supplier", "acme")
    assert receipt["taken"] == 3
    assert receipt["dropped"] == {"accuracy": 3, "unreadable": 1}


def test_numbers_that_are_none_in_parquet(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    seconds = 1_709_640_000
    table = pa.table(
        {
            "device_id": ["a", "a", "a", None, "a", "a"],
            "timestamp": pa.array([seconds, seconds, None, seconds, -seconds, seconds], pa.int64()),
            "latitude": [52.3, float("nan"), 52.3, 52.3, 52.3, float("inf")],
            "longitude": [-1.1, -1.1, -1.1, -1.1, -1.1, -1.1],
            "consent": [True] * 6,
        }
    )
    path = site.folder / "feed.parquet"
    pq.write_table(table, path)
    (receipt,) = site.ok("intake", path, "--supplier", "acme")
    assert receipt["taken"] == 1
    assert receipt["dropped"] == {"unreadable": 3, "time": 1, "position": 1}


def test_lines_that_are_no_objects(empty_site: Site, copy: Copy) -> None:
    """One line's fault is its own; a line that does not speak of consent has not given it."""
    site = copy(empty_site)
    good = {"device_id": "a", "timestamp": "2024-03-05T12:00:00Z", "latitude": 52.3, "longitude": -1.1, "consent": True}
    lines = [
        json.dumps(good),
        "{",
        "[1, 2]",
        "null",
        json.dumps({key: value for key, value in good.items() if key != "latitude"}),
        json.dumps({key: value for key, value in good.items() if key != "consent"}),
        json.dumps(good | {"latitude": "52.3"}),
        json.dumps(good | {"latitude": [52.3]}),
    ]
    path = site.folder / "feed.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (receipt,) = site.ok("intake", path, "--supplier", "acme")
    assert (receipt["rows"], receipt["taken"]) == (8, 2)
    assert receipt["dropped"] == {"unreadable": 5, "consent_missing": 1}
