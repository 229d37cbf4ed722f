"""A folder that is no release, and a manifest that is garbled anywhere: clear errors, and nothing falls over."""

from __future__ import annotations

import contextlib
import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hereabouts.errors import BadInputError, MachineError, VerificationError
from hereabouts.release.verify import check_release_folder, read_manifest


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b'{"format": 1, "privacy": NaN}', "is not JSON"),
        (b'{"format": 1, "privacy": Infinity}', "is not JSON"),
        (b'{"format": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b"[]", "got manifest format list, this version reads 1"),
        (b"null", "got manifest format NoneType"),
        (b"{}", "got manifest format None"),
        (b'{"format": 2}', "got manifest format 2, this version reads 1: use a newer hereabouts"),
        (b'{"format": "1"}', "got manifest format 1"),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_bad_input(folder: Path, content: bytes, says: str) -> None:
    (folder / "release.json").write_bytes(content)
    with pytest.raises(BadInputError, match=says):
        check_release_folder(folder)


def test_a_folder_that_is_no_release_is_bad_input(tmp_path: Path, folder: Path) -> None:
    for place in (tmp_path / "nowhere", tmp_path, folder / "README.md"):
        with pytest.raises(BadInputError, match=r"holds no release\.json: expected the folder of a release"):
            check_release_folder(place)
    (tmp_path / "release.json").mkdir()
    with pytest.raises(BadInputError):
        check_release_folder(tmp_path)


def test_a_file_that_may_not_be_read_is_the_machines_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *args: Any, **options: Any) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(MachineError, match=r"cannot read .*release\.json: Permission denied"):
        read_manifest(folder)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(
        "hereabouts.release.verify.read_manifest", lambda folder: {"files": {"README.md": ""}, "rows": {}}
    )
    with pytest.raises(MachineError, match=r"cannot read .*README\.md: Permission denied"):
        check_release_folder(folder)


def test_every_key_of_the_manifest_may_be_missing(folder: Path) -> None:
    """Whatever is taken out, there is an answer: a failed check, an error that says so, or it is free text."""
    file = folder / "release.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    for path in paths_of(content):
        file.write_text(json.dumps(without(content, path)), encoding="utf-8")
        answer(folder)


def answer(folder: Path) -> None:
    """Fail where the check ends in anything but a list of checks or one of its two errors."""
    with contextlib.suppress(BadInputError, VerificationError):
        assert check_release_folder(folder)


def paths_of(value: Any) -> list[tuple[str | int, ...]]:
    """Every place in a JSON-like value."""
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return []
    return [(key, *rest) for key, part in inner for rest in [(), *paths_of(part)]]


def without(content: Any, path: tuple[str | int, ...]) -> Any:
    changed = copy.deepcopy(content)
    inside = changed
    for step in path[:-1]:
        inside = inside[step]
    del inside[path[-1]]
    return changed


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["nan", "inf", "-inf", "1/3", "0", "presence", "../presence", "7/PT1H", "1e400", "2024-03-25"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def fuzzed(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that every example of a test may spoil."""
    return shutil.copytree(written, tmp_path_factory.mktemp("fuzzed") / "release")


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_manifest_makes_it_fall_over(written: Path, fuzzed: Path, data: st.DataObject) -> None:
    """Up to three values anywhere in a manifest are replaced by anything at all."""
    content = json.loads((written / "release.json").read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths_of(content)))
        inside = content
        for step in path[:-1]:
            inside = inside[step]
        inside[path[-1]] = data.draw(anything)
    (fuzzed / "release.json").write_text(json.dumps(content), encoding="utf-8")
    answer(fuzzed)


@given(content=anything)
@settings(max_examples=100, deadline=None)
def test_no_json_makes_it_fall_over(fuzzed: Path, content: Any) -> None:
    content = content | {"format": 1} if isinstance(content, dict) else content
    (fuzzed / "release.json").write_text(json.dumps(content), encoding="utf-8")
    answer(fuzzed)
