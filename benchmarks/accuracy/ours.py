"""Our own releases, held against the truth.

Each run has its own copy of a sealed store, with its own ledger: the same plan on the same store would only give the
same measurement again. From each measurement two releases are published, which is free: all estimates, and what the
default [publish] lets out.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import polars_h3 as plh
from numpy.typing import NDArray

from benchmarks.accuracy.data import Dataset, run
from benchmarks.accuracy.score import Intervals, Score, score
from benchmarks.accuracy.truth import Question, Truth
from benchmarks.words import say

EVERYTHING, DEFAULT = "everything", "default"
_PUBLISH = {EVERYTHING: "[publish]\nminimum = 0\nmax_relative_halfwidth = inf\n", DEFAULT: ""}
_VALUE = {"presence": "devices", "visitors": "devices", "flows": "trips"}
_PLACES = {"presence": ["cell"], "visitors": ["cell"], "flows": ["origin", "destination"]}


@dataclass(frozen=True)
class Plan:
    """One statistic at some resolutions, with all of the budget.

    Parameters
    ----------
    statistic
        ``presence``, ``visitors`` or ``flows``.
    resolutions
        Measured together: they share ρ.
    periods
        Published.
    """

    statistic: str
    resolutions: tuple[int, ...]
    periods: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.statistic} {' + '.join(map(str, self.resolutions))}"

    @property
    def questions(self) -> list[Question]:
        return [Question(self.statistic, level, period) for level in self.resolutions for period in self.periods]

    def text(self, data: Dataset, epsilon: float, publish: str) -> str:
        """The plan file."""
        quoted = ", ".join(f'"{period}"' for period in self.periods)
        return (
            f'name = "accuracy"\npurpose = "research"\nregion = {{ bbox = {list(data.bbox)} }}\n'
            f'window = "{data.window}"\nepsilon = {epsilon}\ndelta = 1e-6\nstatistics = ["{self.statistic}"]\n'
            f"[{self.statistic}]\nresolutions = {list(self.resolutions)}\nperiods = [{quoted}]\n{_PUBLISH[publish]}"
        )


@dataclass(frozen=True)
class Level:
    """Means over the runs of one level of one plan; intervals are pooled over them."""

    plan: Plan
    question: Question
    publish: str
    mean: Score
    runs: list[Score]


def measure(
    plan: Plan, truth: Truth, store: Path, runs: int, epsilon: float = 1.0, judge: Path | None = None
) -> list[Level]:
    """Release a plan so many times, each with all estimates and with the default [publish].

    Parameters
    ----------
    plan, truth, store
        What is published, what is true, and the sealed store.
    runs
        How many copies of the store.
    epsilon
        Of each release; δ is 1e-6.
    judge
        accuracy.py, where it is at hand: it computes the truth from raw pings, and has to find the same.

    Raises
    ------
    RuntimeError
        When a command fails, or the judge finds something else.
    """
    found: dict[tuple[Question, str], list[Score]] = {}
    exact = {question: truth.grain(question).exact() for question in plan.questions}
    for number in range(1, runs + 1):
        say(f"{truth.data.name}, {plan}, ε = {epsilon:g}: run {number} of {runs}")
        with tempfile.TemporaryDirectory(prefix="copy-", dir=store.parent) as name:
            copy = copy_store(store, Path(name))
            for publish in _PUBLISH:
                out, path = Path(name) / publish, Path(name) / f"{publish}.toml"
                path.write_text(plan.text(truth.data, epsilon, publish), encoding="utf-8")
                run("release", path, "--store", copy, "--out", out)
                for question in plan.questions:
                    one = scored(out, question, truth, exact[question])
                    found.setdefault((question, publish), []).append(one)
                if judge is not None and number == 1:
                    agree(judge, truth, out, plan, {question: found[question, publish][-1] for question in exact})
    return [Level(plan, question, publish, mean(scores), scores) for (question, publish), scores in found.items()]


def copy_store(store: Path, folder: Path) -> Path:
    """A copy of a store, with the keys that lie beside it."""
    for path in store.parent.glob(f"{store.name}*"):
        shutil.copytree(path, folder / path.name)
    return folder / store.name


def scored(release: Path, question: Question, truth: Truth, exact: NDArray[np.float64]) -> Score:
    """One level of a release."""
    cells = pl.Series(truth.cells(question.resolution))
    places = _PLACES[question.statistic]
    rows = pl.read_parquet(release / f"{question.statistic}.parquet")
    rows = rows.filter(
        pl.col("start").is_not_null(), resolution=question.resolution, period=question.period
    ).with_columns(
        plh.str_to_int(name)
        .cast(pl.UInt64)
        .replace_strict(cells, np.arange(len(cells)), return_dtype=pl.Int64)
        .alias(name)
        for name in places
    )
    starts = truth.starts(question.period)
    slot = (
        pl.col("start")
        .dt.convert_time_zone("UTC")
        .dt.epoch("s")
        .replace_strict([int(start.timestamp()) for start in starts], range(len(starts)), return_dtype=pl.Int64)
    )
    second = pl.col("destination") if question.statistic == "flows" else slot
    width = len(cells) if question.statistic == "flows" else len(starts)
    keys = rows.select(pl.col(places[0]) * width + second).to_series().to_numpy()
    value, low, high = (rows[name].to_numpy() for name in (_VALUE[question.statistic], "ci95_low", "ci95_high"))
    return score(exact, keys, value, (low, high))


def mean(scores: list[Score]) -> Score:
    """Means of all figures; intervals are added up."""
    names = ("rows", "share", "cover20", "wmae", "winkler")
    rows, share, cover20, wmae, winkler = (float(np.mean([getattr(one, name) for one in scores])) for name in names)
    intervals = sum((one.intervals for one in scores if one.intervals), Intervals((0, 0, 0, 0), (0, 0, 0, 0)))
    return Score(round(rows), share, cover20, wmae, winkler, intervals)


def agree(judge: Path, truth: Truth, release: Path, plan: Plan, scores: dict[Question, Score]) -> None:
    """Have accuracy.py score the same release from raw pings."""
    if plan.statistic not in {"presence", "flows"}:
        return
    data = truth.data
    command = [sys.executable, judge, data.feed, release, "--timezone", data.timezone, "--bbox", *data.bbox]
    command += ["--from", data.first, "--to", data.after]
    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout)[plan.statistic]
    for question, one in scores.items():
        theirs = told.get(question.level, {"cover20": 0.0, "wmae": 1.0, "rows": 0})
        if one.rows != theirs["rows"] or not np.allclose(
            (one.cover20, one.wmae), (theirs["cover20"], theirs["wmae"]), atol=1e-3
        ):
            raise RuntimeError(f"{question}: the judge found {theirs}, the benchmark {one}")
