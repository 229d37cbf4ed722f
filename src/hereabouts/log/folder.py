"""The log as others see it: a static folder, made from the entries in a store's state, and signed.

First come the files of new entries, then the checkpoint that says that they are there: whoever mirrors the folder at
any moment has a log that is whole. Two states of one log are never both signed from one folder: a state that knows
fewer entries than the checkpoint, or other ones, is refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from hereabouts.errors import MachineError, VerificationError
from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.entries import contents, count
from hereabouts.log.merkle import inclusion_proof, root
from hereabouts.log.note import Note, Signer, Verifier
from hereabouts.log.proof import Proof
from hereabouts.log.tiles import WIDTH, Tiles, Write, tile_path

CHECKPOINT = "checkpoint"
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
        try:
            note = Note.parse((self.folder / CHECKPOINT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        found = Checkpoint.parse(note.text)
        if not note.signed_by([log]) or found.origin != log.name:
            raise VerificationError(f"the checkpoint in {self.folder} is not one of the log {log}")
        return found, note

    def publish(self, state: Engine, signer: Signer) -> int:
        """Write what the state has and the folder has not, and sign for it; gives the log's size.

        Raises
        ------
        MachineError
            When the state is older than the folder, or another one.
        """
        try:
            known = self.checkpoint(signer.verifier)
        except VerificationError as error:
            raise MachineError(f"{error}: restore the log's folder and the store's keys from the same copy") from None
        size, wanted = 0 if known is None else known[0].size, count(state)
        if known is not None:
            self._require_same(state, known[0], wanted)
            if wanted == size:
                return size
        pending: list[bytes] = []
        for entry in contents(state, size):
            pending.append(entry)
            if len(pending) == _AT_ONCE:
                size, pending = self._grow(size, pending), []
        size = self._grow(size, pending)
        text = Checkpoint(signer.name, size, root(size, Tiles(self.folder, size).node)).text
        self._write(CHECKPOINT, f"{text}\n{signer.sign(text)}".encode())
        self._sweep(0 if known is None else known[0].size, size)
        return size

    def cosign(self, signed: Note, log: Verifier, witnesses: Sequence[Verifier]) -> list[Verifier]:
        """Add what witnesses signed to the checkpoint that they signed.

        Raises
        ------
        VerificationError
            When the note is not the log's last checkpoint, or a signature is not of whom it says.
        """
        known = self.checkpoint(log)
        if known is None or known[1].text != signed.text:
            raise VerificationError("the note is not of the log's last checkpoint: have the witness sign that one")
        found = signed.signed_by(witnesses)
        ids = {(witness.name, witness.key_id) for witness in found}
        new = [line for line in signed.signatures if line[:2] in ids and line not in known[1].signatures]
        self._write(CHECKPOINT, str(Note(signed.text, (*known[1].signatures, *new))).encode())
        return found

    def prove(self, place: int, log: Verifier) -> Proof:
        """Proof that the entry at a place is in the log, which holds the entry itself.

        Raises
        ------
        VerificationError
            When the folder does not have it.
        """
        known = self.checkpoint(log)
        if known is None or place >= known[0].size:
            raise VerificationError(f"the log in {self.folder} has no entry {place} yet")
        size = known[0].size
        tiles = Tiles(self.folder, size)
        entry = tiles.entries(place // WIDTH)[place % WIDTH]
        return Proof(place, tuple(inclusion_proof(place, size, tiles.node)), known[1], entry)

    def _require_same(self, state: Engine, known: Checkpoint, wanted: int) -> None:
        last = next(contents(state, known.size - 1), None) if known.size else None
        if wanted < known.size or (known.size and last != self._last(known.size)):
            raise MachineError(
                f"the store's state has {wanted} entries and the log in {self.folder} has {known.size}, which are not "
                "the same ones: somebody put back an old copy of the one alone; restore both from the same copy"
            )

    def _last(self, size: int) -> bytes:
        return Tiles(self.folder, size).entries((size - 1) // WIDTH)[-1]

    def _grow(self, size: int, entries: list[bytes]) -> int:
        return Tiles(self.folder, size).grow(entries, self._write) if entries else size

    def _sweep(self, old: int, size: int) -> None:
        """Delete the parts of tiles that are whole now."""
        level = 0
        while size >> (8 * level):
            names: list[int | str] = [level] if level else [level, "entries"]
            for number in range((old >> (8 * level)) // WIDTH, (size >> (8 * level)) // WIDTH):
                for name in names:
                    shutil.rmtree(self.folder / f"{tile_path(name, number)}.p", ignore_errors=True)
            level += 1
