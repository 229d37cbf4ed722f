from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hereabouts.errors import BadInputError, UsageError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import CANONICAL, Profile

Row = dict[str, Any]
Write = Callable[[str, Sequence[Row]], Path]

NAMES = [
    f"feed.{form}{compression}"
    for form in ("parquet", "csv", "jsonl", "ndjson", "json")
    for compression in ("", ".gz", ".zst")
]


@pytest.mark.parametrize("name", NAMES)
def test_every_format_and_compression_gives_the_same_pings(name: str, write: Write, gate: Gate, good_row: Row) -> None:
    rows = [{**good_row, "device_id": f"d{i}", "latitude": 1 / (i + 1), "consent": i != 3} for i in range(40)]
    pings = [check(batch, CANONICAL, gate) for batch in open_feed(write(name, rows), CANONICAL).batches()]
    assert [device for part in pings for device in part.device.to_pylist()] == [f"d{i}" for i in range(40) if i != 3]
    latitudes = np.concatenate([part.latitude for part in pings])
    assert latitudes.tolist() == [1 / (i + 1) for i in range(40) if i != 3]
    assert sum(part.counts["consent_refused"] for part in pings) == 1


@pytest.mark.parametrize("name", ["feed.parquet", "feed.csv", "feed.jsonl"])
def test_a_profile_maps_other_names_and_drops_columns(name: str, write: Write, gate: Gate, good_row: Row) -> None:
    profile = Profile(
        "supplier",
        device="maid",
        time="at",
        accuracy=None,
        consent="opt_in",
        ignored=frozenset({"venue"}),
        time_unit="s",
    )
    row = {"maid": "a", "at": 1_699_963_200, "latitude": 1.5, "longitude": 2.5, "opt_in": True, "venue": "x"}
    pings = [check(batch, profile, gate) for batch in open_feed(write(name, [row]), profile).batches()]
    assert [part.time.tolist() for part in pings] == [[1_699_963_200]]


def test_a_directory_for_a_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a directory: expected a file"):
        open_feed(tmp_path, CANONICAL)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(BadInputError, match="empty"):
        open_feed(tmp_path / name, CANONICAL)
