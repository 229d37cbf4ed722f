"""``hereabouts demo``: a summary, and the path of the report."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command


def test_what_it_says(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("hereabouts.acts.demo")
    monkeypatch.setattr(module, "_DEVICES", 200)
    monkeypatch.setattr(module, "_PLAN", module._PLAN.replace("[5, 6, 7]", "[5]").replace("[5, 6]", "[5]"))
    done = command("demo", "--out", tmp_path / "demo")
    assert (done.code, done.err) == (0, "")
    words = [line.split()[0] for line in done.out.splitlines()]
    assert words == [
        "places", "intake", "seal", "release", "release", "release", "budget", "verify", "audit", "attack", "read",
    ]  # fmt: skip
    report = Path(done.out.splitlines()[-1].split()[-1])
    assert report == tmp_path / "demo" / "release" / "report.html"
    assert report.exists()
    passed, _, of = done.out.splitlines()[-4].split()[1:4]
    assert passed == of
