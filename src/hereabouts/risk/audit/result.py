"""What an audit gives: figures about the whole data set, and words. The report needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hereabouts.risk.figures import Figure

CONFIDENTIAL = "Confidential. Computed on exact data. Not differentially private. For the owner of the data."


@dataclass(frozen=True)
class DataSet:
    """What was audited.

    Attributes
    ----------
    kind
        ``feed`` or ``sealed window``.
    name
        How many files and the profile that they are read by, or the window: no file's name, which may be anything.
    devices, points, days
        How many devices, to the nearest 20, and how many distinct points (a device, a second, an H3 cell) there are,
        and over how many days: see :class:`hereabouts.risk.traces.Traces`.
    resolution, step
        H3 resolution and seconds in which traces were compared.
    """

    kind: str
    name: str
    devices: int
    points: int
    days: int
    resolution: int
    step: int


@dataclass(frozen=True)
class UnicityGrain:
    """Unicity at one grain: figures for 1, 2, … 8 points."""

    resolution: int
    period: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Question:
    """One of WP29's three questions, and what was measured to answer it.

    Attributes
    ----------
    name
        ``singling out``, ``linkability`` or ``inference``.
    asks
        The question, in words.
    method
        What was done, in words.
    attack
        How often the attack succeeds; its control is the same attack where the target is not in the data, or the match
        is one of chance.
    risk
        What it finds beyond that.
    """

    name: str
    asks: str
    method: str
    attack: Figure
    risk: Figure


@dataclass(frozen=True)
class Finding:
    """A fact about the data set that is no share of devices: in words, with its source."""

    about: str
    text: str
    procedure: str
    source: str


@dataclass(frozen=True)
class Audit:
    """An audit of a data set."""

    data_set: DataSet
    questions: tuple[Question, ...]
    unicity: tuple[UnicityGrain, ...]
    night_and_day: tuple[Figure, ...]
    sampling: tuple[Figure, ...]
    sensitive: tuple[Figure, ...]
    sizes: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    limits: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As the JSON-like values of ``audit.json``."""
        lists = {
            name: [figure.to_json() for figure in getattr(self, name)]
            for name in ("night_and_day", "sampling", "sensitive", "sizes")
        }
        return {
            "confidential": CONFIDENTIAL,
            "data_set": vars(self.data_set).copy(),
            "questions": [
                {
                    "name": question.name,
                    "asks": question.asks,
                    "method": question.method,
                    "attack": question.attack.to_json(),
                    "risk": question.risk.to_json(),
                }
                for question in self.questions
            ],
            "unicity": [
                {
                    "resolution": grain.resolution,
                    "period": grain.period,
                    "points": [figure.to_json() for figure in grain.figures],
                }
                for grain in self.unicity
            ],
            **lists,
            "findings": [vars(finding).copy() for finding in self.findings],
            "limits": list(self.limits),
        }
