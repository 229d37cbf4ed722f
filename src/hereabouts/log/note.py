"""Signed notes (C2SP signed-note v1.0.0): a text with Ed25519 signatures that say whose they are, and their keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hereabouts.errors import UsageError, VerificationError

ED25519: Final = 1
COSIGNATURE: Final = 4
_DASH = "\u2014 "
_MOST_SIGNATURES = 100
_NAME = re.compile(r"[^\s+]+")
_COSIGNED = "cosignature/v1\ntime {time}\n"


@dataclass(frozen=True)
class Verifier:
    """Whose signatures are believed: a name, a public key of 32 bytes, and what kind of signature it makes.

    `kind` is 1 for a log's own signature of a note, 4 for a witness's cosignature of a checkpoint.
    """

    name: str
    public: bytes
    kind: Literal[1, 4] = ED25519

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the hash by which signatures name their key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """The verifier key ("vkey") in text: ``name+id+key``."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read a verifier key.

        Raises
        ------
        UsageError
            When it is none, or not one of an Ed25519 key.
        """
        try:
            name, key_id, key = vkey.strip().split("+", 2)
            content = base64.b64decode(key, validate=True)
        except (ValueError, binascii.Error):
            raise UsageError(f"got verifier key '{vkey[:80]}', expected NAME+ID+KEY") from None
        if len(content) != 33 or content[0] not in (ED25519, COSIGNATURE) or not _NAME.fullmatch(name):
            raise UsageError(f"got verifier key '{vkey[:80]}', expected one of an Ed25519 key (33 bytes)")
        found = cls(name, content[1:], COSIGNATURE if content[0] == COSIGNATURE else ED25519)
        if found.key_id.hex() != key_id:
            raise UsageError(f"got verifier key with id {key_id}, its name and key give {found.key_id.hex()}: a typo?")
        return found

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature (without its four bytes of key id) of a note's text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = _COSIGNED.format(time=time).encode() + message
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, repr=False)
class Signer:
    """A name and its Ed25519 private key."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str, seed: bytes) -> Signer:
        """From the 32 bytes of the private key.

        Raises
        ------
        UsageError
            When the name is empty, or has blanks or a plus.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"got '{name}' for a signer's name, expected one without blanks and '+'")
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The signature line of a note's text."""
        return _line(self.name, self.verifier.key_id + self.private.sign(text.encode()))

    def cosign(self, text: str, time: int) -> str:
        """The line of a witness that saw a checkpoint at a Unix time (C2SP tlog-cosignature, version 1)."""
        key_id = Verifier(self.name, self.verifier.public, COSIGNATURE).key_id
        made = self.private.sign(_COSIGNED.format(time=time).encode() + text.encode())
        return _line(self.name, key_id + time.to_bytes(8, "big") + made)


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and lines of signatures: name, key id, signature."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def parse(cls, content: str) -> Note:
        """Read a note; nothing is verified.

        Raises
        ------
        VerificationError
            When it is none.
        """
        text, blank, lines = content.rpartition("\n\n")
        fault = not blank or not lines.endswith("\n") or lines.count("\n") > _MOST_SIGNATURES
        if fault or any(ord(letter) < 32 and letter != "\n" for letter in content):
            raise VerificationError("is not a signed note: expected a text, an empty line and lines of signatures")
        return cls(text + "\n", tuple(_signature(line) for line in lines[:-1].split("\n")))

    def signed_by(self, verifiers: Iterable[Verifier]) -> list[Verifier]:
        """Those of the verifiers whose signatures the note bears.

        Raises
        ------
        VerificationError
            When a signature claims to be of one of them and is not.
        """
        found = []
        for verifier in verifiers:
            made = [s for name, key_id, s in self.signatures if (name, key_id) == (verifier.name, verifier.key_id)]
            if any(not verifier.verifies(self.text, signature) for signature in made):
                raise VerificationError(f"a signature of {verifier.name} is not of this text: it was altered")
            found += [verifier] if made else []
        return found

    def __str__(self) -> str:
        """The note as it is written."""
        return f"{self.text}\n{''.join(_line(name, key_id + made) for name, key_id, made in self.signatures)}"


def _line(name: str, content: bytes) -> str:
    return f"{_DASH}{name} {base64.b64encode(content).decode()}\n"


def _signature(line: str) -> tuple[str, bytes, bytes]:
    try:
        name, encoded = line.removeprefix(_DASH).split(" ")
        content = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        content, name = b"", ""
    if not line.startswith(_DASH) or not _NAME.fullmatch(name) or len(content) < 5:
        raise VerificationError(f"has a line that is no signature: {line[:80]!r}")
    return name, content[:4], content[4:]
