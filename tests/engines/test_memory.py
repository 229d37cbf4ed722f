"""Freed memory is kept for the next batch, where the machine has a way to say so; nothing else changes."""

from __future__ import annotations

import platform

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.engines.memory import keep_freed_memory


def test_it_is_arranged_once_with_glibc() -> None:
    assert keep_freed_memory() == (platform.libc_ver()[0] == "glibc")
    assert keep_freed_memory() == keep_freed_memory()
    if keep_freed_memory():
        assert pa.default_memory_pool().backend_name == "system"


def test_arrays_are_made_and_freed_as_ever() -> None:
    keep_freed_memory()
    for size in (1, 1 << 16, 1 << 22, 1 << 26):
        assert np.zeros(size, np.uint8).sum() == 0
        assert pa.array(np.ones(size, np.uint8)).buffers()[1].size >= size


def test_another_library_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        def __init__(self, name: None) -> None:
            """A C library without mallopt."""

    monkeypatch.setattr("ctypes.CDLL", Other)
    assert keep_freed_memory.__wrapped__() is False
