"""Identifiers are written straight into Arrow buffers, and are what Python's uuid makes of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import numpy as np

from hereabouts.synthetic.spelling import BARE, CAPITALS, ODD_SPELLINGS, PLAIN, SPACED, spell_identifiers


def test_every_spelling_is_of_the_same_device() -> None:
    known = [uuid.uuid4() for _ in range(50)]
    mask = 2**64 - 1
    identifiers = np.array([[one.int >> 64, one.int & mask] for one in known], np.uint64)
    device = np.arange(50, dtype=np.int32)[::-1].copy()
    spelling = (np.arange(50) % (1 + ODD_SPELLINGS)).astype(np.int8)
    written = spell_identifiers(identifiers, device, spelling)
    written.validate(full=True)
    forms: dict[int, Callable[[uuid.UUID], str]] = {
        PLAIN: str,
        CAPITALS: lambda one: str(one).upper(),
        BARE: lambda one: one.hex,
        SPACED: lambda one: f" {one} ",
    }
    expected = [forms[how](known[who]) for who, how in zip(device.tolist(), spelling.tolist(), strict=True)]
    assert written.to_pylist() == expected


def test_nothing_is_written_for_no_rows() -> None:
    nothing = spell_identifiers(np.empty((0, 2), np.uint64), np.empty(0, np.int32), np.empty(0, np.int8))
    assert nothing.to_pylist() == []
