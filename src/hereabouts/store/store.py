"""A store on disk: its folders, its state, its keys and its lock."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select, update

from hereabouts.errors import HereaboutsError, MachineError, UsageError
from hereabouts.ledger import ledger_in_force
from hereabouts.objects import AnyPath, ObjectPath
from hereabouts.rules.policy import OWN, Policy, load_policy
from hereabouts.state import open_state, reading, sqlite_url, writing
from hereabouts.state.tables import Intake, StoreFacts, WindowRow
from hereabouts.store import attempts
from hereabouts.store.blobs import folders_in
from hereabouts.store.claim import require_claimed
from hereabouts.store.files import PART, exclusive
from hereabouts.store.keys import PINGS, Keys
from hereabouts.store.open_window import PIECE, remove_window, sweep
from hereabouts.store.places import PlaceRegister
from hereabouts.store.retention import RetentionRegister
from hereabouts.store.suppression import Suppression
from hereabouts.store.withdrawals import WithdrawalRegister
from hereabouts.windows import Calendar, Window

if TYPE_CHECKING:
    from hereabouts.feeds.places.listing import PlaceList

LAYOUT = 2
"""Version of the files beside the database; an older one is not read."""
COUNTS = ("pings", "device_hours", "trips")
STATE, POLICY = "state.sqlite", "policy.toml"
_LOCK = "lock"


@dataclass(frozen=True)
class WindowState:
    """A window as the state knows it; `counts` are exact, and confidential.

    Attributes
    ----------
    places_version, withdrawals_version
        Up to which list of places, and which withdrawal, it was purged.
    """

    window: Window
    status: str
    data_version: str
    counts: dict[str, int] | None
    places_version: int
    withdrawals_version: int


class Store:
    """An existing store.

    Parameters
    ----------
    path
        Its folder.

    Raises
    ------
    UsageError
        When there is no store, or another version of hereabouts made it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.policy: Policy = load_policy(path / POLICY)
        self.state: Engine = open_state(sqlite_url(path / STATE))
        with reading(self.state) as session:
            facts = session.scalars(select(StoreFacts)).one_or_none()
        if facts is None:
            raise UsageError(f"{path} was not made whole: delete it and run 'hereabouts init' again")
        if facts.layout != LAYOUT:
            other = "a newer version of hereabouts: upgrade hereabouts"
            if facts.layout < LAYOUT:
                other = "an earlier version of hereabouts: make a new store and take its feeds in again"
            raise UsageError(f"store {path} was made by {other}")
        self.facts = facts

    @cached_property
    def calendar(self) -> Calendar:
        """The store's windows and hours."""
        return Calendar.of(self.facts.timezone, self.facts.window, self.facts.anchor)

    @cached_property
    def keys(self) -> Keys:
        """The keys of its windows."""
        return Keys(key_folder(self.path, self.policy), self.facts.id)

    @cached_property
    def ledger(self) -> Engine:
        """The database that says what it has spent: its own state, or the ledger that it shares."""
        return ledger_in_force(self.state, self.facts, self.policy.ledger)

    @property
    def is_sharing(self) -> bool:
        """Whether other stores draw on its ledger."""
        return self.ledger is not self.state

    @cached_property
    def place_register(self) -> PlaceRegister:
        """The versions of its list of sensitive places."""
        return PlaceRegister(self.path / "places", self.state)

    @cached_property
    def withdrawals(self) -> WithdrawalRegister:
        """The withdrawals of its devices."""
        return WithdrawalRegister(self.path / "withdrawn", self.state, self.keys)

    @cached_property
    def retention(self) -> RetentionRegister:
        """What it no longer has."""
        return RetentionRegister(self.data / "sealed", self.state, self.keys, self.calendar)

    def places(self) -> tuple[int, PlaceList | None]:
        """The list of sensitive places in force and its version; ``None`` and 0 where there is none (SL-LIST)."""
        return self.place_register.current()

    def suppressed(self) -> Suppression:
        """The withdrawn devices, which are kept out (WITHDRAW)."""
        return self.withdrawals.suppressed()

    @cached_property
    def data(self) -> AnyPath:
        """Where rows lie: in the store's folder, or on object storage."""
        return data_place(self.path, self.policy)

    @property
    def open_folder(self) -> AnyPath:
        """Where pings of open windows lie."""
        return self.data / "open"

    @property
    def waiting_folder(self) -> Path:
        """Where encrypted pings wait that are on their way to object storage."""
        return self.path / "waiting"

    @property
    def measurements(self) -> Path:
        """Where noisy measurements are kept."""
        return self.path / "measurements"

    def sealed_folder(self, window: Window) -> AnyPath:
        """Where a sealed window's tables lie."""
        return self.data / "sealed" / window.folder

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store against other commands; clear away what a crash left behind, and what fails in here leaves."""
        try:
            with exclusive(self.path / _LOCK):
                if isinstance(self.data, ObjectPath):
                    require_claimed(self.data, self.facts.id)
                self._clear()
                try:
                    yield
                except BaseException:
                    # What cannot be cleared now (on a full disk, say) is by the next command.
                    with contextlib.suppress(OSError, HereaboutsError):
                        self._clear()
                    raise
        except OSError as error:
            raise MachineError(f"cannot write in the store {self.path}: {error.strerror or error}") from error

    def windows(self) -> list[WindowState]:
        """All windows that have or had pings, in order."""
        with reading(self.state) as session:
            rows = session.scalars(select(WindowRow).order_by(WindowRow.start)).all()
        return [
            WindowState(
                self.calendar.named(row.name),
                row.status,
                row.data_version,
                row.counts,
                row.places_version,
                row.withdrawals_version,
            )
            for row in rows
        ]

    def sealed_until(self) -> int:
        """The UTC second up to which the store is sealed: every window that ends by then, with pings or without.

        Whether a window is sealed must not tell whether anybody was in it.
        """
        return max((known.window.end for known in self.windows() if known.status == "sealed"), default=0)

    def sealed_window(self, window: Window) -> WindowState | None:
        """A sealed window, ``None`` where it is not; one that nobody was in is registered now, as empty."""
        if window.end > self.sealed_until():
            return None
        self.mark_empty(window)
        return next(known for known in self.windows() if known.window == window)

    def mark_empty(self, window: Window) -> None:
        """Register a window that has no pings as sealed; nothing happens where it is known."""
        with writing(self.state) as session:
            if session.get(WindowRow, window.name) is None:
                row = WindowRow(name=window.name, start=window.start, end=window.end)
                _mark(row, dict.fromkeys(COUNTS, 0))
                session.add(row)

    def intakes(self) -> dict[int, str]:
        """The intakes whose pings count, in order: ids, and digests of their feeds."""
        with reading(self.state) as session:
            rows = session.execute(select(Intake.id, Intake.feed_digest).order_by(Intake.id))
            return {number: digest for number, digest in rows}  # noqa: C416 - rows are no pairs to mypy

    def fruitless(self) -> set[str]:
        """Digests of the feeds of which nothing was taken: they may be taken again, by another profile perhaps."""
        with reading(self.state) as session:
            return set(session.scalars(select(Intake.feed_digest).where(Intake.receipt["taken"].as_integer() == 0)))

    def frames(self, window: Window) -> dict[str, int]:
        """How many encrypted frames each intake wrote into an open window, by the name of its files (:func:`parts`)."""
        with reading(self.state) as session:
            rows = session.execute(select(Intake.id, Intake.frames).order_by(Intake.id))
            return {
                name: count
                for number, frames in rows
                for name, count in parts(number, frames.get(window.name, 0)).items()
                if count
            }

    def mark_sealed(self, window: Window, counts: dict[str, int]) -> None:
        """Register that the window's tables are complete; its data get a new version, which tells nothing of them.

        How many frames each intake brought is forgotten: where a file is one person's, it says when that one was there.
        """
        with writing(self.state) as session:
            _mark(session.get_one(WindowRow, window.name), counts)
            for number, frames in session.execute(select(Intake.id, Intake.frames)).all():
                if window.name in frames:
                    others = {name: count for name, count in frames.items() if name != window.name}
                    session.execute(update(Intake).where(Intake.id == number).values(frames=others))

    def forget_pings(self, window: Window) -> None:
        """Destroy the key of a sealed window's pings, then delete them: what is left on the disk says nothing."""
        if (self.open_folder / window.folder).exists():
            self.keys.destroy(window.folder, PINGS)
            remove_window(self.open_folder, window.folder)

    def _clear(self) -> None:
        """Remove what is not whole or not registered, and what should be gone."""
        # First, as it gives back room: on a full disk the state cannot even be read. And noise that is on the disk
        # without having been paid for must not stay there.
        for folder in (self.path / "sealed", self.measurements):
            for part in folder.glob(f"*{PART}"):
                _remove(part)
        attempts.sweep(self.path)
        shutil.rmtree(self.waiting_folder, ignore_errors=True)
        self.withdrawals.sweep()
        self.place_register.sweep()
        self.retention.enforce()
        sweep(self.open_folder, {str(intake) for intake in self.intakes()})
        windows = self.windows()
        there = {folder.name for folder in folders_in(self.open_folder)}
        for known in windows:
            if known.status == "sealed" and known.window.folder in there:
                self.forget_pings(known.window)
        # An intake that was killed, or taken back, left keys of windows that it did not come to fill.
        waiting = {known.window.folder for known in windows if known.status != "sealed"}
        for name, use in self.keys.of_windows():
            if use == PINGS and name not in waiting and self.is_past(name):
                self.keys.destroy(name, use)

    def is_past(self, folder: str) -> bool:
        """Whether the window of that folder is one that the store is sealed beyond."""
        try:
            return self.calendar.named(folder.replace("_", "/")).end <= self.sealed_until()
        except UsageError:
            return False  # not a window's name


def _mark(row: WindowRow, counts: dict[str, int]) -> None:
    row.status, row.sealed_at, row.counts = "sealed", int(time.time()), counts
    row.data_version = new_data_version()


def parts(intake: int, frames: int | list[int]) -> dict[str, int]:
    """Names of an intake's files in a window, and how many frames each of them has.

    There is one name, the intake's id, or where a feed was taken in pieces one for each of them: ``ID-PIECE``.
    """
    if isinstance(frames, int):
        return {str(intake): frames}
    return {part_name(intake, piece): count for piece, count in enumerate(frames)}


def part_name(intake: int, piece: int) -> str:
    """Name of the files that one piece of an intake's feed was written to."""
    return f"{intake}{PIECE}{piece}"


def new_data_version() -> str:
    """A version for data that are new or were changed: chance, which tells nothing of them."""
    return secrets.token_hex(16)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def data_place(path: Path, policy: Policy) -> AnyPath:
    """Where the rows of a store at `path` lie."""
    return path if policy.data == OWN else ObjectPath.of(policy.data)


def key_folder(path: Path, policy: Policy) -> Path:
    """What the key folder of a store at `path` lies in."""
    return path.resolve().parent / policy.keys
