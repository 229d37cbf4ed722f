"""The benchmark of the log measures a log that is sound, and prints what it measured."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_log_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(ROOT)
    log = importlib.import_module("benchmarks.log")
    figures = log.measure_log(300, tmp_path, single=5)
    assert figures.entries == 300
    assert set(figures.single) == {0, 295}
    assert set(figures.proofs) == {5, 300}
    text = log.report(figures)
    assert "| one act at a time, on top of 295 entries |" in text
    assert text.count("\n") == 10
