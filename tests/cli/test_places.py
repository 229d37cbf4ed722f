"""``hereabouts places``: build, add, list, test."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.feeds.places.gate import PlaceGate

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site

TODAY = dt.datetime.now(dt.UTC).date()
ROWS = "category,latitude,longitude,radius\nmedical,52.3,-1.1,300\nshelters,52.4,-1.1,20\n"


@pytest.fixture
def places(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_build_says_what_it_found_and_what_it_lacks(tmp_path: Path, command: Command) -> None:
    venues, out = tmp_path / "venues.csv", tmp_path / "list.parquet"
    venues.write_text("category,latitude,longitude\nChurch,52.3,-1.1\nBar,52,-1\n", encoding="utf-8")
    order = ("places", "build", venues, "--mapping", "foursquare", "--out", out)
    said = command(*order)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].split() == ["religious", "1", "(1", "points)"]
    assert lines[1].startswith("none of")
    assert "medical, correctional" in lines[1]
    assert lines[2].startswith(f"{out}: 1 places, digest ")
    document = command(*order, "--json", "--radius", 30).json
    assert document["found"]["religious"] == {"points": 1, "lines": 0, "areas": 0}
    assert document["file"] == str(out)
    assert len(document["digest"]) == 64


def test_an_undecided_kind_of_venue_is_bad_input(tmp_path: Path, command: Command) -> None:
    venues = tmp_path / "venues.csv"
    venues.write_text("category,latitude,longitude\nSanctuary,52.3,-1.1\n", encoding="utf-8")
    done = command("places", "build", venues, "--mapping", "foursquare", "--out", tmp_path / "list.parquet")
    done.refuses(4, "venues.csv: 1 rows", "'Sanctuary'")
    assert not (tmp_path / "list.parquet").exists()


def test_add_and_list(empty_site: Site, copy: Copy, places: Path) -> None:
    site = copy(empty_site)
    assert site.run("places list").out.startswith("no list of sensitive places: add one by")
    assert site.ok("places list") is None
    said = site.run("places add", places)
    assert said.out == "list of sensitive places: version 1, 2 places, 2 of them new\n"
    document = site.ok("places add", places, "--assessed", "2026-01-05")
    assert (document["version"], document["added"], document["assessed"]) == (1, 0, "2026-01-05")
    listed = site.ok("places list")
    assert listed["digest"] == document["digest"]
    assert listed["counts"] == {"medical": 1, "shelters": 1}
    assert (listed["assessed"], listed["due"]) == ("2026-01-05", "2026-04-07")
    assert listed["overdue"] is (dt.date(2026, 4, 7) < TODAY)
    words = site.run("places list").out
    assert "version 1, 2 places" in words
    assert "none of: religious, correctional" in words
    assert "assessed 2026-01-05; the next assessment is" in words


def test_add_says_what_was_purged(taken_site: Site, copy: Copy, places: Path) -> None:
    site = copy(taken_site)
    places.write_text(ROWS.replace(",300", ",4000"), encoding="utf-8")
    said = site.run("places add", places)
    assert (said.code, said.err) == (0, "")
    assert [line.split(":")[0] for line in said.out.splitlines()[1:]] == [
        "purged 2024-03-04/2024-03-11",
        "purged 2024-03-11/2024-03-18",
    ]


def test_a_list_that_cannot_be_read(empty_site: Site, copy: Copy, places: Path) -> None:
    site = copy(empty_site)
    places.write_text(ROWS.replace("shelters", "shelter"), encoding="utf-8")
    site.run("places add", places).refuses(4, "list.csv: 1 rows: 1 of no known category (got 'shelter'; known are")
    site.run("places add", places, "--assessed", "soon")
    assert site.ok("places list") is None


def test_the_test_says_what_it_planted(empty_site: Site, copy: Copy, places: Path) -> None:
    site = copy(empty_site)
    site.ok("places add", places)
    said = site.run("places test")
    assert (said.code, said.err) == (0, "")
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[1] == "medical 1 inside the footprint, 1 at its edge, 1 just within the margin: none passed"
    assert "controls: 2 of 2 passed; every count is right" in lines
    assert lines[-1].startswith("not shown: ")
    assert site.ok("places test")["passed"] is True


def test_a_leak_ends_with_code_5(empty_site: Site, copy: Copy, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SL-TEST."""
    site = copy(empty_site)
    site.ok("places add", places)
    monkeypatch.setattr(PlaceGate, "at", lambda _, latitude, longitude: np.full(len(latitude), -1, np.int16))
    site.run("places test").refuses(5, "SL-TEST", "6 of 6 canaries reached the store", "2 of 2 controls did")


def test_a_store_without_a_list(empty_site: Site) -> None:
    empty_site.run("places test").refuses(2, "has no list of sensitive places")
