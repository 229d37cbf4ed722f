"""Killed anywhere, a store goes on as if nothing had happened: nothing is lost, and nothing is paid twice.

A killed process leaves what it had written, and no chance to tidy up; the next command has to. Each test compares
with a store that nobody interrupted; both have the same keys, so that even pseudonyms must agree.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.conftest import Copy, Site
    from tests.integration.conftest import Forks

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"

INTAKE = [
    ("hereabouts.store.open_window:PingWriter._flush", "before", 1),
    ("hereabouts.store.open_window:PingWriter._append", "after", 70),
    ("hereabouts.store.open_window:PingWriter.commit", "after", 1),
    ("hereabouts.store.open_window:sync_file", "before", 100),
    ("hereabouts.acts.taking:Taking._close", "before", 4),
    ("sqlalchemy.engine.default:DefaultDialect.do_commit", "before", 1),
    ("sqlalchemy.engine.default:DefaultDialect.do_commit", "after", 3),
    ("hereabouts.acts.taking:Taking._close", "after", 9),
]
NONE_REGISTERED, ALL_REGISTERED = (INTAKE[0], INTAKE[2], INTAKE[5]), (INTAKE[-1],)
TAKING_BACK = [
    ("hereabouts.acts.taking:Taking._take_back", "before", 1),
    ("sqlalchemy.engine.default:DefaultDialect.do_commit", "before", 4),
    ("sqlalchemy.engine.default:DefaultDialect.do_commit", "after", 4),
    ("hereabouts.acts.taking:Taking._take_back", "after", 1),
]
SEAL = [
    ("hereabouts.engines.local:read_bucket", "before", 1),
    ("hereabouts.store.sealed:BucketTables.write", "after", 7),
    ("hereabouts.store.sealing:sync_tree", "after", 1),
    ("hereabouts.store.store:Store.mark_sealed", "before", 1),
    ("hereabouts.store.store:Store.mark_sealed", "after", 1),
    ("hereabouts.store.keys:Keys.destroy", "after", 1),
    ("hereabouts.store.open_window:shutil.rmtree", "after", 2),
    ("hereabouts.store.store:Store.mark_sealed", "after", 2),
]
RELEASE = [
    ("hereabouts.ledger:Ledger.reserve", "before", 1),
    ("hereabouts.ledger:Ledger.reserve", "after", 1),
    ("hereabouts.privacy.measure:discrete_gaussian", "after", 1),
    ("hereabouts.acts.paid:measure_plan", "after", 1),
    ("pathlib:Path.replace", "before", 1),
    ("pathlib:Path.replace", "after", 1),
    ("hereabouts.acts.paid:durable_write", "after", 1),
    ("hereabouts.ledger:Ledger.mark_measured", "after", 1),
    ("hereabouts.acts.release:write_report", "after", 1),
    ("hereabouts.acts.place:sync_tree", "after", 1),
]
KEPT_FROM = ("pathlib:Path.replace", "after", 1)
"""From here on the measurement is kept, and must never be drawn again."""


def name_of(point: Any) -> str:
    where, when, nth = point
    return f"{when} {where.rpartition(':')[2]}" + (f" {nth}" if nth > 1 else "")


def record(site: Site) -> Any:
    """All that a store says of its intakes and windows, but for the clock and chance."""
    return (
        site.sql("SELECT id, feed_digest, supplier, profile, committed > 0, receipt FROM intakes ORDER BY id"),
        site.sql(
            'SELECT name, start, "end", status, sealed_at > 0, length(data_version), counts FROM windows ORDER BY name'
        ),
    )


def files(site: Site) -> set[str]:
    return {name for name in site.state() if not name.startswith("measurements/")}


@pytest.fixture(scope="module")
def before_intake(empty_site: Site, taken_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store without pings that will give the names that `taken_site` gave."""
    site = empty_site.copy(tmp_path_factory.mktemp("keyed") / "site")
    for key in taken_site.keys.iterdir():
        (site.keys / key.name).write_bytes(key.read_bytes())
    return site


def registered(site: Site) -> int:
    """How many files count."""
    return int(site.sql("SELECT count(*) FROM intakes")[0][0])


