"""How commands speak: exact values as text, nothing on stderr unless somebody watches."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hereabouts.cli.output import example, print_json, progress_bar, steps


@dataclass(frozen=True)
class _Inner:
    rho: Fraction


@dataclass(frozen=True)
class _Outer:
    path: Path
    day: dt.date
    inner: list[_Inner]


def test_results_are_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(_Outer(Path("a/é"), dt.date(2024, 3, 4), [_Inner(Fraction(1, 3))]))
    said = capsys.readouterr()
    assert json.loads(said.out) == {"path": "a/é", "day": "2024-03-04", "inner": [{"rho": "1/3"}]}
    assert "é" in said.out
    assert said.err == ""


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", _Inner])
def test_what_has_no_form_is_a_bug_and_not_guessed(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot print"):
        print_json([value])


def test_nobody_watches_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar("rows") as tell, steps() as say:
        tell("intake", 1e6, 0.5)
        say("estimates")
    assert capfd.readouterr() == ("", "")


def test_an_example_says_so() -> None:
    assert example("hereabouts seal --store store") == "Example: hereabouts seal --store store"
