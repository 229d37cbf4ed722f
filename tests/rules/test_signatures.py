"""Keys and signatures as OpenSSL makes them; a statement is one act's, in one store."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import Engine

from hereabouts.errors import BadInputError, MachineError
from hereabouts.rules.signatures import read_private_key, read_public_key, read_signature, statement, verifies
from hereabouts.state import reading
from tests.conftest import Needs
from tests.rules.conftest import STORE, private, public, write_keys


def test_both_halves_are_read(tmp_path: Path) -> None:
    mine, theirs = write_keys(tmp_path, "ines")
    assert read_public_key(theirs) == public("ines")
    assert read_private_key(mine).private_bytes_raw() == private("ines").private_bytes_raw()


def test_what_openssl_makes_and_signs(tmp_path: Path, needs: Needs) -> None:
    def openssl(*args: object) -> None:
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True, cwd=tmp_path)

    try:
        openssl("genpkey", "-algorithm", "ed25519", "-out", "private.pem")
    except (OSError, subprocess.CalledProcessError):
        needs(False, "openssl with Ed25519")
    openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
    (tmp_path / "said").write_bytes(b'{"act":"sign"}')
    openssl("pkeyutl", "-sign", "-rawin", "-inkey", "private.pem", "-in", "said", "-out", "signature")
    key = read_public_key(tmp_path / "public.pem")
    assert read_private_key(tmp_path / "private.pem").public_key().public_bytes_raw().hex() == key
    assert verifies(key, read_signature(tmp_path / "signature"), b'{"act":"sign"}')


def test_a_key_of_another_kind(tmp_path: Path) -> None:
    key, path = X25519PrivateKey.generate(), tmp_path / "other.pem"
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(BadInputError, match="is a key of another kind; expected an Ed25519 public key in PEM"):
        read_public_key(path)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadInputError, match="is a key of another kind; expected an Ed25519 private key in PEM"):
        read_private_key(path)


def test_what_is_no_key(tmp_path: Path) -> None:
    mine, theirs = write_keys(tmp_path, "ines")
    text = tmp_path / "text.pem"
    text.write_text("no key")
    for read, others in [(read_public_key, mine), (read_private_key, theirs)]:
        for path in (text, others):
            with pytest.raises(BadInputError, match="is none; expected an Ed25519"):
                read(path)
        for path in (tmp_path / "nothing", tmp_path, text / "inside"):
            with pytest.raises(BadInputError, match="there is no such file; expected an Ed25519"):
                read(path)


def test_a_key_under_a_passphrase_is_used_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "locked.pem"
    path.write_bytes(private("ines").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pass")))
    with pytest.raises(BadInputError, match="without passphrase"):
        read_private_key(path)


def test_a_key_that_may_not_be_read(tmp_path: Path) -> None:
    mine, _ = write_keys(tmp_path, "ines")
    mine.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(MachineError, match=rf"cannot read .*{mine.name}: Permission denied"):
            read_private_key(mine)
    finally:
        os.seteuid(us)


def test_a_signature_is_bytes_or_base64(tmp_path: Path) -> None:
    path, made = tmp_path / "signature", private("ines").sign(b"said")
    for content in (made, base64.b64encode(made) + b"\n", base64.encodebytes(made)):
        path.write_bytes(content)
        assert read_signature(path) == made
    for content in (made[:-1], b"", base64.b64encode(made[:-1]), b"not base64!", base64.b64encode(made) + b"AAAA"):
        path.write_bytes(content)
        with pytest.raises(BadInputError, match="is none; expected an Ed25519 signature: 64 bytes, or these in base64"):
            read_signature(path)


def test_a_statement_is_of_one_act_in_one_store(state: Engine) -> None:
    with reading(state) as session:
        said = statement(session, "sign", {"plan": "é", "a": 1})
    assert said == f'{{"act":"sign","facts":{{"a":1,"plan":"é"}},"store":"{STORE}"}}'.encode()
    assert json.loads(said)["store"] == STORE


def test_only_the_key_on_exactly_these_bytes_verifies() -> None:
    made = private("ines").sign(b"said")
    assert verifies(public("ines"), made, b"said")
    assert not verifies(public("ines"), made, b"Said")
    assert not verifies(public("noor"), made, b"said")
    assert not verifies(public("ines"), bytes([made[0] ^ 1]) + made[1:], b"said")
    assert not verifies(public("ines"), b"", b"said")
