"""Runs one command as a process of its own: how long it took, how much memory it and its children held."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SAMPLE_SECONDS = 0.1
_SAID_AT_MOST = 2000  # characters of a failed command's standard error


class CommandFailedError(Exception):
    """A measured command did not end well: its figures would mean nothing."""


@dataclass(frozen=True)
class Measured:
    """One run of one command.

    Parameters
    ----------
    seconds
        Wall time from start to end of the process, so start-up, imports and compilation are in it.
    peak_bytes
        The largest resident memory: of the process, or of all of its tree at one moment (sampled ten times a
        second, pages that several processes share counted for each), whichever is larger.
    output
        The JSON that it printed.
    """

    seconds: float
    peak_bytes: int
    output: Any


def measure(command: list[str], directory: Path) -> Measured:
    """Run `command` in `directory`, with its temporary files there, and read the JSON it prints.

    Raises
    ------
    CommandFailedError
        When it exits other than 0, or prints no JSON.
    """
    environment = {**os.environ, "TMPDIR": str(directory)}
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=complained,
        )
        watch = _Watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        # wait4 took the process; Popen is told, or it would wait for it again
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = max(watch.stop(), _resident_bytes(usage))
        said.seek(0)
        complained.seek(0)
        output, errors = said.read().decode(), complained.read().decode(errors="replace")
    if process.returncode != 0:
        raise CommandFailedError(f"{' '.join(command)}\nexited with {process.returncode}: {errors[-_SAID_AT_MOST:]}")
    try:
        return Measured(seconds, peak, json.loads(output))
    except json.JSONDecodeError as error:
        raise CommandFailedError(
            f"{' '.join(command)}\nprinted no JSON ({error}): {output[:_SAID_AT_MOST]!r}"
        ) from error


def _resident_bytes(usage: resource.struct_rusage) -> int:
    """The process's own peak (or that of a child it waited for); Linux counts it in KiB."""
    return usage.ru_maxrss * 1024


class _Watch:
    """Samples the resident memory of a process and all below it, on a thread, until stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The largest sum that was seen, in bytes."""
        self._over.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while True:
            self._peak = max(self._peak, sum(_resident_now(pid) for pid in _tree(self._pid)))
            if self._over.wait(_SAMPLE_SECONDS):
                return


def _tree(pid: int) -> list[int]:
    """A process and all that descend from it; what has ended meanwhile is left out."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        try:
            for children in Path(f"/proc/{found[-1]}/task").glob("*/children"):
                waiting += map(int, children.read_text().split())
        except OSError:
            continue
    return found


def _resident_now(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0