@pytest.mark.parametrize("point", INTAKE, ids=name_of)
def test_intake(
    point: tuple[str, str, int],
    before_intake: Site,
    taken_site: Site,
    sealed_site: Site,
    feed: Path,
    copy: Copy,
    forks: Forks,
) -> None:
    """The same command goes on with the file that it was at."""
    site = copy(before_intake)
    order = ("intake", feed, "--supplier", "acme", "--store", site.store)
    forks.killed_at(*point, *order)
    done, files_there = registered(site), len(list(feed.iterdir()))
    if point in NONE_REGISTERED:
        assert done == 0
    elif point in ALL_REGISTERED:
        assert done == files_there
    receipts = site.ok("intake", feed, "--supplier", "acme")
    assert [receipt["again"] for receipt in receipts] == [True] * done + [False] * (files_there - done)
    assert record(site) == record(taken_site)
    assert files(site) == files(taken_site)
    site.ok("seal")
    for window in (FIRST, SECOND):
        assert site.tables(window) == sealed_site.tables(window)


@pytest.mark.parametrize("point", INTAKE[:-1], ids=name_of)
def test_another_command_after_a_killed_intake(
    point: tuple[str, str, int], before_intake: Site, feed: Path, copy: Copy, forks: Forks
) -> None:
    """The files that were taken count, and nothing of the one that it was at; nor is anything of it left."""
    site, other = copy(before_intake), copy(before_intake)
    forks.killed_at(*point, "intake", feed, "--supplier", "acme", "--store", site.store)
    done = registered(site)
    if done:
        other.ok("intake", *sorted(feed.iterdir())[:done], "--supplier", "acme")
    assert site.ok("seal") == other.ok("seal")
    assert record(site) == record(other)
    assert files(site) == files(other)
    for window in (FIRST,) if done else ():
        assert site.tables(window) == other.tables(window)


