"""The yardstick of the accuracy benchmark, and that a search imitates what a peer does."""

from __future__ import annotations

import importlib
import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
JUDGE = ROOT.parent / "shared" / "eval" / "accuracy.py"
TRUTH = np.array([100.0, 50.0, 10.0, 0.0, 40.0])


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.accuracy.{name}")


def grain(load: Any, device: list[int], key: list[int], size: int) -> Any:
    zeros = np.zeros(size, np.int64)
    rows = pl.DataFrame({"device": device, "key": key}, schema={"device": pl.Int64, "key": pl.Int64})
    return load("truth").Grain(rows, size, np.arange(size), np.ones(size), zeros)


def test_exact_rows_cover_all_and_err_nowhere(load: Any) -> None:
    one = load("score").score(TRUTH, np.arange(5), TRUTH, (TRUTH, TRUTH))
    assert (one.rows, one.share, one.cover20, one.wmae, one.winkler) == (5, 1, 1, 0, 0)
    assert one.intervals.inside == one.intervals.of == (4, 1, 1, 2)


def test_what_is_not_published_counts_as_an_error_of_its_size(load: Any) -> None:
    one = load("score").score(TRUTH, np.array([0, 1]), np.array([115.0, 80.0]))
    assert one.share == pytest.approx(0.75)
    assert one.cover20 == pytest.approx(0.5)
    assert one.wmae == pytest.approx((15 + 30 + 50) / 200)
    assert math.isnan(one.winkler)


def test_a_key_may_have_one_row(load: Any) -> None:
    with pytest.raises(ValueError, match="3 rows have 2 different keys"):
        load("score").score(TRUTH, np.array([0, 1, 1]), np.ones(3))


@pytest.mark.skipif(not JUDGE.exists(), reason="accuracy.py is not beside the project")
def test_the_yardstick_is_the_judges(load: Any) -> None:
    spec = importlib.util.spec_from_file_location("judge", JUDGE)
    assert spec is not None
    assert spec.loader is not None
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    random = np.random.default_rng(1)
    truth = random.poisson(8, 900).astype(float)
    keys = random.permutation(900)[:600]
    values = truth[keys] + random.normal(0, 3, 600)
    low, high = values - 5, values + 5
    rows = pl.DataFrame({"k": keys, "devices": values, "ci95_low": low, "ci95_high": high})
    theirs = judge.score(pl.DataFrame({"k": np.arange(900), "truth": truth}), rows, ["k"], "devices")
    ours = load("score").score(truth, keys, values, (low, high))
    assert (ours.rows, ours.intervals.of[0], ours.intervals.holds) == (
        theirs["rows"],
        theirs["interval_n"],
        theirs["holds"],
    )
    for name in ("share", "cover20", "wmae", "winkler"):
        assert getattr(ours, name) == pytest.approx(theirs[name], abs=1e-4)
    assert ours.intervals.shares == pytest.approx([theirs["interval"], *theirs["thirds"]], abs=1e-4)


def test_the_best_cut_is_that_of_trying_each(load: Any) -> None:
    values = np.array([90.0, 70.0, 30.0, 45.0, 12.0])
    cut, wmae = load("score").best_cut(TRUTH, values)
    score = load("score").score
    above = {at: np.flatnonzero(values >= at) for at in values.tolist()}
    tried = {at: score(TRUTH, keys, values[keys]).wmae for at, keys in above.items()}
    assert wmae == pytest.approx(min(tried.values()))
    assert tried[cut] == pytest.approx(wmae)


def test_where_noise_is_all_nothing_is_published(load: Any) -> None:
    assert load("score").best_cut(TRUTH, np.full(5, 500.0)) == (math.inf, 1.0)


def test_intervals_pool_over_runs(load: Any) -> None:
    make = load("score").Intervals
    both = make((95, 30, 32, 33), (100, 33, 33, 34)) + make((90, 30, 30, 30), (100, 33, 33, 34))
    assert both.inside == (185, 60, 62, 63)
    assert both.shares[0] == pytest.approx(0.925)
    assert both.holds
    assert not make((85, 0, 0, 0), (100, 0, 0, 0)).holds


@pytest.mark.parametrize(
    ("sampling", "limit", "each", "most"),
    [("rows", 2, None, 2), ("rows", 3, 1, 3), ("groups", 2, 3, 6), ("partitions", 1, 2, 2)],
)
def test_a_device_is_limited(load: Any, sampling: str, limit: int, each: int | None, most: int) -> None:
    tuning = load("tuning")
    one = grain(load, [7] * 30, [0] * 10 + [1] * 10 + [2] * 10, 4)
    setting = tuning.Setting("P7D", sampling, limit, each, "gaussian")
    counts = tuning.limited(one, setting, np.random.default_rng(1))
    assert 0 < counts.sum() <= most
    assert counts.max() <= (each or limit)


def test_the_search_finds_the_setting_that_does_best(load: Any) -> None:
    tuning = load("tuning")
    one = grain(load, [device for device in range(500) for _ in range(4)], [0, 0, 1, 1] * 500, 3)
    settings = [tuning.Setting("P7D", "partitions", limit, each, "laplace") for limit in (1, 2) for each in (1, 2)]
    found = tuning.search({"P7D": one}, one.exact(), settings, [(1.0, None)] * 4)
    assert (found.setting.limit, found.setting.each) == (2, 2)
    assert found.wmae < 0.01


@pytest.mark.parametrize("noise", ["gaussian", "laplace"])
def test_noise_where_nobody_is_counts_as_if_it_had_been_drawn(load: Any, noise: str) -> None:
    tuning, random = load("tuning"), np.random.default_rng(2)
    setting = tuning.Setting("P7D", "rows", 1, 1, noise)
    part = tuning.Lived.of(grain(load, [1], [0], 1000), np.eye(1, 1000)[0])
    assert part.empty == 999
    draws = 5 * (random.standard_normal(10**6) if noise == "gaussian" else random.laplace(size=10**6))
    for cut in (0.0, 5.0, 12.0):
        (known,) = part.noise_above(np.array([cut]), setting, 5.0)
        assert known == pytest.approx(draws[draws >= cut].sum() / draws.size, rel=0.03)


def test_tables_say_where_the_aim_is_missed(load: Any) -> None:
    table, question = load("table"), load("truth").Question("flows", 5, "P7D")
    mine = load("score").Score(10, 1.0, 0.8, 0.3)
    told = {
        "near": load("peers").Outcome(5, 0.5, 0.4, "x"),
        "far": load("peers").Outcome(5, 0.5, 0.6, "x"),
        "none": load("peers").Outcome(),
        "broken": load("peers").Outcome(failed=True, remark="no wheel"),
    }
    text = table.beside({question: mine}, {question: told})
    assert "| near | 5 | 0.500 | 0.400 | 0.75 (aim 0.6: missed) |" in text
    assert "| far | 5 | 0.500 | 0.600 | 0.50 |" in text
    assert "its best is to publish nothing" in text
    assert "no wheel" in text
