"""Checkpoints (C2SP tlog-checkpoint v1.0.0): how large a log is and what its root is, as a signed note's text."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from hereabouts.errors import VerificationError

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """A log's name, its number of entries, and the root hash of its tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text; extension lines are refused, for this log never writes any.

        Raises
        ------
        VerificationError
            When it is no checkpoint.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise VerificationError("is not a checkpoint: expected the log's name, its size and its root hash")
        try:
            root = base64.b64decode(lines[2], validate=True)
        except binascii.Error:
            root = b""
        if len(root) != 32:
            raise VerificationError("is not a checkpoint: its root hash is not one of 32 bytes")
        return cls(lines[0], int(lines[1]), root)
