"""Making a store: whole, or not at all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hereabouts.errors import MachineError, UsageError
from hereabouts.rules.policy import make_policy
from hereabouts.store import making as module
from hereabouts.store.making import create_store
from hereabouts.store.store import LAYOUT, Store
from hereabouts.windows import Calendar

CALENDAR = Calendar.of("Asia/Shanghai", "P7D", dt.date(2008, 2, 2))
POLICY = make_policy("research", epsilon=2.0, delta=1e-6, keys="keys")


def make(path: Path, resolution: int = 8) -> Store:
    return create_store(path, CALENDAR, "P7D", POLICY, resolution, 500.0)


def test_a_new_store_is_what_it_was_made_as(tmp_path: Path) -> None:
    made = make(tmp_path / "store", resolution=9)
    store = Store(tmp_path / "store")
    assert store.facts.id == made.facts.id
    assert len(store.facts.id) == 32
    assert (store.facts.resolution, store.facts.max_accuracy, store.facts.layout) == (9, 500.0, LAYOUT)
    assert store.calendar == CALENDAR
    assert store.policy == POLICY
    assert store.keys.folder == tmp_path / "keys" / store.facts.id
    assert (store.windows(), store.intakes(), store.sealed_until()) == ([], {}, 0)


def test_its_layout_is_the_contracts(tmp_path: Path) -> None:
    make(tmp_path / "store")
    names = {path.name for path in (tmp_path / "store").iterdir()}
    assert names == {"policy.toml", "state.sqlite", "open", "sealed", "measurements", "log"}
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    make(tmp_path / "store")


@pytest.mark.parametrize("there", [False, True])
def test_a_store_that_fails_half_way_leaves_nothing(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the second try is not refused for the remains of the first."""
    path = tmp_path / "store"
    if there:
        path.mkdir()

    def fail(*_: object, **__: object) -> None:
        raise MachineError("disk full")

    monkeypatch.setattr(module, "open_state", fail)
    with pytest.raises(MachineError, match="disk full"):
        make(path)
    monkeypatch.undo()
    assert path.exists() == there
    assert not (there and list(path.iterdir()))
    assert list((tmp_path / "keys").iterdir()) == []
    make(path)


@pytest.mark.parametrize("resolution", [-1, 6, 13])
def test_resolutions_that_are_not_kept(resolution: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="7 to 12"):
        make(tmp_path / "store", resolution)


def test_at_first_nothing_is_listed_and_nobody_withdrawn(tmp_path: Path) -> None:
    store = make(tmp_path / "store")
    assert store.places() == (0, None)
    assert not store.suppressed()
    assert (store.retention.keys_until(), store.retention.tables_until()) == (0, 0)
    assert [path.name for path in store.keys.folder.iterdir()] == []
