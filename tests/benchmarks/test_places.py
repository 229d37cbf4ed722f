"""The list that benchmarks are given: five thousand places, the same for the same town, where its people are."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.feeds.ids.identifiers import canonical_id
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.synthetic import FEED_SCHEMA, TownConfig, pings, write_feed

ROOT = Path(__file__).resolve().parents[2]
TOWN = TownConfig(devices=3000, days=1, seed=1)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.places")


def test_five_thousand_places_the_same_for_the_same_town(places: Any, tmp_path: Path) -> None:
    first, second = (places.write_places(tmp_path / f"{name}.geojson", TOWN) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    features = json.loads(first.read_text())["features"]
    assert len(features) == places.PLACES == 5000
    forms = Counter(feature["geometry"]["type"] for feature in features)
    assert 0.25 < forms["Polygon"] / 5000 < 0.35
    assert forms.keys() == {"Point", "Polygon"}
    assert {one["properties"]["radius"] <= 60 for one in features if one["geometry"]["type"] == "Point"} == {True}


def test_they_are_where_people_are(places: Any, tmp_path: Path) -> None:
    listed = PlaceList.load(places.write_places(tmp_path / "list.geojson", TOWN))
    assert len(listed) == 5000
    made = pa.Table.from_batches(pings(TOWN), FEED_SCHEMA)
    found = PlaceGate(listed).at(made["latitude"].to_numpy(), made["longitude"].to_numpy())
    assert 0.05 < np.mean(found >= 0) < 0.5


def test_some_of_the_withdrawn_are_in_the_feed(places: Any, tmp_path: Path) -> None:
    write_feed(TOWN, tmp_path / "feed")
    lines = places.write_withdrawn(tmp_path / "ids.txt", tmp_path / "feed", 1).read_text().split("\n")[:-1]
    assert len(lines) == places.WITHDRAWN
    in_feed = {canonical_id(one) for batch in pings(TOWN) for one in batch["device_id"].to_pylist()}
    assert 1 <= len({canonical_id(line) for line in lines} & in_feed) <= places.OF_THE_FEED
