"""How files are taken into a store by a cluster: in pieces, side by side, and counted file after file.

The digests of all files come first, so that none is read that was taken before. Then the cluster takes pieces of the
others (:mod:`hereabouts.acts.pieces`); as soon as all pieces of a file are there, and of all files before it, their
pings are moved to their place, and the file is registered, exactly as if this machine had taken it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from hereabouts.acts.gates import Gates
from hereabouts.acts.pieces import PIECE_ROWS, Order, Reading, Taken, take_digest, take_piece
from hereabouts.acts.receipt import Receipt
from hereabouts.acts.taking import File, Progress, Taking
from hereabouts.objects import AnyPath
from hereabouts.rules.suppliers import Supplier
from hereabouts.store.attempts import adopt, attempts
from hereabouts.store.blobs import in_files
from hereabouts.store.store import Store, part_name
from hereabouts.store.window_keys import CarriedKeys

if TYPE_CHECKING:
    from hereabouts.engines.spark.cluster import Cluster


class Spread(Taking):
    """Takes files by a cluster, all of one supplier and through the same gates.

    Parameters
    ----------
    store, gates, supplier, progress
        As for :class:`hereabouts.acts.taking.Taking`.
    cluster
        Who has the work done.
    """

    def __init__(self, store: Store, gates: Gates, supplier: Supplier, progress: Progress, cluster: Cluster) -> None:
        super().__init__(store, gates, supplier, progress)
        self._cluster = cluster
        in_files(store.open_folder)

    def _take(self, files: Sequence[File], _: ThreadPoolExecutor, closing: ThreadPoolExecutor) -> list[Receipt]:
        self._tell_apart(files)
        keys = CarriedKeys.of(self._store)
        closed = []
        with attempts(self._store.path) as folder, contextlib.closing(self._taken(files, keys, folder)) as pieces:
            rows = 0
            for done, file in enumerate(files, start=1):
                file.started = file.started or int(time.time())
                if not file.again:
                    file.writer = self._written(file, next(pieces), keys, folder)
                    rows += file.rows
                closed.append(self._end(file, closing))
                self._progress(file.feed.label, rows, done / len(files))
            receipts = [future.result() for future in closed]
        return receipts if not files or not files[0].is_one_persons else self._pool(files, receipts)

    def _tell_apart(self, files: Sequence[File]) -> None:
        """Find which files were taken before, or come twice."""
        paths = [_everywhere(file.path) for file in files]
        for file, digest in zip(files, self._cluster.each(take_digest, paths, None), strict=True):
            file.digest.set_result(digest)
            file.again = digest in self._digests
            self._digests.add(digest)

    def _taken(self, files: Sequence[File], keys: CarriedKeys, folder: Path) -> Generator[list[Taken]]:
        """The pieces of each file that is new, file by file."""
        fresh = [file for file in files if not file.again]
        if not fresh:
            return
        orders = [
            (number, Order(_everywhere(file.path), piece, part_name(number, place), keys))
            for number, file in enumerate(fresh, start=self._next)
            for place, piece in enumerate(file.feed.pieces(PIECE_ROWS))
        ]
        reading = Reading(self._gates.without_keys(), fresh[0].feed.profile, self._supplier, folder)
        taken = self._cluster.each(take_piece, [order for _, order in orders], reading)
        with contextlib.closing(taken):
            numbered = zip((number for number, _ in orders), taken, strict=True)
            for _, pieces in groupby(numbered, key=lambda pair: pair[0]):
                yield [piece for _, piece in pieces]

    def _written(self, file: File, pieces: list[Taken], keys: CarriedKeys, folder: Path) -> _Pieces:
        """Add up what has become of a file's pieces."""
        for piece in pieces:
            file.rows += piece.rows
            file.dropped.update(piece.dropped)
            file.sensitive.update(piece.sensitive)
            for window, (name, count) in piece.windows.items():
                _, before = file.windows.get(window, ("", 0))
                file.windows[window] = name, before + count
        return _Pieces(self._store, folder, pieces, keys)


class _Pieces:
    """The pings of one file, which lie in the folders of attempts."""

    def __init__(self, store: Store, folder: Path, pieces: Sequence[Taken], keys: CarriedKeys) -> None:
        self._store = store
        self._attempts = [folder / piece.attempt for piece in pieces]
        self._keys = keys
        windows = {window for piece in pieces for window in piece.frames}
        self.frames: Mapping[str, list[int]] = {
            window: [piece.frames.get(window, 0) for piece in pieces] for window in sorted(windows)
        }

    def commit(self) -> None:
        """Put the keys into their folder, then the pings to their places; the file may be registered after this."""
        self._keys.keep(self._store.keys, self.frames)
        folder = in_files(self._store.open_folder)
        folder.mkdir(exist_ok=True)
        for attempt in self._attempts:
            adopt(attempt, folder, durably=True)

    def discard(self) -> None:
        """Nothing: attempts are deleted as they are, and files that are not registered swept away with the lock."""


def _everywhere(path: AnyPath) -> AnyPath:
    """A path that means the same on every machine."""
    return path.resolve() if isinstance(path, Path) else path
