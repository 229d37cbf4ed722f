"""``hereabouts release``: rows by level, what it cost, what is left, where to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    out = site.folder / "release"
    done = site.run("release", site.plan(), "--out", out)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.rpartition(": ")[0] for line in lines[:4]] == [
        "presence 5/P1D", "presence 5/P7D", "presence 5/PT1H", "flows 5/P7D",
    ]  # fmt: skip
    assert lines[4:] == ["epsilon 1 was spent; the window has epsilon 1.68 left", f"read {out / 'report.html'}"]
    again = site.run("release", site.plan(), "--out", site.folder / "again").out.splitlines()
    assert again[-2] == "measured before, nothing was spent; the window has epsilon 1.68 left"


def test_that_it_is_stale(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    site.ok("release", site.plan(), "--out", site.folder / "first")
    site.sql("UPDATE windows SET data_version = 'another'")
    said = site.run("release", site.plan(), "--out", site.folder / "second").out.splitlines()
    assert said[-3].startswith("stale: the data have changed since")
    assert said[-2].startswith("measured before, nothing was spent")
    fresh = site.ok("release", site.plan(), "--out", site.folder / "third", "--fresh")
    assert (fresh["again"], fresh["stale"], fresh["spent"]) == (False, False, 1.0)


def test_its_document(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    document = site.ok("release", site.plan(), "--out", site.folder / "release")
    assert set(document) == {"folder", "again", "stale", "spent", "left", "rows"}
    assert document["folder"] == str(site.folder / "release")


def test_map_tiles_are_asked_for_only_on_purpose(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    tiles = "https://tiles.example/{z}/{x}/{y}.png"
    site.ok("release", site.plan(), "--out", site.folder / "plain")
    site.ok("release", site.plan(), "--out", site.folder / "tiled", "--tile-url", tiles)
    pages = [(site.folder / out / "report.html").read_text(encoding="utf-8") for out in ("plain", "tiled")]
    assert ["tiles.example" in page for page in pages] == [False, True]
