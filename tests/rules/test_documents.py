"""Documents are known by their digest; a last day is yet to come."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.rules.documents import digest_of, require_to_come


def test_a_document_is_known_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "consent.pdf").write_bytes(b"they said yes")
    assert digest_of(tmp_path / "consent.pdf", "evidence") == hashlib.sha256(b"they said yes").hexdigest()


def test_one_that_is_missing_empty_or_no_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name, words in (("none", "no such file; expected evidence"), (".", "is not a file"), ("empty", "is empty")):
        with pytest.raises(BadInputError, match=words):
            digest_of(tmp_path / name, "evidence")


def test_one_that_may_not_be_read_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MachineError, match="Permission denied"):
        digest_of(tmp_path / "consent.pdf", "evidence")


def test_a_last_day_is_today_or_later() -> None:
    today = date(2024, 5, 1)
    require_to_come(today, today)
    with pytest.raises(UsageError, match=r"2024-04-30, expected today \(2024-05-01\)"):
        require_to_come(date(2024, 4, 30), today)
