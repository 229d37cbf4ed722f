"""Ed25519 keys and signatures: what a person's own hand proves, whoever typed the command.

Keys are PEM files as ``openssl genpkey -algorithm ed25519`` makes them; a private key is read, used once and kept
nowhere. What is signed is a statement in canonical JSON: the act, the store, and the facts that the public log holds
of it. So a signature is worth nothing in another store or for another act, and whoever knows the key can check it
against the log alone.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from hereabouts.errors import BadInputError, MachineError
from hereabouts.state.tables import StoreFacts

SIGNATURE_BYTES = 64


def read_public_key(path: Path) -> str:
    """The 32 bytes of a public key, in hex.

    Raises
    ------
    BadInputError
        If the file is missing, or is not a public Ed25519 key in PEM.
    MachineError
        If it may not be read.
    """
    expected = "an Ed25519 public key in PEM ('openssl pkey -in private.pem -pubout -out public.pem')"
    try:
        key = load_pem_public_key(_read(path, expected))
    except (ValueError, UnsupportedAlgorithm):
        raise BadInputError(path, f"is none; expected {expected}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInputError(path, f"is a key of another kind; expected {expected}")
    return key.public_bytes_raw().hex()


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """A private key.

    Raises
    ------
    BadInputError
        If the file is missing, is not a private Ed25519 key in PEM, or is kept under a passphrase.
    MachineError
        If it may not be read.
    """
    expected = "an Ed25519 private key in PEM, without passphrase ('openssl genpkey -algorithm ed25519')"
    try:
        key = load_pem_private_key(_read(path, expected), password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):  # TypeError: there is a passphrase
        raise BadInputError(path, f"is none; expected {expected}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInputError(path, f"is a key of another kind; expected {expected}")
    return key


def read_signature(path: Path) -> bytes:
    """A signature that was made elsewhere: its 64 bytes, or these in base64.

    Raises
    ------
    BadInputError
        If the file is missing, or is neither.
    MachineError
        If it may not be read.
    """
    expected = "an Ed25519 signature: 64 bytes, or these in base64"
    content = _read(path, expected)
    if len(content) != SIGNATURE_BYTES:
        try:
            content = base64.b64decode(b"".join(content.split()), validate=True)
        except binascii.Error:
            content = b""
    if len(content) != SIGNATURE_BYTES:
        raise BadInputError(path, f"is none; expected {expected}")
    return content


def statement(session: Session, act: str, facts: Mapping[str, Any]) -> bytes:
    """What is signed for an act in the store of this state: one line of JSON, keys sorted, no blanks, UTF-8."""
    said = {"act": act, "facts": dict(facts), "store": session.scalars(select(StoreFacts.id)).one()}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def verifies(public: str, signature: bytes, said: bytes) -> bool:
    """Whether the private half of a public key (hex) signed a statement."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, said)
    except InvalidSignature:
        return False
    return True


def _read(path: Path, expected: str) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise BadInputError(path, f"there is no such file; expected {expected}") from None
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from error
