"""Processor time of a process and all below it: what a step cost, however busy the machine was."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_SAMPLE_SECONDS = 0.25
_TICK = os.sysconf("SC_CLK_TCK")
Process = tuple[int, str]
"""Process id, and when it began."""


class Processor:
    """Adds up processor seconds of all that descends from this process, while the ``with`` block runs.

    Sampled, and kept of processes that have ended: the last quarter of a second of each may be missing.
    """

    def __init__(self) -> None:
        self._before = _ticks(os.getpid())
        self._seen = dict(self._before)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Processor:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """Processor seconds so far."""
        return sum(ticks - self._before.get(process, 0) for process, ticks in self._seen.items()) / _TICK

    def _sample(self) -> None:
        over = False
        while not over:
            over = self._over.wait(_SAMPLE_SECONDS)
            self._seen.update(_ticks(os.getpid()))


def below(pid: int) -> list[int]:
    """All processes below a process."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        with suppress(OSError):
            for children in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                more = [int(word) for word in children.read_text().split()]
                found += more
                waiting += more
    return found


def _ticks(pid: int) -> dict[Process, int]:
    found: dict[Process, int] = {}
    for each in below(pid):
        with suppress(OSError):
            words = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            found[each, words[19]] = int(words[11]) + int(words[12])  # utime and stime, of itself alone
    return found
