"""The tables of docs/proof.md: what they say of an attack that was made up, and that the plans are plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks import FOURSQUARE, TDRIVE, DataSet, plan_of, table
from hereabouts.release.plan import load_plan
from tests.risk.attack.made import attack_made


@pytest.mark.parametrize("data", [TDRIVE, FOURSQUARE], ids=lambda data: data.name)
def test_the_plans_are_plans(data: DataSet, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(plan_of(data, 0.5), encoding="utf-8")
    plan = load_plan(path)
    assert (plan.epsilon, plan.window) == (0.5, f"{data.first}/{data.after}")
    plan.check_periods(data.window)


def test_a_table_has_every_attack_and_canary() -> None:
    said = table(TDRIVE, attack_made().to_json(), 1.0)
    assert said.startswith("### T-Drive, epsilon 1, delta 1e-6\n| attack | raw counts | counts of 10 or more |")
    assert " to 1.000; over " in said
    assert "| 0.560 |" in said
    assert "not told" in said
    assert "**more than claimed**" in said
    for line in said.splitlines():
        assert not line.startswith("|") or line.endswith("|")
