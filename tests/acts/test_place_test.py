"""Canaries through the real intake and seal (SL-TEST): a gate that holds is shown to, and one that leaks is caught."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.acts import init, place_test
from hereabouts.acts.place_test import prove_places
from hereabouts.acts.places import add_places
from hereabouts.errors import UsageError, VerificationError
from hereabouts.feeds.places.canaries import plant
from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

Found = NDArray[np.int16]
right_at = PlaceGate.at


@pytest.fixture(scope="module")
def listed_site(empty_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store with a list of every category: points, areas and a line. Do not change it."""
    site = empty_site.copy(tmp_path_factory.mktemp("listed") / "site")
    points = [f"{name},POINT ({-1 + k / 50} 52),{20 * k}" for k, name in enumerate(categories())]
    areas = ['military,"POLYGON ((1 50, 1.1 50, 1.1 50.1, 1 50))",', 'religious,"LINESTRING (2 50, 2.01 50.01)",5']
    file = site.folder / "list.csv"
    file.write_text("\n".join(["category,geometry,radius", *points, *areas]) + "\n", encoding="utf-8")
    add_places(file, site.store)
    return site


@pytest.fixture
def site(listed_site: Site, copy: Copy) -> Site:
    return copy(listed_site)


def filed(site: Site) -> list[dict[str, object]]:
    return [json.loads(row[0]) for row in site.sql("SELECT report FROM place_tests ORDER BY id")]


def test_no_canary_passes_and_the_report_is_filed(site: Site) -> None:
    report = prove_places(site.store)
    assert report.passed
    assert set(report.planted) == set(categories()), "every category of the list"
    assert report.planted["military"] == {"inside the footprint": 2, "at its edge": 2, "just within the margin": 2}
    assert report.dropped == report.expected
    assert sum(report.dropped.values()) == 7 * 3 * 13
    assert report.leaked == {}
    assert report.controls == report.controls_passed == 13
    assert filed(site) == [report.to_json()]
    assert site.sql("SELECT places_version FROM place_tests") == [(1,)]
    assert report.ran.endswith("+00:00"), "it is dated"


def test_the_report_says_what_it_does_not_show(site: Site) -> None:
    said = " ".join(prove_places(site.store).limits)
    for words in ("at most 40 places", "no supplier's profile", "not the purge"):
        assert words in said
    (report,) = filed(site)
    assert len(report["limits"]) == 3, "the filed one too"  # type: ignore[arg-type]


def test_nothing_is_left_of_it_and_nothing_of_it_comes_into_the_store(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    before = site.state()
    prove_places(site.store)
    after = site.state()
    assert {name for name in after if after[name] != before.get(name)} == {"state.sqlite"}
    assert site.sql("SELECT count(*) FROM intakes") == [(0,)]
    assert list((tmp_path / "scratch").iterdir()) == []


def break_gate(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    def at(gate: PlaceGate, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> Found:
        found: Found = right_at(gate, latitude, longitude).copy()
        if how == "open":
            found[:] = -1
        elif how == "shut":
            found[:] = 0
        elif how == "narrow":  # as if the margin were not there
            found[(np.abs(longitude + 1.0) < 1e-6) & (np.abs(latitude - 52.0) > 1e-4)] = -1
        elif how == "one category":
            found[found == gate.categories.index("shelters")] = -1
        elif how == "mixed up":
            found[found >= 0] = (found[found >= 0] + 1) % len(gate.categories)
        elif how == "moody":
            found[::50] = -1
        return found

    monkeypatch.setattr(PlaceGate, "at", at)


@pytest.mark.parametrize("how", ["open", "shut", "narrow", "one category", "mixed up", "moody"])
def test_a_gate_that_does_not_hold_is_caught(site: Site, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    break_gate(monkeypatch, how)
    with pytest.raises(VerificationError, match=r"SL-TEST.*the report is filed"):
        prove_places(site.store)
    (report,) = filed(site)
    assert report["passed"] is False
    leaks = how not in {"shut", "mixed up"}
    assert bool(report["leaked"]) is leaks
    if how == "one category":
        assert report["leaked"] == {"shelters": 3}
    if how == "shut":
        assert report["controls_passed"] == 0


def test_an_intake_that_forgets_its_gate_is_caught(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the intake that is tested, and not the gate alone."""
    version, places = Store(site.store).places()
    assert places is not None
    canaries = plant(places, 1)
    monkeypatch.setattr(Store, "places", lambda _: (1, None))
    with tempfile.TemporaryDirectory() as folder:
        report = place_test._sent(Store(site.store), version, places, canaries, Path(folder))
    assert not report.passed
    assert sum(report.leaked.values()) == len(canaries.category)


def test_places_that_overlap_are_no_failure(empty_site: Site, copy: Copy) -> None:
    """A ping counts once, under the nearest: that may be another place than the one it was planted at."""
    site = copy(empty_site)
    rows = [f"{name},{52 + k / 5000},-1,{30 * k}" for k, name in enumerate(categories())]
    file = site.folder / "list.csv"
    file.write_text("\n".join(["category,latitude,longitude,radius", *rows]) + "\n", encoding="utf-8")
    add_places(file, site.store)
    assert prove_places(site.store).passed


def test_the_hours_and_windows_of_the_store_are_kept(site: Site, tmp_path: Path) -> None:
    away = type(site)(tmp_path / "away")
    (tmp_path / "away").mkdir()
    init(away.store, timezone="Pacific/Apia", window="P1D", resolution=10, max_accuracy=50.0)
    add_places(site.folder / "list.csv", away.store)
    assert prove_places(away.store).passed


def test_a_store_without_a_list_has_nothing_to_test(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    with pytest.raises(UsageError, match="has no list of sensitive places: add one by 'hereabouts places add'"):
        prove_places(site.store)
    assert filed(site) == []
