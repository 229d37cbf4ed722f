"""``hereabouts intake``: a line a file, with what was dropped and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    good = "a,2024-03-05T12:00:00Z,52.3,-1.1,true"
    one = site.csv([good] * 1200 + ["a,2024-03-05T12:00:00Z,0,0,true", "a,,1,1,true", "a,,1,1,true"], "one.csv")
    two = site.csv([good], "two.csv")
    done = site.run("intake", one, two, "--supplier", "acme")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "one.csv: 1,200 of 1,203 rows taken; dropped: 1 position, 2 unreadable",
        "two.csv: 1 of 1 rows taken; dropped: none",
    ]
    assert site.run("intake", two, "--supplier", "acme").out == "two.csv: was taken in before; nothing was done\n"


def test_its_document_is_the_receipts(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    (receipt,) = site.ok("intake", site.csv(["a,2024-03-05T12:00:00Z,52.3,-1.1,true"]), "--supplier", "acme")
    assert set(receipt) == {
        "feed", "digest", "supplier", "profile", "again", "rows", "taken", "dropped", "windows",
        "sensitive", "places_version", "warnings", "files",
    }  # fmt: skip


def test_a_warning_is_said_once_apart_from_the_results(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    header = "device_id,timestamp,latitude,longitude,consent,ip_address"
    files = [
        site.csv([f"{name},2024-03-05T12:00:00Z,52.3,-1.1,true,203.0.113.7"], f"{name}.csv", header) for name in "ab"
    ]
    done = site.run("intake", *files, "--supplier", "acme", "--json")
    assert done.code == 0
    assert done.err.startswith("hereabouts: warning: ")
    assert done.err.count("\n") == 1, "though both files have that column"
    assert [len(receipt["warnings"]) for receipt in done.json] == [1, 1]


def test_files_that_are_one_persons_each_are_told_of_together_or_not_at_all(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    profile = site.folder / "each.toml"
    profile.write_text(
        'name = "each"\ndevice_from = "file"\ntime = "timestamp"\nlatitude = "latitude"\nlongitude = "longitude"\n',
        encoding="utf-8",
    )

    def take(numbers: range) -> list[str]:
        rows = [[f"2024-03-05T12:00:{number:02}Z,52.3,-1.1"] for number in numbers]
        header = "timestamp,latitude,longitude"
        files = [site.csv(row, f"p{number}.csv", header) for number, row in zip(numbers, rows, strict=True)]
        done = site.run("intake", *files, "--supplier", "trusted", "--profile", profile)
        assert (done.code, done.err) == (0, "")
        return done.out.splitlines()

    assert take(range(20)) == ["20 files, each named after its device: 20 of 20 rows taken; dropped: none"]
    (said,) = take(range(20, 22))
    assert said.startswith("2 files, each named after its device: done; they are of too few devices to tell")
