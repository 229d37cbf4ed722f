"""A store: opened as it is, cleared of what a crash or a failure left."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.errors import MachineError, UsageError
from hereabouts.store import open_window
from hereabouts.store import store as module
from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.store import COUNTS, Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE store SET layout = layout - 1", "an earlier version of hereabouts: make a new store"),
        ("UPDATE store SET layout = layout + 1", "a newer version of hereabouts: upgrade"),
    ],
)
def test_a_store_of_another_layout_is_refused(change: str, words: str, empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    site.sql(change)
    with pytest.raises(UsageError, match=words):
        Store(site.store)


def test_frames_are_counted_by_intake_and_window(taken_site: Site) -> None:
    """By which a seal finds out that a file is missing."""
    store = Store(taken_site.store)
    frames = store.frames(store.calendar.named(FIRST))
    assert set(frames) == {str(number) for number in range(1, 8)}
    assert all(count > 0 for count in frames.values())
    assert store.frames(store.calendar.named("2024-02-26/2024-03-04")) == {}


def test_windows_and_their_counts(taken_site: Site, sealed_site: Site) -> None:
    opened = Store(taken_site.store)
    assert [(known.window.name, known.status, known.counts) for known in opened.windows()] == [
        (FIRST, "open", None),
        ("2024-03-11/2024-03-18", "open", None),
    ]
    assert list(opened.intakes()) == list(range(1, 10))
    for known in Store(sealed_site.store).windows():
        assert known.status == "sealed"
        assert set(known.counts or ()) == set(COUNTS)


def test_a_store_is_sealed_up_to_an_instant(taken_site: Site, sealed_site: Site, copy: Copy) -> None:
    """What lies before it is sealed, whether or not anybody was there: else the refusal would tell."""
    opened = Store(taken_site.store)
    assert opened.sealed_until() == 0
    assert opened.sealed_window(opened.calendar.named(FIRST)) is None
    store = Store(copy(sealed_site).store)
    assert store.sealed_until() == store.calendar.named("2024-03-11/2024-03-18").end
    assert store.sealed_window(store.calendar.named("2024-03-18/2024-03-25")) is None
    nobody = store.sealed_window(store.calendar.named("2024-02-26/2024-03-04"))
    assert nobody is not None
    assert (nobody.status, len(nobody.data_version), nobody.counts) == ("sealed", 32, dict.fromkeys(COUNTS, 0))
    again = store.sealed_window(nobody.window)
    assert again is not None
    assert again.data_version == nobody.data_version, "or each asking would be another measurement"


def test_a_window_with_pings_is_never_marked_empty(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    store = Store(site.store)
    before = site.state()
    store.mark_empty(store.calendar.named(FIRST))
    assert site.state() == before


def test_a_data_version_tells_nothing_of_the_data(taken_site: Site, copy: Copy) -> None:
    """It is chance: two stores of the same pings have two, and so their measurements have two keys."""
    versions = set()
    for _ in range(2):
        store = Store(copy(taken_site).store)
        window = store.calendar.named(FIRST)
        store.mark_sealed(window, {"pings": 1})
        (known,) = (known for known in store.windows() if known.window == window)
        versions.add(known.data_version)
    assert len(versions) == 2
    assert all(len(version) == 32 for version in versions)


def leave_remains(site: Site) -> None:
    """What commands that were killed may leave."""
    (site.store / "open" / "w" / "00").mkdir(parents=True)
    (site.store / "open" / "w" / "00" / "99.pings").write_bytes(b"pings of nobody")
    bucket = next((site.store / "open").glob("2024-03-04*/*"))
    (bucket / "99.pings").write_bytes(b"pings of nobody")
    (site.store / "sealed" / "w.part" / "presence").mkdir(parents=True)
    (site.store / "measurements" / "k.npz.part").write_bytes(b"noise of nobody")


def test_the_next_command_clears_away_what_is_left(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    before = site.state()
    leave_remains(site)
    with Store(site.store).locked():
        assert site.state() == before


@pytest.mark.parametrize("error", [MachineError("disk full"), KeyboardInterrupt(), OSError(28, "No space left")])
def test_a_command_that_fails_clears_away_what_it_leaves(error: BaseException, taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    before = site.state()
    store = Store(site.store)

    def fail() -> None:
        with store.locked():
            leave_remains(site)
            raise error

    expected = MachineError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        fail()
    assert site.state() == before


def test_pings_of_a_sealed_window_go_after_their_key(
    taken_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the seal was cut off: a key that outlived it would open what the disk still holds."""
    site = copy(taken_site)
    store = Store(site.store)
    window = store.calendar.named(FIRST)
    key = site.keys / f"{window.folder}.{PINGS}.key"
    there: list[bool] = []
    remove = open_window.remove_window

    def watch(folder: Path, name: str) -> None:
        there.append(key.exists())
        remove(folder, name)

    monkeypatch.setattr(module, "remove_window", watch)
    store.mark_sealed(window, {})
    assert key.exists()
    with store.locked():
        pass
    assert there == [False]
    assert [folder.name for folder in (site.store / "open").iterdir()] == ["2024-03-11_2024-03-18"]
    with store.locked():
        pass
    assert there == [False], "once"


def test_frames_are_forgotten_when_a_window_is_sealed(taken_site: Site, copy: Copy) -> None:
    """Nothing needs them any more, and where a file is one person's they say in which windows that one was."""
    store = Store(copy(taken_site).store)
    first, second = (known.window for known in store.windows())
    before = store.frames(second)
    store.mark_sealed(first, dict.fromkeys(COUNTS, 0))
    assert (store.frames(first), store.frames(second)) == ({}, before)


def test_the_key_of_pings_that_never_came_goes_with_the_others(taken_site: Site, copy: Copy) -> None:
    """An intake that was killed may have made keys for windows that were then sealed as empty."""
    site = copy(taken_site)
    store = Store(site.store)
    empty, second, later = "2024-02-26_2024-03-04", "2024-03-11_2024-03-18", "2024-03-18_2024-03-25"
    for name in (empty, later):
        store.keys.get_or_make(name, PINGS)
        store.keys.get_or_make(name, PSEUDONYMS)
    store.mark_empty(store.calendar.named(empty.replace("_", "/")))
    with store.locked():
        pass
    assert not store.keys.has(empty, PINGS)
    assert store.keys.has(empty, PSEUDONYMS), "that one ends with retention"
    assert all(store.keys.has(name, PINGS) for name in (FIRST.replace("/", "_"), second, later)), "they may get pings"


def test_one_at_a_time(taken_site: Site) -> None:
    store = Store(taken_site.store)
    order: list[str] = []

    def other() -> None:
        with Store(taken_site.store).locked():
            order.append("other")

    with store.locked():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.1)
        order.append("one")
    thread.join()
    assert order == ["one", "other"]
