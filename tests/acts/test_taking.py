"""Files are taken one after another: what is registered counts, and a command that fails leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from hereabouts.acts import intake
from hereabouts.acts import taking as module
from hereabouts.acts.gates import GatedBatch, Gates
from hereabouts.acts.taking import Taking
from hereabouts.errors import MachineError
from hereabouts.store.open_window import PingWriter

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


PROFILE = """\
name = "{name}"
device = "device_id"
time = "timestamp"
latitude = "latitude"
longitude = "longitude"
time_unit = "{unit}"
"""


@pytest.fixture
def site(empty_site: Site, copy: Copy) -> Site:
    return copy(empty_site)


def registered(site: Site) -> list[tuple[int, str]]:
    return [
        (number, name)
        for number, name in site.sql("SELECT id, json_extract(receipt, '$.feed') FROM intakes ORDER BY id")
    ]


def stops_at(file: str, error: BaseException) -> module.Progress:
    def progress(name: str, rows: int, share: float) -> None:
        if name == file:
            raise error

    return progress


def test_what_was_taken_before_an_interruption_stays(site: Site, feed: Path, taken_site: Site) -> None:
    """And the same command goes on from there, to the same store."""
    with pytest.raises(KeyboardInterrupt):
        intake([feed], site.store, "acme", progress=stops_at("part-0004.parquet", KeyboardInterrupt()))
    there = registered(site)
    assert there == [(place + 1, f"part-000{place}.parquet") for place in range(4)]
    intakes = {path.stem for path in site.store.glob("open/*/*/*")}
    assert intakes == {str(number) for number, _ in there}, "nothing is left of the one that it was at"
    receipts = intake([feed], site.store, "acme")
    assert [receipt.again for receipt in receipts] == [True] * 4 + [False] * 5
    assert registered(site) == registered(taken_site)


def test_nothing_of_a_command_that_fails_counts(site: Site, feed: Path) -> None:
    first, *others = sorted(feed.iterdir())
    intake([first], site.store, "acme")
    before = site.state()
    with pytest.raises(ZeroDivisionError):
        intake(others, site.store, "acme", progress=stops_at("part-0007.parquet", ZeroDivisionError()))
    assert site.state() == before, "what earlier commands registered stays, and windows that they knew"


def test_where_the_machine_refuses_that_too_it_is_as_after_an_interruption(
    site: Site, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(taking: Taking) -> None:
        raise MachineError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Taking, "_take_back", refuse)
        with pytest.raises(ZeroDivisionError):
            intake([feed], site.store, "acme", progress=stops_at("part-0002.parquet", ZeroDivisionError()))
    assert [number for number, _ in registered(site)] == [1, 2]
    assert [receipt.again for receipt in intake([feed], site.store, "acme")] == [True] * 2 + [False] * 7


def test_a_file_that_cannot_be_brought_to_the_disk_does_not_count(
    site: Site, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = site.state()

    def refuse(writer: PingWriter) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PingWriter, "commit", refuse)
    with pytest.raises(MachineError, match="cannot write in the store"):
        intake([feed], site.store, "acme")
    assert site.state() == before


def test_the_same_content_is_taken_once_whatever_it_is_called(site: Site, feed: Path) -> None:
    first, second = sorted(feed.iterdir())[:2]
    twin = site.folder / "twin.parquet"
    shutil.copy(first, twin)
    receipts = intake([first, twin, second], site.store, "acme")
    assert [receipt.again for receipt in receipts] == [False, True, False]
    assert (receipts[1].rows, receipts[1].taken, receipts[1].dropped, receipts[1].windows) == (0, 0, {}, {})
    assert receipts[1].digest == receipts[0].digest
    assert registered(site) == [(1, first.name), (2, second.name)]


def test_taking_does_not_wait_for_the_digest(site: Site, feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows pass the gates while it is computed; if it turns out to be known, they are thrown away."""
    file = min(feed.iterdir())
    intake([file], site.store, "acme")
    before = site.state()
    passed = threading.Event()
    digest, pass_through = module.digest_of, Gates.pass_through

    def late(path: Path) -> str:
        assert passed.wait(10)
        return digest(path)

    def early(gates: Gates, batch: pa.RecordBatch) -> GatedBatch:
        passed.set()
        return pass_through(gates, batch)

    monkeypatch.setattr(module, "digest_of", late)
    monkeypatch.setattr(Gates, "pass_through", early)
    (receipt,) = intake([file], site.store, "acme")
    assert receipt.again
    assert site.state() == before


def test_frames_are_registered(taken_site: Site) -> None:
    """Window by window: seal holds what is on the disk against them."""
    brought: dict[str, int] = {}
    for (frames,) in taken_site.sql("SELECT frames FROM intakes"):
        for window, count in json.loads(frames).items():
            brought[window] = brought.get(window, 0) + count
    files = {
        window: len(list((taken_site.store / "open" / window.replace("/", "_")).glob("*/*"))) for window in brought
    }
    assert brought == files, "a frame a file, as the feed is small"
    assert len(brought) == 2


def test_a_feed_that_gave_nothing_may_come_again(site: Site) -> None:
    """Read by the wrong profile, say, all its rows were dropped: that must not burn it."""
    header = "device_id,timestamp,latitude,longitude"
    feed = site.csv([f"{name},1709640000,52.3,-1.1" for name in "ab"], header=header)
    wrong, right = site.folder / "wrong.toml", site.folder / "right.toml"
    for path, unit in ((wrong, "us"), (right, "s")):
        path.write_text(PROFILE.format(name=path.stem, unit=unit), encoding="utf-8")
    (first,) = intake([feed], site.store, "trusted", str(wrong))
    assert (first.taken, first.again) == (0, False)
    assert intake([feed], site.store, "trusted", str(wrong)) == [first]
    before = site.state()
    other = site.csv(["c,1709640000,52.3,-1.1"], "other.csv", header)
    with pytest.raises(ZeroDivisionError):
        intake([feed, other], site.store, "trusted", str(right), stops_at("other.csv", ZeroDivisionError()))
    assert site.state() == before, "of a command that fails nothing counts: the old row is back"
    (second,) = intake([feed], site.store, "trusted", str(right))
    assert (second.taken, second.again) == (2, False)
    assert site.sql("SELECT feed_digest, profile FROM intakes") == [(second.digest, "right")]
    assert intake([feed], site.store, "trusted", str(wrong))[0].again
