"""``kill -9`` of releases at any moment, with every kind of ledger: what the disk and the ledger say afterwards.

Nothing is lost or spent twice, nothing is let out that is not in the log, nothing is logged twice, and of what a charge
paid for there are never two different answers. The kills follow each other in one store, each in another plan; after
every other one, another plan comes first, and has to void or finish what is left.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts.accounts import ledger_of
from hereabouts.log.folder import CHECKPOINT
from hereabouts.privacy.accounting import rho_of
from hereabouts.store.files import PART
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Command, NewDatabase, Site
    from tests.integration.conftest import Forks

WINDOW = "2024-03-04/2024-03-11"
EPSILON, DELTA = 0.1, 1e-6
SPREAD = 0.6180339887  # of the golden ratio: the moments lie evenly, however many there are


@pytest.fixture
def site(request: pytest.FixtureRequest, taken_site: Site, feed: Path, command: Command, tmp_path: Path) -> Site:
    """A sealed store with a ledger of the kind that is asked for."""
    ledger = {"own": "own", "sqlite": f"sqlite:///{tmp_path}/ledger.sqlite"}.get(request.param)
    if ledger is None:
        new: NewDatabase = request.getfixturevalue("postgresql")
        ledger = new()
    (tmp_path / "site").mkdir()
    made = type(taken_site)(tmp_path / "site")
    assert command("init", made.store, "--ledger", ledger).code == 0
    made.evidence.write_text("yes", encoding="utf-8")
    made.admit("acme")
    made.ok("intake", min(feed.iterdir()), "--supplier", "acme")
    made.ok("seal")
    return made


class Kills:
    """Releases of one store, some of them killed."""

    def __init__(self, site: Site, forks: Forks) -> None:
        self.site = site
        self.forks = forks
        self.plans = 0
        self.lost: set[str] = set()
        """Releases that were logged and not let out: what others spent meanwhile made another manifest of them."""
        self.pace = self.finish(self.order())

    def order(self) -> tuple[object, ...]:
        """A release of a plan that was not there before."""
        self.plans += 1
        plan = self.site.plan(f"plan{self.plans}.toml", epsilon=EPSILON)
        west = f"{-1.6 + self.plans / 100:.2f}"
        plan.write_text(plan.read_text(encoding="utf-8").replace("-1.6", west), encoding="utf-8")
        return "release", plan, "--store", self.site.store, "--out", self.site.folder / f"out{self.plans}"

    def finish(self, order: tuple[object, ...]) -> float:
        """Run it to its end; gives the seconds that it took."""
        ended = self.forks.run(*order)
        assert ended.code == 0, ended
        return ended.seconds

    def kill(self, number: int) -> None:
        """Kill one, look, finish it, and look again."""
        order = self.order()
        self.forks.run(*order, kill_after=(number * SPREAD % 1.0) * 1.1 * self.pace)
        left = self.kept()
        waiting = self.check_log()
        assert len(waiting - self.lost) <= 1
        if number % 2:
            self.finish(self.order())
            self.lost |= waiting
        if not Path(str(order[-1])).exists():
            self.finish(order)
        assert left.items() <= self.kept().items(), "what was kept is never drawn again"
        self.check()

    def kept(self) -> dict[str, str]:
        """Digests of the kept measurements, by key."""
        folder = self.site.store / "measurements"
        return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.npz")}

    def check(self) -> None:
        """See that each plan was paid, measured and let out once, and that nothing else is left."""
        ledger = ledger_of(Store(self.site.store))
        charges = [charge for charge in ledger.all() if charge.state != "void"]
        assert [charge.state for charge in charges] == ["measured"] * self.plans
        assert len({charge.key for charge in charges}) == self.plans
        assert ledger.spent(WINDOW) == self.plans * rho_of(EPSILON, DELTA)
        names = {path.name for path in (self.site.store / "measurements").iterdir()}
        assert names == {f"{charge.key}.npz" for charge in charges}, "no other answer, and no part of one"
        assert not list(self.site.folder.rglob("*.part"))
        assert self.check_log() == self.lost
        charges = ledger.all()
        expected = {f"charge:{charge.id}" for charge in charges}
        expected |= {f"void:{charge.id}" for charge in charges if charge.state == "void"}
        subjects = {subject for (subject,) in self.site.sql("SELECT subject FROM log_entries") if subject}
        assert {subject for subject in subjects if subject.startswith(("charge:", "void:"))} == expected
        ((entries,),) = self.site.sql("SELECT count(*) FROM log_entries")
        checkpoint = (self.site.store / "log" / CHECKPOINT).read_text(encoding="utf-8")
        assert checkpoint.splitlines()[1] == str(entries)

    def check_log(self) -> set[str]:
        """See that what was let out is in the log, once; gives what is in it and was not let out."""
        outs = [out for out in self.site.folder.glob("out*") if out.suffix != PART]
        digests = Counter(hashlib.sha256((out / "release.json").read_bytes()).hexdigest() for out in outs)
        subjects = Counter(subject for (subject,) in self.site.sql("SELECT subject FROM log_entries") if subject)
        assert set(subjects.values()) <= {1}
        logged = {subject.partition(":")[2] for subject in subjects if subject.startswith("release:")}
        assert digests.keys() <= logged
        assert set(digests.values()) <= {1}
        return logged - digests.keys()


def kill(site: Site, forks: Forks, numbers: range) -> None:
    kills = Kills(site, forks)
    for number in numbers:
        kills.kill(number)
    for out in site.folder.glob("out*"):
        assert site.ok("verify", out)["sound"]


@pytest.mark.parametrize(("site", "many"), [("own", 4), ("sqlite", 3), ("postgresql", 3)], indirect=["site"])
def test_ten_kills_at_any_moment(site: Site, many: int, forks: Forks) -> None:
    kill(site, forks, range(1, 1 + many))


@pytest.mark.prove
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(("site", "many"), [("own", 14), ("sqlite", 13), ("postgresql", 13)], indirect=["site"])
def test_two_hundred_kills_at_any_moment(site: Site, many: int, place: int, forks: Forks) -> None:
    kill(site, forks, range(place * many, (place + 1) * many))
