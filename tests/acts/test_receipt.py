"""Where a file is one person's, no figure is told or kept of fewer than twenty of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.acts import intake
from hereabouts.acts.places import add_places
from hereabouts.acts.receipt import Receipt, pooled
from hereabouts.rules.fewest import FEWEST

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

COUNTS = ("rows", "taken", "dropped", "sensitive", "windows")
WEEK = "2024-03-04/2024-03-11"


@pytest.fixture
def site(empty_site: Site, copy: Copy) -> Site:
    site = copy(empty_site)
    places = site.folder / "places.csv"
    places.write_text("category,latitude,longitude,radius,margin\nmedical,52.3,-1.1,30,100\n", encoding="utf-8")
    add_places(places, site.store)
    return site


def export(site: Site, number: int, folder: str = "one", latitudes: tuple[float, ...] = (52.3, 52.4, 52.5)) -> Path:
    """A participant's export: once at the clinic, twice elsewhere."""
    rows = [
        {"latitudeE7": round(latitude * 10**7), "longitudeE7": -11000000, "timestamp": f"2024-03-05T1{hour}:00:00Z"}
        for hour, latitude in enumerate(latitudes)
    ]
    path = site.folder / folder / f"p{number:03}.json"
    path.parent.mkdir(exist_ok=True)
    # Something of its own in each: the same content would be the same feed.
    path.write_text(json.dumps({"locations": [{**row, "altitude": number} for row in rows]}), encoding="utf-8")
    return path


def take(site: Site, *feeds: Path) -> list[Receipt]:
    return intake(feeds, site.store, "trusted", "google-takeout")


def kept(site: Site) -> list[dict[str, Any]]:
    return [json.loads(receipt) for (receipt,) in site.sql("SELECT receipt FROM intakes ORDER BY id")]


def test_of_twenty_persons_the_sums_are_told_and_kept_once(site: Site) -> None:
    receipts = take(site, *(export(site, number) for number in range(FEWEST)))
    *others, last = receipts
    assert (last.files, last.rows, last.taken) == (FEWEST, 3 * FEWEST, 2 * FEWEST)
    assert last.dropped == {"sensitive": FEWEST}
    assert last.sensitive == {"medical": FEWEST}
    assert last.windows == {WEEK: 2 * FEWEST}
    for receipt in others:
        assert (receipt.files, receipt.again) == (0, False)
        assert all(receipt.to_json()[name] is None for name in COUNTS)
    *rows, pool = kept(site)
    assert {name: pool[name] for name in COUNTS} == {name: last.to_json()[name] for name in COUNTS}
    assert [row["digest"] for row in rows] == [receipt.digest for receipt in others]
    assert all(row[name] is None for row in rows for name in COUNTS)


def test_of_fewer_nothing_is_told_and_nothing_kept(site: Site) -> None:
    receipts = take(site, *(export(site, number) for number in range(FEWEST - 1)))
    assert [receipt.files for receipt in receipts] == [0] * (FEWEST - 1)
    assert "medical" not in json.dumps([receipt.to_json() for receipt in receipts])
    assert all(row[name] is None for row in kept(site) for name in COUNTS)


def test_files_that_were_taken_before_do_not_make_one_more_a_crowd(site: Site) -> None:
    """Their sums are known: what is added to them would be the diary of the new one."""
    known = [export(site, number) for number in range(FEWEST)]
    take(site, *known)
    receipts = take(site, *known, export(site, FEWEST))
    assert [receipt.again for receipt in receipts] == [True] * FEWEST + [False]
    assert receipts[-1].files == 0
    assert receipts[-1].to_json()["sensitive"] is None


def test_two_files_of_one_person_are_one_person(site: Site) -> None:
    files = [export(site, number) for number in range(FEWEST - 1)]
    again = export(site, 0, "two", latitudes=(52.3,))
    receipts = (
        take(site, *files, again, again.rename(again.with_name("P001.json"))) if False else take(site, *files, again)
    )
    assert all(receipt.files == 0 for receipt in receipts)


def test_a_file_that_gave_nothing_is_not_kept(site: Site) -> None:
    """That somebody was only ever at the clinic is not to be read off the register."""
    files = [export(site, number) for number in range(FEWEST)]
    nothing = export(site, FEWEST, latitudes=(52.3,))
    *_, last = take(site, *files, nothing)
    assert (last.files, last.rows, last.sensitive) == (FEWEST + 1, 3 * FEWEST + 1, {"medical": FEWEST + 1})
    assert len(kept(site)) == FEWEST
    assert kept(site)[-1]["sensitive"] == last.sensitive
    digests = [digest for (digest,) in site.sql("SELECT feed_digest FROM intakes ORDER BY id")]
    assert kept(site)[-1]["digest"] == digests[-1] != last.digest


def test_what_is_added_up() -> None:
    def one(rows: int, **dropped: int) -> Receipt:
        return Receipt("f", f"{rows}", "acme", "p", False, rows, 1, dropped, {}, 0, {WEEK: 1}, [])

    told = pooled([one(2, late=1), one(4, late=2, time=1)], FEWEST)
    assert (told.files, told.rows, told.taken, told.windows) == (2, 6, 2, {WEEK: 2})
    assert told.dropped == {"late": 3, "time": 1}
    assert pooled([one(2, late=1)], FEWEST - 1) == one(2, late=1).untold()