@pytest.mark.parametrize("point", TAKING_BACK, ids=name_of)
def test_killed_while_good_files_are_taken_back_for_a_bad_one(
    point: tuple[str, str, int], before_intake: Site, feed: Path, copy: Copy, forks: Forks
) -> None:
    """All of them count, as after an interruption, or none does."""
    site = copy(before_intake)
    untouched = site.state()
    good, bad = sorted(feed.iterdir())[:2], site.folder / "bad.parquet"
    content = bytearray(good[0].read_bytes())
    content[len(content) // 3 : len(content) // 3 + 400] = bytes(400)
    bad.write_bytes(content)
    order = (*good, bad, "--supplier", "acme")
    forks.killed_at(*point, "intake", *order, "--store", site.store)
    done = registered(site)
    assert done == (len(good) if TAKING_BACK.index(point) < 2 else 0)
    site.run("intake", *order).refuses(4, "bad.parquet")
    assert registered(site) == done, "what an earlier command registered is not this one's to take back"
    if done:
        other = copy(before_intake)
        other.ok("intake", *good, "--supplier", "acme")
        assert record(site) == record(other)
        assert files(site) == files(other)
    else:
        assert site.state() == untouched


@pytest.mark.parametrize("point", SEAL, ids=name_of)
def test_seal(point: tuple[str, str, int], taken_site: Site, sealed_site: Site, copy: Copy, forks: Forks) -> None:
    site = copy(taken_site)
    forks.killed_at(*point, "seal", "--store", site.store)
    site.ok("seal")
    assert record(site) == record(sealed_site)
    assert files(site) == files(sealed_site)
    assert {key.name for key in site.keys.iterdir()} == {key.name for key in sealed_site.keys.iterdir()}
    for window in (FIRST, SECOND):
        assert site.tables(window) == sealed_site.tables(window)


def charges(site: Site) -> list[tuple[str, str]]:
    return [(state, rho) for state, rho in site.sql("SELECT state, rho FROM charges WHERE state <> 'void'")]


def kept(site: Site) -> dict[str, str]:
    """The files of measurements, with a digest of each."""
    folder = site.store / "measurements"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def is_kept_at(point: tuple[str, str, int]) -> bool:
    return RELEASE.index(point) >= RELEASE.index(KEPT_FROM)


@pytest.mark.parametrize("point", RELEASE, ids=name_of)
def test_release(point: tuple[str, str, int], sealed_site: Site, copy: Copy, forks: Forks) -> None:
    """The same plan again: one charge, one measurement, and the first one's figures if there is a first one."""
    site = copy(sealed_site)
    plan = site.plan(minimum=0, max_relative_halfwidth=float("inf"))
    out = site.folder / "release"
    forks.killed_at(*point, "release", plan, "--out", out, "--store", site.store)
    assert not out.exists()
    left = kept(site)
    assert any(name.endswith(".npz") for name in left) == is_kept_at(point)

    done = site.ok("release", plan, "--out", out)
    assert done["again"] == is_kept_at(point)
    ((state, _),) = charges(site)
    assert state == "measured"
    if is_kept_at(point):
        assert kept(site) == left, "never drawn again"
    assert len(kept(site)) == 1
    assert site.ok("budget")["windows"][0]["spent"]["epsilon"] == pytest.approx(1.0)
    assert not list(site.folder.rglob("*.part"))

    site.ok("release", plan, "--out", site.folder / "again")
    for table in ("presence", "flows"):
        assert pq.read_table(out / f"{table}.parquet") == pq.read_table(site.folder / "again" / f"{table}.parquet")


@pytest.mark.parametrize("point", RELEASE[1:], ids=name_of)
def test_another_plan_after_a_killed_release(
    point: tuple[str, str, int], sealed_site: Site, copy: Copy, forks: Forks
) -> None:
    """What was kept stands and is paid; of what was not, nothing is left, and its charge is given back."""
    site = copy(sealed_site)
    first, second = site.plan("first.toml"), site.plan("second.toml", epsilon=0.5)
    forks.killed_at(*point, "release", first, "--out", site.folder / "first", "--store", site.store)
    left = {name: digest for name, digest in kept(site).items() if name.endswith(".npz")}
    site.ok("release", second, "--out", site.folder / "second")
    assert {state for state, _ in charges(site)} == {"measured"}
    assert len(charges(site)) == len(kept(site)) == 1 + is_kept_at(point)
    assert left.items() <= kept(site).items()
    assert len(left) == is_kept_at(point)


@pytest.mark.parametrize("point", RELEASE[1:6], ids=name_of)
def test_a_refused_plan_after_a_killed_release(
    point: tuple[str, str, int], sealed_site: Site, copy: Copy, forks: Forks
) -> None:
    """Even a command that does nothing leaves no noise behind that nobody has paid for."""
    site = copy(sealed_site)
    forks.killed_at(*point, "release", site.plan(), "--out", site.folder / "release", "--store", site.store)
    greedy = site.plan("greedy.toml", epsilon=3.0)
    assert site.run("release", greedy, "--out", site.folder / "greedy").code == 3
    assert len(kept(site)) == len(charges(site)) == is_kept_at(point)


@pytest.fixture(scope="module")
def pace(before_intake: Site, feed: Path, tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> dict[str, float]:
    """Seconds that each command takes when nobody kills it."""
    site = before_intake.copy(tmp_path_factory.mktemp("pace") / "site")
    return {order[0]: forks.run(*order).seconds for order in orders(site, feed)}


def orders(site: Site, feed: Path) -> list[tuple[Any, ...]]:
    store = ("--store", site.store)
    return [
        ("intake", feed, "--supplier", "acme", *store),
        ("seal", *store),
        ("release", site.plan(), "--out", site.folder / "release", *store),
    ]


def killed_at_a_share(
    share: float, before: Site, sealed: Site, feed: Path, copy: Copy, forks: Forks, pace: dict[str, float]
) -> None:
    """Kill each command when a share of its time is over, finish it, and see that nothing shows."""
    site = copy(before)
    for order in orders(site, feed):
        forks.run(*order, kill_after=share * pace[order[0]])
        if not (site.folder / "release").exists():
            ended = forks.run(*order)
            assert ended.code == 0, ended
    assert record(site) == record(sealed)
    assert files(site) == files(sealed)
    for window in (FIRST, SECOND):
        assert site.tables(window) == sealed.tables(window)
    ((state, _),) = charges(site)
    assert state == "measured"
    assert len(kept(site)) == 1
    assert site.ok("budget")["windows"][0]["spent"]["epsilon"] == pytest.approx(1.0)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_nine_kills_at_any_moment(
    share: float, before_intake: Site, sealed_site: Site, feed: Path, copy: Copy, forks: Forks, pace: dict[str, float]
) -> None:
    killed_at_a_share(share, before_intake, sealed_site, feed, copy, forks, pace)


@pytest.mark.prove
@pytest.mark.parametrize("number", range(67))
def test_two_hundred_kills_at_any_moment(
    number: int, before_intake: Site, sealed_site: Site, feed: Path, copy: Copy, forks: Forks, pace: dict[str, float]
) -> None:
    killed_at_a_share((number + 0.5) / 67, before_intake, sealed_site, feed, copy, forks, pace)
