"""The log as others see it: a static folder, made from the entries in a store's state, and signed.

First come the files of new entries, then the checkpoint that says that they are there: whoever mirrors the folder at
any moment has a log that is whole. Two states of one log are never both signed from one folder: a state that knows
fewer entries than the checkpoint, or other ones, is refused. And nothing is signed on top of files that are not what
was signed before: what the new root is made from is held against the old one first.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from hereabouts.errors import MachineError, VerificationError
from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.entries import contents, count
from hereabouts.log.merkle import leaf_hash, root
from hereabouts.log.note import Note, Signer, Verifier
from hereabouts.log.proof import Proof
from hereabouts.log.reading import CHECKPOINT, prove_entry, read_checkpoint
from hereabouts.log.tiles import WIDTH, Tiles, Write

__all__ = ["CHECKPOINT", "LogFolder"]

_AT_ONCE = 64 * WIDTH


class LogFolder:
    """The folder of one log; whoever publishes holds it against others.

    Parameters
    ----------
    folder
        Where it lies.
    write
        Puts the bytes of a file at a path on the disk, whole or not at all.
    """

    def __init__(self, folder: Path, write: Write) -> None:
        self.folder = folder
        self._write = write

    def checkpoint(self, log: Verifier) -> tuple[Checkpoint, Note] | None:
        """What the log last said of itself; ``None`` before it said anything.

        Raises
        ------
        VerificationError
            When it is no checkpoint of this log.
        """
        return read_checkpoint(self.folder, log) if (self.folder / CHECKPOINT).exists() else None

    def publish(self, state: Engine, signer: Signer) -> int:
        """Write what the state has and the folder has not, and sign for it; gives the log's size.

        Raises
        ------
        MachineError
            When the state is older than the folder, or another one, or the folder's files were altered.
        """
        try:
            return self._publish(state, signer)
        except VerificationError as error:
            raise MachineError(
                f"{error}; nothing is signed on top of that: restore state, keys and the log's folder from the same "
                "copy"
            ) from None

    def cosign(self, signed: Note, log: Verifier, witnesses: Sequence[Verifier]) -> list[Verifier]:
        """Add what witnesses signed to the checkpoint that they signed.

        Raises
        ------
        VerificationError
            When the note is not the log's last checkpoint, a signature is not of whom it says, or there is none.
        """
        known = self.checkpoint(log)
        if known is None or known[1].text != signed.text:
            raise VerificationError("the note is not of the log's last checkpoint: have the witness sign that one")
        found = signed.signed_by(witnesses)
        if not found:
            raise VerificationError("none of these witnesses signed the note: give the key of the one that did")
        ids = {(witness.name, witness.key_id) for witness in found}
        new = [line for line in signed.signatures if line[:2] in ids and line not in known[1].signatures]
        if new:
            self._write(CHECKPOINT, str(Note(signed.text, (*known[1].signatures, *new))).encode())
        return found

    def prove(self, place: int, log: Verifier) -> Proof:
        """Proof that the entry at a place is in the log, which holds the entry itself.

        Raises
        ------
        VerificationError
            When the folder does not have it.
        """
        return prove_entry(self.folder, place, log)

    def _publish(self, state: Engine, signer: Signer) -> int:
        known, wanted = self.checkpoint(signer.verifier), count(state)
        signed = 0 if known is None else known[0].size
        if known is not None:
            self._require_same(state, known[0], wanted)
            if wanted == signed:
                return signed
        size, pending = signed, list[bytes]()
        for entry in contents(state, size):
            pending.append(entry)
            if len(pending) == _AT_ONCE:
                size, pending = self._grow(size, pending), []
        size = self._grow(size, pending)
        text = Checkpoint(signer.name, size, root(size, Tiles(self.folder, size).node)).text
        self._write(CHECKPOINT, f"{text}\n{signer.sign(text)}".encode())
        if size // WIDTH > signed // WIDTH:
            self._sweep()
        return size

    def _require_same(self, state: Engine, known: Checkpoint, wanted: int) -> None:
        """See that the state goes on from what was signed for, and that what is built on is that, too.

        The root is made of hashes that cover every entry of the tiles which are not full: those that are copied on.
        """
        tiles = Tiles(self.folder, known.size)
        if root(known.size, tiles.node) != known.root:
            raise VerificationError(f"the tiles in {self.folder} are not what was signed for: they were altered")
        if known.size == 0:
            return
        last = (known.size - 1) // WIDTH
        if [leaf_hash(entry) for entry in tiles.entries(last)] != tiles.hashes(0, last):
            raise VerificationError(f"entries in {self.folder} are not what was signed for: they were altered")
        if wanted < known.size or list(contents(state, last * WIDTH, known.size)) != tiles.entries(last):
            raise VerificationError(
                f"the store's state has {wanted} entries and the log in {self.folder} has {known.size}, which are not "
                "the same ones: somebody put back an old copy of the one alone"
            )

    def _grow(self, size: int, entries: list[bytes]) -> int:
        return Tiles(self.folder, size).grow(entries, self._write) if entries else size

    def _sweep(self) -> None:
        """Delete the parts of tiles that are whole now; a reader of an older checkpoint finds them in the whole."""
        for parts in (self.folder / "tile").rglob("*.p"):
            if parts.with_suffix("").exists():
                shutil.rmtree(parts, ignore_errors=True)
