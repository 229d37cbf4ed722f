"""The whole way through the house, by the command line: every command, its JSON document, its exit code."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Done, Needs, Site

WEEK = "2024-03-04/2024-03-11"


def test_by_the_installed_command(feed: Path, needs: Needs, empty_site: Site, copy: Copy) -> None:
    """Once as a user calls it; everything else is tested in this process, through the same entry point."""
    program = Path(sys.executable).with_name("hereabouts")
    needs(program.exists(), "the hereabouts command beside this Python (pip install --editable .)")
    site = copy(empty_site)

    def run(*args: object) -> Any:
        done = subprocess.run(
            [program, *map(str, args), "--json"], cwd=site.folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    receipts = run("intake", feed, "--store", "store", "--supplier", "acme")
    assert [receipt["feed"] for receipt in receipts] == sorted(file.name for file in feed.iterdir())
    assert all(sealed["pings"] > 0 for sealed in run("seal", "--store", "store"))
    site.plan()
    assert run("release", "plan.toml", "--store", "store", "--out", "release")["again"] is False
    assert run("verify", "release", "--store", "store")["sound"] is True
    refused = subprocess.run(
        [program, "release", "plan.toml", "--store", "store", "--out", "release"],
        cwd=site.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        refused.stderr == "hereabouts: release exists and is not an empty folder: give another place for the release\n"
    )


def test_each_step_and_its_document(tmp_path: Path, command: Command) -> None:
    made = command("synth", "--devices", 60, "--days", 7, "--seed", 2, "--out", tmp_path / "feed", "--json").json
    assert made["files"] == 7
    store = ("--store", tmp_path / "store")
    document = command("init", tmp_path / "store", "--budget", 1.5, 1e-6, "--json").json
    assert document["policy"] == "research"
    assert Path(document["keys"]).is_relative_to(tmp_path / "store.keys")
    (tmp_path / "evidence.txt").write_text("yes")
    admitted = command(
        "supplier", "add", "acme", *store, "--consent-evidence", tmp_path / "evidence.txt",
        "--expires", "2099-01-01", "--json",
    ).json  # fmt: skip
    assert (admitted["id"], admitted["expires"], admitted["all_consented"]) == ("acme", "2099-01-01", False)

    receipts = command("intake", tmp_path / "feed", *store, "--supplier", "acme", "--json").json
    assert sum(receipt["rows"] for receipt in receipts) == made["pings"]
    for receipt in receipts:
        assert receipt["rows"] == receipt["taken"] + sum(receipt["dropped"].values())
        assert receipt["windows"] == {WEEK: receipt["taken"]}
        kept_out = {"accuracy", "consent_missing", "consent_refused", "consent_unreadable", "opted_out", "zero_id"}
        assert set(receipt["dropped"]) <= kept_out

    (sealed,) = command("seal", *store, "--json").json
    assert set(sealed) == {"window", "pings", "device_hours", "trips"}
    assert sealed["window"] == WEEK
    assert sealed["pings"] < sum(receipt["taken"] for receipt in receipts), "some rows are there twice"
    assert command("seal", *store, "--json").json == [], "once"


def test_every_format_gives_the_same_pings(tmp_path: Path, empty_site: Site, copy: Copy, command: Command) -> None:
    """Parquet, CSV, JSON Lines and their compressed forms; in text an accuracy has fewer digits, and all its worth."""
    found = {}
    for form in ("parquet", "csv", "jsonl"):
        feed = tmp_path / form
        assert command("synth", "--devices", 50, "--days", 2, "--seed", 4, "--out", feed, "--format", form).code == 0
        if form != "parquet":
            for file in sorted(feed.iterdir()):
                file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
                file.unlink()
        site = copy(empty_site)
        receipts = site.ok("intake", feed, "--supplier", "acme")
        found[form] = [(r["rows"], r["taken"], r["dropped"], r["windows"]) for r in receipts], site.ok("seal")
    assert found["csv"] == found["parquet"]
    assert found["jsonl"] == found["parquet"]


def test_the_same_feed_is_taken_once(taken_site: Site, feed: Path, copy: Copy, tmp_path: Path) -> None:
    """Whatever its name, and within one command too."""
    site = copy(taken_site)
    before = site.state()
    renamed = shutil.copy(feed / "part-0003.parquet", tmp_path / "other.parquet")
    for feeds in ([feed], [renamed], [feed / "part-0000.parquet", renamed]):
        assert all(receipt["again"] for receipt in site.ok("intake", *feeds, "--supplier", "acme"))
    assert site.state() == before
    assert (
        "other.parquet: was taken in before; nothing was done" in site.run("intake", renamed, "--supplier", "acme").out
    )
    twice = site.csv(["a,2024-03-05T00:00:00Z,52.3,-1.1,true"])
    receipts = site.ok("intake", twice, twice, "--supplier", "acme")
    assert [receipt["again"] for receipt in receipts] == [False, True]


def test_a_row_for_a_sealed_window_comes_late(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    before = site.tables()
    late = site.csv(["a,2024-03-05T00:00:00Z,52.3,-1.1,true", "a,2024-03-20T00:00:00Z,52.3,-1.1,true"])
    (receipt,) = site.ok("intake", late, "--supplier", "acme")
    assert (receipt["taken"], receipt["dropped"]) == (1, {"late": 1})
    assert receipt["windows"] == {"2024-03-18/2024-03-25": 1}
    assert [window["window"] for window in site.ok("seal")] == ["2024-03-18/2024-03-25"]
    assert site.tables() == before


@pytest.fixture(scope="module")
def released(town: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = town.copy(tmp_path_factory.mktemp("released") / "site")
    document = site.ok("release", site.plan(resolutions=[5, 6]), "--out", site.folder / "release")
    assert document["spent"] == 1.0
    assert document["again"] is False
    assert set(document["rows"]) == {"presence", "flows"}
    assert set(document["rows"]["presence"]) == {f"{r}/{p}" for r in (5, 6) for p in ("PT1H", "P1D", "P7D")}
    return site


def test_a_release_has_the_files_and_columns_of_the_contract(released: Site) -> None:
    folder = released.folder / "release"
    assert {file.name for file in folder.iterdir()} == {
        "release.json", "presence.parquet", "flows.parquet", "report.html", "README.md", "registry.yaml",
        "release.tlog-proof",
    }  # fmt: skip
    figures = ["noise_sd", "ci95_low", "ci95_high"]
    presence, flows = (pq.read_table(folder / f"{table}.parquet") for table in ("presence", "flows"))
    assert presence.column_names == ["cell", "resolution", "start", "period", "slot", "devices", *figures]
    assert flows.column_names == ["origin", "destination", "resolution", "start", "period", "slot", "trips", *figures]
    assert presence.num_rows > 0
    assert str(presence.schema.field("start").type) == "timestamp[ms, tz=UTC]"
    assert not list(released.folder.glob("*.part"))


def test_a_release_verifies_with_and_without_its_store(released: Site, command: Command) -> None:
    document = command("verify", released.folder / "release", "--store", released.store, "--json").json
    assert (document["sound"], document["ledger_compared"]) == (True, True)
    assert document["checks"][-1]["name"] == "ledger"
    alone = command("verify", released.folder / "release")
    assert alone.code == 0
    assert "the ledger was not compared: give --store to do so" in alone.out


def test_budget_says_what_is_gone_and_what_is_left(released: Site) -> None:
    document = released.ok("budget")
    assert document["whole"]["epsilon"] == pytest.approx(2.0)
    (window,) = document["windows"]
    assert window["window"] == WEEK
    assert window["spent"]["epsilon"] == pytest.approx(1.0)
    assert 0 < window["left"]["epsilon"] < 2.0
    assert document["lifetime"] == window["spent"]
    said = released.run("budget").out
    assert f"{WEEK}: epsilon 1 spent" in said
    assert "a device is not a person" in said


def test_an_altered_release_fails(released: Site, copy: Copy, command: Command) -> None:
    """Exit 5, with the checks on stdout and the verdict on stderr."""

    def verdict(alter: str) -> Done:
        folder = copy(released).folder / "release"
        file, _, what = alter.partition(": ")
        if file == "release.json":
            text = (folder / file).read_text(encoding="utf-8")
            old, new = what.split(" -> ")
            assert old in text
            (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        elif what == "grow":
            with (folder / file).open("ab") as grown:
                grown.write(b"\n")
        else:
            (folder / file).unlink()
        done = command("verify", folder)
        assert done.code == 5, alter
        assert done.err.startswith("hereabouts: ")
        assert "is not sound" in done.err or "lacks or garbles" in done.err
        return done

    assert "FAILED files: presence.parquet was altered" in verdict("presence.parquet: grow").out
    assert "FAILED files: README.md is missing" in verdict("README.md: gone").out
    assert "FAILED epsilon and delta" in verdict('release.json: "epsilon": 1.0 -> "epsilon": 0.9').out
    assert verdict('release.json: "measurement" -> "measured"').out == ""


def test_a_release_of_another_store_is_not_in_this_ledger(released: Site, town: Site, command: Command) -> None:
    done = command("verify", released.folder / "release", "--store", town.store)
    assert done.code == 5
    assert "has no charge for this measurement" in done.out
