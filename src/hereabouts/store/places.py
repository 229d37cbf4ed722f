"""The register of sensitive places (SL-LIST): every version of the list, each a file and a row that vouches for it.

The list in force is the newest one. Its file, ``places/NNNN.parquet``, is on the disk before its row is, and so is a
folder ``places/NNNN.part`` until the row is there: by which a file without a row is known to be left over from a crash.
Without that folder it is no remains of a crash, but of a state that was put back to an older copy, with a shorter list:
such a store is refused.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select

from hereabouts.errors import BadInputError, MachineError
from hereabouts.log.entries import append
from hereabouts.state import reading, writing
from hereabouts.state.tables import PlaceListRow
from hereabouts.store.files import PART, older_state, sync_folder, sync_tree

if TYPE_CHECKING:
    from hereabouts.feeds.places.listing import PlaceList


class PlaceRegister:
    """The lists of one store.

    Parameters
    ----------
    folder
        Where the files lie; made with the first list.
    state
        The store's state.
    """

    def __init__(self, folder: Path, state: Engine) -> None:
        self._folder = folder
        self._state = state
        self._loaded: tuple[int, PlaceList] | None = None

    def newest(self) -> PlaceListRow | None:
        """What is registered of the list in force; ``None`` where there is none."""
        with reading(self._state) as session:
            return session.scalars(select(PlaceListRow).order_by(PlaceListRow.version.desc()).limit(1)).one_or_none()

    def current(self) -> tuple[int, PlaceList | None]:
        """The version in force and its list; 0 and ``None`` where there is none.

        Raises
        ------
        MachineError
            When the file is missing or altered: a shorter list would let pings through.
        """
        row = self.newest()
        if row is None:
            return 0, None
        if self._loaded is None or self._loaded[0] != row.version:
            self._loaded = row.version, self._load(row)
        return self._loaded

    def add(self, places: PlaceList, assessed: dt.date) -> int:
        """Register a list as the one in force; the store is locked.

        The list that is in force already only gets its new day of assessment: nothing has to be purged for it.

        Parameters
        ----------
        places
            The whole list, not what is new in it.
        assessed
            Day on which somebody last looked whether it is complete.

        Returns
        -------
        int
            Its version.
        """
        row = self.newest()
        if row is not None and row.digest == places.digest:
            with writing(self._state) as session:
                session.get_one(PlaceListRow, row.version).assessed = assessed
                append(session, "places", _facts(row.version, places, assessed))
            return row.version
        version = 1 if row is None else row.version + 1
        self._write(places, version)
        with writing(self._state) as session:
            session.add(
                PlaceListRow(
                    version=version,
                    digest=places.digest,
                    assessed=assessed,
                    added=int(time.time()),
                    summary=places.counts(),
                )
            )
            append(session, "places", _facts(version, places, assessed))
        self._path(version).with_suffix(PART).rmdir()
        return version

    def sweep(self) -> None:
        """Delete files that were never registered.

        Raises
        ------
        MachineError
            When there is a list that was registered once, and is not now.
        """
        if not self._folder.exists():
            return
        newest = self.newest()
        last = 0 if newest is None else newest.version
        files = self._folder.glob("[0-9]*.parquet")
        newer = [path for path in files if path.stem.isdecimal() and int(path.stem) > last]
        for path in newer:
            if not path.with_suffix(PART).exists():
                raise MachineError(older_state(path))
        for path in newer:
            path.unlink()
        sync_folder(self._folder)  # before the folders, which show that the files were never registered
        for path in self._folder.glob(f"*{PART}"):
            shutil.rmtree(path)

    def _write(self, places: PlaceList, version: int) -> None:
        final = self._path(version)
        part = final.with_suffix(PART)
        part.mkdir(parents=True)
        places.write(part / final.name)
        sync_tree(part)
        sync_folder(self._folder)
        (part / final.name).replace(final)
        sync_folder(self._folder)
        sync_folder(self._folder.parent)

    def _load(self, row: PlaceListRow) -> PlaceList:
        from hereabouts.feeds.places.listing import PlaceList  # noqa: PLC0415 - most commands need no geometry

        path = self._path(row.version)
        try:
            places = PlaceList.load(path)
        except BadInputError as error:
            raise MachineError(f"cannot read the list of sensitive places {error}; restore it from a copy") from None
        if places.digest != row.digest:
            raise MachineError(f"{path} was altered since it was registered: restore it from a copy")
        return places

    def _path(self, version: int) -> Path:
        return self._folder / f"{version:04d}.parquet"


def _facts(version: int, places: PlaceList, assessed: dt.date) -> dict[str, object]:
    return {"version": version, "digest": places.digest, "assessed": str(assessed)}
