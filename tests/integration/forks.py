"""Runs commands in forks of a process that has everything loaded: real processes to kill, without a start each.

Run with a folder to warm up in. Reads one JSON object a line, and answers each with one:

- ``{"args": [...]}`` starts a command and gives ``{"pid": …}``. With ``"die": [point, when, nth]`` it kills itself
  (SIGKILL) before or after the nth call of a point, ``module:Class.function``. With ``"uid"`` it runs as that user,
  with ``"fsize"`` it can write no file beyond so many bytes, with ``"env"`` its environment has more in it.
- ``{"wait": pid, "kill_after": seconds or null}`` gives ``{"code": …, "out": …, "err": …, "seconds": …}``; the
  code of a killed one is -9. What takes over a minute is killed, and its code is "hangs".
"""

from __future__ import annotations

import functools
import importlib
import itertools
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from hereabouts.cli.main import main

LONGEST = 60.0
Started = dict[int, tuple[float, TextIO, TextIO]]


def arm(point: str, when: str, nth: int) -> None:
    """Have the process kill itself before or after the nth call of a point."""
    module, _, path = point.partition(":")
    *inner, name = path.split(".")
    owner: Any = functools.reduce(getattr, inner, importlib.import_module(module))
    whole: Callable[..., Any] = getattr(owner, name)
    calls = itertools.count(1)

    @functools.wraps(whole)
    def armed(*args: Any, **options: Any) -> Any:
        number = next(calls)
        if when == "before" and number == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        result = whole(*args, **options)
        if when == "after" and number == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, armed)


def start(order: dict[str, Any], started: Started) -> dict[str, Any]:
    """Start a command in a fork."""
    out, err = (tempfile.TemporaryFile("w+") for _ in range(2))  # noqa: SIM115 - closed when it was waited for
    sys.stdout.flush()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.environ.update(order.get("env", {}))
        if "die" in order:
            arm(*order["die"])
        if "fsize" in order:
            resource.setrlimit(resource.RLIMIT_FSIZE, (order["fsize"], resource.RLIM_INFINITY))
        if "uid" in order:
            os.setgroups([])
            os.setgid(order["uid"])
            os.setuid(order["uid"])
        code: Any = 0
        try:
            main(order["args"])
        except SystemExit as end:
            code = end.code or 0
        except BaseException:  # noqa: BLE001 - whatever it is: a traceback that a user would have seen
            code = "traceback"
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 99)
    started[pid] = begun, out, err
    return {"pid": pid}


def wait(order: dict[str, Any], started: Started) -> dict[str, Any]:
    """Wait for a command, or kill it."""
    pid, kill_after = order["wait"], order.get("kill_after")
    begun, out, err = started.pop(pid)
    code: int | str | None = None
    while code is None:
        done, status = os.waitpid(pid, os.WNOHANG)
        gone = time.monotonic() - begun
        if done:
            code = os.waitstatus_to_exitcode(status)
        elif gone > (LONGEST if kill_after is None else kill_after):
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            code = os.waitstatus_to_exitcode(status) if kill_after is not None else "hangs"
        else:
            time.sleep(0.001)
    said = []
    for file in (out, err):
        file.seek(0)
        said.append(file.read())
        file.close()
    return {"code": code, "out": said[0], "err": said[1], "seconds": gone}


def warm(folder: Path, plan: str, feed: str) -> None:
    """Run each command once in this process, so that its forks have loaded all that is loaded on use."""
    store = ("--store", str(folder / "store"))
    evidence = folder / "evidence.txt"
    evidence.write_text("yes", encoding="utf-8")
    for args in (
        ["init", str(folder / "store")],
        ["supplier", "add", "acme", *store, "--consent-evidence", str(evidence), "--expires", "2099-01-01"],
        ["intake", feed, *store, "--supplier", "acme"],
        ["seal", *store],
        ["release", plan, *store, "--out", str(folder / "release")],
    ):
        main(args)


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what is said while warming up is no answer
    warm(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
    running: Started = {}
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(start(asked, running) if "args" in asked else wait(asked, running)), file=answers, flush=True)
