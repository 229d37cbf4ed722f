"""Real check-ins of New York, with the sensitive ones of their venues as the list: none reaches the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from hereabouts.feeds.places.mapping import NONE, VenueMapping, load_mapping
from hereabouts.hexagons import EARTH_RADIUS
from hereabouts.store.keys import PINGS
from hereabouts.store.open_window import BUCKETS, read_bucket
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site

DATA = Path(__file__).parents[3] / "shared" / "data"
CHECK_INS, VENUES = DATA / "foursquare_nyc.parquet", DATA / "foursquare_nyc_venues.parquet"
RADIUS, MARGIN = 25.0, 100.0

pytestmark = pytest.mark.skipif(not CHECK_INS.exists(), reason="the Foursquare check-ins are not beside the project")


def vectors(latitude: Any, longitude: Any) -> NDArray[np.float64]:
    phi, theta = np.radians(np.asarray(latitude)), np.radians(np.asarray(longitude))
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def chord(metres: float) -> float:
    """Length through the globe, of radius 1, of so many metres along it."""
    return float(2.0 * np.sin(metres / EARTH_RADIUS / 2.0))


@pytest.fixture(scope="module")
def sensitive() -> tuple[cKDTree, list[str]]:
    """The sensitive venues by the mapping, in a tree, and their categories: nothing is shared with the gate."""
    mapping = load_mapping("foursquare")
    assert isinstance(mapping, VenueMapping)
    venues = pq.read_table(VENUES).to_pydict()
    to = [str(mapping.category_of(kind)) for kind in venues["category"]]
    chosen = [row for row, category in enumerate(to) if category != NONE]
    latitude, longitude = (np.array(venues[name])[chosen] for name in ("latitude", "longitude"))
    return cKDTree(vectors(latitude, longitude)), [to[row] for row in chosen]


@pytest.fixture(scope="module")
def taken(empty_site: Site, command: Command, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, dict[str, Any]]:
    site = empty_site.copy(tmp_path_factory.mktemp("foursquare") / "site")
    out = site.folder / "list.parquet"
    order = ("--mapping", "foursquare", "--radius", RADIUS, "--out", out, "--json")
    built = command("places", "build", VENUES, *order)
    assert site.ok("places add", out)["digest"] == built.json["digest"]
    (receipt,) = site.ok("intake", CHECK_INS, "--supplier", "trusted", "--profile", "foursquare")
    return site, receipt


def test_counts_equal_those_of_an_independent_join(
    taken: tuple[Site, dict[str, Any]], sensitive: tuple[cKDTree, list[str]]
) -> None:
    """Each ping counts once, under the category of the nearest place."""
    _, receipt = taken
    tree, category = sensitive
    pings = pq.read_table(CHECK_INS, columns=["latitude", "longitude"])
    away, place = tree.query(vectors(pings["latitude"], pings["longitude"]))
    there = place[away <= chord(RADIUS + MARGIN)]
    names, counts = np.unique(np.array(category)[there], return_counts=True)
    assert receipt["sensitive"] == dict(zip(names.tolist(), counts.tolist(), strict=True))
    assert receipt["dropped"] == {"sensitive": len(there)}
    assert receipt["taken"] == pings.num_rows - len(there)
    assert 0.1 < len(there) / pings.num_rows < 0.5, "it is no test if nearly all or nothing goes"


def test_no_ping_within_radius_and_margin_is_in_the_store(
    taken: tuple[Site, dict[str, Any]], sensitive: tuple[cKDTree, list[str]]
) -> None:
    site, receipt = taken
    store = Store(site.store)
    rows, nearest = 0, np.inf
    for known in store.windows():
        key = store.keys.get(known.window.folder, PINGS)
        for bucket in range(BUCKETS):
            pings, _ = read_bucket(store.open_folder, known.window.folder, bucket, ["1"], key)
            if pings is not None:
                rows += len(pings)
                nearest = min(nearest, float(sensitive[0].query(vectors(pings.latitude, pings.longitude))[0].min()))
    assert rows == receipt["taken"]
    assert nearest > chord(RADIUS + MARGIN)


def test_canaries_at_these_venues_do_not_pass(taken: tuple[Site, dict[str, Any]], empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    site.ok("places add", taken[0].folder / "list.parquet")
    report = site.ok("places test")
    assert report["passed"]
    assert set(report["planted"]) == {"medical", "religious", "schools-childcare", "military", "consular"}
