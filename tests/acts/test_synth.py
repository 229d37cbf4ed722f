"""Synth: a feed that intake takes, the same for the same seed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hereabouts.acts import synth
from hereabouts.acts.synth import FIRST_DAY


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    told: list[int] = []
    one, two = (synth(20, 2, 9, tmp_path / name, progress=told.append) for name in ("one", "two"))
    assert one == two
    assert sum(told) > 0
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_it_begins_on_a_past_monday() -> None:
    assert FIRST_DAY.weekday() == 0
    assert dt.datetime.now(dt.UTC).date() > FIRST_DAY
