"""The law of the noise, reckoned by decimals and independently of the code under test."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pytest

ExactLaw = Callable[[float, int], list[int]]


@cache
def _exact_law(scale: float, bits: int) -> list[int]:
    digits = bits * 302 // 1000 + 25
    with decimal.localcontext(decimal.Context(prec=digits, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)):
        half = -1 / (2 * Decimal(scale) ** 2)
        weights = [Decimal(1)]
        while weights[-1] > Decimal(10) ** -digits:
            weights.append(2 * (half * len(weights) ** 2).exp())
        total, below = sum(weights), Decimal(0)
        found = []
        for weight in weights:
            below += weight
            found.append(min(int(below / total * 2**bits), 2**bits - 1))
    return found


@pytest.fixture(scope="session")
def exact_law() -> ExactLaw:
    """``floor(2**bits * P(|Z| <= k))`` for k = 0, 1, ... and Z ~ N_Z(0, scale**2), each exponential by itself."""
    return _exact_law
