"""The list of a store: built, added to, purged for, assessed each quarter (SL-LIST, SL-PURGE)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import places as module
from hereabouts.acts.places import add_places, build_places, list_places
from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

TODAY = dt.datetime.now(dt.UTC).date()
VENUES = "venue,category,latitude,longitude\na,Medical Center,52.3,-1.1\nb,Bar,52.31,-1.1\nc,Mosque,52.32,-1.1\n"


@pytest.fixture
def site(empty_site: Site, copy: Copy) -> Site:
    return copy(empty_site)


def a_list(folder: Path, *rows: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["category,latitude,longitude,radius,margin", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def venues(tmp_path: Path) -> Path:
    path = tmp_path / "venues.csv"
    path.write_text(VENUES, encoding="utf-8")
    return path


def test_a_list_is_built_whole_and_in_its_place(venues: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.parquet"
    out.write_text("an older one")
    made = build_places(venues, out, "foursquare", radius=20.0, jurisdiction="us-wa")
    written = PlaceList.load(out)
    assert (made.file, made.digest, made.places) == (out, written.digest, 2)
    assert written.radius.tolist() == [20, 20]
    assert written.margin.tolist() == [610, 100]
    assert made.found["medical"]["points"] == 1
    assert len(made.missing) == len(categories()) - 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.parquet", "venues.csv"]


def test_an_extract_goes_through_the_tags(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    extract = tmp_path / "town.osm"
    tag = '<tag k="amenity" v="hospital"/>'
    extract.write_text(f'<osm version="0.6"><node id="1" version="1" lat="52.3" lon="-1.1">{tag}</node></osm>')
    made = build_places(extract, tmp_path / "list.parquet")
    assert made.found["medical"] == {"points": 1, "lines": 0, "areas": 0}


def test_what_stops_a_list_from_being_built(venues: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected a name ending in \.parquet"):
        build_places(venues, tmp_path / "list.geojson", "foursquare")
    with pytest.raises(UsageError, match="got mapping 'yelp'"):
        build_places(venues, tmp_path / "list.parquet", "yelp")
    with pytest.raises(MachineError, match="cannot write"):
        build_places(venues, tmp_path / "nowhere" / "list.parquet", "foursquare")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["venues.csv"]


def test_the_first_list_of_a_store(site: Site, tmp_path: Path) -> None:
    added = add_places(a_list(tmp_path, "medical,52.3,-1.1,50,", "shelters,52.4,-1.1,,250"), site.store)
    assert (added.version, added.places, added.added) == (1, 2, 2)
    assert added.counts == {"medical": 1, "shelters": 1}
    assert added.assessed == TODAY
    assert added.purged == []
    version, places = Store(site.store).places()
    assert places is not None
    assert (version, places.digest) == (1, added.digest)


def test_lists_grow_and_lose_nothing(site: Site, tmp_path: Path) -> None:
    first = add_places(a_list(tmp_path, "medical,52.3,-1.1,50,"), site.store)
    second = add_places(a_list(tmp_path, "shelters,52.4,-1.1,,", "medical,52.3,-1.1,50,"), site.store)
    assert (second.version, second.places, second.added) == (2, 2, 1)
    assert second.digest != first.digest
    assert second.counts == {"medical": 1, "shelters": 1}


def test_what_is_on_it_already_is_a_new_assessment_and_no_new_version(site: Site, tmp_path: Path) -> None:
    file = a_list(tmp_path, "medical,52.3,-1.1,50,")
    first = add_places(file, site.store, dt.date(2026, 1, 5))
    again = add_places(file, site.store, dt.date(2026, 4, 5))
    assert (again.version, again.digest, again.added) == (first.version, first.digest, 0)
    found = list_places(site.store)
    assert found is not None
    assert found.assessed == dt.date(2026, 4, 5)


def test_a_jurisdiction_goes_into_the_list(site: Site, tmp_path: Path) -> None:
    add_places(a_list(tmp_path, "medical,52.3,-1.1,,"), site.store, jurisdiction="us-wa")
    _, places = Store(site.store).places()
    assert places is not None
    assert places.margin.tolist() == [610]


def test_windows_that_are_there_are_purged(sealed_site: Site, copy: Copy, tmp_path: Path) -> None:
    """SL-PURGE: at once, in the act that adds the place."""
    site = copy(sealed_site)
    before = site.tables()["presence"].num_rows
    added = add_places(a_list(tmp_path, "medical,52.3,-1.1,4000,"), site.store)
    removed = {window.window: window.removed for window in added.purged}
    assert before - site.tables()["presence"].num_rows == removed["2024-03-04/2024-03-11"]["presence"] > 0
    assert len(removed) == 2


def test_a_bad_list_changes_nothing(site: Site, tmp_path: Path) -> None:
    before = site.state()
    with pytest.raises(BadInputError, match="of no known category"):
        add_places(a_list(tmp_path, "medical,52.3,-1.1,,", "hospital,52.3,-1.1,,"), site.store)
    with pytest.raises(UsageError, match="expected today"):
        add_places(a_list(tmp_path, "medical,52.3,-1.1,,"), site.store, TODAY + dt.timedelta(days=2))
    with pytest.raises(UsageError, match="us-xx"):
        add_places(a_list(tmp_path, "medical,52.3,-1.1,,"), site.store, jurisdiction="us-xx")
    assert site.state() == before


def test_a_store_without_a_list_says_so(site: Site) -> None:
    assert list_places(site.store) is None


def test_an_assessment_is_due_every_quarter(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SL-LIST."""
    add_places(a_list(tmp_path, "medical,52.3,-1.1,,"), site.store, dt.date(2026, 1, 5))
    for today, overdue in ((dt.date(2026, 4, 7), False), (dt.date(2026, 4, 8), True)):
        monkeypatch.setattr(module, "_today", lambda day=today: day)
        found = list_places(site.store)
        assert found is not None
        assert found.due == dt.date(2026, 4, 7)
        assert found.overdue is overdue
        assert found.counts == {"medical": 1}
        assert found.missing == [name for name in categories() if name != "medical"]
