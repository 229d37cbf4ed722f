"""``hereabouts synth``: what it says, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command


def test_what_it_says(tmp_path: Path, command: Command) -> None:
    args = ("--devices", 30, "--days", 2, "--seed", 1, "--start", "2024-05-06", "--format", "csv")
    done = command("synth", *args, "--out", tmp_path / "feed")
    assert (done.code, done.err) == (0, "")
    pings = sum(len(file.read_text().splitlines()) - 1 for file in (tmp_path / "feed").iterdir())
    assert done.out.startswith(f"{pings:,} pings of ")
    assert "devices in 2 files" in done.out
    assert "2024-05-06T" in (tmp_path / "feed" / "part-0000.csv").read_text()
    document = command("synth", *args, "--out", tmp_path / "again", "--json").json
    assert (document["pings"], document["files"], document["out"]) == (pings, 2, str(tmp_path / "again"))


@pytest.mark.parametrize(
    ("args", "word"),
    [(["--devices", 0], "devices is 0"), (["--days", 0], "days is 0"), (["--pings-per-day", "nan"], "pings_per_day")],
    ids=str,
)
def test_figures_out_of_range(args: list[object], word: str, tmp_path: Path, command: Command) -> None:
    done = command("synth", "--devices", 3, "--days", 1, "--out", tmp_path / "feed", *args)
    done.refuses(2, word)
    assert not (tmp_path / "feed").exists()


def test_a_place_that_is_taken(tmp_path: Path, command: Command) -> None:
    (tmp_path / "thesis.txt").touch()
    command("synth", "--devices", 3, "--days", 1, "--out", tmp_path).refuses(2, "is not empty")
    done = command("synth", "--devices", 3, "--days", 1, "--out", tmp_path / "thesis.txt" / "feed")
    done.refuses(6, "Not a directory")


def test_one_day_of_a_week(tmp_path: Path, command: Command) -> None:
    args = ("--devices", 30, "--days", 7, "--seed", 1, "--format", "csv")
    for name, more in (("week", ()), ("day", ("--day", 3))):
        assert command("synth", *args, *more, "--out", tmp_path / name).code == 0
    (alone,) = (tmp_path / "day").iterdir()
    assert alone.read_bytes() == (tmp_path / "week" / "part-0002.csv").read_bytes()
    command("synth", *args, "--day", 8, "--out", tmp_path / "eighth").refuses(2, "day is 8", "from 1 to 7")
