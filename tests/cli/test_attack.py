"""The command: what it prints, and how it ends."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.risk.attack.made import attack_made

if TYPE_CHECKING:
    from tests.conftest import Command


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The act gives a result that was made up, and what it was given is kept."""
    calls: list[tuple[Any, ...]] = []

    def act(*args: Any) -> Any:
        calls.append(args[:-1])
        return attack_made()

    monkeypatch.setattr(importlib.import_module("hereabouts.acts.attack"), "attack", act)
    return calls


def test_it_says_areas_ceilings_and_canaries(given: list[tuple[Any, ...]], command: Command) -> None:
    done = command("attack", "release", "--store", "store", "--out", "out")
    assert (done.code, done.err) == (0, "")
    first, *lines = done.out.splitlines()
    assert "confidential" in first
    assert "not differentially private" in first
    assert lines[0].startswith("known trace: area raw counts 0.8")
    assert " to 1.000, counts of 10 or more 0.800, this release 0.55" in lines[0]
    assert "no more than 0.560 in theory" in lines[0]
    assert lines[1:4] == [
        "not tried: zero auxiliary: too few devices",
        "canary, in one cell: as claimed",
        "canary, an exact threshold: MORE THAN CLAIMED",
    ]
    assert given == [(Path("release"), Path("store"), Path("out"), None, 1, 60)]


def test_json_is_the_file(given: list[tuple[Any, ...]], command: Command) -> None:
    args = ("--store", "s", "--out", "o", "--area", "a.geojson", "--seed", "5", "--json")
    done = command("attack", "release", *args)
    assert done.json["release"]["name"] == "made up"
    assert given == [(Path("release"), Path("s"), Path("o"), Path("a.geojson"), 5, 60)]
