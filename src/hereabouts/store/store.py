"""A store on disk: its folders, its state, its keys and its lock."""

from __future__ import annotations

import contextlib
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, delete, select

from hereabouts.errors import MachineError, UsageError
from hereabouts.rules.policy import Policy, load_policy, write_policy
from hereabouts.state import open_state, reading, sqlite_url, writing
from hereabouts.state.tables import Intake, StoreFacts, WindowRow
from hereabouts.store.files import exclusive
from hereabouts.store.keys import Keys
from hereabouts.store.open_window import remove_window, sweep
from hereabouts.windows import Calendar, Window

LAYOUT = 1
_STATE, _POLICY, _LOCK = "state.sqlite", "policy.toml", "lock"


@dataclass(frozen=True)
class WindowState:
    """A window as the state knows it; `counts` are exact, and confidential."""

    window: Window
    status: str
    data_version: str
    counts: dict[str, int] | None


class Store:
    """An existing store.

    Parameters
    ----------
    path
        Its folder.

    Raises
    ------
    UsageError
        When there is no store, or a newer version of hereabouts made it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.policy: Policy = load_policy(path / _POLICY)
        self.state: Engine = open_state(sqlite_url(path / _STATE))
        with reading(self.state) as session:
            facts = session.scalars(select(StoreFacts)).one_or_none()
        if facts is None:
            raise UsageError(f"{path} was not made whole: delete it and run 'hereabouts init' again")
        if facts.layout > LAYOUT:
            raise UsageError(f"store {path} was made by a newer version of hereabouts: upgrade hereabouts")
        self.facts = facts

    @cached_property
    def calendar(self) -> Calendar:
        """The store's windows and hours."""
        return Calendar.of(self.facts.timezone, self.facts.window, self.facts.anchor)

    @cached_property
    def keys(self) -> Keys:
        """The keys of its windows."""
        return Keys(self.path.resolve().parent / self.policy.keys)

    @property
    def open_folder(self) -> Path:
        """Where pings of open windows lie."""
        return self.path / "open"

    @property
    def measurements(self) -> Path:
        """Where noisy measurements are kept."""
        return self.path / "measurements"

    def sealed_folder(self, window: Window) -> Path:
        """Where a sealed window's tables lie."""
        return self.path / "sealed" / window.folder

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store against other commands, and clear away what a crash left behind."""
        try:
            with exclusive(self.path / _LOCK):
                self._recover()
                yield
        except OSError as error:
            raise MachineError(f"cannot write in the store {self.path}: {error.strerror or error}") from error

    def windows(self) -> list[WindowState]:
        """All windows that have or had pings, in order."""
        with reading(self.state) as session:
            rows = session.scalars(select(WindowRow).order_by(WindowRow.start)).all()
        return [WindowState(self.calendar.named(r.name), r.status, r.data_version, r.counts) for r in rows]

    def find(self, window: Window) -> WindowState | None:
        """What is known of one window."""
        return next((known for known in self.windows() if known.window == window), None)

    def committed_intakes(self) -> list[int]:
        """Ids of the intakes whose pings count."""
        with reading(self.state) as session:
            return list(session.scalars(select(Intake.id).where(Intake.committed.is_not(None)).order_by(Intake.id)))

    def mark_sealed(self, window: Window, counts: dict[str, int]) -> None:
        """Register that the window's tables are complete; its data get a new version, which tells nothing of them."""
        with writing(self.state) as session:
            row = session.get_one(WindowRow, window.name)
            row.status, row.sealed_at, row.counts = "sealed", int(time.time()), counts
            row.data_version = secrets.token_hex(16)

    def _recover(self) -> None:
        with writing(self.state) as session:
            session.execute(delete(Intake).where(Intake.committed.is_(None)))
        sweep(self.open_folder, {str(intake) for intake in self.committed_intakes()})
        for known in self.windows():
            if known.status == "sealed":
                remove_window(self.open_folder, known.window.folder)


def create_store(
    path: Path,
    calendar: Calendar,
    duration: str,
    policy: Policy,
    resolution: int,
    max_accuracy: float,
) -> Store:
    """Make a new store.

    Raises
    ------
    UsageError
        When something else is in the way, or a figure is out of range.
    MachineError
        When the machine refuses.
    """
    if not 7 <= resolution <= 12:
        raise UsageError(f"got resolution {resolution}, expected 7 to 12 (8 is the default)")
    if not 0 < max_accuracy < float("inf"):
        raise UsageError(f"got max accuracy {max_accuracy} m, expected a number of metres above 0")
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(f"{path} exists and is not an empty folder: give another place for the store")
        for folder in ("open", "sealed", "measurements", "log"):
            (path / folder).mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise MachineError(f"cannot make a store at {path}: {error.strerror}") from error
    write_policy(path / _POLICY, policy)
    facts = StoreFacts(
        id=uuid.uuid4().hex,
        created=int(time.time()),
        timezone=calendar.timezone,
        window=duration,
        anchor=calendar.anchor,
        resolution=resolution,
        max_accuracy=max_accuracy,
        layout=LAYOUT,
    )
    with writing(open_state(sqlite_url(path / _STATE), create=True)) as session:
        session.add(facts)
    store = Store(path)
    _ = store.keys  # make the folder now: a store whose keys cannot be kept must not take a ping
    return store
