"""Stores that cannot be used: newer, broken, or none at all. Nothing is mended by guessing, and nothing is changed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site

Break = Callable[["Site"], None]
COMMANDS = ("supplier", "intake", "seal", "release", "budget", "verify")


def sql(statement: str) -> Break:
    def change(site: Site) -> None:
        site.sql(statement)

    return change


def overwrite(file: str, at: int, content: bytes) -> Break:
    def change(site: Site) -> None:
        path = site.store / file
        whole = bytearray(path.read_bytes())
        whole[at : at + len(content)] = content
        path.write_bytes(whole)

    return change


def replace(file: str, content: bytes | None) -> Break:
    def change(site: Site) -> None:
        if content is None:
            (site.store / file).unlink()
        else:
            (site.store / file).write_bytes(content)

    return change


def policy(old: str, new: str) -> Break:
    def change(site: Site) -> None:
        path = site.store / "policy.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def no_store(site: Site) -> None:
    shutil.rmtree(site.store)


def empty_folder(site: Site) -> None:
    no_store(site)
    site.store.mkdir()


def a_file(site: Site) -> None:
    no_store(site)
    site.store.write_text("a store", encoding="utf-8")


STORES: dict[str, tuple[Break, int, tuple[str, ...]]] = {
    "not there": (no_store, 2, ("there is no policy here", "hereabouts init")),
    "an empty folder": (empty_folder, 2, ("there is no policy here",)),
    "a file": (a_file, 2, ("there is no policy here",)),
    "a newer database": (
        sql("UPDATE alembic_version SET version_num = '9999'"),
        2,
        ("newer version of hereabouts", "upgrade hereabouts"),
    ),
    "a newer layout": (sql("UPDATE store SET layout = 99"), 2, ("newer version of hereabouts", "upgrade hereabouts")),
    "a newer policy": (policy("[budget]", "[recipients]\nlist = []\n[budget]"), 2, ("'recipients'", "not a known key")),
    "a policy that is not TOML": (replace("policy.toml", b"name ="), 2, ("policy.toml", "is not TOML")),
    "a policy beyond its range": (policy("epsilon = 2.0", "epsilon = 200.0"), 2, ("budget.epsilon",)),
    "no database": (replace("state.sqlite", None), 2, ("state.sqlite does not exist",)),
    "an empty database": (replace("state.sqlite", b""), 4, ("state.sqlite", "is empty", "backup")),
    "no database at all": (replace("state.sqlite", b"hello " * 999), 4, ("not a readable database", "backup")),
    "a database without its header": (overwrite("state.sqlite", 0, bytes(100)), 4, ("not a readable", "backup")),
    "a database of something else": (sql("DROP TABLE alembic_version"), 4, ("not the state of a hereabouts store",)),
    "a store that was not made whole": (sql("DELETE FROM store"), 2, ("was not made whole",)),
}


def run(site: Site, name: str, command: Command) -> Any:
    more = {
        "supplier": ("add", "new", "--consent-evidence", site.evidence, "--expires", "2099-01-01"),
        "intake": (site.csv(["a,2024-03-19T12:00:00Z,52.3,-1.1,true"]), "--supplier", "acme"),
        "release": (site.plan(), "--out", site.folder / "out"),
        "verify": (site.folder / "release",),
    }
    return command(name, *more.get(name, ()), "--store", site.store)


@pytest.fixture(scope="module")
def released(sealed_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = sealed_site.copy(tmp_path_factory.mktemp("released") / "site")
    site.ok("release", site.plan(), "--out", site.folder / "release")
    return site


@pytest.mark.parametrize("case", STORES)
def test_a_store_that_cannot_be_used(case: str, released: Site, copy: Copy, command: Command) -> None:
    change, code, words = STORES[case]
    site = copy(released)
    change(site)
    before = site.state() if site.store.is_dir() else {}
    for name in COMMANDS:
        run(site, name, command).refuses(code, *words)
    assert (site.state() if site.store.is_dir() else {}) == before
    assert not list(site.folder.glob("out*"))


@pytest.mark.parametrize("page", range(1, 13))
def test_a_database_with_a_broken_page(page: int, released: Site, copy: Copy, command: Command) -> None:
    """Whichever page it is, no command ends in a traceback, and none spends or takes anything on such ground."""
    site = copy(released)
    size = (site.store / "state.sqlite").stat().st_size
    assert size // 4096 > page
    overwrite("state.sqlite", 4096 * page, b"\xaa" * 4096)(site)
    broken = digest(site)
    for name in ("budget", "release"):
        done = run(site, name, command)
        assert done.code in (0, 4), done
        if done.code:
            done.refuses(4, "state.sqlite", "not a readable database", "backup")
            assert digest(site) == broken


def digest(site: Site) -> str:
    return hashlib.sha256((site.store / "state.sqlite").read_bytes()).hexdigest()


def first(folder: Path) -> Path:
    return min(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("table", ["presence", "trips"])
def test_a_sealed_file_that_is_broken(table: str, sealed_site: Site, copy: Copy) -> None:
    """The charge is given back: nothing was measured."""
    site = copy(sealed_site)
    path = first(site.store / "sealed" / "2024-03-04_2024-03-11" / table)
    path.write_bytes(path.read_bytes()[:-20])
    before = site.state()
    del before["state.sqlite"]
    site.run("release", site.plan(), "--out", site.folder / "out").refuses(6, path.name, "restore it from a copy")
    after = site.state()
    del after["state.sqlite"]
    assert after == before
    assert site.spent() == "0"
    assert not list(site.folder.glob("out*"))


@pytest.mark.parametrize("change", ["bucket", "frame"])
def test_pings_that_are_gone(change: str, taken_site: Site, copy: Copy) -> None:
    """What intakes brought is what is sealed, or nothing is."""
    site = copy(taken_site)
    path = first(site.store / "open" / "2024-03-04_2024-03-11")
    if change == "bucket":
        shutil.rmtree(path.parent)
    else:
        path.write_bytes(b"")
    before = site.state()
    site.run("seal").refuses(6, "pings on the disk", "its intakes brought", "restore the store")
    assert site.state() == before


@pytest.mark.parametrize("change", ["altered", "cut", "moved", "another key"])
def test_pings_that_are_broken(change: str, taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    path = first(site.store / "open" / "2024-03-04_2024-03-11")
    content = path.read_bytes()
    if change == "altered":
        path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    elif change == "cut":
        path.write_bytes(content[:-1])
    elif change == "moved":
        path.with_name("2.pings" if path.name == "1.pings" else "1.pings").write_bytes(content)
    else:
        (site.keys / "2024-03-04_2024-03-11.pings.key").write_bytes(bytes(32))
    before = site.state()
    site.run("seal").refuses(6, ".pings cannot be decrypted", "restore both from the same copy")
    assert site.state() == before


def test_a_measurement_that_is_broken_or_gone(released: Site, copy: Copy) -> None:
    """It was paid for: it is never drawn anew."""
    for content in (b"not a measurement", None):
        site = copy(released)
        (kept,) = (site.store / "measurements").iterdir()
        kept.unlink() if content is None else kept.write_bytes(content)
        before = site.state()
        site.run("release", site.plan(), "--out", site.folder / "out").refuses(6, kept.name, "restore it from a copy")
        assert site.state() == before


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--timezone", "Mars/Olympus"], 2, ["'Mars/Olympus'", "IANA"]),
        (["--window", "P1M"], 2, ["'P1M'", "P7D"]),
        (["--window", "P0D"], 2, ["'P0D'"]),
        (["--resolution", "5"], 2, ["resolution 5", "7 to 12"]),
        (["--budget", "0", "1e-6"], 2, ["budget.epsilon"]),
        (["--budget", "nan", "1e-6"], 2, ["budget.epsilon"]),
        (["--budget", "2", "0.5"], 2, ["budget.delta"]),
        (["--max-accuracy", "0"], 2, ["max accuracy 0.0"]),
        (["--max-accuracy", "nan"], 2, ["max accuracy nan"]),
        (["--ledger", "mysql://host/db"], 2, ["sqlite:/// or postgresql://"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_store_that_cannot_be_made(
    args: list[str], code: int, words: list[str], tmp_path: Path, command: Command
) -> None:
    command("init", tmp_path / "store", *args).refuses(code, *words)
    assert list(tmp_path.iterdir()) == []


def test_a_place_for_a_store_that_is_taken(sealed_site: Site, copy: Copy, tmp_path: Path, command: Command) -> None:
    site = copy(sealed_site)
    before = site.state()
    command("init", site.store).refuses(2, "is not an empty folder")
    command("init", site.evidence).refuses(2, "is not an empty folder")
    assert site.state() == before
    new = tmp_path / "new"
    command("init", new, "--keys", new / "keys").refuses(2, "keys lie elsewhere")
    assert not new.exists()
    loose = tmp_path / "loose"
    loose.mkdir(mode=0o755)
    command("init", new, "--keys", loose).refuses(2, "mode 755", "chmod 700")
    assert not new.exists()
    command("init", new, "--keys", site.evidence).refuses(6, "key folder")
    assert not new.exists()
