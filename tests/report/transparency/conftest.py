"""The made-up year of tools/made_up_year.py: its log, what was made, and the report of it."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hereabouts.log.reading import numbered_entries, read_checkpoint
from hereabouts.report.transparency.report import Report, log_of, make_report

TOOL = Path(__file__).resolve().parents[3] / "tools" / "made_up_year.py"


@dataclass(frozen=True)
class Year:
    """A made-up year: its log's folder, its log's key, what was made in it, and its report."""

    log: Path
    key: str
    made: Any
    report: Report


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    spec = importlib.util.spec_from_file_location("made_up_year", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = sys.modules["made_up_year"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    folder = tmp_path_factory.mktemp("year")
    made = tool.write_made_up_year(folder)
    checkpoint, note = read_checkpoint(folder / "log", tool.SIGNER.verifier)
    log = log_of(checkpoint, str(tool.SIGNER.verifier), [name for name, _, _ in note.signatures])
    report = make_report(log, numbered_entries(folder / "log", checkpoint.size))
    return Year(folder / "log", str(tool.SIGNER.verifier), made, report)
