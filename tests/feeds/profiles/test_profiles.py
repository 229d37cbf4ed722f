"""Where profiles come from: shipped ones by name, others by path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hereabouts.errors import MachineError, UsageError
from hereabouts.feeds.profile import CANONICAL
from hereabouts.feeds.profiles import load_profile, shipped, shipped_toml

MINIMAL = 'name = "acme"\ndevice = "d"\nlatitude = "y"\nlongitude = "x"\ntime = "t"\n'


def test_the_shipped_canonical_profile_is_the_canonical_one() -> None:
    assert load_profile("canonical") == CANONICAL
    assert next(iter(shipped())) == "canonical"


def test_each_shipped_profile_bears_its_files_name_and_tells_where_it_comes_from() -> None:
    for name, text in shipped_toml().items():
        profile = load_profile(name)
        assert profile.name == name
        assert profile.description.endswith(".")
        assert text.startswith("# "), name
        assert text.count("#") >= 4, name


def test_a_profile_may_be_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    profile = load_profile(str(path))
    assert (profile.name, profile.read) == ("acme", ("d", "t", "y", "x"))


def test_a_copy_of_a_shipped_one_is_that_one_until_it_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(shipped_toml()["veraset"], encoding="utf-8")
    assert load_profile(str(path)) == load_profile("veraset")
    path.write_text(shipped_toml()["veraset"].replace('time_unit = "s"', 'time_unit = "ms"'), encoding="utf-8")
    with pytest.raises(UsageError, match=r"mine\.toml: key 'name': 'veraset' is a shipped profile.*rename it"):
        load_profile(str(path))


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(UsageError, match=r"got profile 'acme'; expected one of canonical, .*, or the path of a file"):
        load_profile("acme")


def test_a_file_that_is_not_there_or_no_toml(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file; expected a profile"):
        load_profile(str(tmp_path / "mine.toml"))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UsageError, match="there is no such file"):
        load_profile(str(tmp_path / "folder.toml"))
    path = tmp_path / "bad.toml"
    path.write_bytes(b"name = ")
    with pytest.raises(UsageError, match=r"bad\.toml: is not TOML"):
        load_profile(str(path))
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        load_profile(str(path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_the_machines(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    path.chmod(0)
    with pytest.raises(MachineError, match="cannot read"):
        load_profile(str(path))
