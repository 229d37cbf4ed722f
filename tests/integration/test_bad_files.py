"""Files that cannot be used: an exit code, one clear sentence, and a store that is as it was before."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site

Make = Callable[["Site", Path], Path]
ROW = "a,2024-03-05T12:00:00Z,52.3,-1.1,true"


def csv(header: str, *rows: str) -> Make:
    return lambda site, _: site.csv(rows, header=header)


def file(name: str, content: bytes) -> Make:
    def make(site: Site, _: Path) -> Path:
        path = site.folder / name
        path.write_bytes(content)
        return path

    return make


def parquet(**columns: Any) -> Make:
    def make(site: Site, _: Path) -> Path:
        whole = {
            "device_id": ["a"],
            "timestamp": ["2024-03-05T12:00:00Z"],
            "latitude": [52.3],
            "longitude": [-1.1],
            "consent": [True],
        }
        path = site.folder / "feed.parquet"
        pq.write_table(pa.table({k: v for k, v in (whole | columns).items() if v is not None}), path)
        return path

    return make


def cut(share: float) -> Make:
    """A Parquet file that was cut short."""

    def make(site: Site, feed: Path) -> Path:
        content = (feed / "part-0000.parquet").read_bytes()
        return file("cut.parquet", content[: int(len(content) * share)])(site, feed)

    return make


def damaged(site: Site, feed: Path) -> Path:
    """A Parquet file that opens well, and breaks when its rows are read."""
    content = bytearray((feed / "part-0000.parquet").read_bytes())
    content[len(content) // 3 : len(content) // 3 + 400] = bytes(400)
    return file("damaged.parquet", bytes(content))(site, feed)


def cut_gzip(site: Site, _: Path) -> Path:
    text = "device_id,timestamp,latitude,longitude,consent\n" + f"{ROW}\n" * 5000
    content = gzip.compress(text.encode())
    return file("cut.csv.gz", content[: len(content) // 2])(site, _)


def missing(site: Site, _: Path) -> Path:
    return site.folder / "nowhere.csv"


def folder_without_feeds(site: Site, _: Path) -> Path:
    folder = site.folder / "folder"
    folder.mkdir()
    (folder / "readme.txt").touch()
    return folder


FEEDS: dict[str, tuple[Make, tuple[str, ...]]] = {
    "missing column": (
        csv("device_id,timestamp,latitude,consent", "a,2024-03-05T12:00:00Z,52.3,true"),
        ("feed.csv", "missing columns: longitude"),
    ),
    "missing column in Parquet": (parquet(timestamp=None), ("feed.parquet", "missing columns: timestamp")),
    "unknown column": (
        csv("device_id,timestamp,latitude,longitude,consent,mood", f"{ROW},good"),
        ("unknown columns: mood", "profile 'canonical'"),
    ),
    "a column twice": (
        csv("device_id,timestamp,latitude,longitude,consent,latitude", f"{ROW},52.3"),
        ("more than once: latitude",),
    ),
    "a type that holds no numbers": (parquet(latitude=[[52.3]]), ("column latitude is of type list", "numbers")),
    "a type that holds no times": (parquet(timestamp=[True]), ("column timestamp is of type bool",)),
    "a type that holds no consent": (parquet(consent=[1.0]), ("column consent is of type double",)),
    "no consent column": (
        csv("device_id,timestamp,latitude,longitude", "a,2024-03-05T12:00:00Z,52.3,-1.1"),
        ("no column 'consent'", "--all-consented"),
    ),
    "no consent column in Parquet": (parquet(consent=None), ("no column 'consent'",)),
    "empty": (file("feed.csv", b""), ("empty (0 bytes)",)),
    "empty Parquet": (file("feed.parquet", b""), ("empty (0 bytes)",)),
    "only a header": (csv("device_id,timestamp,latitude,longitude,consent"), ("no rows",)),
    "no rows": (
        parquet(**{name: pa.array([], kind) for name, kind in (
            ("device_id", pa.string()), ("timestamp", pa.string()), ("latitude", pa.float64()),
            ("longitude", pa.float64()), ("consent", pa.bool_()),
        )}),
        ("no rows",),
    ),
    "not Parquet": (file("feed.parquet", b"device_id,latitude\n" * 9), ("damaged or cut short",)),
    "cut Parquet": (cut(0.5), ("cut.parquet", "damaged or cut short")),
    "Parquet without its last byte": (cut(0.9999), ("cut.parquet", "damaged or cut short")),
    "damaged Parquet": (damaged, ("damaged.parquet", "damaged or cut short")),
    "cut gzip": (cut_gzip, ("cut.csv.gz", "damaged or cut short")),
    "not gzip": (file("feed.csv.gz", b"device_id"), ("feed.csv.gz", "damaged or cut short")),
    "binary": (file("feed.csv", bytes(range(256)) * 9), ("feed.csv",)),
    "no JSON": (file("feed.jsonl", b"hello\nworld\n"), ("2 rows", "not one line is a row")),
    "no such file": (missing, ("nowhere.csv: there is no such file",)),
    "a name that says no format": (file("feed.xlsx", b"x"), ("the name does not say the format",)),
    "a folder without feeds": (folder_without_feeds, ("no feed file in this directory",)),
}  # fmt: skip


@pytest.mark.parametrize("case", FEEDS)
def test_a_feed_that_cannot_be_used(case: str, taken_site: Site, feed: Path, copy: Copy) -> None:
    make, words = FEEDS[case]
    site = copy(taken_site)
    path = make(site, feed)
    before = site.state()
    site.run("intake", path, "--supplier", "acme").refuses(4, *words)
    assert site.state() == before


@pytest.mark.parametrize("case", ["damaged Parquet", "cut gzip", "no JSON", "no consent column", "missing column"])
def test_one_bad_file_among_good_ones(case: str, empty_site: Site, feed: Path, copy: Copy) -> None:
    """All or none: the good ones before it count as little as itself, and are there to be taken again."""
    site = copy(empty_site)
    before = site.state()
    good = feed / "part-0001.parquet"
    bad = FEEDS[case][0](site, feed)
    site.run("intake", good, bad, feed / "part-0002.parquet", "--supplier", "acme").refuses(4, bad.name)
    assert site.state() == before
    (receipt,) = site.ok("intake", good, "--supplier", "acme")
    assert receipt["again"] is False


def test_what_no_consent_column_means_for_a_supplier_with_a_record(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    make, _ = FEEDS["no consent column"]
    (receipt,) = site.ok("intake", make(site, site.folder), "--supplier", "trusted")
    assert receipt["taken"] == 1


@pytest.mark.parametrize("supplier", ["expired", "nobody"])
def test_a_supplier_that_is_not_in_force(supplier: str, taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    site.admit("expired")
    site.sql("UPDATE suppliers SET expires = '2024-03-01' WHERE id = 'expired'")
    more = site.csv([ROW])
    before = site.state()
    word = "expired on 2024-03-01" if supplier == "expired" else "never admitted"
    site.run("intake", more, "--supplier", supplier).refuses(3, "'supplier'", word)
    assert site.state() == before


def test_a_profile_that_is_not_known(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    done = site.run("intake", site.csv([ROW]), "--supplier", "acme", "--profile", "mystery")
    done.refuses(2, "'mystery'", "canonical")


EVIDENCE: dict[str, tuple[Make, str]] = {
    "a folder": (folder_without_feeds, "is not a file"),
    "missing": (missing, "there is no such file"),
    "empty": (file("evidence.pdf", b""), "is empty"),
}


@pytest.mark.parametrize("case", EVIDENCE)
def test_evidence_that_cannot_be_used(case: str, empty_site: Site, feed: Path, copy: Copy) -> None:
    make, word = EVIDENCE[case]
    site = copy(empty_site)
    before = site.state()
    done = site.run("supplier add", "new", "--consent-evidence", make(site, feed), "--expires", "2099-01-01")
    done.refuses(4, word)
    assert site.state() == before


def test_an_admission_that_is_over_or_of_nobody(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    before = site.state()
    evidence = ("--consent-evidence", site.evidence)
    site.run("supplier add", "new", *evidence, "--expires", "2020-01-01").refuses(2, "2020-01-01", "later day")
    site.run("supplier add", "a/b", *evidence, "--expires", "2099-01-01").refuses(2, "'a/b'")
    assert site.state() == before


def text(content: str) -> Make:
    return file("plan.toml", content.encode())


def planned(**changes: Any) -> Make:
    return lambda site, _: site.plan(**changes)


def with_area(make_area: Make) -> Make:
    def make(site: Site, feed: Path) -> Path:
        area = make_area(site, feed)
        plan = site.plan()
        box = "bbox = [-1.6, 52.0, -0.6, 52.6]"
        content = plan.read_text(encoding="utf-8")
        assert box in content
        plan.write_text(content.replace(box, f'geojson = "{area.name}"'), encoding="utf-8")
        return plan

    return make


PLANS: dict[str, tuple[Make, int, tuple[str, ...]]] = {
    "missing": (missing, 4, ("there is no such plan",)),
    "a folder": (folder_without_feeds, 4, ("expected a plan in TOML",)),
    "not TOML": (text("name ="), 4, ("expected a plan in TOML",)),
    "not text": (file("plan.toml", b"\xff\xfe"), 4, ("expected a plan in TOML",)),
    "empty": (text(""), 2, ("is not a plan", "name: Field required", "window: Field required")),
    "an unknown key": (lambda site, _: add(site.plan(), "[fun]\nlevel = 11\n"), 2, ("fun: Extra inputs",)),
    "an unknown statistic": (planned(statistics=["homes"]), 2, ("statistics.0",)),
    "no statistic": (planned(statistics=[]), 2, ("statistics",)),
    "too fine": (planned(resolutions=[9]), 2, ("presence.resolutions.0",)),
    "a window that is none": (planned(window="last week"), 2, ("'last week'", "FIRST/AFTER")),
    "no window of this store": (planned(window="2024-03-05/2024-03-12"), 2, ("2024-03-04/2024-03-11",)),
    "two windows": (planned(window=["2024-03-04/2024-03-11"] * 2), 2, ("one window at a time",)),
    "epsilon of nothing": (planned(epsilon=0.0), 2, ("epsilon is 0.0",)),
    "epsilon of everything": (planned(epsilon=1e9), 2, ("epsilon is 1000000000.0",)),
    "delta of everything": (planned(delta=0.5), 2, ("delta is 0.5",)),
    "an area that is missing": (with_area(missing), 4, ("nowhere.csv: there is no such file",)),
    "an area that is a folder": (with_area(folder_without_feeds), 4, ("expected GeoJSON",)),
    "an area that is none": (with_area(file("area.json", b"[1")), 4, ("area.json: expected GeoJSON",)),
    "an area that is empty": (with_area(file("area.json", b"{}")), 4, ("area.json",)),
}


def add(path: Path, more: str) -> Path:
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    return path


@pytest.mark.parametrize("case", PLANS)
def test_a_plan_that_cannot_be_used(case: str, sealed_site: Site, feed: Path, copy: Copy) -> None:
    make, code, words = PLANS[case]
    site = copy(sealed_site)
    plan = make(site, feed)
    before = site.state()
    site.run("release", plan, "--out", site.folder / "out").refuses(code, *words)
    assert site.state() == before
    assert not list(site.folder.glob("out*"))


def test_a_place_that_is_taken(sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    site = copy(sealed_site)
    before = site.state()
    for place in (site.folder, site.evidence):
        site.run("release", site.plan(), "--out", place).refuses(2, "is not an empty folder")
    here = site.folder / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    site.run("release", site.plan(), "--out", ".").refuses(2, "the current folder")
    site.run("release", site.plan(), "--out", site.evidence / "out").refuses(6, "Not a directory")
    assert site.state() == before


def test_what_is_no_release(sealed_site: Site, tmp_path: Path, command: Command) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", sealed_site.evidence):
        command("verify", folder).refuses(4, "expected the folder of a release")
    (tmp_path / "release.json").write_text("{", encoding="utf-8")
    command("verify", tmp_path).refuses(4, "is not JSON")
    (tmp_path / "release.json").write_text('{"format": 99}', encoding="utf-8")
    command("verify", tmp_path).refuses(4, "format 99")
