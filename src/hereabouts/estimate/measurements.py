"""What estimates are made from: noisy measurements and public facts, nothing else. They can be kept and shown."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Payment:
    """One measured piece and what it cost.

    Attributes
    ----------
    statistic, resolution, part
        What it was: for example ``"flows"``, 6, ``"pairs"``; no resolution where it was for all of them.
    rho
        What was paid.
    squared_sensitivity
        The squared L2 sensitivity that its noise was scaled to, in the units of its values.
    noise_scale
        Scale of the discrete Gaussian noise, in the same units.
    values
        How many numbers were drawn for it.
    """

    statistic: str
    resolution: int | None
    part: str
    rho: Fraction
    squared_sensitivity: int
    noise_scale: float
    values: int


@dataclass(frozen=True)
class PresenceLevel:
    """Noisy hourly counts of one resolution, shape (cells, hours), in the order of the region's sorted cells."""

    resolution: int
    noisy: Integers
    variance: float


@dataclass(frozen=True)
class FlowLevel:
    """Noisy scaled trips of one resolution.

    Attributes
    ----------
    asked
        Whether the plan publishes this resolution.
    pairs
        Sorted, ``origin position x cells + destination position``, shape (pairs,).
    noisy
        In units of 1/unit trips, shape (pairs,).
    variance
        Of the noise in these, same units squared.
    unit
        Fixed-point units in one trip.
    totals
        Noisy totals of what scaling kept and what it took, same units: of pairs of a cell with itself, then of others.
    totals_variance
        Of the noise in each of them.
    """

    resolution: int
    asked: bool
    pairs: Integers
    noisy: Integers
    variance: float
    unit: int
    totals: tuple[int, ...]
    totals_variance: float


@dataclass(frozen=True)
class FlowSlots:
    """Noisy scaled trips of one resolution by pair and day, or by pair and hour of the day.

    Attributes
    ----------
    period
        ``"P1D"`` or ``"hour-of-day"``.
    pairs
        Sorted, ``origin position x cells + destination position``, shape (pairs,).
    noisy
        In units of 1/unit trips, shape (pairs, slots).
    variance
        Of the noise in these, same units squared.
    unit
        Fixed-point units in one trip.
    """

    resolution: int
    period: str
    pairs: Integers
    noisy: Integers
    variance: float
    unit: int


@dataclass(frozen=True)
class VisitorLevel:
    """Noisy scaled visitors (distinct devices) of one resolution and period.

    Attributes
    ----------
    period
        ``"P1D"``, or the window's duration.
    noisy
        In units of 1/unit devices, shape (cells, slots): a slot a day, or one for the window.
    variance
        Of the noise in these, same units squared.
    unit
        Fixed-point units in one device.
    taken, kept
        Noisy sums of what scaling took, and of what it left; same units.
    taken_variance, kept_variance
        Of the noise in them.
    spread
        Relative deviation of the factors that devices were scaled by, from the noisy norms.
    """

    resolution: int
    period: str
    noisy: Integers
    variance: float
    unit: int
    taken: int
    taken_variance: float
    kept: int
    kept_variance: float
    spread: float


@dataclass(frozen=True)
class Histogram:
    """Noisy counts of one distribution, in its public bins.

    Attributes
    ----------
    statistic
        Its name in plans.
    noisy
        In units of 1/unit devices, device-days, trips or stays, shape (bins,).
    variance
        Of the noise in these, same units squared.
    unit
        Fixed-point units in one of them.
    taken, kept
        Noisy sums of what scaling took (0 where nothing is scaled), and of what it left; same units.
    taken_variance, kept_variance
        Of the noise in them.
    spread
        Relative deviation of the factors that devices were scaled by, from the noisy norms.
    """

    statistic: str
    noisy: Integers
    variance: float
    unit: int
    taken: int
    taken_variance: float
    kept: int
    kept_variance: float
    spread: float


_KINDS: dict[str, type] = {
    "presence": PresenceLevel,
    "flows": FlowLevel,
    "flow_slots": FlowSlots,
    "visitors": VisitorLevel,
    "distributions": Histogram,
}


@dataclass(frozen=True)
class Measurements:
    """All that one charge bought."""

    payments: tuple[Payment, ...]
    presence: tuple[PresenceLevel, ...] = ()
    flows: tuple[FlowLevel, ...] = ()
    flow_slots: tuple[FlowSlots, ...] = ()
    visitors: tuple[VisitorLevel, ...] = ()
    distributions: tuple[Histogram, ...] = ()

    def to_bytes(self) -> bytes:
        """As a NumPy archive, without pickles.

        Numbers are written in the narrowest integers that hold them all; noise hardly gets smaller by compressing it.
        """
        arrays: dict[str, NDArray[Any]] = {}
        facts: dict[str, Any] = {"payments": [vars(paid) | {"rho": str(paid.rho)} for paid in self.payments]}
        for kind in _KINDS:
            facts[kind] = []
            for place, level in enumerate(getattr(self, kind)):
                parts = vars(level)
                arrays |= {f"{kind}{place}.{key}": _narrow(part) for key, part in parts.items() if _is_array(part)}
                facts[kind].append({key: part for key, part in parts.items() if not _is_array(part)})
        buffer = io.BytesIO()
        arrays["facts"] = np.array(json.dumps(facts))
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Measurements:
        """Inverse of :meth:`to_bytes`."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            facts = json.loads(str(archive["facts"]))
            arrays = {name: archive[name].astype(np.int64) for name in archive.files if name != "facts"}
        levels: dict[str, tuple[Any, ...]] = {}
        for kind, made in _KINDS.items():
            levels[kind] = tuple(
                made(**_untouchable(level), **_of(arrays, f"{kind}{place}.")) for place, level in enumerate(facts[kind])
            )
        payments = tuple(Payment(**(p | {"rho": Fraction(p["rho"])})) for p in facts["payments"])
        return cls(payments, **levels)


def _is_array(part: object) -> bool:
    return isinstance(part, np.ndarray)


def _untouchable(facts: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}


def _of(arrays: dict[str, Integers], prefix: str) -> dict[str, Integers]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _narrow(numbers: Integers) -> NDArray[np.signedinteger[Any]]:
    """The same numbers in the narrowest integers that hold them all."""
    low, high = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    fitting = (t for t in (np.int8, np.int16, np.int32) if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
    return numbers.astype(next(fitting, np.int64))
