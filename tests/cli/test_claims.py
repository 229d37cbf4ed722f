"""``hereabouts claims``: prints a verdict a claim, and claims to begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command, Site


@pytest.fixture
def stated(tmp_path: Path, command: Command) -> Path:
    """The shipped example, as a person gets it."""
    path = tmp_path / "CLAIMS.toml"
    done = command("claims", "--example")
    assert (done.code, done.err) == (0, "")
    path.write_text(done.out, encoding="utf-8")
    return path


def test_the_example_runs_on_a_made_up_feed(feed: Path, stated: Path, tmp_path: Path, command: Command) -> None:
    done = command("claims", stated, feed, "--out", tmp_path / "card")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("confidential: computed on exact data")
    assert "fails           anonymised: The data are anonymised." in done.out
    assert sorted(path.name for path in (tmp_path / "card").iterdir()) == ["claims.html", "claims.json"]


def test_json_is_what_the_file_says(sealed_site: Site, stated: Path, tmp_path: Path, command: Command) -> None:
    window = "2024-03-04/2024-03-11"
    store = sealed_site.copy(tmp_path / "site").store
    done = command("claims", stated, store, "--out", tmp_path / "card", "--window", window, "--json")
    assert done.json == json.loads((tmp_path / "card" / "claims.json").read_text())
    assert done.json["data_set"] == {"kind": "sealed window", "name": f"window {window}"}


def test_wrong_calls_are_refused(feed: Path, stated: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "card"
    command("claims", tmp_path / "none.toml", feed, "--out", out).refuses(2, "there is no such file")
    command("claims", stated, tmp_path / "none", "--out", out).refuses(4, "there is no such file")
    command("claims", stated, feed, "--out", out, "--window", "2024-03-04/2024-03-11").refuses(2, "is no store")
    command("claims", stated, feed, "--out", stated.parent).refuses(2, "not an empty folder")
    assert not out.exists()
