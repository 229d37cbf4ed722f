"""A machine that refuses: no permission, a full disk. Exit 6, one sentence, and a store that is as it was before.

Root may read everything and has no limits, so these run as nobody where the tests run as root; a full disk is one of
a few megabytes in memory. Where that cannot be had, a limit on the size of files stands in for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Needs, Site
    from tests.integration.conftest import Ended, Forks

NOBODY = 65_534
ROOT = os.geteuid() == 0


def refuses(ended: Ended, *words: str) -> None:
    assert (ended.code, ended.out) == (6, ""), ended
    assert ended.err.count("\n") == 1, ended.err
    assert ended.err.startswith("hereabouts: "), ended.err
    for word in words:
        assert word in ended.err


def reachable(folder: Path) -> Iterator[Path]:
    """A folder that nobody can get at: pytest's own are for their owner alone."""
    made = Path(tempfile.mkdtemp(dir=folder))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def public() -> Iterator[Path]:
    yield from reachable(Path(tempfile.gettempdir()))


class Tenant:
    """A site that belongs to a user without rights, who runs commands on it."""

    def __init__(self, site: Site, forks: Forks) -> None:
        self.site = site
        self._forks = forks

    def run(self, *args: object, **order: Any) -> Ended:
        if ROOT:
            for path in (self.site.folder, *self.site.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
            order["uid"] = NOBODY
        return self._forks.run(*args, "--store", self.site.store, **order)


@pytest.fixture
def tenant(sealed_site: Site, public: Path, forks: Forks) -> Tenant:
    return Tenant(sealed_site.copy(public / "site"), forks)


@pytest.fixture
def open_tenant(taken_site: Site, public: Path, forks: Forks) -> Tenant:
    return Tenant(taken_site.copy(public / "site"), forks)


def test_the_tenant_may_do_what_is_its_own(tenant: Tenant) -> None:
    """Else the refusals below would prove nothing."""
    ended = tenant.run("release", tenant.site.plan(), "--out", tenant.site.folder / "out")
    assert ended.code == 0, ended


def test_files_that_may_not_be_read(tenant: Tenant) -> None:
    site = tenant.site
    feed, plan = site.csv(["a,2024-03-19T12:00:00Z,52.3,-1.1,true"]), site.plan()
    before = site.state()
    for file in (site.evidence, feed, plan):
        file.chmod(0)
    add = ("supplier", "add", "new", "--expires", "2099-01-01", "--consent-evidence", site.evidence)
    refuses(tenant.run(*add), "evidence.txt", "Permission denied")
    refuses(tenant.run("intake", feed, "--supplier", "acme"), "feed.csv", "no permission to read it")
    refuses(tenant.run("release", plan, "--out", site.folder / "out"), "plan.toml", "Permission denied")
    assert site.state() == before
    assert not list(site.folder.glob("out*"))


def test_a_place_that_may_not_be_written_costs_nothing(tenant: Tenant) -> None:
    site = tenant.site
    before = site.state()
    folder = site.folder / "mine"
    folder.mkdir(mode=0o555)
    refuses(tenant.run("release", site.plan(), "--out", folder / "out"), "cannot write the release", "Permission")
    folder.chmod(0o755)
    assert list(folder.iterdir()) == []
    assert site.state() == before


def test_a_store_that_may_not_be_written(open_tenant: Tenant) -> None:
    site = open_tenant.site
    new = site.csv(["a,2024-03-19T12:00:00Z,52.3,-1.1,true"])
    before = site.state()
    for folder in ("open", "sealed"):
        (site.store / folder).chmod(0o555)
    refuses(open_tenant.run("intake", new, "--supplier", "acme"), "cannot write in the store", "Permission denied")
    refuses(open_tenant.run("seal"), "cannot write in the store", "Permission denied")
    assert site.state() == before


def test_a_store_that_may_not_be_read(open_tenant: Tenant) -> None:
    open_tenant.site.store.chmod(0)
    for command in ("budget", "seal"):
        refuses(open_tenant.run(command), "policy.toml", "Permission denied")
    open_tenant.site.store.chmod(0o700)


def test_keys_that_may_not_be_read(open_tenant: Tenant) -> None:
    site = open_tenant.site
    before = site.state()
    site.keys.chmod(0)
    refuses(open_tenant.run("seal"), ".pings.key", "Permission denied")
    site.keys.chmod(0o700)
    assert site.state() == before


def test_a_place_where_no_store_may_be_made(public: Path, forks: Forks) -> None:
    folder = public / "theirs"
    folder.mkdir(mode=0o555)
    order: dict[str, Any] = {"uid": NOBODY} if ROOT else {}
    refuses(forks.run("init", folder / "store", **order), "Permission denied")
    assert list(folder.iterdir()) == []


@pytest.fixture
def disk(tmp_path: Path, needs: Needs) -> Iterator[Path]:
    """A disk of 16 MB."""
    needs(ROOT and shutil.which("mount") is not None, "root, who may mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], check=False)
    needs(mounted.returncode == 0, "the right to mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path, free: int) -> Path:
    """Fill the disk until so many bytes are free."""
    filler = disk / "filler"
    state = os.statvfs(disk)
    with filler.open("wb") as file:
        file.write(bytes(state.f_bavail * state.f_frsize - free))
    return filler


FREE = [0, 40_000, 100_000, 300_000]


@pytest.mark.parametrize("free", FREE)
def test_a_full_disk_at_intake(free: int, empty_site: Site, feed: Path, disk: Path, forks: Forks) -> None:
    site = empty_site.copy(disk / "site")
    before = site.state()
    filler = fill(disk, free)
    refuses(forks.run("intake", feed, "--supplier", "acme", "--store", site.store))
    filler.unlink()
    assert {name for name in site.state() if not name.startswith("open/")} == set(before)
    assert site.ok("seal") == [], "nothing of it counts"
    assert site.state() == before
    site.ok("intake", feed, "--supplier", "acme")


@pytest.mark.parametrize("free", FREE)
def test_a_full_disk_at_seal(free: int, taken_site: Site, disk: Path, forks: Forks) -> None:
    site = taken_site.copy(disk / "site")
    before = site.state()
    filler = fill(disk, free)
    refuses(forks.run("seal", "--store", site.store))
    filler.unlink()
    assert site.state() == before
    assert len(site.ok("seal")) == 2


@pytest.mark.parametrize("free", [0, 40_000])
def test_a_full_disk_at_release(free: int, sealed_site: Site, disk: Path, forks: Forks, tmp_path: Path) -> None:
    """The release itself goes elsewhere; whatever fails first in the store, nothing is paid until it is measured."""
    site = sealed_site.copy(disk / "site")
    plan = site.plan(resolutions=[5, 6])
    filler = fill(disk, free)
    order = ("release", plan, "--out", tmp_path / "out", "--store", site.store)
    refuses(forks.run(*order))
    filler.unlink()
    assert not list(tmp_path.glob("out*"))
    done = site.ok("release", plan, "--out", tmp_path / "out")
    assert done["again"] is False
    assert site.ok("budget")["windows"][0]["spent"]["epsilon"] == pytest.approx(1.0)


def test_a_full_disk_for_the_release_itself(sealed_site: Site, disk: Path, forks: Forks, tmp_path: Path) -> None:
    """It is paid for and kept by then: with room it costs nothing more."""
    site = sealed_site.copy(tmp_path / "site")
    filler = fill(disk, 100_000)
    order = ("release", site.plan(), "--out", disk / "out", "--store", site.store)
    refuses(forks.run(*order), "cannot write the release", "No space left", "is not paid twice")
    filler.unlink()
    assert list(disk.iterdir()) == []
    assert site.ok("release", site.plan(), "--out", disk / "out")["again"] is True


@pytest.mark.parametrize("most", [4_000, 20_000])
def test_a_limit_on_files_at_intake_and_seal(
    most: int, empty_site: Site, taken_site: Site, feed: Path, tmp_path: Path, forks: Forks
) -> None:
    """As a full disk, for those who cannot have one: no file may grow beyond so many bytes."""
    site = empty_site.copy(tmp_path / "empty")
    before = site.state()
    refuses(forks.run("intake", feed, "--supplier", "acme", "--store", site.store, fsize=most))
    assert site.state() == before
    site = taken_site.copy(tmp_path / "taken")
    before = site.state()
    refuses(forks.run("seal", "--store", site.store, fsize=most))
    assert site.state() == before
