"""Keys of a store's windows: kept outside the store, made by the operating system's random source.

Each window has two: one makes pseudonyms, and lives to the end of retention, as withdrawal needs it; the
other encrypts pings at rest, and is destroyed when the window is sealed. Deleting a file leaves its bytes on
the disk; without their key they say nothing.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

from hereabouts.errors import MachineError, UsageError
from hereabouts.store.files import durable_write

KEY_BYTES = 32
PSEUDONYMS, PINGS = "pseudonyms", "pings"


class Keys:
    """The folder of a store's keys, mode 0700.

    Parameters
    ----------
    folder
        Where the keys lie; made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._making = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = folder.stat().st_mode & 0o777
        except OSError as error:
            raise MachineError(f"cannot make the key folder {folder}: {error.strerror}") from None
        if mode & 0o077:
            raise UsageError(f"key folder {folder} has mode {mode:o}, expected 700: run chmod 700 {folder}")

    def get(self, window: str, use: str) -> bytes:
        """The window's key for one use, made on first asking.

        Raises
        ------
        MachineError
            When it cannot be read or written, or is not a key.
        """
        path = self._path(window, use)
        try:
            with self._making:  # two threads that both find none must not make two
                if not path.exists():
                    durable_write(path, secrets.token_bytes(KEY_BYTES), mode=0o600)
            key = path.read_bytes()
        except OSError as error:
            raise MachineError(f"cannot reach the key {path}: {error.strerror}") from None
        if len(key) != KEY_BYTES:
            raise MachineError(f"key {path} has {len(key)} bytes, expected {KEY_BYTES}: restore it from a copy")
        return key

    def destroy(self, window: str, use: str) -> None:
        """Overwrite and delete a key; nothing happens where there is none."""
        path = self._path(window, use)
        if path.exists():
            with path.open("r+b") as file:
                file.write(bytes(KEY_BYTES))
                os.fsync(file.fileno())
            path.unlink()

    def _path(self, window: str, use: str) -> Path:
        return self.folder / f"{window}.{use}.key"
