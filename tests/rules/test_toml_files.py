"""Files that people write are read, or what is wrong with them is said; never what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.errors import MachineError, UsageError
from hereabouts.rules.toml_files import in_words, read_toml


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("key = 1", encoding="utf-8")
    assert read_toml(tmp_path / "one.toml", "there is none") == {"key": 1}


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"none.toml: there is none"):
        read_toml(tmp_path / "none.toml", "there is none")
    with pytest.raises(UsageError, match="there is none"):
        read_toml(tmp_path, "there is none")
    for content in (b"planted", b"\xff"):
        (tmp_path / "bad.toml").write_bytes(content)
        with pytest.raises(UsageError, match=r"is not TOML \(.*\): write it anew") as caught:
            read_toml(tmp_path / "bad.toml", "there is none", "write it anew")
        assert "planted" not in str(caught.value)
        with pytest.raises(UsageError, match=r"is not TOML \(.*\)$"):
            read_toml(tmp_path / "bad.toml", "there is none")

    def refuse(self: Path, encoding: str) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(MachineError, match=r"cannot read .*Permission denied"):
        read_toml(tmp_path / "bad.toml", "there is none")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Extra inputs are not permitted", "is not a known key"),
        ("Field required", "is missing"),
        ("Value error, Days come first", "days come first"),
        ("Input should be a number", "input should be a number"),
    ],
)
def test_messages_end_a_sentence_about_a_key(message: str, words: str) -> None:
    assert in_words(message) == words
