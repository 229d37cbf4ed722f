"""Whoever carries: receipts, tables and contributions are the same, bit for bit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hereabouts.acts import spread
from hereabouts.catalogue.distributions import tables_read
from hereabouts.engines.sealed_rows import device_rows
from hereabouts.hexagons import parents_of
from hereabouts.privacy.measure import Contribution
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"
TDRIVE = Path(__file__).parents[4] / "shared" / "data" / "tdrive.parquet"
# pyspark leaves sockets to the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SPARK = ("--engine", "spark", "--master", "local[2]")


def sealed(site: Site) -> dict[str, str]:
    """Digests of all sealed files: rows, their order, and the bytes they are written in."""
    return {name: digest for name, digest in site.state().items() if name.startswith("sealed/")}


@pytest.fixture(scope="module")
def by_spark(
    spark: None, keyed_site: Site, hard_feed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, Any, Any]:
    """The hard feed, taken in by Spark in small pieces, and sealed by it; the receipts, and what the open store had."""
    site = keyed_site.copy(tmp_path_factory.mktemp("spark") / "site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "PIECE_ROWS", 3000)
        receipts = site.ok("intake", hard_feed, "--supplier", "acme", *SPARK)
    opened = sorted(path.name for path in (site.store / "open").rglob("*.pings"))
    site.ok("seal", *SPARK)
    return site, receipts, opened


def test_a_store_is_the_same(by_local: tuple[Site, Any], by_spark: tuple[Site, Any, Any]) -> None:
    (local, receipts), (site, found, opened) = by_local, by_spark
    assert found == receipts
    assert sum(receipt["again"] for receipt in found) == 1, "one file comes twice"
    assert {receipt["feed"]: receipt["taken"] for receipt in found}["nobody.parquet"] == 0
    assert {name for name in opened if "-5." in name}, "files were taken in pieces"
    assert sealed(site) == sealed(local)
    assert len(sealed(site)) > 256
    columns = "id, feed_digest, supplier, profile, receipt, places_version"
    assert site.sql(f"SELECT {columns} FROM intakes") == local.sql(f"SELECT {columns} FROM intakes")  # noqa: S608
    counts = "SELECT name, status, counts FROM windows"
    assert site.sql(counts) == local.sql(counts)
    assert not (site.store / "attempts").exists()
    assert {path.name for path in site.keys.iterdir()} == {path.name for path in local.keys.iterdir()}


def test_the_feed_is_as_hard_as_it_says(by_local: tuple[Site, Any]) -> None:
    _, receipts = by_local
    dropped = {reason for receipt in receipts for reason in receipt["dropped"]}
    assert {"sensitive", "withdrawn", "consent_refused"} <= dropped
    assert max(len(receipt["windows"]) for receipt in receipts) == 2


def test_contributions_are_the_same(by_local: tuple[Site, Any], spark: None) -> None:
    from hereabouts.engines.spark import contributions  # noqa: PLC0415 - needs Spark
    from hereabouts.engines.spark.cluster import cluster  # noqa: PLC0415

    site, _ = by_local
    store = Store(site.store)
    window = store.calendar.named(FIRST)
    folder = site.store.resolve() / "sealed" / window.folder
    cells = np.unique(np.concatenate([rows.cells for rows in device_rows(folder, window, {"presence", "trips"})]))
    domains = {resolution: np.unique(parents_of(cells, resolution)) for resolution in (5, 7)}
    leaves = domains[7][1:]  # the region leaves something out
    domains = {resolution: np.unique(parents_of(leaves, resolution)) for resolution in (5, 7)}
    pairs = np.arange(domains[5].size ** 2, dtype=np.int64)
    asked: list[tuple[Any, set[str], dict[str, Any]]] = [
        (contributions.presence, {"presence"}, {"domain": domains[7], "resolution": 7}),
        (contributions.visitor_norms, {"presence"}, {"domains": domains, "level": (5, "P1D")}),
        (contributions.visitors, {"presence"}, {"domains": domains, "level": (5, "P1D"), "squared_bound": 3}),
        (contributions.flows, {"trips"}, {"domain": domains[5], "resolution": 5, "pairs": pairs, "squared_bound": 2}),
        *(
            (contributions.distribution, set(tables_read([name])), {"statistic": name, "squared_bound": 5})
            for name in ("trip-lengths", "stay-durations", "radius-of-gyration")
        ),
    ]
    with cluster("local[2]") as engine:
        for part, tables, given in asked:
            found = contributions.contribution(engine, folder, window, tables, part, leaves=leaves, **given)
            expected: Contribution = part(device_rows(folder, window, tables), window=window, leaves=leaves, **given)
            assert found.sums.dtype == np.int64
            assert np.array_equal(found.sums, expected.sums)
            assert found.sums.any()
            assert found.squared_sensitivity == expected.squared_sensitivity


@pytest.mark.prove
@pytest.mark.skipif(not TDRIVE.exists(), reason="T-Drive is not beside the project")
def test_real_pings_are_the_same(spark: None, command: Any, tmp_path: Path, copy: Copy) -> None:
    from tests.conftest import Site as AnySite  # noqa: PLC0415

    first = AnySite(tmp_path / "one")
    first.folder.mkdir()
    first.evidence.write_text("Research data.\n", encoding="utf-8")
    place = ("--timezone", "Asia/Shanghai", "--anchor", "2008-02-02")
    assert command("init", first.store, *place).code == 0
    first.admit("tdrive", "--all-consented")
    first.ok("intake", TDRIVE, "--supplier", "tdrive")
    receipts = first.sql("SELECT receipt FROM intakes")
    second = copy(first)  # with the keys of its windows: then it forgets the pings
    second.sql("DELETE FROM intakes")
    again = second.ok("intake", TDRIVE, "--supplier", "tdrive", *SPARK)
    assert [json.loads(receipt) for (receipt,) in receipts] == again
    first.ok("seal")
    second.ok("seal", *SPARK)
    assert hashlib.sha256(str(sealed(first)).encode()).digest() == hashlib.sha256(str(sealed(second)).encode()).digest()
