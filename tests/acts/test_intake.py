"""Intake: rows go to their windows under the names of each, and the receipt adds up."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import init, intake, seal
from hereabouts.acts.places import add_places
from hereabouts.acts.withdraw import withdraw
from hereabouts.errors import BadInputError, RefusedError, UsageError
from hereabouts.feeds.checks import REASONS
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

PROFILE = """\
name = "mine"
device = "who"
time = "when"
latitude = "lat"
longitude = "lon"
"""


@pytest.fixture
def site(empty_site: Site, copy: Copy) -> Site:
    return copy(empty_site)


def test_a_receipt_adds_up(site: Site, feed: Path) -> None:
    for receipt, file in zip(intake([feed], site.store, "acme"), sorted(feed.iterdir()), strict=True):
        assert receipt.feed == file.name
        assert receipt.digest == hashlib.sha256(file.read_bytes()).hexdigest()
        assert (receipt.supplier, receipt.profile, receipt.again) == ("acme", "canonical", False)
        assert receipt.rows == receipt.taken + sum(receipt.dropped.values())
        assert receipt.taken == sum(receipt.windows.values())
        assert set(receipt.dropped) <= {*REASONS, "late", "sensitive", "withdrawn"}
        assert (receipt.places_version, receipt.sensitive, receipt.warnings) == (0, {}, [])
        assert receipt.files == 1
        assert receipt.to_json()["windows"] == receipt.windows


def test_files_and_folders_may_be_mixed(site: Site, feed: Path) -> None:
    files = sorted(feed.iterdir())
    receipts = intake([files[2], feed, files[3]], site.store, "acme")
    assert [receipt.feed for receipt in receipts] == ["part-0002.parquet", *(f.name for f in files), files[3].name]
    assert [receipt.again for receipt in receipts].count(True) == 2


def test_what_is_kept_of_a_receipt_is_what_was_said(site: Site, feed: Path) -> None:
    receipts = intake([feed], site.store, "acme")
    kept = [row[0] for row in site.sql("SELECT json_extract(receipt, '$.taken') FROM intakes ORDER BY id")]
    assert kept == [receipt.taken for receipt in receipts]


def test_a_row_goes_to_the_window_of_its_local_day(tmp_path: Path, site: Site) -> None:
    """Midnight in Shanghai is 16:00 in UTC, and the second before it is another window's."""
    away = type(site)(tmp_path)
    init(away.store, timezone="Asia/Shanghai", window="P1D")
    away.evidence.write_text("yes", encoding="utf-8")
    away.admit("acme")
    rows = [f"a,2024-03-04T{time}Z,31.2,121.5,true" for time in ("15:59:59", "15:59:59.999", "16:00:00")]
    (receipt,) = intake([away.csv(rows)], away.store, "acme")
    assert receipt.windows == {"2024-03-04/2024-03-05": 2, "2024-03-05/2024-03-06": 1}


def test_seconds_are_floored_and_spellings_are_one_device(site: Site) -> None:
    name = "6d92078a-8246-4ba4-9b5b-76104861e7dc"
    rows = [
        f"{spelled},2024-03-05T12:00:00{fraction}Z,52.3,-1.1,true"
        for spelled in (name, name.upper(), name.replace("-", ""), f'" {name} "', f"{{{name}}}")
        for fraction in ("", ".1", ".999")
    ]
    (receipt,) = intake([site.csv(rows)], site.store, "acme")
    assert receipt.taken == len(rows)
    (sealed,) = seal(site.store)
    assert (sealed.pings, sealed.device_hours) == (1, 1)


def test_a_ping_of_the_next_hours_is_taken(site: Site) -> None:
    """A phone's clock may be ahead; up to a day is accepted, into a window that has not begun yet if need be."""
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=23)
    (receipt,) = intake([site.csv([f"a,{soon:%Y-%m-%dT%H:%M:%SZ},52.3,-1.1,true"])], site.store, "acme")
    assert receipt.taken == 1


def test_the_first_ping_that_can_be(site: Site) -> None:
    (receipt,) = intake([site.csv(["a,1990-01-01T00:00:00Z,52.3,-1.1,true"])], site.store, "acme")
    assert receipt.windows == {"1990-01-01/1990-01-08": 1}


def test_progress_is_told_file_by_file(site: Site, feed: Path) -> None:
    """Rows and share of all files: so that rows a second and the time that is left can be told."""
    told: list[tuple[str, int, float]] = []
    receipts = intake([feed], site.store, "acme", progress=lambda *news: told.append(news))
    assert [name for name, _, _ in told] == [receipt.feed for receipt in receipts]
    assert [rows for _, rows, _ in told] == list(itertools.accumulate(receipt.rows for receipt in receipts))
    shares = [share for _, _, share in told]
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(1 / len(told), rel=0.5)
    assert shares[-1] == 1


def test_rows_that_come_too_late_are_counted(site: Site, feed: Path) -> None:
    files = sorted(feed.iterdir())
    intake(files[1:], site.store, "acme")
    seal(site.store)
    before = site.state()["sealed"], site.tables()
    (receipt,) = intake([files[0]], site.store, "acme")
    assert receipt.taken == 0
    assert receipt.windows == {}
    assert receipt.dropped["late"] == receipt.rows - sum(n for why, n in receipt.dropped.items() if why != "late") > 0
    assert (site.state()["sealed"], site.tables()) == before
    (again,) = intake([files[0]], site.store, "acme")
    assert (again.dropped, again.taken) == (receipt.dropped, 0), "nothing of it was taken, so it is not known yet"


