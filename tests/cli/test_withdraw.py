"""``hereabouts withdraw``: a confidential receipt, and never an id."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"


@pytest.fixture
def ids(feed: Path, tmp_path: Path) -> Path:
    path = tmp_path / "ids.txt"
    names = sorted(set(pq.read_table(feed / "part-0000.parquet")["device_id"].to_pylist()))
    path.write_text("\n".join(names[:50]) + "\n", encoding="utf-8")
    return path


def test_what_it_says(sealed_site: Site, ids: Path, copy: Copy) -> None:
    site = copy(sealed_site)
    done = site.run("withdraw", ids)
    assert (done.code, done.err) == (0, "")
    first, second, *windows, last = done.out.splitlines()
    assert first.startswith("withdrawal 1: 50 ids given, ")
    assert first.endswith("(confidential)")
    assert re.fullmatch(r"found in no window: \d+ of the \d+ devices \(confidential\)", second)
    assert windows[0].startswith(f"{FIRST}: removed ")
    assert all(word in windows[0] for word in ("presence", "stays", "trips", "files read again, nothing found"))
    assert last == "finished 0 days after it was requested; the devices are kept out from now on"
    for name in ids.read_text().split():
        assert name not in done.out


def test_of_few_devices_it_says_no_figure(sealed_site: Site, ids: Path, copy: Copy) -> None:
    site = copy(sealed_site)
    ids.write_text("\n".join(ids.read_text().split()[:5]) + "\n", encoding="utf-8")
    _, second, *windows, _ = site.run("withdraw", ids).out.splitlines()
    assert second.startswith("how many of the devices were found is not told")
    assert windows[0].startswith(f"{FIRST}: removed what there was; ")
    assert windows[0].endswith("files read again, nothing found")


def test_its_document_is_what_is_filed(taken_site: Site, ids: Path, copy: Copy) -> None:
    site = copy(taken_site)
    assert site.ok("withdraw") == []
    document = site.ok("withdraw", ids, "--requested", "2026-01-02", "--source", "state registry")
    assert (document["requested"], document["source"], document["confidential"]) == (
        "2026-01-02", "state registry", True,
    )  # fmt: skip
    assert document["windows"][FIRST]["found_again"] == 0 < document["windows"][FIRST]["pings"]
    assert site.ok("withdraw") == [document]
    assert site.run("withdraw").out.startswith("withdrawal 1: 50 ids given")


def test_what_it_refuses(taken_site: Site, tmp_path: Path) -> None:
    before = taken_site.state()
    taken_site.run("withdraw", tmp_path / "none.txt").refuses(4, "none.txt", "one a line")
    (tmp_path / "table.csv").write_text("secret-device,2024-03-04\n")
    taken_site.run("withdraw", tmp_path / "table.csv").refuses(4, "table.csv: 1 rows: a comma", "ids alone, one a line")
    (tmp_path / "empty.txt").touch()
    taken_site.run("withdraw", tmp_path / "empty.txt").refuses(4, "is empty")
    (tmp_path / "ids.txt").write_text("secret-device\n")
    done = taken_site.run("withdraw", tmp_path / "ids.txt", "--requested", "2099-01-01")
    done.refuses(2, "expected a day that has begun")
    assert taken_site.state() == before
