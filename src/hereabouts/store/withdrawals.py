"""The register of withdrawals (WITHDRAW, DELETE): who is kept out, and what a withdrawal has yet to remove.

A withdrawal has a version. What it wrote lies in ``withdrawn/``:

- ``NNNN.tokens``: the suppression tokens of its devices, for as long as the store lives.
- ``NNNN.pending/WINDOW``: their pseudonyms in each window that can be reached, so that a removal that was cut off can
  be finished without the ids, which are nowhere. Pseudonyms of one device in two windows must never be on the disk
  together, or the windows could be joined by them for ever: deleted files leave their bytes. So each of these files is
  encrypted (AES-GCM), under a key made for this withdrawal that is destroyed before they are deleted, when it is done.

All of that is on the disk before the withdrawal is registered. From its row on it holds, whatever happens; what lies
there without a row, or is pending for one that is done, is left over from a crash. Tokens without a row and with
nothing pending are not: no crash leaves them, but a state that was put back to an older copy does, and withdrawn
devices would be let in again. Such a store is refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, func, select

from hereabouts.errors import MachineError
from hereabouts.log.entries import append, to_document
from hereabouts.state import reading, writing
from hereabouts.state.tables import Withdrawal
from hereabouts.store.files import PART, durable_write, older_state, sync_folder
from hereabouts.store.keys import WITHDRAWAL, Keys
from hereabouts.store.suppression import Suppression, Tokens, read_tokens, to_bytes

_PENDING, _TOKENS = ".pending", ".tokens"
_NONCE_BYTES = 12


class WithdrawalRegister:
    """The withdrawals of one store.

    Parameters
    ----------
    folder
        Where their files lie; made with the first one.
    state
        The store's state.
    keys
        The store's keys.
    """

    def __init__(self, folder: Path, state: Engine, keys: Keys) -> None:
        self._folder = folder
        self._state = state
        self._keys = keys

    def newest(self) -> int:
        """Version of the last one; 0 where there is none."""
        with reading(self._state) as session:
            return session.scalar(select(func.coalesce(func.max(Withdrawal.version), 0))) or 0

    def unfinished(self) -> list[Withdrawal]:
        """Those whose devices are kept out already, and not removed everywhere yet, in order."""
        with reading(self._state) as session:
            query = select(Withdrawal).where(Withdrawal.finished.is_(None)).order_by(Withdrawal.version)
            return list(session.scalars(query))

    def all(self) -> list[Withdrawal]:
        """What is registered of each of them, in order."""
        with reading(self._state) as session:
            return list(session.scalars(select(Withdrawal).order_by(Withdrawal.version)))

    def last_finished(self, source: str) -> int | None:
        """When the last list from a source was done with (DROP-SYNC): UTC seconds; ``None`` where there was none."""
        with reading(self._state) as session:
            return session.scalar(select(func.max(Withdrawal.finished)).where(Withdrawal.source == source))

    def key(self) -> bytes:
        """The suppression key; made for the first withdrawal, and never again.

        Raises
        ------
        MachineError
            When it is lost.
        """
        return self._keys.suppression(make=self.newest() == 0)

    def suppressed(self) -> Suppression:
        """All devices that are kept out.

        Raises
        ------
        MachineError
            When tokens or their key are lost: withdrawn devices would be let in.
        """
        with reading(self._state) as session:
            rows = session.execute(select(Withdrawal.version, Withdrawal.digest).order_by(Withdrawal.version))
            files = [(self._tokens(version), digest) for version, digest in rows]
        tokens = read_tokens(files)
        return Suppression(tokens, self._keys.suppression(make=False) if len(tokens) else b"")

    def begin(
        self,
        tokens: Tokens,
        pseudonyms: Iterable[tuple[str, Tokens]],
        requested: dt.date,
        source: str,
        receipt: dict[str, Any],
    ) -> int:
        """Register a withdrawal: its devices are kept out from here on, and what is left of them is to be removed.

        Parameters
        ----------
        tokens
            Their suppression tokens, distinct and in order.
        pseudonyms
            Folder of each window that can be reached, and their pseudonyms in it.
        requested, source
            When, and by whom it was asked for.
        receipt
            What is known of it before anything is removed; what is removed is added to its ``windows``.

        Returns
        -------
        int
            Its version.
        """
        version = self.newest() + 1
        self._folder.mkdir(exist_ok=True)
        pending = self._pending(version)
        pending.mkdir()
        # After the folder: whoever finds it looks for the key.
        cipher = AESGCM(self._keys.get_or_make(f"{version:04d}", WITHDRAWAL))
        reached = []
        for window, names in pseudonyms:
            reached.append(window)
            nonce = os.urandom(_NONCE_BYTES)
            content = nonce + cipher.encrypt(nonce, to_bytes(names), _place(version, window))
            durable_write(pending / window, content, mode=0o600)
        content = to_bytes(tokens)
        durable_write(self._tokens(version), content, mode=0o600)
        sync_folder(self._folder.parent)
        with writing(self._state) as session:
            session.add(
                Withdrawal(
                    version=version,
                    requested=requested,
                    source=source,
                    digest=hashlib.sha256(content).hexdigest(),
                    begun=int(time.time()),
                    receipt=receipt | {"reached": reached, "windows": {}},
                )
            )
            append(session, "withdraw", {"version": version, "requested": str(requested)}, outcome="begun")
        return version

    def pending(self, version: int, window: str) -> Tokens:
        """The pseudonyms that a withdrawal removes from a window, shape (n, 2); none where it could not reach it.

        Raises
        ------
        MachineError
            When they were written and are lost.
        """
        path = self._pending(version) / window
        with reading(self._state) as session:
            if window not in session.get_one(Withdrawal, version).receipt["reached"]:
                return np.empty((0, 2), np.uint64)
        try:
            content = path.read_bytes()
        except OSError:
            raise _lost(path) from None
        cipher = AESGCM(self._keys.get(f"{version:04d}", WITHDRAWAL))
        try:
            plain = cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], _place(version, window))
        except (InvalidTag, ValueError):
            raise _lost(path) from None
        return np.frombuffer(plain, ">u8").astype(np.uint64).reshape(-1, 2)

    def finish(self, version: int) -> None:
        """Register that nothing of its devices is left, and forget their pseudonyms."""
        with writing(self._state) as session:
            row = session.get_one(Withdrawal, version)
            row.finished = int(time.time())
            facts = {"version": version, "requested": str(row.requested)}
            append(session, "withdraw", facts, document=to_document(row.receipt), subject=f"withdraw:{version}")
        self._forget(self._pending(version))

    def get(self, version: int) -> Withdrawal:
        """What is registered of a withdrawal."""
        with reading(self._state) as session:
            return session.get_one(Withdrawal, version)

    def sweep(self) -> None:
        """Forget what was pending for withdrawals that are done, or never came to be registered.

        Raises
        ------
        MachineError
            When there are tokens of a withdrawal that was registered once, and is not now.
        """
        if not self._folder.exists():
            return
        newest, unfinished = self.newest(), {row.version for row in self.unfinished()}
        for path in self._folder.glob(f"*{PART}"):
            path.unlink()
        newer = [path for path in self._folder.glob(f"[0-9]*{_TOKENS}") if _version_of(path) > newest]
        for path in newer:
            if not path.with_suffix(_PENDING).exists():
                raise MachineError(older_state(path))
        for path in newer:
            path.unlink()
        # Before what is pending: that shows that the tokens were never registered.
        sync_folder(self._folder)
        for path in self._folder.glob(f"[0-9]*{_PENDING}"):
            if path.stem.isdecimal() and int(path.stem) not in unfinished:
                self._forget(path)

    def _forget(self, pending: Path) -> None:
        self._keys.destroy(pending.stem, WITHDRAWAL)
        shutil.rmtree(pending, ignore_errors=True)

    def _tokens(self, version: int) -> Path:
        return self._folder / f"{version:04d}{_TOKENS}"

    def _pending(self, version: int) -> Path:
        return self._folder / f"{version:04d}{_PENDING}"


def _version_of(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _place(version: int, window: str) -> bytes:
    """What a file of pseudonyms is bound to, so that none can be put in another's place."""
    return f"withdrawal/{version}/{window}".encode()


def _lost(path: Path) -> MachineError:
    return MachineError(
        f"a withdrawal was cut off, and {path}, which says what is left to remove, is missing or altered: restore it "
        "from a copy"
    )
