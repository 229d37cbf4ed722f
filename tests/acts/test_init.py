"""Init: what a user leaves out has the contract's defaults, and what they say is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hereabouts.acts import init
from hereabouts.errors import MachineError, UsageError


def test_defaults(tmp_path: Path) -> None:
    store = init(tmp_path / "store")
    assert (store.facts.timezone, store.facts.window, store.facts.resolution) == ("UTC", "P7D", 8)
    assert store.facts.max_accuracy == 500.0
    assert (store.policy.name, store.policy.ledger, store.policy.keys) == ("research", "own", "store.keys")
    assert (store.policy.budget.epsilon, store.policy.budget.delta) == (2.0, 1e-6)
    assert store.calendar.at(1_709_510_400).name == "2024-03-04/2024-03-11", "ISO weeks"


def test_what_is_said_is_kept(tmp_path: Path) -> None:
    store = init(
        tmp_path / "store",
        timezone="Asia/Shanghai",
        window="P1W",
        anchor=dt.date(2008, 2, 2),
        resolution=9,
        budget=(3.5, 1e-7),
        policy="regulated",
        keys=tmp_path / "safe" / "keys",
        max_accuracy=200.0,
    )
    assert store.calendar.at(1_202_000_000).name == "2008-02-02/2008-02-09"
    assert (store.facts.resolution, store.facts.max_accuracy) == (9, 200.0)
    assert (store.policy.name, store.policy.budget.epsilon) == ("regulated", 3.5)
    assert store.keys.folder.parent == tmp_path / "safe" / "keys"


def test_relative_places_count_from_where_the_command_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And are the same places for a command that runs elsewhere."""
    monkeypatch.chdir(tmp_path)
    store = init(Path("store"), keys=Path("safe"))
    assert store.policy.keys == str(tmp_path / "safe")


def test_an_empty_current_folder_becomes_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert init(Path()).policy.keys == "here.keys"
    assert (tmp_path / "here.keys").is_dir()


def test_a_ledger_that_stores_share_is_made_by_the_first_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file is named from where the command ran, and found from anywhere."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    first = init(tmp_path / "a", ledger="sqlite:///ledger.sqlite")
    monkeypatch.chdir(tmp_path)
    second = init(tmp_path / "b", ledger=first.policy.ledger)
    assert first.policy.ledger == f"sqlite:///{tmp_path}/here/ledger.sqlite"
    assert first.facts.ledger == second.facts.ledger != "own"
    assert init(tmp_path / "c", ledger="sqlite:///other.sqlite").facts.ledger != first.facts.ledger
    assert init(tmp_path / "d").facts.ledger == "own"


@pytest.mark.parametrize("url", ["ledger.sqlite", "mysql://host/db", "sqlite://", "sqlite:///no/such/folder/l.sqlite"])
def test_a_ledger_that_cannot_be_opened(tmp_path: Path, url: str) -> None:
    with pytest.raises((UsageError, MachineError)):
        init(tmp_path / "store", ledger=url)
    assert list(tmp_path.iterdir()) == []


def test_a_stores_state_is_not_a_shared_ledger(tmp_path: Path) -> None:
    """What its own ledger holds is its alone."""
    init(tmp_path / "a")
    with pytest.raises(UsageError, match="the state of a store"):
        init(tmp_path / "b", ledger=f"sqlite:///{tmp_path}/a/state.sqlite")
    assert not (tmp_path / "b").exists()


def test_two_stores_have_two_ids(tmp_path: Path) -> None:
    assert init(tmp_path / "a").facts.id != init(tmp_path / "b").facts.id


def test_policies_that_are_not_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name"):
        init(tmp_path / "store", policy="lax")
    assert list(tmp_path.iterdir()) == []
