"""A log of real entries, in a state, published to a folder: what the tests of this layer write to and read from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from hereabouts.log.actor import acting_as
from hereabouts.log.entries import Entry, append
from hereabouts.log.folder import LogFolder
from hereabouts.log.note import Signer
from hereabouts.state import writing
from hereabouts.state.database import open_state, sqlite_url
from hereabouts.state.tables import LogEntryRow

SIGNER = Signer.of("hereabouts.example/log", bytes(range(32)))


@dataclass
class Kept:
    """A state and the folder of its log."""

    home: Path

    @cached_property
    def state(self) -> Engine:
        return open_state(sqlite_url(self.home / "state.sqlite"), create=True)

    @property
    def path(self) -> Path:
        return self.home / "log"

    @property
    def folder(self) -> LogFolder:
        return LogFolder(self.path, self.write)

    def write(self, path: str, content: bytes) -> None:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.part")
        part.write_bytes(content)
        part.replace(file)

    def add(self, count: int, first: int = 0) -> None:
        """Append entries through the real door."""
        with writing(self.state) as session, acting_as("ana"):
            for number in range(count):
                append(session, "stop", {"order": first + number}, document=b"why" if number % 3 == 0 else None)

    def fill(self, first: int, count: int) -> None:
        """Put many entries into the state at once, as `append` makes them."""
        rows = [
            {"place": place, "entry": entry_at(place).to_bytes(), "subject": None, "salt": None, "document": None}
            for place in range(first, first + count)
        ]
        with writing(self.state) as session:
            session.execute(insert(LogEntryRow), rows)

    def publish(self, signer: Signer = SIGNER) -> int:
        return self.folder.publish(self.state, signer)

    def copy(self, to: Path) -> Kept:
        shutil.copytree(self.home, to)
        return Kept(to)


def entry_at(place: int) -> Entry:
    facts = {"charge": place, "window": "2026-01-05/2026-01-12", "rho": f"{place + 1}/1099511627776"}
    return Entry("2026-01-02T03:04:05+00:00", "ana", "operator", "charge", "done", None, facts, None)


Keep = Callable[[Path], Kept]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    (tmp_path / "kept").mkdir()
    return Kept(tmp_path / "kept")


@pytest.fixture(scope="session")
def keep() -> Keep:
    """Make a log in a folder."""
    return Kept


@pytest.fixture
def signer() -> Signer:
    return SIGNER


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """100,000 entries, published in three parts."""
    log = Kept(tmp_path_factory.mktemp("large"))
    size = 0
    for part in (70_000, 1, 29_999):
        log.fill(size, part)
        size = log.publish()
    return log
