"""A real cluster: a worker is killed while it works, and nothing else is different; no ping and no key lies around."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.standalone import Standalone, standalone
from hereabouts.engines.spark.settings import is_this_machine, settings_for
from hereabouts.errors import UsageError

if TYPE_CHECKING:
    from tests.conftest import Command, Site

RUN = """
from hereabouts.acts import spread
from hereabouts.cli.main import main
spread.PIECE_ROWS = 3000
main()
"""


@pytest.fixture
def cluster(spark: None, tmp_path: Path) -> Iterator[Standalone]:
    """Two workers of one core; Spark keeps its event log, to be searched."""
    events = tmp_path / "events"
    events.mkdir()
    more = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.worker.cleanup.enabled": "false",
    }
    with standalone(tmp_path / "cluster", workers=2, memory="512m", more=more) as found:
        yield found


def run(cluster: Standalone, site: Site, *words: object) -> Any:
    """Run a command as a process of its own, on the cluster; give its JSON document."""
    asked = [*words, "--store", site.store, "--engine", "spark", "--master", cluster.master, "--json"]
    done = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, asked)],
        env=cluster.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def killing(cluster: Standalone, number: int, when: Path) -> threading.Thread:
    """Kill a worker and its executors once something lies in a folder of attempts."""

    def kill() -> None:
        for _ in range(15_000):
            if any(when.glob("*/*")) and cluster.executors(number):
                cluster.kill_worker(number)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def test_a_killed_worker_changes_nothing(
    cluster: Standalone, by_local: tuple[Site, Any], keyed_site: Site, hard_feed: Path, tmp_path: Path
) -> None:
    local, receipts = by_local
    site = keyed_site.copy(tmp_path / "site")
    keys = [path.read_bytes() for path in site.keys.glob("*.key")]
    killer = killing(cluster, 0, site.store / "attempts")
    found = run(cluster, site, "intake", hard_feed, "--supplier", "acme")
    killer.join()
    assert cluster.workers[0].poll() is not None, "it was killed while the feed was taken in"
    assert found == receipts
    cluster.await_worker(cluster.start_worker())
    killer = killing(cluster, 1, site.store / "attempts")
    run(cluster, site, "seal")
    killer.join()
    assert cluster.workers[1].poll() is not None, "and another while it was sealed"
    state, expected = site.state(), local.state()
    sealed = {name: digest for name, digest in expected.items() if name.startswith("sealed/")}
    assert {name: digest for name, digest in state.items() if name.startswith("sealed/")} == sealed
    assert not (site.store / "attempts").exists()
    files = [path for folder in (cluster.folder, tmp_path / "events") for path in folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("events") for path in files), "else nothing was searched"
    assert any(path.name == "stderr" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not any(key in content or key.hex().encode() in content for key in keys), f"a key is in {path.name}"
        assert b"6d92078a-8246" not in content.lower(), f"an id is in {path.name}"


def test_a_cluster_without_encryption_is_refused(
    spark: None, command: Command, keyed_site: Site, tmp_path: Path
) -> None:
    site = keyed_site.copy(tmp_path / "site")
    site.run("seal", "--engine", "spark", "--master", "spark://127.0.0.1:9").refuses(2, "spark.authenticate")


def test_what_masters_there_are() -> None:
    assert is_this_machine("local")
    assert is_this_machine("local[2]")
    assert not is_this_machine("local-cluster.example")
    assert "spark.network.crypto.enabled" in settings_for("spark://host:7077")
    assert settings_for("local[*]")["spark.io.encryption.enabled"] == "true"
    with pytest.raises(UsageError, match="expected local"):
        settings_for("mesos://host")
