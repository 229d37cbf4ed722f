"""``hereabouts audit``: writes two files, says that they are confidential, answers three questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Command, Site


def test_a_feed_is_audited(feed: Path, tmp_path: Path, command: Command) -> None:
    done = command("audit", feed, "--out", tmp_path / "audit")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("confidential: computed on exact data")
    assert "singling out: " in done.out
    assert "linkability: " in done.out
    assert "inference: " in done.out
    assert sorted(path.name for path in (tmp_path / "audit").iterdir()) == ["audit.html", "audit.json"]


def test_json_is_what_the_file_says(sealed_site: Site, tmp_path: Path, command: Command) -> None:
    store = sealed_site.copy(tmp_path / "site").store
    done = command("audit", store, "--out", tmp_path / "audit", "--window", "2024-03-04/2024-03-11", "--json")
    assert done.json == json.loads((tmp_path / "audit" / "audit.json").read_text())
    assert done.json["data_set"]["kind"] == "sealed window"


def test_wrong_calls_are_refused(feed: Path, sealed_site: Site, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "audit"
    command("audit", feed, "--out", out, "--window", "2024-03-04/2024-03-11").refuses(2, "only a store has windows")
    command("audit", sealed_site.store, feed, "--out", out).refuses(2, "expected one store, or feeds alone")
    command("audit", sealed_site.store, "--out", out, "--window", "2023-03-06/2023-03-13").refuses(
        2, "nothing to measure"
    )
    command("audit", tmp_path / "none", "--out", out).refuses(4, "there is no such file")
    assert not out.exists()
