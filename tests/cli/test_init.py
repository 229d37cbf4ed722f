"""``hereabouts init``: its options reach the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Command


def test_what_it_says(tmp_path: Path, command: Command) -> None:
    done = command("init", tmp_path / "store")
    assert (done.code, done.err) == (0, "")
    assert "policy research" in done.out
    assert f"its keys are in {tmp_path}/store.keys" in done.out
    assert "keep them apart" in done.out


def test_its_options_reach_the_store(tmp_path: Path, command: Command) -> None:
    document = command(
        "init", tmp_path / "store", "--timezone", "Asia/Shanghai", "--window", "P7D", "--anchor", "2008-02-02",
        "--resolution", 9, "--budget", 3, 1e-7, "--policy", "regulated", "--keys", tmp_path / "safe",
        "--max-accuracy", 100, "--ledger", "own", "--json",
    ).json  # fmt: skip
    store = Store(tmp_path / "store")
    assert document["id"] == store.facts.id
    assert document["keys"] == str(tmp_path / "safe" / store.facts.id)
    assert store.calendar.at(1_202_000_000).name == "2008-02-02/2008-02-09"
    assert (store.facts.resolution, store.facts.max_accuracy) == (9, 100.0)
    assert (store.policy.name, store.policy.budget.epsilon, store.policy.budget.delta) == ("regulated", 3.0, 1e-7)
    assert store.policy.ledger == "own"
