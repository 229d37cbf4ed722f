"""A result that was made up, for those who print and draw it."""

from __future__ import annotations

import numpy as np

from hereabouts.risk.attack.figures import from_exposed, from_scores
from hereabouts.risk.attack.learned import RAW, RELEASE, THRESHOLD
from hereabouts.risk.attack.result import DEVIATIONS, RIGHT, Attack, Attacked, Attempt, CanaryTest
from hereabouts.risk.figures import Figure, Procedure, not_told, quantity

HOW = Procedure("a procedure", "a source")


def attack_made() -> Attack:
    """One attempt, two canaries, one of which shows too much."""
    rng = np.random.default_rng(1)
    rates = (
        from_exposed(RAW, 100, 100, 1e-6, HOW),
        from_exposed(THRESHOLD, 60, 100, 1e-6, HOW),
        from_scores(RELEASE, rng.normal(0.2, 1, (100, 20)), rng.normal(0, 1, (100, 20)), 1e-6, HOW),
    )
    chance: Figure = quantity("joined by chance", 0.1, 0.05, 0.15, 60, HOW)
    return Attack(
        Attacked("made up", "2024-03-04/2024-03-11", 1.0, 1e-6, False, ("presence",), ("flows (norms)",), 0.6),
        1,
        (Attempt("known trace", "her whole trace", "looks", rates, 0.56, 0.02),),
        ("zero auxiliary: too few devices",),
        (
            CanaryTest("in one cell", "noise too small", 2_000, DEVIATIONS, 0.2, None, False, 0.1, "means", "somebody"),
            CanaryTest("an exact threshold", "exact counts", 100, RIGHT, 0.7, 1.0, True, None, "guesses", "somebody"),
        ),
        (
            quantity(RAW, 0.8, 0.7, 0.9, 60, HOW, chance),
            not_told(THRESHOLD, HOW),
            quantity(RELEASE, 0.12, 0.05, 0.2, 60, HOW, chance),
        ),
        quantity("advantage", 0.05, 0.01, 0.09, 100, HOW),
        0.06,
        ("a limit",),
    )
