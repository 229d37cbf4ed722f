"""The register of withdrawals: all of one is on the disk before it holds, and none of it can join windows after it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hereabouts.errors import MachineError
from hereabouts.state import open_state, sqlite_url
from hereabouts.store.keys import WITHDRAWAL, Keys
from hereabouts.store.suppression import Tokens, to_bytes
from hereabouts.store.withdrawals import WithdrawalRegister

DAY = dt.date(2026, 3, 2)
A, B = "2024-03-04_2024-03-11", "2024-03-11_2024-03-18"
TOKENS: Tokens = np.array([[1, 2], [3, 4]], dtype=np.uint64)
NAMES = {A: TOKENS + np.uint64(10), B: TOKENS[:1] + np.uint64(20)}


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys", "store-a", make=True)


@pytest.fixture
def register(tmp_path: Path, keys: Keys) -> WithdrawalRegister:
    state = open_state(sqlite_url(tmp_path / "state.sqlite"), create=True)
    return WithdrawalRegister(tmp_path / "withdrawn", state, keys)


def begin(register: WithdrawalRegister, source: str = "users") -> int:
    register.key()
    return register.begin(TOKENS, NAMES.items(), DAY, source, {"given": 3})


def files(tmp_path: Path) -> set[str]:
    folder = tmp_path / "withdrawn"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_at_first_nobody_is_kept_out(register: WithdrawalRegister, keys: Keys) -> None:
    assert (register.newest(), register.all(), register.unfinished()) == (0, [], [])
    assert not register.suppressed()
    register.sweep()
    assert list(keys.folder.iterdir()) == []


def test_from_its_row_on_a_withdrawal_holds(register: WithdrawalRegister, keys: Keys) -> None:
    assert begin(register) == register.newest() == 1
    assert register.suppressed().among(TOKENS).all()
    (row,) = register.unfinished()
    assert (row.version, row.requested, row.source, row.finished) == (1, DAY, "users", None)
    assert row.receipt == {"given": 3, "reached": [A, B], "windows": {}}
    for window, names in NAMES.items():
        assert np.array_equal(register.pending(1, window), names)
    assert register.pending(1, "2024-03-18_2024-03-25").shape == (0, 2), "a window that it does not reach"
    assert register.last_finished("users") is None


def test_when_it_is_done_only_the_tokens_stay(register: WithdrawalRegister, keys: Keys, tmp_path: Path) -> None:
    begin(register)
    assert files(tmp_path) == {"0001.tokens", "0001.pending", f"0001.pending/{A}", f"0001.pending/{B}"}
    register.finish(1)
    assert files(tmp_path) == {"0001.tokens"}
    assert {path.name for path in keys.folder.iterdir()} == {"suppression.key"}
    assert register.unfinished() == []
    assert (tmp_path / "withdrawn" / "0001.tokens").stat().st_mode & 0o777 == 0o600
    last = register.last_finished("users")
    assert last == register.get(1).finished is not None
    assert register.last_finished("others") is None
    assert register.suppressed().among(TOKENS).all()


def test_versions_add_up(register: WithdrawalRegister) -> None:
    for version in (1, 2):
        assert begin(register, f"list {version}") == version
        register.finish(version)
    assert [row.source for row in register.all()] == ["list 1", "list 2"]
    assert len(register.suppressed()) == 2


def test_what_is_pending_is_encrypted_under_a_key_that_goes(
    register: WithdrawalRegister, keys: Keys, tmp_path: Path
) -> None:
    """What deleting leaves on the disk must not join the pseudonyms of two windows."""
    begin(register)
    content = b"".join(path.read_bytes() for path in (tmp_path / "withdrawn" / "0001.pending").iterdir())
    for names in NAMES.values():
        assert to_bytes(names)[8:16] not in content
        assert names.tobytes()[8:16] not in content
    key = keys.get("0001", WITHDRAWAL)
    path = tmp_path / "withdrawn" / "0001.pending" / A
    sealed = path.read_bytes()
    assert AESGCM(key).decrypt(sealed[:12], sealed[12:], f"withdrawal/1/{A}".encode()) == to_bytes(NAMES[A])
    register.finish(1)
    assert not keys.has("0001", WITHDRAWAL)


@pytest.mark.parametrize("change", ["gone", "folder gone", "short", "swapped", "key"])
def test_what_is_left_to_remove_is_missed_when_it_is_lost(
    change: str, register: WithdrawalRegister, keys: Keys, tmp_path: Path
) -> None:
    begin(register)
    folder = tmp_path / "withdrawn" / "0001.pending"
    if change == "key":
        keys.destroy("0001", WITHDRAWAL)
    elif change == "folder gone":
        folder.rename(tmp_path / "elsewhere")
    elif change == "gone":
        (folder / A).unlink()
    else:
        (folder / A).write_bytes((folder / B).read_bytes() if change == "swapped" else (folder / A).read_bytes()[:20])
    with pytest.raises(MachineError, match="restore it from a copy"):
        register.pending(1, A)


def test_what_never_came_to_be_registered_is_forgotten(
    register: WithdrawalRegister, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(register)
    register.finish(1)
    kept = files(tmp_path)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hereabouts.store.withdrawals.writing", stop)
    with pytest.raises(KeyboardInterrupt):
        begin(register)
    monkeypatch.undo()
    assert "0002.tokens" in files(tmp_path)
    assert register.newest() == 1
    register.sweep()
    assert files(tmp_path) == kept
    assert not keys.has("0002", WITHDRAWAL)


@pytest.mark.parametrize("there", [True, False])
def test_what_is_pending_for_one_that_is_done_is_forgotten(
    there: bool, register: WithdrawalRegister, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped between the register and the deletion; or after the key, before the files."""
    begin(register)
    monkeypatch.setattr(WithdrawalRegister, "_forget", lambda *_: None)
    register.finish(1)
    monkeypatch.undo()
    if not there:
        keys.destroy("0001", WITHDRAWAL)
    register.sweep()
    assert files(tmp_path) == {"0001.tokens"}
    assert not keys.has("0001", WITHDRAWAL)


