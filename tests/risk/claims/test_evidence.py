"""What is read of a feed, a window and a release, once, for all claims; whose it is stays behind."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import CANONICAL
from hereabouts.release.verify import Check
from hereabouts.risk.claims.evidence import Delay, FeedEvidence, ReleaseEvidence, of_feeds, of_release, of_window
from hereabouts.risk.figures import FEW_HITS, FEW_OTHERS
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Site

HEADER = "device_id,timestamp,latitude,longitude,consent,id_type,ip_address"
NOW = int(time.time())


def evidence_of(folder: Path, *devices: range) -> FeedEvidence:
    """A file for each range of devices, who are each at a place of their own at noon and at four."""
    feeds = []
    for number, some in enumerate(devices):
        rows = [
            f"d{d},2024-03-04T{hour}:00:00Z,52.{d:06d},-1.{d:06d},true,idfa,192.0.2.{d}"
            for d in some
            for hour in (12, 16)
        ]
        path = folder / f"planted{number}.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        feeds.append(open_feed(path, CANONICAL))
    return of_feeds(feeds, NOW, lambda rows, share: None)


def test_a_feed_is_read_for_traces_positions_and_answers(tmp_path: Path) -> None:
    found = evidence_of(tmp_path, range(60))
    assert (found.kind, found.name) == ("feed", "one file, read by profile 'canonical'")
    assert (found.trail.traces.devices, found.answers.devices, found.answers.refused) == (60, 60, 0)
    assert found.trail.grid.n == 60
    assert (found.shared.withheld, found.again.withheld, found.advertising) == (FEW_HITS, FEW_OTHERS, True)
    assert found.columns == tuple(sorted(HEADER.split(",")))
    assert len(found.warnings) == 1
    assert "ip_address" in found.warnings[0]


def test_files_are_one_feed_and_go_by_no_name(tmp_path: Path) -> None:
    found = evidence_of(tmp_path, range(40), range(30, 60))
    assert found.name == "2 files, read by profile 'canonical'"
    assert (found.trail.traces.devices, found.answers.devices) == (60, 60)
    for said in (found.name, *found.warnings):
        assert "planted" not in said
        assert "192.0.2" not in said


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    evidence_of(tmp_path, range(60))
    told: list[float] = []
    of_feeds([open_feed(tmp_path / "planted0.csv", CANONICAL)], NOW, lambda rows, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_fewer_than_twenty_devices_are_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="fewer than 20 devices") as caught:
        evidence_of(tmp_path, range(19))
    assert "planted" not in str(caught.value)


def test_a_window_is_read_with_the_register_of_withdrawals(sealed_site: Site, tmp_path: Path) -> None:
    site = sealed_site.copy(tmp_path / "site")
    for number, ids in enumerate((30, 31, 1)):
        (tmp_path / "ids.txt").write_text("".join(f"nobody-{number // 2}-{k}\n" for k in range(ids)))
        site.ok("withdraw", tmp_path / "ids.txt")
    store = Store(site.store)
    window = store.windows()[0].window
    found = of_window(store, window, NOW, lambda rows, share: None)
    assert (found.kind, found.name) == ("sealed window", f"window {window.name}")
    assert found.trail.traces.step == 3600
    assert found.delays == (Delay(30, 0, 0), Delay(1, 0, 0), Delay(1, 0, 0)), "a device counts in its first list"
    site.sql("UPDATE withdrawals SET finished = NULL WHERE version = 1")
    after_a_month = of_window(store, window, NOW + 31 * 86_400, lambda rows, share: None)
    assert after_a_month.delays[0] == Delay(30, 0, 31), "what is under way has taken so long as yet"


def test_a_folder_that_is_no_release_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        of_release(tmp_path)


def test_failed_checks_are_named() -> None:
    manifest: dict[str, Any] = {}
    assert ReleaseEvidence("a release", manifest, (Check("files", True, ""), Check("log", False, ""))).failed == (
        "log",
    )
