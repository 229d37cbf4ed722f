"""Keys of a store's windows: kept outside the store, made by the operating system's random source.

Each window has two: one makes pseudonyms, and lives to the end of retention, as withdrawal needs it; the
other encrypts pings at rest, and is destroyed when the window is sealed. Deleting a file leaves its bytes on
the disk; without their key they say nothing.

A key is made once, before its window has a ping. Later a missing key is an error and never made anew: under a
second pseudonym key one device would be two, and no bound on what one device adds would hold.

Three kinds belong to no window. The *suppression key* makes the tokens of withdrawn devices; it lives as long as the
store, and nothing else is made with it. A *withdrawal key* encrypts what a withdrawal has yet to remove, and is
destroyed when it is done. The *log key* signs the checkpoints of the transparency log.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

from hereabouts.errors import MachineError, UsageError
from hereabouts.store.files import durable_write, sync_folder

KEY_BYTES = 32
PSEUDONYMS, PINGS = "pseudonyms", "pings"
WITHDRAWAL = "withdrawal"
"""Use of a key that is named after a withdrawal's version, in place of a window."""


class Keys:
    """The keys of one store, in a folder that has the store's id for its name: stores may share what it lies in.

    Parameters
    ----------
    folder
        What the key folders of stores lie in, mode 0700.
    store_id
        The store's id.
    make
        Make the folder: for a new store. Without it a missing one is an error.

    Raises
    ------
    UsageError
        When others than the owner may look into the folder.
    MachineError
        When it is missing, or cannot be made.
    """

    def __init__(self, folder: Path, store_id: str, *, make: bool = False) -> None:
        self.folder = folder / store_id
        self._making = threading.Lock()
        try:
            if make:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = folder.stat().st_mode & 0o777
            if mode & 0o077:
                raise UsageError(f"key folder {folder} has mode {mode:o}, expected 700: run chmod 700 {folder}")
            if make:
                self.folder.mkdir(mode=0o700)
                sync_folder(folder)
            self.folder.stat()
        except OSError as error:
            raise MachineError(
                f"cannot use the key folder {self.folder}: {error.strerror}; bring it back, or correct 'keys' in "
                "policy.toml"
            ) from None

    def get(self, window: str, use: str) -> bytes:
        """The key of a window that has pings, for one use.

        Raises
        ------
        MachineError
            When it is missing, cannot be read, or is not a key.
        """
        return self._read(self._path(window, use))

    def has(self, window: str, use: str) -> bool:
        """Whether a window has a key for that use."""
        return self._path(window, use).exists()

    def suppression(self, *, make: bool) -> bytes:
        """The suppression key.

        Parameters
        ----------
        make
            Make it where there is none: before the first withdrawal. Under a second key the withdrawn devices would
            be taken in again.

        Raises
        ------
        MachineError
            When it is missing, cannot be read or made, or is not a key.
        """
        path = self.folder / "suppression.key"
        return self._read_or_make(path) if make else self._read(path)

    def log(self, *, make: bool) -> bytes:
        """The private key that the log's checkpoints are signed with.

        Parameters
        ----------
        make
            Make it where there is none: before the first checkpoint. A second one would be another log's.

        Raises
        ------
        MachineError
            When it cannot be read or made, or is not a key.
        """
        path = self.folder / "log.key"
        return self._read_or_make(path) if make else self._read(path)

    def _read(self, path: Path) -> bytes:
        try:
            key = path.read_bytes()
        except OSError as error:
            raise MachineError(
                f"cannot read the key {path}: {error.strerror}; what it was used for cannot go on without it: restore "
                "it from a copy"
            ) from None
        if len(key) != KEY_BYTES:
            raise MachineError(f"key {path} has {len(key)} bytes, expected {KEY_BYTES}: restore it from a copy")
        return key

    def get_or_make(self, window: str, use: str) -> bytes:
        """The key of a window that has no pings yet, for one use; made on first asking.

        Raises
        ------
        MachineError
            When it cannot be read or written, or is not a key.
        """
        return self._read_or_make(self._path(window, use))

    def _read_or_make(self, path: Path) -> bytes:
        try:
            with self._making:  # two threads that both find none must not make two
                if not path.exists():
                    durable_write(path, secrets.token_bytes(KEY_BYTES), mode=0o600)
        except OSError as error:
            raise MachineError(f"cannot make the key {path}: {error.strerror}") from None
        return self._read(path)

    def keep(self, window: str, use: str, key: bytes) -> None:
        """Take a key of a window that has no pings yet, which was made elsewhere.

        Raises
        ------
        MachineError
            When it cannot be written, or another is there.
        """
        path = self._path(window, use)
        try:
            with self._making:
                if not path.exists():
                    durable_write(path, key, mode=0o600)
        except OSError as error:
            raise MachineError(f"cannot make the key {path}: {error.strerror}") from None
        if self._read(path) != key:
            raise MachineError(f"another process has made the key {path}: is the store's lock held on all machines?")

    def destroy(self, window: str, use: str) -> None:
        """Overwrite and delete a key; nothing happens where there is none."""
        path = self._path(window, use)
        if path.exists():
            with path.open("r+b") as file:
                file.write(bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            sync_folder(self.folder)

    def of_windows(self) -> list[tuple[str, str]]:
        """Every key of a window that is there: its window, and its use."""
        named = (path.name.split(".") for path in sorted(self.folder.glob("*.key")))
        return [(parts[0], parts[1]) for parts in named if len(parts) == 3 and parts[1] in (PSEUDONYMS, PINGS)]

    def _path(self, window: str, use: str) -> Path:
        return self.folder / f"{window}.{use}.key"
