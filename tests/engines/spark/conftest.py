"""One adversarial feed, and stores that are the same up to who takes it in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Needs, Site

WINDOWS = ("2024-03-04/2024-03-11", "2024-03-11/2024-03-18")
START = 1_709_510_400  # the first of them begins, UTC
BIG, ODD = "6d92078a-8246-4ba4-9b5b-76104861e7dc", "x"


@pytest.fixture(scope="session")
def spark(needs: Needs) -> None:
    """Skip where Spark cannot run."""
    try:
        import pyspark  # noqa: F401, PLC0415 - an extra
    except ImportError:
        needs(False, "pyspark")
    needs(shutil.which("java") is not None, "Java")


def table(device: list[str], second: Any, rng: np.random.Generator) -> pa.Table:
    """Pings about a few places, of which some are at the same second in different ones."""
    places = np.array([[52.30, -1.10], [52.33, -1.14], [52.36, -1.05], [52.301, -1.101]])
    at = places[rng.integers(len(places), size=len(device))] + rng.normal(0, 2e-4, (len(device), 2))
    return pa.table(
        {
            "device_id": device,
            "timestamp": pa.array(START + np.asarray(second, np.int64)),
            "latitude": at[:, 0],
            "longitude": at[:, 1],
            "consent": pa.array(rng.random(len(device)) < 0.95),
        }
    )


@pytest.fixture(scope="session")
def hard_feed(tmp_path_factory: pytest.TempPathFactory, feed: Path) -> Path:
    """A made-up town, and what is hard to carry.

    One device has half of all rows, in every file, many at the same second; an id is spelled in two ways; a file has
    no row that is kept; row groups are empty of rows of a window; one file comes twice.
    """
    folder = tmp_path_factory.mktemp("hard") / "feed"
    shutil.copytree(feed, folder)
    rng = np.random.default_rng(4)
    for number in range(3):
        size = 9000
        whose = [BIG.upper() if number else BIG] * size + [f"d{k}" for k in rng.integers(300, size=size)]
        second = np.concatenate([rng.integers(0, 40_000, size) * 15, rng.integers(0, 12 * 86_400, size)])
        second[::7] = second[0]
        pq.write_table(table(whose, second, rng), folder / f"z{number}.parquet", row_group_size=1000)
    nobody = table([ODD] * 500, np.arange(500), rng).set_column(4, "consent", pa.array([False] * 500))
    pq.write_table(nobody, folder / "nobody.parquet", row_group_size=100)
    shutil.copy(folder / "z1.parquet", folder / "zz.parquet")
    rows = "\n".join(f"{{{BIG}}},{START + 60 * k},52.3{k % 10},-1.1,true" for k in range(2000))
    (folder / "y.csv").write_text(f"device_id,timestamp,latitude,longitude,consent\n{rows}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def keyed_site(empty_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A new store that has the keys of its windows: whoever copies it makes the same pseudonyms. Copy it.

    With 3,600 sensitive places, and two withdrawn devices.
    """
    site = empty_site.copy(tmp_path_factory.mktemp("keyed") / "site")
    store = Store(site.store)
    for window in WINDOWS:
        for use in (PINGS, PSEUDONYMS):
            store.keys.get_or_make(store.calendar.named(window).folder, use)
    places, gone = site.folder / "places.csv", site.folder / "gone.txt"
    listed = "\n".join(f"medical,{52.3 + k / 90:.4f},{-1.1 + j / 90:.4f},30,100" for k in range(60) for j in range(60))
    places.write_text(f"category,latitude,longitude,radius,margin\n{listed}\n", encoding="utf-8")
    gone.write_text("d1\nd2\n", encoding="utf-8")
    site.ok("places add", places)
    site.ok("withdraw", gone)
    return site


@pytest.fixture(scope="session")
def by_local(keyed_site: Site, hard_feed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Any]:
    """The feed taken in and sealed by this machine, and the receipts."""
    site = keyed_site.copy(tmp_path_factory.mktemp("local") / "site")
    receipts = site.ok("intake", hard_feed, "--supplier", "acme")
    site.ok("seal")
    return site, receipts
