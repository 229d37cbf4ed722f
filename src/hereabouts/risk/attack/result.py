"""What attacks on a release found: figures about all targets together, and words. The report needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hereabouts.risk.figures import Figure


@dataclass(frozen=True)
class Rates:
    """How an attack fared against one way of publishing.

    Attributes
    ----------
    way
        What was published: raw counts, counts of 10 or more, or this release.
    area
        Mean area under the ROC curve: 0.5 is a toss of a coin, 1 is certainty.
    found
        How many targets are found where one in a hundred false alarms is let pass.
    epsilon
        The epsilon that these rates prove to be exceeded.
    """

    way: str
    area: Figure
    found: Figure
    epsilon: Figure


@dataclass(frozen=True)
class Attempt:
    """One attack, against each way of publishing.

    Attributes
    ----------
    name, knows, does
        What it is called, what the attacker knows beforehand, and what he does.
    rates
        How it fared.
    ceiling, ceiling_found
        The area, and the share found, that theory lets nobody exceed who has this release; ``None`` where the attack
        has none of its own.
    """

    name: str
    knows: str
    does: str
    rates: tuple[Rates, ...]
    ceiling: float | None = None
    ceiling_found: float | None = None


DEVIATIONS, RIGHT = "deviations", "right guesses"
"""What canaries are measured in: see :class:`CanaryTest`."""


@dataclass(frozen=True)
class CanaryTest:
    """Made-up devices that were planted and looked for.

    Attributes
    ----------
    name, finds
        What is planted, and which faults it would show.
    canaries
        How many, in and out, in all runs.
    unit
        What is counted: deviations of the noise by which a canary moves its score, or the share of guesses that are
        right.
    claimed, found
        How much of it there is at most, and as found; ``None`` where there was no noise at all.
    flagged
        Whether that is more than was claimed, at the 1 % level for all canaries together.
    epsilon
        What one run proves to be exceeded; ``None`` where that was not asked.
    procedure, source
        How, and where it is described.
    """

    name: str
    finds: str
    canaries: int
    unit: str
    claimed: float
    found: float | None
    flagged: bool
    epsilon: float | None
    procedure: str
    source: str


@dataclass(frozen=True)
class Attacked:
    """The release: what its manifest says.

    Attributes
    ----------
    name, window, epsilon, delta
        Of its plan.
    stale
        The store's data have changed since: attacks are on what they are now.
    measured, left_out
        What was attacked, and what was paid for and was not.
    worst_area
        The area that nobody can exceed, whatever he knows and whoever the target is: ``Phi(sqrt rho)``.
    """

    name: str
    window: str
    epsilon: float
    delta: float
    stale: bool
    measured: tuple[str, ...]
    left_out: tuple[str, ...]
    worst_area: float


@dataclass(frozen=True)
class Attack:
    """What ``attack.json`` says.

    Attributes
    ----------
    release
        What was attacked.
    seed
        By which targets were drawn.
    attempts
        Membership inference.
    untried
        Attacks that were not made, and why.
    canaries
        Tests of the claim itself.
    recovery
        Shares of hours that are right in traces put together from counts; each with chance as its control.
    differencing
        The attacker's advantage by the difference of two releases, and its bound.
    limits
        What this does not say.
    """

    release: Attacked
    seed: int
    attempts: tuple[Attempt, ...]
    untried: tuple[str, ...]
    canaries: tuple[CanaryTest, ...]
    recovery: tuple[Figure, ...]
    differencing: Figure
    differencing_bound: float
    limits: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON-like values."""
        return {
            "confidential": CONFIDENTIAL,
            "release": vars(self.release)
            | {"measured": [*self.release.measured], "left_out": [*self.release.left_out]},
            "seed": self.seed,
            "attempts": [_attempt(attempt) for attempt in self.attempts],
            "untried": [*self.untried],
            "canaries": [vars(test).copy() for test in self.canaries],
            "recovery": [figure.to_json() for figure in self.recovery],
            "differencing": self.differencing.to_json() | {"bound": round(self.differencing_bound, 4)},
            "limits": [*self.limits],
        }


CONFIDENTIAL = "Confidential. Computed on exact data. Not differentially private. For the owner of the data."


def _attempt(attempt: Attempt) -> dict[str, Any]:
    rates = [
        {
            "way": each.way,
            "area": each.area.to_json(),
            "found": each.found.to_json(),
            "epsilon": each.epsilon.to_json(),
        }
        for each in attempt.rates
    ]
    return vars(attempt) | {"rates": rates}
