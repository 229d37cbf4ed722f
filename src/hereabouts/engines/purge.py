"""Purging a window: what lies at sensitive places goes, and all of withdrawn devices (SL-PURGE, DELETE).

An open window is purged ping by ping, through the gate of intake. A sealed one no longer has positions: of it goes
every presence, stay and trip whose store cell touches a place or its margin. Memory is bounded by a bucket or a file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hereabouts.engines.local import in_order
from hereabouts.errors import VerificationError
from hereabouts.feeds.places.cells import cells_touched
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.objects import AnyPath
from hereabouts.store.blobs import remove_tree
from hereabouts.store.frames import Listing, frame_files
from hereabouts.store.keys import PINGS
from hereabouts.store.open_window import BUCKETS, Pings, filter_window
from hereabouts.store.rewrite import Unwanted, count_rows, remove_rows, sweep_parts
from hereabouts.store.sealed import TABLES, bucket_files
from hereabouts.store.sealing import sealing_folder
from hereabouts.store.store import Store
from hereabouts.store.suppression import Members, Tokens
from hereabouts.windows import Window

NOBODY: Tokens = np.empty((0, 2), np.uint64)
_NOWHERE: NDArray[np.uint64] = np.empty(0, np.uint64)
Progress = Callable[[int, int], None]


def held(store: Store, window: Window, sealed: bool) -> dict[str, int]:
    """Rows that a window holds, by table; of an open one its pings, as often as they were taken in."""
    if sealed:
        return count_rows(store.sealed_folder(window))
    rows, listing = 0, Listing.of(store.open_folder, window.folder)
    for bucket in range(BUCKETS):
        intakes = listing.names(bucket)
        rows += sum(file.rows for file in frame_files(store.open_folder, window.folder, bucket, intakes))
    return {"pings": rows}


class Purge:
    """Removes rows from windows, one after the other. Done again, each of them comes to the same end.

    Parameters
    ----------
    store
        The store, locked.
    places
        The list by which to purge; ``None`` for devices alone.
    """

    def __init__(self, store: Store, places: PlaceList | None = None) -> None:
        self._store = store
        self._places = places

    def open_window(self, window: Window, devices: Tokens = NOBODY) -> None:
        """Remove pings at the places, and of devices (pseudonyms of this window, shape (n, 2)), from an open window.

        Raises
        ------
        MachineError
            When a file or the key is missing or damaged.
        """
        _drop_half_sealed(self._store, window)
        folder = self._store.open_folder
        if not (folder / window.folder).exists():
            return
        members, gate = Members(devices), self._gate

        def keep(pings: Pings) -> NDArray[np.bool_]:
            stays = ~members.include(pings.pseudonym)
            if gate is not None:
                stays &= gate.at(pings.latitude, pings.longitude) < 0
            return stays

        filter_window(folder, window.folder, self._store.keys.get(window.folder, PINGS), keep)

    def sealed_window(self, window: Window, progress: Progress, devices: Tokens = NOBODY) -> None:
        """Remove rows in cells that touch the places, and of devices, from a sealed window; as above.

        Raises
        ------
        MachineError
            When a file cannot be read.
        """
        folder = self._store.sealed_folder(window)
        sweep_parts(folder)
        unwanted = Unwanted(self._cells, Members(devices))
        files = _files(folder)

        def work(file: tuple[str, AnyPath]) -> None:
            table, path = file
            remove_rows(path, table, unwanted)

        for done, _ in enumerate(in_order(work, files), start=1):
            progress(done, len(files))

    @cached_property
    def _gate(self) -> PlaceGate | None:
        return None if self._places is None else PlaceGate(self._places)

    @cached_property
    def _cells(self) -> NDArray[np.uint64]:
        return _NOWHERE if self._places is None else cells_touched(self._places, self._store.facts.resolution)


def prove_removed(store: Store, window: Window, sealed: bool, devices: Tokens) -> int:
    """Read all of a window again, and see that nothing of these devices is in it.

    Returns
    -------
    int
        How many files were read.

    Raises
    ------
    VerificationError
        When a row of one of them is still there.
    """
    members = Members(devices)
    found = 0
    if sealed:
        unwanted = Unwanted(_NOWHERE, members)
        files = _files(store.sealed_folder(window))
        found = sum(in_order(lambda file: int(unwanted.rows(file[1], file[0]).sum()), files))
        read = len(files)
    else:
        read = Listing.of(store.open_folder, window.folder).count()
        if read:
            found = _found_open(store, window, members)
    if found:
        raise VerificationError(
            f"window {window.name} still has {found:,} rows of withdrawn devices after they were removed: this is a "
            "fault of ours; the withdrawal stays open, and every command on this store tries it again"
        )
    return read


def _found_open(store: Store, window: Window, members: Members) -> int:
    found = 0

    def look(pings: Pings) -> NDArray[np.bool_]:
        nonlocal found
        found += int(members.include(pings.pseudonym).sum())
        return np.ones(len(pings), np.bool_)

    filter_window(store.open_folder, window.folder, store.keys.get(window.folder, PINGS), look)
    return found


def _drop_half_sealed(store: Store, window: Window) -> None:
    """Delete tables that a seal which was cut off made from the pings: they would bring back what goes now."""
    growing = sealing_folder(store, window)
    remove_tree(growing)
    remove_tree(store.sealed_folder(window))
    with contextlib.suppress(OSError):  # another window's are there, or none ever were
        growing.parent.rmdir()


def _files(folder: AnyPath) -> list[tuple[str, AnyPath]]:
    return [(table, path) for table in TABLES for path in bucket_files(folder, table)]
