"""Intake: rows go to their windows under the names of each, and the receipt adds up."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import init, intake, seal
from hereabouts.errors import BadInputError, RefusedError, UsageError
from hereabouts.feeds.checks import REASONS
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


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
        assert set(receipt.dropped) <= {*REASONS, "late"}
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
    store = Store(site.store)
    for known in store.windows():
        assert store.taken(known.window) == sum(receipt.windows.get(known.window.name, 0) for receipt in receipts)


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
    told: list[tuple[str, int, float]] = []
    receipts = intake([feed], site.store, "acme", progress=lambda *news: told.append(news))
    assert [name for name, _, _ in told] == [receipt.feed for receipt in receipts]
    assert [rows for _, rows, _ in told] == [receipt.rows for receipt in receipts]
    assert all(0 < share <= 1 for _, _, share in told)


def test_refusals(site: Site, feed: Path) -> None:
    with pytest.raises(RefusedError, match="never admitted"):
        intake([feed], site.store, "nobody")
    with pytest.raises(UsageError, match="'mine', this version knows canonical"):
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
    assert receipt.dropped == {"consent": 1}, "a column that is there counts, whatever the record says"