def test_refusals(site: Site, feed: Path) -> None:
    with pytest.raises(RefusedError, match="never admitted"):
        intake([feed], site.store, "nobody")
    with pytest.raises(UsageError, match="'mine'; expected one of canonical"):
        intake([feed], site.store, "acme", profile="mine")
    with pytest.raises(BadInputError, match="no such file"):
        intake([feed, feed / "nowhere.csv"], site.store, "acme")
    assert site.sql("SELECT * FROM intakes") == []


def test_consent_comes_from_the_row_or_from_the_suppliers_record(site: Site) -> None:
    header = "device_id,timestamp,latitude,longitude"
    bare = site.csv(["a,2024-03-05T12:00:00Z,52.3,-1.1"], header=header)
    with pytest.raises(BadInputError, match=r"no column 'consent'.*--all-consented"):
        intake([bare], site.store, "acme")
    (receipt,) = intake([bare], site.store, "trusted")
    assert receipt.taken == 1
    said_no = site.csv(["a,2024-03-05T12:00:00Z,52.3,-1.1,false"], "no.csv")
    (receipt,) = intake([said_no], site.store, "trusted")
    assert receipt.dropped == {"consent_refused": 1}, "a column that is there counts, whatever the record says"


def test_a_profile_without_consent_needs_a_suppliers_record(site: Site) -> None:
    profile = site.folder / "mine.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    feed = site.csv(["a,2024-03-05T12:00:00Z,52.3,-1.1"], header="who,when,lat,lon")
    with pytest.raises(BadInputError, match=r"no column of consent by profile 'mine'.*--all-consented"):
        intake([feed], site.store, "acme", str(profile))
    (receipt,) = intake([feed], site.store, "trusted", str(profile))
    assert (receipt.profile, receipt.taken) == ("mine", 1)


def test_direct_identifiers_in_a_feed_are_warned_of_and_change_nothing(site: Site) -> None:
    header = "device_id,timestamp,latitude,longitude,consent,ip_address"
    with_addresses = site.csv(["a,2024-03-05T12:00:00Z,52.3,-1.1,true,203.0.113.7"], header=header)
    (receipt,) = intake([with_addresses], site.store, "acme")
    assert receipt.taken == 1
    (warning,) = receipt.warnings
    assert "ip_address" in warning
    assert "203.0.113.7" not in warning


def test_every_row_counts_once_under_the_first_gate_that_keeps_it_out(site: Site) -> None:
    """Late, then sensitive, then withdrawn: what more than one gate would have dropped is dropped by the first."""
    late, here, there = "2024-02-27T12:00:00Z", "52.3,-1.1", "52.4,-1.2"
    intake([site.csv([f"x,{late},{there},true"], "old.csv")], site.store, "acme")
    seal(site.store)
    places = site.folder / "places.csv"
    places.write_text(
        "category,latitude,longitude,radius,margin\nmedical,52.3,-1.1,30,100\nreligious,52.3005,-1.1,10,100\n", "utf-8"
    )
    gone = site.folder / "gone.txt"
    gone.write_text("w\n", encoding="utf-8")
    add_places(places, site.store)
    withdraw(site.store, gone)
    now = "2024-03-05T12:00:00Z"
    rows = [
        f"w,{late},{here},true",
        f"w,{now},{here},true",
        f"a,{now},52.3006,-1.1,true",
        f" w ,{now},{there},true",
        f"w,{now},{there},false",
        f"a,{now},{there},true",
    ]
    for batch in (rows, [row.replace(now, "2024-03-12T12:00:00Z") if row[0] == "a" else row for row in rows]):
        (receipt,) = intake(
            [site.csv([*batch, f"b,{now},{there},true"], f"{len(batch)}{batch is rows}.csv")], site.store, "acme"
        )
        assert receipt.dropped == {"late": 1, "sensitive": 2, "withdrawn": 1, "consent_refused": 1}
        assert receipt.sensitive == {"medical": 1, "religious": 1}
        assert (receipt.places_version, receipt.taken) == (1, 2)


def test_a_withdrawn_device_and_a_listed_place_are_kept_out_of_what_was_there_before(site: Site, feed: Path) -> None:
    """An intake begins by bringing the store up to date: a purge that was cut off is finished first."""
    intake([feed], site.store, "acme")
    places = site.folder / "places.csv"
    places.write_text("category,latitude,longitude,radius,margin\nmedical,52.3,-1.1,90000,100\n", encoding="utf-8")
    store = Store(site.store)
    with store.locked():
        store.place_register.add(PlaceList.load(places), dt.date(2026, 3, 2))
    (receipt,) = intake([site.csv(["a,2024-03-05T12:00:00Z,-40,170,true"])], site.store, "acme")
    assert (receipt.taken, receipt.places_version) == (1, 1)
    assert sum(sealed.pings for sealed in seal(site.store)) == 1
