"""Devices are counted by what the gate of intake says of their rows, each question for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import CANONICAL
from hereabouts.risk.claims.rows import Answers, answers

NOW = 1_800_000_000
HEADER = "device_id,timestamp,latitude,longitude"


def read(folder: Path, *files: list[str]) -> Answers:
    feeds = []
    for number, lines in enumerate(files):
        path = folder / f"feed{number}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        feeds.append(open_feed(path, CANONICAL))
    return answers(feeds, NOW, lambda rows, share: None)


def row(device: object, *more: object) -> str:
    return ",".join(map(str, (device, "2024-03-04T10:00:00Z", 52.0, -1.0, *more)))


def test_each_question_is_asked_for_itself(tmp_path: Path) -> None:
    said = read(
        tmp_path,
        [
            f"{HEADER},consent,limit_ad_tracking,source_type",
            row("a", "true", "false", "sdk"),
            row("a", "false", "false", "sdk"),
            row("b", "", "true", "bidstream"),
            row("c", "true", "true", "sdk"),
            row("d", "true", "false", "other"),
        ],
    )
    assert said == Answers(devices=4, refused=2, limited=2, auctioned=1, advertising=0)


def test_what_the_feed_does_not_say_is_not_counted(tmp_path: Path) -> None:
    said = read(tmp_path, [HEADER, row("a"), row("b")])
    assert (said.devices, said.refused, said.limited, said.auctioned) == (2, None, None, None)


def test_a_file_without_the_column_says_yes_for_nobody(tmp_path: Path) -> None:
    said = read(tmp_path, [f"{HEADER},consent", row("a", "true")], [HEADER, row("b")])
    assert (said.devices, said.refused) == (2, 1)


def test_ids_are_known_in_any_spelling(tmp_path: Path) -> None:
    plain, other = "6d92078a-8246-ba44-39e9-e0e5e0b2c4d1", "6D92078A8246BA4439E9E0E5E0B2C4D1"
    said = read(tmp_path, [HEADER, row(plain), row(other), row("b")])
    assert (said.devices, said.advertising) == (2, 1)


@pytest.mark.parametrize("bad", ["x,not a time,52,-1", ",2024-03-04T10:00:00Z,52,-1", "x,2024-03-04T10:00:00Z,0,0"])
def test_rows_that_are_no_pings_are_not_looked_at(bad: str, tmp_path: Path) -> None:
    assert read(tmp_path, [HEADER, row("a"), bad]).devices == 1
