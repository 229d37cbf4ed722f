"""Seeking devices in a window: which of them have a row in it, without a row being changed (WITHDRAW)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.engines.local import in_order
from hereabouts.objects import AnyPath
from hereabouts.store.frames import Listing
from hereabouts.store.keys import PINGS
from hereabouts.store.open_window import Pings, filter_window
from hereabouts.store.rewrite import names_of
from hereabouts.store.sealed import TABLES, bucket_files, read_whole
from hereabouts.store.store import Store
from hereabouts.store.suppression import Members, Tokens, distinct
from hereabouts.windows import Window


def found_in(store: Store, window: Window, sealed: bool, devices: Tokens) -> NDArray[np.bool_]:
    """Say which devices have a row in a window; memory is bounded by them and a file.

    Parameters
    ----------
    store
        The store, locked, its windows up to date.
    window, sealed
        Where to look.
    devices
        Their pseudonyms in that window, in any order, shape (n, 2).

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool.

    Raises
    ------
    MachineError
        When a file or the key is missing or damaged.
    """
    if not len(devices):
        return np.zeros(0, np.bool_)
    wanted = Members(devices)
    met = _in_tables(store, window, wanted) if sealed else _in_pings(store, window, wanted)
    return Members(met).include(devices)


def _in_tables(store: Store, window: Window, wanted: Members) -> Tokens:
    folder = store.sealed_folder(window)
    files = [path for table in TABLES for path in bucket_files(folder, table)]

    def met(path: AnyPath) -> Tokens:
        column = read_whole(path, ["device"])["device"].combine_chunks()
        names = names_of(column.dictionary if pa.types.is_dictionary(column.type) else column)
        return distinct(names[wanted.include(names)])

    return np.concatenate([np.empty((0, 2), np.uint64), *in_order(met, files)])


def _in_pings(store: Store, window: Window, wanted: Members) -> Tokens:
    met = [np.empty((0, 2), np.uint64)]
    if not Listing.of(store.open_folder, window.folder).count():
        return met[0]

    def look(pings: Pings) -> NDArray[np.bool_]:
        met.append(distinct(pings.pseudonym[wanted.include(pings.pseudonym)]))
        return np.ones(len(pings), np.bool_)

    filter_window(store.open_folder, window.folder, store.keys.get(window.folder, PINGS), look)
    return np.concatenate(met)
