"""The demo: the whole way, through the same acts, in a folder that is its own."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from hereabouts.acts import demo
from hereabouts.errors import UsageError

MODULE = importlib.import_module("hereabouts.acts.demo")  # its name in the package is the act's
SMALL_PLAN = """\
name = "demo town"
purpose = "transport-planning"
region = { bbox = [-1.6, 52.0, -0.6, 52.6] }
window = "2024-03-04/2024-03-11"
epsilon = 1.0
delta = 1e-6
statistics = ["presence"]
[presence]
resolutions = [5]
"""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hamlet in place of the town."""
    monkeypatch.setattr(MODULE, "_DEVICES", 50)
    monkeypatch.setattr(MODULE, "_PLAN", SMALL_PLAN)


def test_it_goes_the_whole_way_and_can_be_run_again(tmp_path: Path) -> None:
    told: list[str] = []
    made = demo(tmp_path / "demo", told.append)
    steps = ["init", "places", "intake", "seal", "release", "verify", "audit", "attack"]
    assert told == ["synth: 50 devices, 7 days", *steps]
    assert made.report == tmp_path / "demo" / "release" / "report.html"
    assert made.report.exists()
    assert made.audited.exists()
    assert made.attacked.exists()
    assert len(made.receipts) == 7
    assert made.places.counts == {"medical": 1, "religious": 1, "shelters": 1}
    assert made.tested.passed
    assert all(receipt.places_version == 1 for receipt in made.receipts)
    assert all(check.passed for check in made.checks)
    assert made.checks[-1].name == "ledger"
    assert made.budget.windows[0].spent.epsilon == pytest.approx(1.0)
    (tmp_path / "demo" / "release" / "README.md").write_text("altered")
    again = demo(tmp_path / "demo")
    assert again.sealed == made.sealed, "the same town"
    assert all(check.passed for check in again.checks)


def test_it_leaves_alone_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="no demo made"):
        demo(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        demo(tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_an_empty_current_folder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo(Path()).report.exists()
