"""A figure of an audit, an attack or a claim: a number, how sure it is, of how many devices it speaks, whence it comes.

The only way out of :mod:`hereabouts.risk`. A figure is about :data:`hereabouts.rules.fewest.FEWEST` devices at the
least; one that would be about fewer has no number, and says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hereabouts.risk.intervals import wilson
from hereabouts.rules.fewest import FEWEST

TOO_FEW = f"fewer than {FEWEST} devices: not told"
TOO_NEAR = f"fewer than {FEWEST} devices, or all but fewer than {FEWEST}: not told"


@dataclass(frozen=True)
class Procedure:
    """How a figure is come by.

    Attributes
    ----------
    name
        What it is called.
    source
        Where it is described: a publication, a law, or hereabouts itself.
    """

    name: str
    source: str


@dataclass(frozen=True)
class Figure:
    """One figure about a data set.

    Attributes
    ----------
    name
        What it is.
    value
        The number; ``None`` where it is not told.
    low, high
        Ends of its 95 % interval; equal to the value where nothing was sampled.
    n
        How many devices it is about; ``None`` where they are too few to say.
    procedure, source
        How it was come by, and where that is described.
    control
        The same attack where it can only succeed by chance, or by what holds for everybody.
    withheld
        Why there is no number.

    Raises
    ------
    ValueError
        If there is a number about fewer than :data:`hereabouts.rules.fewest.FEWEST` devices.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    procedure: str
    source: str
    control: Figure | None = None
    withheld: str | None = None

    def __post_init__(self) -> None:
        told = any(number is not None for number in (self.value, self.low, self.high, self.n))
        if told and (self.n is None or self.n < FEWEST):
            raise ValueError(f"a figure is about at least {FEWEST} devices, and '{self.name}' is not")
        if (self.value is None) != (self.withheld is not None):
            raise ValueError(
                f"a figure has a number or a reason for having none, and '{self.name}' has not one of them"
            )

    def to_json(self) -> dict[str, Any]:
        """As JSON-like values; numbers in four digits at most, but for counts."""
        found: dict[str, Any] = {
            "name": self.name,
            "value": _digits(self.value),
            "ci95_low": _digits(self.low),
            "ci95_high": _digits(self.high),
            "devices": self.n,
            "procedure": self.procedure,
            "source": self.source,
        }
        if self.control is not None:
            found["control"] = self.control.to_json()
        if self.withheld is not None:
            found["withheld"] = self.withheld
        return found


def quantity(
    name: str, value: float, low: float, high: float, n: int, how: Procedure, control: Figure | None = None
) -> Figure:
    """Give a number about `n` devices; without the number where they are too few."""
    if n < FEWEST:
        return not_told(name, how)
    return Figure(name, value, low, high, n, how.name, how.source, control)


def share(
    name: str, hits: int, n: int, how: Procedure, control: Figure | None = None, *, about_hits: bool = False
) -> Figure:
    """Give a share of devices, with the interval of Wilson.

    Parameters
    ----------
    name, how, control
        As in :class:`Figure`.
    hits, n
        How many of how many devices.
    about_hits
        Whether it says something of those that were hit, where somebody was for example: then they, too, and those
        that were not, must not be few.
    """
    if n < FEWEST:
        return not_told(name, how)
    if about_hits and (hits < FEWEST or 0 < n - hits < FEWEST):
        return not_told(name, how, TOO_NEAR)
    low, high = wilson(hits, n)
    return Figure(name, hits / n, low, high, n, how.name, how.source, control)


def not_told(name: str, how: Procedure, why: str = TOO_FEW) -> Figure:
    """Give a figure without a number, and the reason."""
    return Figure(name, None, None, None, None, how.name, how.source, withheld=why)


def excess(name: str, attack: Figure, control: Figure, how: Procedure) -> Figure:
    """Give what an attack finds beyond its control: (attack − control) / (1 − control).

    The interval carries the half-widths of both over (Giomi et al. 2023, "Anonymeter", section 4). An attack that does
    no better than its control has none.
    """
    numbers = (attack.value, attack.low, attack.high, attack.n, control.value, control.low, control.high, control.n)
    if any(number is None for number in numbers):
        return not_told(name, how, attack.withheld or control.withheld or TOO_FEW)
    rate, low, high, n, base, base_low, base_high, base_n = (float(number) for number in numbers if number is not None)
    if base >= 1.0:
        return not_told(name, how, "the control always succeeds: nothing can be found beyond it")
    value = (rate - base) / (1 - base)
    half = math.hypot((high - low) / 2 / (1 - base), (base_high - base_low) / 2 * (1 - rate) / (1 - base) ** 2)
    least = int(min(n, base_n))
    return quantity(
        name, max(0.0, value), max(0.0, value - half), min(1.0, max(0.0, value + half)), least, how, control
    )


def _digits(number: float | None) -> float | None:
    if number is None:
        return None
    return int(number) if abs(number) >= 1000 else float(f"{number:.4g}")
