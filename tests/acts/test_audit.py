"""Audits of feeds and stores: the same data give the same figures, and no identifier or place comes out anywhere."""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import h3.api.basic_int as h3
import pyarrow.parquet as pq
import pytest

import hereabouts
from hereabouts.acts.audit import audit
from hereabouts.errors import BadInputError, UsageError
from hereabouts.feeds.ids.identifiers import canonical_id
from hereabouts.log.entries import Entry

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Done, Site

T_DRIVE = Path(__file__).parents[3] / "shared" / "data" / "tdrive.parquet"
WINDOW = "2024-03-04/2024-03-11"
DEVICES = 40


def marked(device: int) -> tuple[str, float, float]:
    """Id and place of a device that must not be found anywhere."""
    return f"planted-{device:04d}-nobody", 52.123456 + device * 0.013131, -1.654321 + device * 0.017171


def marks() -> Iterator[bytes]:
    """All that would tell of a planted device: its id, its place in degrees and as cells of any resolution."""
    yield b"planted-"
    for device in range(DEVICES):
        name, latitude, longitude = marked(device)
        yield canonical_id(name).encode()
        yield from (f"{degrees:.6f}"[:-2].encode() for degrees in (latitude, longitude))
        for resolution in range(5, 11):
            cell = h3.latlng_to_cell(latitude, longitude, resolution)
            yield from (h3.int_to_str(cell).encode(), str(cell).encode(), cell.to_bytes(8, "little"))


def rows() -> list[str]:
    """Forty devices, each at its place by night and by day, for six days."""
    return [
        f"{marked(d)[0]},2024-03-{day:02d}T{hour:02d}:0{d % 10}:00Z,{marked(d)[1]:.6f},{marked(d)[2]:.6f},true"
        for d in range(DEVICES)
        for day in range(4, 10)
        for hour in (3, 12, 22)
    ]


