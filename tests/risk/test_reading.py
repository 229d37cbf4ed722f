"""Feeds and windows become traces, and whoever looks sees each ping once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import CANONICAL
from hereabouts.movement.cells import cells_of
from hereabouts.objects import AnyPath
from hereabouts.risk.reading import Seen, feed_traces, window_traces
from hereabouts.risk.traces import Traces
from hereabouts.store.store import Store
from hereabouts.windows import HOUR

if TYPE_CHECKING:
    from tests.conftest import Site


def read(paths: Sequence[AnyPath], seen: list[Seen] | None = None) -> Traces:
    looks = [] if seen is None else [seen.append]
    return feed_traces([open_feed(path, CANONICAL) for path in paths], int(time.time()), looks, lambda *_: None)


def test_rows_are_read_whatever_they_say_of_consent(empty_site: Site, tmp_path: Path) -> None:
    """What is measured is the data set as it was handed over."""
    site = empty_site.copy(tmp_path / "site")
    rows = [f"d{k},2024-03-05T12:00:0{k}Z,52.0,-1.0,{consent}" for k, consent in enumerate(("true", "false", ""))]
    rows += [",2024-03-05T12:00:00Z,52.0,-1.0,true", "d4,2024-03-05T12:00:00Z,0,0,true", "d5,,52.0,-1.0,true"]
    seen: list[Seen] = []
    traces = read([site.csv(rows)], seen)
    assert (traces.devices, len(traces.points)) == (3, 3)
    assert sum(len(batch.device) for batch in seen) == 3
    assert traces.cells.tolist() == cells_of([52.0], [-1.0], 10).tolist()


def test_one_id_is_one_device_in_all_files_and_spellings(empty_site: Site, tmp_path: Path) -> None:
    site = empty_site.copy(tmp_path / "site")
    name = "6d92078a-8246-ba44-39e9-e0e5e0b2c4d1"
    first = site.csv([f"{name},2024-03-05T12:00:00Z,52.0,-1.0,true"], "a.csv")
    second = site.csv([f"{name.upper()},2024-03-05T13:00:00Z,52.0,-1.0,true"], "b.csv")
    traces = read([first, second])
    assert (traces.devices, len(traces.points)) == (1, 2)


def test_a_feed_that_cannot_be_read_says_so_and_holds_no_value(empty_site: Site, tmp_path: Path) -> None:
    site = empty_site.copy(tmp_path / "site")
    with pytest.raises(BadInputError, match="no row has a device") as caught:
        read([site.csv(["planted,never,52.1234,-1.0,true"])])
    assert "planted" not in str(caught.value)
    assert "52.1" not in str(caught.value)


def test_a_sealed_window_has_presence_by_cell_and_hour(sealed_site: Site) -> None:
    store = Store(sealed_site.store)
    window = store.windows()[0].window
    traces = window_traces(store, window, lambda *_: None)
    presence = sealed_site.tables()["presence"]
    assert (traces.step, traces.resolution) == (HOUR, 8)
    assert len(traces.points) == presence.num_rows
    assert traces.devices == len(presence["device"].unique())
    assert (traces.time % HOUR == 0).all()
    assert set(traces.cells.tolist()) == set(presence["cell"].to_pylist())
