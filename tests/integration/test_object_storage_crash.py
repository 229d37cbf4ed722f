"""Killed anywhere on its way to object storage, a store goes on as one in a folder does; nothing half is ever there."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.acts.seal import seal
from hereabouts.store.sealed import BucketTables

if TYPE_CHECKING:
    from hereabouts.objects import ObjectPath
    from tests.conftest import Site
    from tests.integration.conftest import Forks, Remote

WINDOW = "2024-03-04/2024-03-11"
WRITE = "hereabouts.objects:ObjectPath.write_bytes"
CopyRemote = Callable[["Remote"], "Remote"]

INTAKE = [
    (WRITE, "before", 4),
    ("hereabouts.store.open_window:PingWriter.commit", "after", 1),
    ("hereabouts.acts.taking:Taking._close", "after", 1),
    (WRITE, "after", 14),
]
SEAL = [
    (WRITE, "after", 2),
    ("hereabouts.store.sealing:Sealing.finish", "before", 1),
    ("hereabouts.store.store:Store.mark_sealed", "before", 1),
    ("hereabouts.store.store:Store.mark_sealed", "after", 1),
    ("hereabouts.store.keys:Keys.destroy", "after", 1),
]


def name_of(point: Any) -> str:
    where, when, nth = point
    return f"{when} {where.rpartition(':')[2]}" + (f" {nth}" if nth > 1 else "")


@pytest.fixture
def surroundings(object_storage: object) -> dict[str, str]:
    """Where the object storage is, for processes that began before it."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


@pytest.fixture(scope="module")
def taken_remote(
    empty_remote: Remote, few: Path, remote_place: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory
) -> Remote:
    """A store with one open window. Copy it."""
    remote = empty_remote.copy(tmp_path_factory.mktemp("taken") / "site", remote_place())
    remote.site.ok("intake", few, "--supplier", "acme")
    return remote


def shape(remote: Remote) -> dict[str, int]:
    """What lies there: pings are encrypted anew each time, but are as many."""
    return {name: len(content) for name, content in remote.objects().items()}


@pytest.mark.parametrize("point", INTAKE, ids=name_of)
def test_intake(
    point: tuple[str, str, int],
    empty_remote: Remote,
    taken_remote: Remote,
    copy_remote: CopyRemote,
    few: Path,
    forks: Forks,
    surroundings: dict[str, str],
) -> None:
    """Another command clears away what does not count; the same one goes on with the file that it was at."""
    remote = copy_remote(empty_remote)
    order = ("intake", few, "--supplier", "acme", "--store", remote.site.store)
    forks.killed_at(*point, *order, env=surroundings)
    done = remote.site.sql("SELECT count(*) FROM intakes")[0][0]
    assert done == (1 if INTAKE.index(point) > 1 else 0)
    assert remote.site.ok("seal", "--until", "2024-03-04") == [], "it locks the store, and seals nothing"
    assert {name.split("/")[-1] for name in remote.objects()} <= {"hereabouts.json", "1.pings"}
    assert any(remote.objects().keys() - {"hereabouts.json"}) == bool(done)
    receipts = remote.site.ok("intake", few, "--supplier", "acme")
    assert [receipt["again"] for receipt in receipts] == [True] * done + [False] * (2 - done)
    assert shape(remote) == shape(taken_remote)


@pytest.mark.parametrize("point", SEAL, ids=name_of)
def test_seal(
    point: tuple[str, str, int],
    taken_remote: Remote,
    few_sealed: Site,
    copy_remote: CopyRemote,
    forks: Forks,
    surroundings: dict[str, str],
) -> None:
    remote = copy_remote(taken_remote)
    forks.killed_at(*point, "seal", "--store", remote.site.store, env=surroundings)
    remote.site.ok("seal")
    assert remote.tables(WINDOW) == few_sealed.tables(WINDOW)
    assert {name.split("/")[0] for name in remote.objects()} == {"hereabouts.json", "sealed"}
    assert not (remote.site.store / "sealing").exists()


def test_an_interrupted_seal_goes_on_where_it_was(
    taken_remote: Remote, few_sealed: Site, copy_remote: CopyRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, whole = copy_remote(taken_remote), BucketTables.write
    written: list[int] = []
    interrupted = threading.Event()

    def write(self: BucketTables, window: ObjectPath, bucket: int) -> None:
        whole(self, window, bucket)
        written.append(bucket)
        if len(written) > 4 and not interrupted.is_set():
            raise KeyboardInterrupt

    monkeypatch.setattr(BucketTables, "write", write)
    with pytest.raises(KeyboardInterrupt):
        seal(remote.site.store)
    interrupted.set()
    listed = (remote.site.store / "sealing" / WINDOW.replace("/", "_") / "done").read_text(encoding="utf-8")
    assert listed.count("\n") > 1
    there = {name for name in remote.objects() if name.startswith("sealed/")}
    first = set(written)
    written.clear()
    seal(remote.site.store)
    assert first - set(written), "what is on the list is not done again"
    assert there <= set(remote.objects())
    assert remote.tables(WINDOW) == few_sealed.tables(WINDOW)


def killed_at_a_share(
    share: float, remote: Remote, sealed: Site, few: Path, forks: Forks, surroundings: dict[str, str]
) -> None:
    """Kill each command after a share of two seconds, finish it, and see that nothing shows."""
    store = ("--store", remote.site.store)
    for order in (("intake", few, "--supplier", "acme", *store), ("seal", *store)):
        forks.run(*order, kill_after=2 * share, env=surroundings)
        ended = forks.run(*order, env=surroundings)
        assert ended.code == 0, ended
    assert remote.tables(WINDOW) == sealed.tables(WINDOW)
    assert {name.split("/")[0] for name in remote.objects()} == {"hereabouts.json", "sealed"}


@pytest.mark.parametrize("share", [0.4])
def test_two_kills_at_any_moment(
    share: float,
    empty_remote: Remote,
    few_sealed: Site,
    copy_remote: CopyRemote,
    few: Path,
    forks: Forks,
    surroundings: dict[str, str],
) -> None:
    killed_at_a_share(share, copy_remote(empty_remote), few_sealed, few, forks, surroundings)


@pytest.mark.prove
@pytest.mark.parametrize("number", range(40))
def test_eighty_kills_at_any_moment(
    number: int,
    empty_remote: Remote,
    few_sealed: Site,
    copy_remote: CopyRemote,
    few: Path,
    forks: Forks,
    surroundings: dict[str, str],
) -> None:
    killed_at_a_share((number + 0.5) / 40, copy_remote(empty_remote), few_sealed, few, forks, surroundings)
