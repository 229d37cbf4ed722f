"""Commands as processes of their own, to be killed, starved and held up."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.objects import ObjectPath

if TYPE_CHECKING:
    from tests.conftest import Command, ObjectStorage, Site


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

    def killed_at(self, point: str, when: str, nth: int, *args: object, **order: Any) -> None:
        """Run a command that kills itself at a point; see that it got there."""
        ended = self.run(*args, die=[point, when, nth], **order)
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


@dataclass(frozen=True)
class Remote:
    """A site whose store has its rows on object storage."""

    site: Site
    data: ObjectPath

    def objects(self) -> dict[str, bytes]:
        """All that lies there: names and content."""
        below = len(str(self.data)) + 1
        found = [path for depth in range(1, 5) for path in self.data.glob("/".join("*" * depth))]
        return {str(path)[below:]: path.read_bytes() for path in found}

    def tables(self, window: str) -> dict[str, pa.Table]:
        """The tables of a sealed window."""
        folder = self.data / "sealed" / window.replace("/", "_")
        found = {}
        for table in ("presence", "stays", "trips"):
            files = [pa.BufferReader(path.read_bytes()) for path in (folder / table).glob("*.parquet")]
            found[table] = pa.concat_tables([pq.ParquetFile(file).read() for file in files])
        return found

    def copy(self, to: Path, data: ObjectPath) -> Remote:
        """Copy the store and its rows."""
        site = self.site.copy(to)
        for name, content in self.objects().items():
            (data / name).write_bytes(content)
        policy = site.store / "policy.toml"
        policy.write_text(policy.read_text(encoding="utf-8").replace(f'"{self.data}"', f'"{data}"'), encoding="utf-8")
        return Remote(site, data)


@pytest.fixture(scope="session")
def few(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of twelve made-up devices, a file a day, all in one window."""
    folder = tmp_path_factory.mktemp("few") / "feed"
    assert command("synth", "--devices", 12, "--days", 2, "--seed", 3, "--out", folder).code == 0
    return folder


@pytest.fixture(scope="session")
def few_taken(empty_site: Site, few: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store of files that took them. Copy it."""
    site = empty_site.copy(tmp_path_factory.mktemp("few-taken") / "site")
    site.ok("intake", few, "--supplier", "acme")
    return site


@pytest.fixture(scope="session")
def few_sealed(few_taken: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The same, sealed. Copy it."""
    site = few_taken.copy(tmp_path_factory.mktemp("few-sealed") / "site")
    site.ok("seal")
    return site


@pytest.fixture(scope="session")
def remote_place(object_storage: ObjectStorage) -> Callable[[], ObjectPath]:
    """Give a new place on object storage each time."""
    bucket, made = ObjectPath.of(object_storage.bucket("stores")), iter(range(1000))
    return lambda: bucket / f"store{next(made)}"


@pytest.fixture(scope="session")
def empty_remote(
    few_taken: Site,
    command: Command,
    remote_place: Callable[[], ObjectPath],
    tmp_path_factory: pytest.TempPathFactory,
) -> Remote:
    """A new store with its rows on object storage, which will give the names that `few_taken` gave. Copy it."""
    site, data = type(few_taken)(tmp_path_factory.mktemp("remote")), remote_place()
    done = command("init", site.store, "--data", data)
    assert done.code == 0, done
    site.evidence.write_text("Signed by everybody.\n", encoding="utf-8")
    site.admit("acme")
    for key in few_taken.keys.glob("*_*.key"):
        shutil.copy(key, site.keys)
    return Remote(site, data)


@pytest.fixture
def copy_remote(tmp_path: Path, remote_place: Callable[[], ObjectPath]) -> Callable[[Remote], Remote]:
    """Copy a remote site for this test."""
    made = iter(range(100))
    return lambda remote: remote.copy(tmp_path / f"remote{next(made)}", remote_place())
