"""A figure of an audit, an attack or a claim: a number, how sure it is, of how many devices it speaks, whence it comes.

The only way out of :mod:`hereabouts.risk`. No figure is about one device, nor about any fewer than
:data:`hereabouts.rules.fewest.FEWEST`:

- Numbers of devices are rounded to multiples of 20. So two figures of the same data (of one day more, with another
  parameter) differ by 0 or by a multiple of 20, and mostly say nothing of any one device.
- A share is that of rounded numbers, and its interval is wide enough for all numbers that are rounded to them. Fewer
  than 20 hits, none included, are "under" a bound, and all but fewer than 20 "over" one: none and one look the same.
- Whatever is decided is decided on a figure that is shown, never on the number behind it. So a verdict, a sentence or
  a colour tells no more than the figure does.

Two whole sets of figures, before and after one device goes, are another matter: each figure has edges, there are
hundreds, and other devices are drawn. They mostly differ. So of a store's window there is one set only
(:mod:`hereabouts.store.looks`); of a feed whoever has two has the rows of both. Noise alone would help further, and
figures with noise are releases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hereabouts.risk.intervals import wilson
from hereabouts.rules.fewest import FEWEST

TOO_FEW = f"fewer than {FEWEST} devices: not told"
TOO_FEW_FOR_SHARES = f"fewer than {2 * FEWEST} devices: too few for {FEWEST} on either side"
FEW_HITS = f"none, or fewer than {FEWEST}"
FEW_OTHERS = f"all, or all but fewer than {FEWEST}"
BY_ENDS = "by the ends of the attack and of its control"
NO_NUMBER = "there is no such number here"

_HALF = FEWEST // 2


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
        The number; ``None`` where it is not told, or only by its ends.
    low, high
        Ends of its 95 % interval; where nothing was sampled, of what is rounded to it, or equal to the value.
    n
        How many devices it is about, to a multiple of 20; ``None`` where they are too few to say.
    procedure, source
        How it was come by, and where that is described.
    control
        The same attack where it can only succeed by chance, or by what holds for everybody.
    withheld
        Why there is no number.

    Raises
    ------
    ValueError
        If there is a number about fewer than :data:`hereabouts.rules.fewest.FEWEST` devices, an exact number of them,
        or one that is not finite.
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
        told = [number for number in (self.value, self.low, self.high, self.n) if number is not None]
        if told and (self.n is None or self.n < FEWEST):
            raise ValueError(f"a figure is about at least {FEWEST} devices, and '{self.name}' is not")
        if self.n is not None and self.n % FEWEST:
            raise ValueError(f"a figure says of how many devices it is to {FEWEST} of them, and '{self.name}' does not")
        if not all(map(math.isfinite, told)):
            raise ValueError(f"a figure is finite, and '{self.name}' is not")
        if (self.value is None) != (self.withheld is not None):
            raise ValueError(
                f"a figure has a number or a reason for having none, and '{self.name}' has not one of them"
            )

    @property
    def about(self) -> float | None:
        """The number, or the middle of its ends where there are only those: to draw it by."""
        if self.value is None and self.low is not None and self.high is not None:
            return (self.low + self.high) / 2
        return self.value

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


def rounded(devices: int) -> int:
    """Give a number of devices, 20 or more, to the nearest multiple of 20; what lies between two goes up.

    >>> [rounded(devices) for devices in (20, 29, 30, 1_083)]
    [20, 20, 40, 1080]
    """
    return (devices + _HALF) // FEWEST * FEWEST


def quantity(
    name: str, value: float, low: float, high: float, n: int, how: Procedure, control: Figure | None = None
) -> Figure:
    """Give a number about `n` devices; without the number where they are too few, or it is not finite.

    The number itself must not turn on a few devices: that is for who calls this to see to. One of devices is for
    :func:`count`.
    """
    if n < FEWEST:
        return not_told(name, how)
    if not all(map(math.isfinite, (value, low, high))):
        return not_told(name, how, NO_NUMBER)
    return Figure(name, value, low, high, rounded(n), how.name, how.source, control)


def count(name: str, devices: int, how: Procedure) -> Figure:
    """Give a number of devices, to a multiple of 20; its ends are those of what is rounded to it."""
    if devices < FEWEST:
        return not_told(name, how, FEW_HITS)
    near = rounded(devices)
    return Figure(name, near, max(FEWEST, near - _HALF), near + _HALF, near, how.name, how.source)


def share(name: str, hits: int, n: int, how: Procedure, control: Figure | None = None) -> Figure:
    """Give a share of devices, of rounded numbers, with the interval of Wilson.

    Fewer than 20 hits, or others, have ends alone: up to what 19 would give, or from what all but 19 would give on.

    Parameters
    ----------
    name, how, control
        As in :class:`Figure`.
    hits, n
        How many of how many devices.
    """
    if n < 2 * FEWEST:
        return not_told(name, how, TOO_FEW if n < FEWEST else TOO_FEW_FOR_SHARES)
    near = rounded(n)
    fewest, most = near - _HALF, near + _HALF
    value: float | None = None
    why: str | None = None
    if hits < FEWEST:
        low, high, why = 0.0, wilson(FEWEST - 1, fewest)[1], FEW_HITS
    elif n - hits < FEWEST:
        low, high, why = wilson(fewest - FEWEST + 1, fewest)[0], 1.0, FEW_OTHERS
    else:
        told = rounded(hits)
        value, low, high = told / near, wilson(told - _HALF, most)[0], wilson(told + _HALF, fewest)[1]
    return Figure(name, value, low, high, near, how.name, how.source, control, why)


def not_told(name: str, how: Procedure, why: str = TOO_FEW) -> Figure:
    """Give a figure without a number, and the reason."""
    return Figure(name, None, None, None, None, how.name, how.source, withheld=why)


def excess(name: str, attack: Figure, control: Figure, how: Procedure) -> Figure:
    """Give what an attack finds beyond its control: (attack − control) / (1 − control).

    The interval carries the half-widths of both over (Giomi et al. 2023, "Anonymeter", section 4); where one of them
    has ends alone, so has this, the worst and the best of theirs. An attack that does no better than its control has
    none.
    """
    ends = (attack.low, attack.high, attack.n, control.low, control.high, control.n)
    if any(number is None for number in ends):
        return not_told(name, how, attack.withheld or control.withheld or TOO_FEW)
    low, high, n, base_low, base_high, base_n = (float(number) for number in ends if number is not None)
    if (base_high if control.value is None else control.value) >= 1.0:
        return not_told(name, how, "the control nearly always succeeds: nothing can be found beyond it")
    least = int(min(n, base_n))
    if attack.value is None or control.value is None:
        worst, best = _beyond(low, base_high), _beyond(high, base_low)
        return Figure(name, None, worst, best, least, how.name, how.source, control, BY_ENDS)
    rate, base = attack.value, control.value
    value = (rate - base) / (1 - base)
    half = math.hypot((high - low) / 2 / (1 - base), (base_high - base_low) / 2 * (1 - rate) / (1 - base) ** 2)
    return quantity(
        name, max(0.0, value), max(0.0, value - half), min(1.0, max(0.0, value + half)), least, how, control
    )


def _beyond(rate: float, base: float) -> float:
    """What is beyond a control at that end of its interval; nothing is beyond one that always succeeds."""
    return 0.0 if base >= 1.0 else max(0.0, (rate - base) / (1 - base))


def _digits(number: float | None) -> float | None:
    if number is None:
        return None
    return int(number) if abs(number) >= 1000 else float(f"{number:.4g}")
