"""Proofs that can be kept and checked offline (C2SP tlog-proof v1): entry, place, siblings, signed checkpoint."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hereabouts.errors import VerificationError
from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.merkle import is_included
from hereabouts.log.note import Note, Verifier

_FIRST = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_MOST_HASHES = 64


@dataclass(frozen=True)
class Proof:
    """That an entry is in a log.

    Attributes
    ----------
    index
        The entry's place, from 0.
    hashes
        Siblings from the entry up, 32 bytes each.
    checkpoint
        The signed note of the tree that they lead to.
    extra
        Unauthenticated data of the maker's; here the entry itself, so that the proof explains itself.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes = b""

    def __str__(self) -> str:
        """The proof as it is written."""
        head = [_FIRST, *([f"extra {_encoded(self.extra)}"] if self.extra else []), f"index {self.index}"]
        return "\n".join([*head, *map(_encoded, self.hashes)]) + f"\n\n{self.checkpoint}"

    @classmethod
    def parse(cls, content: str) -> Proof:
        """Read a proof; nothing is verified.

        Raises
        ------
        VerificationError
            When it is none.
        """
        head, blank, note = content.partition("\n\n")
        lines = head.split("\n")
        if not blank or lines.pop(0) != _FIRST or not lines:
            raise VerificationError(f"is not a proof: expected {_FIRST}, an index, hashes and a checkpoint")
        try:
            extra = base64.b64decode(lines.pop(0)[6:], validate=True) if lines[0].startswith("extra ") else b""
            index = _INDEX.fullmatch(lines.pop(0))
            hashes = tuple(base64.b64decode(line, validate=True) for line in lines)
        except (IndexError, binascii.Error):
            index = None
        if index is None or len(hashes) > _MOST_HASHES or any(len(each) != 32 for each in hashes):
            raise VerificationError("is not a proof: its index or one of its hashes cannot be read")
        return cls(int(index[1]), hashes, Note.parse(note), extra)

    def leads(self, entry: bytes) -> bool:
        """Whether the siblings lead from `entry` to the root of the checkpoint, whoever signed that."""
        tree = Checkpoint.parse(self.checkpoint.text)
        return is_included(entry, self.index, tree.size, self.hashes, tree.root)

    def check(self, entry: bytes, log: Verifier, witnesses: Sequence[Verifier] = ()) -> tuple[Checkpoint, int]:
        """Verify that `entry` is in the log, by its key; gives the checkpoint, and how many witnesses signed it.

        Raises
        ------
        VerificationError
            By what fails first.
        """
        found = Checkpoint.parse(self.checkpoint.text)
        if not self.checkpoint.signed_by([log]):
            raise VerificationError(f"the checkpoint is not signed by {log.name} with that key")
        if found.origin != log.name:
            raise VerificationError(f"the checkpoint is of the log '{found.origin}', expected '{log.name}'")
        if not self.leads(entry):
            raise VerificationError(f"entry {self.index} is not what the log has there: it was altered, or never in it")
        return found, len(self.checkpoint.signed_by(witnesses))


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
