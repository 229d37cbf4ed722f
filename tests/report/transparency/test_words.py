"""Words: days and windows as people write them; every rule that refuses has a sentence."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import hereabouts
from hereabouts.report.transparency.words import RULES, act, count_of, day, month, purpose, why, window


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2025-03-03/2025-03-10", "3 to 9\u00a0Mar\u00a02025"),
        ("2025-12-29/2026-01-05", "29\u00a0Dec\u00a02025 to 4\u00a0Jan\u00a02026"),
        ("2025-03-03/2025-03-04", "3\u00a0Mar\u00a02025"),
        ("not said", "not said"),
    ],
)
def test_a_window_is_said_by_its_first_and_last_day(name: str, said: str) -> None:
    assert window(name) == said


def test_days_and_counts() -> None:
    assert day("2025-03-03T10:00:00+00:00") == "3 March 2025"
    assert (month("2025-03"), month("2025")) == ("March 2025", "2025")
    assert (count_of(1, "request"), count_of(2000, "request")) == ("1\u00a0request", "2,000\u00a0requests")
    assert purpose("research").startswith("Scientific research")
    assert (purpose("something of ours"), why("unheard-of"), act("dance")) == ("", "", "dance")


def test_every_rule_that_refuses_has_a_sentence() -> None:
    """A literal first argument of `RefusedError` anywhere in the source."""
    found = set()
    for module in Path(hereabouts.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "RefusedError":
                rule = node.args[0] if node.args else None
                if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                    found.add(rule.value)
    assert found - RULES.keys() == set()