@pytest.fixture
def planted(empty_site: Site, tmp_path: Path) -> Site:
    """A store with the planted devices in a sealed window; their feed, and a list with the places of twenty."""
    site = empty_site.copy(tmp_path / "planted")
    lines = ["category,latitude,longitude"]
    lines += [f"religious,{marked(d)[1]:.6f},{marked(d)[2]:.6f}" for d in range(20)]
    (site.folder / "places.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    site.ok("intake", site.csv(rows()), "--supplier", "acme")
    site.ok("seal")
    return site


def assert_nothing_told(done: Done, *folders: Path) -> None:
    """See that no mark is in what was said, in any file of the folders, nor in what kernels keep."""
    cache = Path(hereabouts.__file__).parent / "risk"
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files += [path for path in cache.rglob("*.nb?") if path.is_file()]
    if kept := os.environ.get("NUMBA_CACHE_DIR"):
        files += [path for path in Path(kept).rglob("*.nb?") if path.is_file()]
    texts = {str(path): path.read_bytes() for path in files} | {"said": (done.out + done.err).encode()}
    for mark in set(marks()):
        assert [name for name, text in texts.items() if mark in text] == [], mark


def test_the_marks_would_be_found_where_they_are(planted: Site) -> None:
    text = (planted.folder / "feed.csv").read_bytes()
    assert sum(mark in text for mark in set(marks())) >= 3 * DEVICES


@pytest.mark.parametrize("source", ["feed", "sealed"])
def test_no_identifier_and_no_place_comes_out(
    planted: Site, source: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, out = tmp_path / "logs", tmp_path / "audit"
    logs.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(logs))
    path = planted.folder / "feed.csv" if source == "feed" else planted.store
    before = planted.state()
    for args in ([], ["--json"]):
        listed = ["--store", planted.store] if source == "feed" else []
        done = command("audit", path, "--out", out / str(len(args)), *listed, *args)
        assert (done.code, done.err) == (0, ""), done
        assert_nothing_told(done, out, logs)
    assert list(logs.iterdir()) == [], "and nothing is left behind"
    planted.sql("UPDATE windows SET looked = ''")
    assert planted.state() == before, "nor changed, but for what was looked at"


def test_what_goes_wrong_tells_nothing_either(
    planted: Site, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad row, too few devices, a bug of ours: messages and the log hold no value."""
    logs, out = tmp_path / "logs", tmp_path / "audit"
    logs.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(logs))
    few = planted.csv(rows()[:30], "few.csv")
    done = command("audit", few, "--out", out)
    done.refuses(4, "fewer than 20 devices")
    assert_nothing_told(done, logs)
    done = command("audit", planted.csv([*rows(), '"never closed'], "bad.csv"), "--out", out)
    assert_nothing_told(done, logs, *([out] if out.exists() else []))

    def fail(*_: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(importlib.import_module("hereabouts.acts.audit"), "audited", fail)
    done = command("audit", planted.folder / "feed.csv", "--out", tmp_path / "other")
    done.refuses(1, "bug of ours")
    assert_nothing_told(done, logs)
    assert not (tmp_path / "other").exists()


def test_a_feed_and_the_window_it_became_give_the_same_figures(planted: Site, tmp_path: Path) -> None:
    feed = audit(planted.folder / "feed.csv", tmp_path / "feed")
    window = audit(planted.store, tmp_path / "window")
    assert feed.data_set.devices == window.data_set.devices == DEVICES
    assert (feed.data_set.step, window.data_set.step) == (1, 3600)
    grains = {(grain.resolution, grain.period): grain for grain in feed.unicity}
    assert len(grains) > len(window.unicity) > 0
    assert [grains[grain.resolution, grain.period] for grain in window.unicity] == list(window.unicity)
    assert set(window.night_and_day) < set(feed.night_and_day)
    assert set(window.sizes[:-1]) <= set(feed.sizes)


def test_devices_at_listed_places_are_counted(planted: Site, tmp_path: Path) -> None:
    """By a store's list, which is registered, of a feed: from the store itself what is at a place is gone."""
    planted.ok("places", "add", planted.folder / "places.csv")
    found = audit(planted.folder / "feed.csv", tmp_path / "audit", store=planted.store).sensitive
    assert [(figure.name, figure.value) for figure in found] == [("seen at a place of category religious", 0.5)]
    with pytest.raises(UsageError, match="is for feeds"):
        audit(planted.store, tmp_path / "other", store=planted.store)


def test_a_stores_audit_is_the_same_under_two_lists_but_for_what_the_store_drops(planted: Site, tmp_path: Path) -> None:
    """So two of its versions cannot be compared for the visitors of a place: under each, nobody is there."""
    told = []
    for number, name in enumerate(("none.csv", "places.csv")):
        site = planted.copy(tmp_path / f"site{number}")
        if number:
            site.ok("places", "add", site.folder / name)
        result = audit(site.store, tmp_path / name)
        told.append(next(f.text for f in result.findings if f.about == "sensitive places"))
        assert result.sensitive == ()
    assert "has no list" in told[0]
    assert "nobody is seen at one" in told[1]


def test_a_files_name_is_in_no_output(planted: Site, command: Command, tmp_path: Path) -> None:
    """It may be a person's name, an id or a place."""
    feed = planted.csv(rows(), "trips of Jane Roe, 5 Mill Lane.csv")
    done = command("audit", feed, "--out", tmp_path / "audit", "--json")
    assert done.json["data_set"]["name"] == "one file, read by profile 'canonical'"
    for text in (done.out + done.err, *(file.read_text() for file in (tmp_path / "audit").iterdir())):
        assert "Jane Roe" not in text
        assert "Mill Lane" not in text


def test_one_device_more_changes_no_size(planted: Site, tmp_path: Path) -> None:
    """Nor does one with a ping of long ago: sizes, days and pings are about twenty devices and more."""
    one = planted.csv(rows(), "one.csv")
    other = planted.csv([*rows(), "planted-extra-nobody,2019-01-01T00:00:00Z,10.0,20.0,true"], "other.csv")
    first, second = (audit(feed, tmp_path / feed.stem) for feed in (one, other))
    assert first.data_set == second.data_set
    assert first.sizes == second.sizes
    assert first.findings == second.findings


def test_json_has_no_nan_and_no_infinity(planted: Site, tmp_path: Path) -> None:
    """Devices that were seen once, all at once: there is no time between pings, no other half, no night."""
    feed = planted.csv([f"d{n},2024-03-04T12:00:00Z,52.{n:03d},-1.0,true" for n in range(200)], "once.csv")
    audit(feed, tmp_path / "audit")

    def fail(constant: str) -> None:
        raise AssertionError(f"got {constant}")

    json.loads((tmp_path / "audit" / "audit.json").read_text(), parse_constant=fail)


def test_what_looks_like_a_direct_identifier_is_said_by_column(planted: Site, tmp_path: Path) -> None:
    header = "device_id,timestamp,latitude,longitude,consent,ip_address"
    feed = planted.csv([f"{row},192.0.2.{number % 250}" for number, row in enumerate(rows())], "ip.csv", header)
    (said,) = [f.text for f in audit(feed, tmp_path / "audit").findings if f.about == "direct identifiers"]
    assert "ip_address" in said
    assert "192.0.2" not in said


def test_the_last_window_that_has_pings_is_audited(sealed_site: Site, copy: Copy, tmp_path: Path) -> None:
    store = copy(sealed_site).store
    assert audit(store, tmp_path / "one", window=WINDOW).data_set.name == f"window {WINDOW}"
    assert audit(store, tmp_path / "two").data_set.name == "window 2024-03-11/2024-03-18"


def test_the_last_window_stays_the_last_when_everybody_has_left_it(sealed_site: Site, feed: Path, copy: Copy) -> None:
    """Else it would be told by which one is looked at."""
    site = copy(sealed_site)
    names = {name for part in feed.iterdir() for name in pq.read_table(part)["device_id"].to_pylist()}
    (site.folder / "ids.txt").write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")
    site.ok("withdraw", site.folder / "ids.txt")
    with pytest.raises(BadInputError, match="fewer than 20 devices") as caught:
        audit(site.store, site.folder / "audit")
    assert "2024-03-11/2024-03-18" in str(caught.value)


def test_a_window_is_audited_in_one_version_of_its_data_alone(sealed_site: Site, copy: Copy, command: Command) -> None:
    """Before and after somebody withdrew, dozens of figures would say whether they had been in it."""
    site = copy(sealed_site)
    one, two, three = (site.folder / name for name in ("one", "two", "three"))
    for out in (one, two):
        audit(site.store, out, window=WINDOW)
    assert (one / "audit.json").read_bytes() == (two / "audit.json").read_bytes(), "the same data, as often as ever"
    (site.folder / "ids.txt").write_text("planted-nobody\n", encoding="utf-8")
    site.ok("withdraw", site.folder / "ids.txt")
    done = command("audit", site.store, "--out", three, "--window", WINDOW)
    done.refuses(3, "refused by rule 'one-look'", "use the report that was made then")
    assert not three.exists()
    logged = [Entry.from_bytes(row) for (row,) in site.sql("SELECT entry FROM log_entries ORDER BY place")]
    refused = [(entry.act, entry.rule, entry.facts) for entry in logged if entry.outcome == "refused"]
    assert refused == [("audit", "one-look", {"window": WINDOW})]
    assert audit(site.store, three).data_set.name == "window 2024-03-11/2024-03-18", "that one was not looked at before"


def test_an_open_window_is_not_audited(taken_site: Site, copy: Copy) -> None:
    """It grows row by row: the figures of two days would tell of one row."""
    site = copy(taken_site)
    for window in (None, WINDOW):
        with pytest.raises(UsageError, match="seal it first"):
            audit(site.store, site.folder / "audit", window=window)
    assert not (site.folder / "audit").exists()


def test_what_cannot_be_audited_is_refused(empty_site: Site, tmp_path: Path) -> None:
    site = empty_site.copy(tmp_path / "site")
    with pytest.raises(UsageError, match="nothing to measure"):
        audit(site.store, tmp_path / "audit")
    with pytest.raises(BadInputError, match="no such file"):
        audit(tmp_path / "none.csv", tmp_path / "audit")
    with pytest.raises(UsageError, match="not an empty folder"):
        audit(site.folder / "evidence.txt", site.store)


@pytest.mark.prove
@pytest.mark.skipif(not T_DRIVE.exists(), reason="T-Drive is not beside the project")
def test_t_drive_is_audited_within_a_minute_of_two_cores_and_two_gibibytes(tmp_path: Path) -> None:
    """The whole audit, all grains and 10,000 sampled devices: in processor time, as machines are busy."""
    program = [sys.executable, "-c", "from hereabouts.cli.main import main; main()"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*program, "audit", T_DRIVE, "--out", tmp_path / "audit"], check=True, capture_output=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime < 60
    assert used.ru_maxrss < 2 << 20