def test_what_is_pending_is_kept_until_then(register: WithdrawalRegister, tmp_path: Path) -> None:
    begin(register)
    before = files(tmp_path)
    register.sweep()
    assert files(tmp_path) == before
    assert np.array_equal(register.pending(1, A), NAMES[A])


def test_a_lost_suppression_key_is_not_replaced(register: WithdrawalRegister, keys: Keys) -> None:
    begin(register)
    (keys.folder / "suppression.key").unlink()
    for ask in (register.key, register.suppressed):
        with pytest.raises(MachineError, match=r"suppression\.key.*restore it from a copy"):
            ask()
    assert not (keys.folder / "suppression.key").exists()


def test_a_state_from_before_a_withdrawal_is_refused(register: WithdrawalRegister, keys: Keys, tmp_path: Path) -> None:
    """Swept away as remains of a crash, its tokens would be gone, and the devices be let in again (WITHDRAW)."""
    state, older = tmp_path / "state.sqlite", tmp_path / "older.sqlite"
    shutil.copy(state, older)
    begin(register)
    register.finish(1)
    for name in ("state.sqlite", "state.sqlite-wal", "state.sqlite-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(older, state)
    restored = WithdrawalRegister(tmp_path / "withdrawn", open_state(sqlite_url(state)), keys)
    for _ in range(2):
        with pytest.raises(MachineError, match=r"state is older than .*0001\.tokens.*from the same copy"):
            restored.sweep()
    assert files(tmp_path) == {"0001.tokens"}


def test_a_sweep_that_is_cut_off_is_finished_by_the_next(
    register: WithdrawalRegister, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What shows that tokens were never registered goes after them."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hereabouts.store.withdrawals.writing", stop)
        with pytest.raises(KeyboardInterrupt):
            begin(register)
    with monkeypatch.context() as patch:
        patch.setattr(WithdrawalRegister, "_forget", stop)
        with pytest.raises(KeyboardInterrupt):
            register.sweep()
    assert {name.partition("/")[0] for name in files(tmp_path)} == {"0001.pending"}
    register.sweep()
    assert files(tmp_path) == set()
