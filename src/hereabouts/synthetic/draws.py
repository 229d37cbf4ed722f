"""Reproducible random draws inside compiled loops: one small stream for each thing that is drawn.

A stream is named by the seed, a purpose and two numbers (a device, a day), so what one device does
depends neither on other devices nor on how the work is cut into chunks. The generator is SplitMix64
(Steele, Lea and Flood 2014): quick and even, and good for looks only. Noise for privacy is drawn by
``hereabouts.privacy`` and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Stream = NDArray[np.uint64]  # shape (1,): the state

PURPOSE_TOWN = 1
PURPOSE_PERSON = 2
PURPOSE_IDENTIFIER = 3
PURPOSE_PLAN = 4
PURPOSE_TIMES = 5
PURPOSE_FIXES = 6

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_BITS_30, _BITS_27, _BITS_31, _BITS_11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Compile `function` with numba, cached on disk, without the interpreter lock; keeps its type."""
    return cast(_Function, numba.njit(cache=True, nogil=True)(function))


@kernel
def _mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> _BITS_30)) * _MIX_1
    value = (value ^ (value >> _BITS_27)) * _MIX_2
    return value ^ (value >> _BITS_31)


@kernel
def open_stream(stream: Stream, seed: np.uint64, purpose: int, device: int, day: int) -> None:
    """Turn `stream` into the one named by (seed, purpose, device, day)."""
    state = _mix(seed + np.uint64(purpose) * _GAMMA)
    state = _mix(state + np.uint64(device) * _GAMMA + _GAMMA)
    stream[0] = _mix(state + np.uint64(day) * _GAMMA + _GAMMA)


@kernel
def bits(stream: Stream) -> np.uint64:
    """64 even bits."""
    stream[0] += _GAMMA
    return _mix(stream[0])


@kernel
def uniform(stream: Stream) -> float:
    """A number in [0, 1)."""
    return float((bits(stream) >> _BITS_11) * _UNIT)


@kernel
def between(stream: Stream, low: float, high: float) -> float:
    """A number in [low, high)."""
    return low + (high - low) * uniform(stream)


@kernel
def below(stream: Stream, size: int) -> int:
    """A whole number in 0 .. size - 1."""
    return int(uniform(stream) * size)


@kernel
def exponential(stream: Stream) -> float:
    """An exponential number of mean 1."""
    return -math.log(1.0 - uniform(stream))


@kernel
def normal(stream: Stream) -> float:
    """A standard normal number (Box and Muller 1958)."""
    return math.sqrt(2.0 * exponential(stream)) * math.cos(2.0 * math.pi * uniform(stream))
