"""An audit to be shown, made up of whole cloth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hereabouts.risk.audit.result import Audit, DataSet, Finding, Question, UnicityGrain
from hereabouts.risk.figures import Figure, Procedure, excess, not_told, share

HOW = Procedure("a procedure", "a source 2024")
Made = Callable[..., Audit]


def _share(hits: int, n: int = 1_000) -> Figure:
    return share("share", hits, n, HOW)


def _question(name: str, attack: Figure) -> Question:
    control = attack.control or attack
    return Question(name, f"{name}?", "So it was done.", attack, excess("beyond", attack, control, HOW))


@pytest.fixture
def made() -> Made:
    """Make an audit, with changes."""

    def make(**changes: Any) -> Audit:
        control = _share(100)
        attacks = [share("attack", 900, 1_000, HOW, control) for _ in range(3)]
        names = ("singling out", "linkability", "inference")
        values: dict[str, Any] = {
            "data_set": DataSet("feed", "one file", 1_000, 50_000, 7, 10, 1),
            "questions": tuple(_question(name, attack) for name, attack in zip(names, attacks, strict=True)),
            "unicity": tuple(
                UnicityGrain(resolution, period, tuple(_share(min(100 * p * 2, 1_000)) for p in range(8)))
                for resolution in (8, 7)
                for period in ("1 h", "1 day")
            ),
            "night_and_day": tuple(
                share(f"{what} unique, H3 {resolution}", 500, 1_000, HOW)
                for resolution in (8, 7)
                for what in ("one", "two")
            ),
            "sampling": (not_told("pings", HOW),),
            "sensitive": (share("seen at a place of category religious", 30, 1_000, HOW),),
            "sizes": (_share(1_000),),
            "findings": (Finding("bulk", "It is large.", "counting", "a law"),),
            "limits": ("None.",),
        }
        return Audit(**(values | changes))

    return make
