"""A log's folder as anyone reads it, with nothing else at hand: what it says of itself, its entries, proofs of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hereabouts.errors import VerificationError
from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.entries import Entry
from hereabouts.log.merkle import inclusion_proof
from hereabouts.log.note import Note, Verifier
from hereabouts.log.proof import Proof
from hereabouts.log.tiles import WIDTH, Tiles

CHECKPOINT = "checkpoint"
_MOST_BYTES = 1 << 20


def read_checkpoint(folder: Path, log: Verifier | None = None) -> tuple[Checkpoint, Note]:
    """What a log last said of itself.

    Parameters
    ----------
    folder
        The log's folder.
    log
        Whose log it has to be; without it nobody's signature is checked.

    Raises
    ------
    VerificationError
        When there is none, or it is not one of that log.
    """
    path = folder / CHECKPOINT
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES).decode()
    except FileNotFoundError:
        raise VerificationError(
            f"there is no checkpoint in {folder}: it was removed, or this is no log's folder"
        ) from None
    except UnicodeDecodeError:
        content = ""
    try:
        note = Note.parse(content)
        found = Checkpoint.parse(note.text)
        signed = log is None or bool(note.signed_by([log]))
    except VerificationError as error:
        raise VerificationError(f"{path} cannot be believed: {error}") from None
    if log is not None and (not signed or found.origin != log.name):
        raise VerificationError(f"the checkpoint in {folder} is not one of the log {log}")
    return found, note


def numbered_entries(folder: Path, size: int, start: int = 0) -> Iterator[tuple[int, Entry]]:
    """The entries of a log of `size` from a place on, in order, each with its place.

    Raises
    ------
    VerificationError
        When one is missing or cannot be read.
    """
    tiles = Tiles(folder, size)
    for number in range(start // WIDTH, -(-size // WIDTH)):
        for place, content in enumerate(tiles.entries(number), number * WIDTH):
            if place < start:
                continue
            try:
                entry = Entry.from_bytes(content)
            except VerificationError as error:
                raise VerificationError(f"entry {place}: {error}") from None
            yield place, entry


def prove_entry(folder: Path, place: int, log: Verifier | None = None) -> Proof:
    """Proof that the entry at a place is in a log, which holds the entry itself.

    Raises
    ------
    VerificationError
        When the folder does not have it, or was altered there.
    """
    checkpoint, note = read_checkpoint(folder, log)
    if not 0 <= place < checkpoint.size:
        raise VerificationError(f"the log in {folder} has {checkpoint.size} entries, and no entry {place} yet")
    tiles = Tiles(folder, checkpoint.size)
    entry = tiles.entries(place // WIDTH)[place % WIDTH]
    proof = Proof(place, tuple(inclusion_proof(place, checkpoint.size, tiles.node)), note, entry)
    if not proof.leads(entry):
        raise VerificationError(f"entry {place} is not what the log was signed for: run 'hereabouts log verify'")
    return proof
