"""Commands as processes of their own, to be killed, starved and held up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Site


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, or -9 where it was killed."""

    code: int
    out: str
    err: str
    seconds: float


class Forks:
    """Starts commands in processes of their own (see ``forks.py``)."""

    def __init__(self, requests: IO[str], answers: IO[str]) -> None:
        self._requests = requests
        self._answers = answers

    def start(self, *args: object, **order: Any) -> int:
        """Start a command; give its process id."""
        return int(self._ask(args=[str(arg) for arg in args], **order)["pid"])

    def wait(self, pid: int, kill_after: float | None = None) -> Ended:
        """Wait for its end, or kill it some seconds after its start."""
        return Ended(**self._ask(wait=pid, kill_after=kill_after))

    def run(self, *args: object, kill_after: float | None = None, **order: Any) -> Ended:
        """Start a command and wait."""
        return self.wait(self.start(*args, **order), kill_after)

    def killed_at(self, point: str, when: str, nth: int, *args: object) -> None:
        """Run a command that kills itself at a point; see that it got there."""
        ended = self.run(*args, die=[point, when, nth])
        assert ended.code == -9, ended

    def _ask(self, **order: Any) -> Any:
        self._requests.write(json.dumps(order) + "\n")
        self._requests.flush()
        return json.loads(self._answers.readline())


@pytest.fixture(scope="session")
def forks(taken_site: Site, feed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    folder = tmp_path_factory.mktemp("forks")
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("forks.py"), folder, taken_site.plan("warm.toml"), feed],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        yield Forks(process.stdin, process.stdout)
        process.stdin.close()
    assert process.returncode == 0
