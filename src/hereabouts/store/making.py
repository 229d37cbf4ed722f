"""Making a store: whole, or not at all."""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from hereabouts.errors import MachineError, UsageError
from hereabouts.ledger import open_ledger
from hereabouts.log.entries import append
from hereabouts.objects import AnyPath, ObjectPath
from hereabouts.rules.policy import OWN, Policy, write_policy
from hereabouts.state import open_state, sqlite_url, writing
from hereabouts.state.tables import StoreFacts
from hereabouts.store.claim import claim, give_up
from hereabouts.store.keys import Keys
from hereabouts.store.store import LAYOUT, POLICY, STATE, Store, data_place, key_folder
from hereabouts.windows import Calendar


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
    RefusedError
        When rows are to lie where nothing can be deleted.
    """
    if not 7 <= resolution <= 12:
        raise UsageError(f"got resolution {resolution}, expected 7 to 12 (8 is the default)")
    if not 0 < max_accuracy < float("inf"):
        raise UsageError(f"got max accuracy {max_accuracy} m, expected a number of metres above 0")
    if key_folder(path, policy).resolve().is_relative_to(path.resolve()):
        raise UsageError(f"key folder {policy.keys} is in the store {path}: keys lie elsewhere, give another folder")
    try:
        there = path.exists()
        if there and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(f"{path} exists and is not an empty folder: give another place for the store")
        facts = StoreFacts(
            id=uuid.uuid4().hex,
            created=int(time.time()),
            timezone=calendar.timezone,
            window=duration,
            anchor=calendar.anchor,
            resolution=resolution,
            max_accuracy=max_accuracy,
            layout=LAYOUT,
            ledger=OWN if policy.ledger == OWN else open_ledger(policy.ledger, create=True)[1],
        )
        # First of all: a store whose keys cannot be kept must not take a ping.
        keys = Keys(key_folder(path, policy), facts.id, make=True)
        try:
            data = data_place(path, policy)
            with _claimed(data, facts.id):
                _fill(path, policy, facts, own=isinstance(data, Path))
        except BaseException:
            _empty(path, keep=there)
            keys.folder.rmdir()
            raise
    except OSError as error:
        raise MachineError(f"cannot make a store at {path}: {error.strerror}") from error
    return Store(path)


@contextlib.contextmanager
def _claimed(data: AnyPath, store: str) -> Iterator[None]:
    """Take a place on object storage for a store, which is made meanwhile."""
    if not isinstance(data, ObjectPath):
        yield
        return
    claim(data, store)
    try:
        yield
    except BaseException:
        give_up(data)
        raise


def _fill(path: Path, policy: Policy, facts: StoreFacts, own: bool) -> None:
    for folder in ("open", "sealed", "measurements", "log") if own else ("measurements", "log"):
        (path / folder).mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    write_policy(path / POLICY, policy)
    with writing(open_state(sqlite_url(path / STATE), create=True)) as session:
        session.add(facts)
        said = {
            "store": facts.id,
            "timezone": facts.timezone,
            "window_length": facts.window,
            "resolution": facts.resolution,
        }
        append(session, "init", said)


def _empty(path: Path, keep: bool) -> None:
    """Take a store back that could not be made, but for its folder where it was there before."""
    if path.exists():
        for inner in path.iterdir():
            _remove(inner)
        if not keep:
            path.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
