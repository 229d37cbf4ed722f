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
        Noisy totals before and after scaling, same units.
    totals_variance
        Of the noise in each of them.
    """

    resolution: int
    asked: bool
    pairs: Integers
    noisy: Integers
    variance: float
    unit: int
    totals: tuple[int, int]
    totals_variance: float


@dataclass(frozen=True)
class Measurements:
    """All that one charge bought."""

    payments: tuple[Payment, ...]
    presence: tuple[PresenceLevel, ...]
    flows: tuple[FlowLevel, ...]

    def to_bytes(self) -> bytes:
        """As a NumPy archive, without pickles.

        Numbers are written in the narrowest integers that hold them all; noise hardly gets smaller by compressing it.
        """
        arrays: dict[str, NDArray[Any]] = {}
        facts: dict[str, Any] = {"payments": [], "presence": [], "flows": []}
        for payment in self.payments:
            facts["payments"].append(vars(payment) | {"rho": str(payment.rho)})
        for place, level in enumerate(self.presence):
            arrays[f"presence{place}"] = _narrow(level.noisy)
            facts["presence"].append({"resolution": level.resolution, "variance": level.variance})
        for place, flow in enumerate(self.flows):
            arrays[f"pairs{place}"], arrays[f"flows{place}"] = _narrow(flow.pairs), _narrow(flow.noisy)
            facts["flows"].append({key: value for key, value in vars(flow).items() if key not in ("pairs", "noisy")})
        buffer = io.BytesIO()
        arrays["facts"] = np.array(json.dumps(facts))
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Measurements:
        """Inverse of :meth:`to_bytes`."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            facts = json.loads(str(archive["facts"]))
            presence = tuple(
                PresenceLevel(noisy=archive[f"presence{place}"].astype(np.int64), **level)
                for place, level in enumerate(facts["presence"])
            )
            flows = tuple(
                FlowLevel(
                    pairs=archive[f"pairs{place}"].astype(np.int64),
                    noisy=archive[f"flows{place}"].astype(np.int64),
                    **(level | {"totals": (level["totals"][0], level["totals"][1])}),
                )
                for place, level in enumerate(facts["flows"])
            )
        payments = tuple(Payment(**(p | {"rho": Fraction(p["rho"])})) for p in facts["payments"])
        return cls(payments, presence, flows)


def _narrow(numbers: Integers) -> NDArray[np.signedinteger[Any]]:
    """The same numbers in the narrowest integers that hold them all."""
    low, high = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    fitting = (t for t in (np.int8, np.int16, np.int32) if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
    return numbers.astype(next(fitting, np.int64))
