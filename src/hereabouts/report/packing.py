"""Numbers as text: how figures get into the page in a tenth of the room that JSON rows would take.

A block is an array of unsigned integers: little-endian, its bytes regrouped by significance (all lowest bytes
first: the high ones are mostly zero and then deflate to nothing), deflated (zlib), base64. ``data.js`` undoes
it.

A figure becomes three integers, in steps that are at least five times finer than its noise: the value plus
one (0 means "not published"), and the distances to the interval's ends, rounded outward.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FINEST_STEP = 0.01
COARSEST_STEP = 1.0
_STEPS_PER_SD = 5


@dataclass(frozen=True)
class Block:
    """Packed numbers: base64 text, and the width of one number in bytes (2 or 4)."""

    text: str
    width: int


def step_for(noise_sd: NDArray[np.float64]) -> float:
    """Return the step (1, 0.1 or 0.01) that keeps figures of this noise without a loss that matters."""
    typical = float(np.median(noise_sd)) / _STEPS_PER_SD if noise_sd.size else COARSEST_STEP
    power = np.floor(np.log10(typical)) if typical > 0 else -np.inf
    return float(np.clip(10.0**power, FINEST_STEP, COARSEST_STEP))


def figure_codes(
    value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], step: float
) -> NDArray[np.int64]:
    """Return value + 1, value - low and high - value in whole steps, shape (3, rows).

    The distances are taken modulo 2**32 where an estimate lies outside its interval; reading them back modulo
    2**32 is exact.
    """
    slack = 1e-6
    middle = np.round(value / step).astype(np.int64)
    below = middle - np.floor(low / step + slack).astype(np.int64)
    above = np.ceil(high / step - slack).astype(np.int64) - middle
    return np.stack([middle + 1, below, above])


def pack(numbers: NDArray[Any]) -> Block:
    """Pack integers (any shape, taken in C order) that fit 32 bits."""
    flat = np.ascontiguousarray(numbers).ravel().astype(np.int64)
    narrow = flat.size == 0 or (int(flat.min()) >= 0 and int(flat.max()) < 2**16)
    unsigned = flat.astype("<u2") if narrow else (flat % 2**32).astype("<u4")
    width = unsigned.dtype.itemsize
    planes = unsigned.view(np.uint8).reshape(-1, width).T
    return Block(base64.b64encode(zlib.compress(planes.tobytes(), 6)).decode("ascii"), width)


def unpack(block: Block) -> NDArray[np.uint32]:
    """Undo :func:`pack`: the numbers modulo 2**32. The page does the same in JavaScript."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(block.text)), dtype=np.uint8)
    flat = np.ascontiguousarray(planes.reshape(block.width, -1).T)
    return flat.view(f"<u{block.width}").ravel().astype(np.uint32)
