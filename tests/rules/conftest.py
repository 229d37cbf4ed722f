"""A store's state with nobody in it, and people with keys."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import Engine

from hereabouts.log.entries import Entry, contents
from hereabouts.state import open_state, sqlite_url, writing
from hereabouts.state.tables import StoreFacts

STORE = "5eed" * 8


def private(name: str) -> Ed25519PrivateKey:
    """Somebody's private key: the same for the same name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public(name: str) -> str:
    return private(name).public_key().public_bytes_raw().hex()


def write_keys(folder: Path, name: str) -> tuple[Path, Path]:
    """Both halves of a key as PEM files."""
    key = private(name)
    mine, theirs = folder / f"{name}-private.pem", folder / f"{name}-public.pem"
    mine.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    theirs.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return mine, theirs


Log = Callable[[], list[Entry]]


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("state") / "state.sqlite"
    with writing(open_state(sqlite_url(path), create=True)) as session:
        session.add(
            StoreFacts(
                id=STORE,
                created=0,
                timezone="UTC",
                window="P7D",
                anchor=date(2024, 1, 1),
                resolution=8,
                max_accuracy=500.0,
                layout=2,
            )
        )
    return path


@pytest.fixture
def state(empty_state: Path, tmp_path: Path) -> Engine:
    path = tmp_path / "state.sqlite"
    shutil.copy(empty_state, path)
    return open_state(sqlite_url(path))


@pytest.fixture
def log(state: Engine) -> Log:
    return lambda: [Entry.from_bytes(content) for content in contents(state)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the time, UTC seconds since the epoch."""
    return lambda now: monkeypatch.setattr(time, "time", lambda: float(now))


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEREABOUTS_ACTOR", "olga")
