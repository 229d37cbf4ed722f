"""An intake that others do the work for: as if this machine had; attempts that were in vain leave nothing.

No Spark here: what stands for a cluster does the work in this process, each piece twice, and everything that goes
there and comes back is pickled. The real one is in tests/engines/spark.
"""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from hereabouts.acts import spread
from hereabouts.acts.gates import Gates
from hereabouts.acts.pieces import take_piece
from hereabouts.acts.receipt import Receipt
from hereabouts.acts.spread import Spread
from hereabouts.acts.taking import File
from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.readers import feed_files, open_feed
from hereabouts.feeds.profiles import load_profile
from hereabouts.rules.suppliers import require_in_force
from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from hereabouts.engines.spark.cluster import Cluster
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"


class Twice:
    """Does each piece of work twice, and hears of the second time alone."""

    def __init__(self) -> None:
        self.worked = 0
        self.carried = b""

    def each(self, work: Any, items: Sequence[Any], shared: Any) -> Generator[Any]:
        for item in items:
            self.carried += pickle.dumps(shared)
            for _ in range(2):
                self.worked += 1
                given, common = pickle.loads(pickle.dumps((item, shared)))  # noqa: S301 - our own
                found = work(given, common, f"attempt-{self.worked}")
            yield pickle.loads(pickle.dumps(found))  # noqa: S301


def take(site: Site, feeds: Sequence[Path], cluster: Any) -> list[Receipt]:
    store, profile = Store(site.store), load_profile("canonical")
    supplier = require_in_force(store.state, "acme", dt.datetime.now(dt.UTC).date())
    files = [File(open_feed(file, profile), []) for feed in feeds for file in feed_files(feed)]
    with store.locked():
        gates = Gates(store, profile, supplier)
        return Spread(store, gates, supplier, lambda *_: None, cast("Cluster", cluster)).take(files)


@pytest.fixture
def sites(empty_site: Site, copy: Copy) -> tuple[Site, Site]:
    """Two stores with the same keys."""
    one = copy(empty_site)
    store = Store(one.store)
    for window in (FIRST, "2024-03-11/2024-03-18"):
        for use in (PINGS, PSEUDONYMS):
            store.keys.get_or_make(store.calendar.named(window).folder, use)
    return one, copy(one)


def test_it_is_as_if_this_machine_had_done_it(
    sites: tuple[Site, Site], feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "PIECE_ROWS", 200)
    one, two = sites
    expected = one.ok("intake", feed, "--supplier", "acme")
    twice = Twice()
    found = [receipt.to_json() for receipt in take(two, [feed], twice)]
    assert [{**receipt, "warnings": []} for receipt in expected] == found
    assert not (two.store / "attempts").exists()
    keys = [path.read_bytes() for path in two.keys.glob("*.key")]
    assert keys
    assert not any(key in twice.carried for key in keys), "what is shared may lie on disks"
    gone = one.folder / "gone.txt"
    batch = next(iter(open_feed(min(feed.iterdir()), load_profile("canonical")).batches()))
    gone.write_text("\n".join(batch["device_id"].to_pylist()[:40]), encoding="utf-8")
    for site in sites:
        site.ok("withdraw", gone)  # from pieces as from whole files
        site.ok("seal")
    assert two.tables(FIRST) == one.tables(FIRST)
    assert all(receipt.again for receipt in take(two, [feed], twice))


def test_a_window_gets_its_keys_with_its_first_pings(empty_site: Site, copy: Copy, feed: Path) -> None:
    site = copy(empty_site)
    take(site, [feed], Twice())
    assert {path.name for path in site.keys.glob("*_*.key")} == {
        f"{window}.{use}.key"
        for window in ("2024-03-04_2024-03-11", "2024-03-11_2024-03-18")
        for use in ("pings", "pseudonyms")
    }
    assert len(site.ok("seal")) == 2


def test_nothing_of_an_intake_that_fails_counts(sites: tuple[Site, Site], feed: Path) -> None:
    site, _ = sites
    before = site.state()
    bad = site.csv(["a,1709640000,52.3,-1.1,true"], header="device_id,timestamp,latitude,longitude,consent")
    later = site.csv(["a,1709640000,52.3,-1.1"], "later.csv", "device_id,timestamp,latitude,longitude")
    with pytest.raises(BadInputError, match="consent"):
        take(site, [bad, later], Twice())
    assert site.state() == before


def test_gates_that_hold_no_keys_let_nothing_through(empty_site: Site, feed: Path, tmp_path: Path) -> None:
    store, profile = Store(empty_site.store), load_profile("canonical")
    supplier = require_in_force(store.state, "acme", dt.datetime.now(dt.UTC).date())
    bare = Gates(store, profile, supplier).without_keys()
    batch = next(iter(open_feed(min(feed.iterdir()), profile).batches()))
    with pytest.raises(ValueError, match="hold no keys"):
        bare.pass_through(batch)
    assert take_piece.__module__ == "hereabouts.acts.pieces", "executors find it by its name"
