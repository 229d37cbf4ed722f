"""Every peer on every question, tuned, with its results kept."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.accuracy.environments import Environment, PeerFailedError, cache_folder
from benchmarks.accuracy.score import Score, best_cut, score
from benchmarks.accuracy.truth import Grain, Question, Truth
from benchmarks.accuracy.tuning import Found, Setting, grid, search
from benchmarks.words import say

EPSILON, DELTA = 1.0, 1e-6
SEARCHED = 1  # counted up when the search or a peer's script changes what it finds: kept results are then made anew
HOURS, DAYS, HOURS_A_DAY = 168, 7, 24
MOST_KEYS_A_DEVICE = 64  # of flows, and of presence by day: more only adds noise
PLAIN_THRESHOLD = 10
LARGE = 500_000
"""Keys from which one run is enough: a sum over so many hardly differs between runs; OpenDP takes 65 µs a key."""


@dataclass(frozen=True)
class Peer:
    """A library that could publish the same figures.

    Parameters
    ----------
    title
        What the table calls it.
    environment
        Where it runs.
    settings
        What can be chosen for a question.
    remark
        What is to be known when one reads its figures for a question.
    """

    title: str
    environment: Environment
    settings: Callable[[Question], list[Setting]]
    remark: Callable[[Question], str]


@dataclass(frozen=True)
class Outcome:
    """A peer's tuned figures on one question: means over its runs.

    Parameters
    ----------
    rows, cover20, wmae
        As in `Score`; no rows: the best that it can do is to publish nothing.
    setting
        In words, with the threshold under which its noisy values are left out.
    corrected
        The least wmae if its totals were also set right by a factor that only the truth knows (imitated).
    remark
        What else is to be known; why there are no figures, if there are none.
    """

    rows: float = 0.0
    cover20: float = 0.0
    wmae: float = 1.0
    setting: str = ""
    corrected: float = 1.0
    remark: str = ""
    runs: list[float] = field(default_factory=list)
    failed: bool = False


def periods_of(question: Question) -> dict[str, int]:
    """Periods that a question can be asked by, and the most rows that a device can have under one key."""
    if question.statistic == "flows":
        return {question.period: 16}
    if question.statistic == "visitors":
        return {question.period: 1}
    finer = {"PT1H": 1, "P1D": HOURS_A_DAY, "P7D": HOURS}
    return {period: finer[period] for period in finer if finer[period] <= finer[question.period]}


def opendp_settings(question: Question) -> list[Setting]:
    """Rows or keys of a device, public or stable keys, both kinds of noise."""
    found: list[Setting] = []
    for period, rows in periods_of(question).items():
        most = HOURS if period == "PT1H" else MOST_KEYS_A_DEVICE
        eaches: list[int | None] = [1] if rows == 1 else [1, 2, 4, 8, rows]
        ways: dict[str, list[int | None]] = {"groups": eaches, "rows": [1] if rows == 1 else [1, None]}
        found += grid({period: rows}, ways, ["public", "stable"], ["gaussian", "laplace"], most)
    return [one for one in found if one.each is not None or one.noise == "laplace"]


def pipelinedp_settings(question: Question) -> list[Setting]:
    """Partitions of a device and rows under each, or rows in all; both kinds of noise."""
    found: list[Setting] = []
    for period, rows in periods_of(question).items():
        most = HOURS if period == "PT1H" else MOST_KEYS_A_DEVICE
        eaches: list[int | None] = [1] if rows == 1 else [1, 2, 4, 8, rows]
        found += grid({period: rows}, {"partitions": eaches, "rows": [None]}, ["public"], ["gaussian", "laplace"], most)
    return found


def dpmr_settings(question: Question) -> list[Setting]:
    """Trips of a device in each report; the noise is Laplace's."""
    most = {"PT1H": 1, "P1D": HOURS_A_DAY, "P7D": HOURS}[question.period]
    sampling = "rows" if question.statistic == "flows" else "parts"
    return list(grid({question.period: most}, {sampling: [None]}, ["public"], ["laplace"], min(most, 64)))


def dpmr_remark(question: Question) -> str:
    """What it was asked in place of a level that it does not have."""
    if question.statistic == "flows":
        return ""
    reports = {"PT1H": HOURS, "P1D": DAYS, "P7D": 1}[question.period]
    return f"has no such level; asked as its visits per tile, {reports} reports of ε/{reports} each"


PEERS = [
    Peer("OpenDP", Environment("opendp"), opendp_settings, lambda _: ""),
    Peer("PipelineDP", Environment("pipelinedp"), pipelinedp_settings, lambda _: ""),
    Peer("dp-mobility-report", Environment("dpmr"), dpmr_settings, dpmr_remark),
]


def outcome(peer: Peer, question: Question, truth: Truth, runs: int) -> Outcome:
    """A peer's tuned figures, from the kept results where they are there."""
    about = [truth.data.digest(), str(question), peer.environment.pins, EPSILON, DELTA, SEARCHED, runs]
    kept = cache_folder() / "results" / f"{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]}.json"
    if kept.exists():
        return Outcome(**json.loads(kept.read_text(encoding="utf-8"))["outcome"])
    say(f"{truth.data.name}, {question}: {peer.environment.version}")
    try:
        found = _measure(peer, question, truth, runs)
    except PeerFailedError as error:
        say(str(error))
        return Outcome(failed=True, remark=str(error).strip().splitlines()[-1])
    kept.parent.mkdir(parents=True, exist_ok=True)
    what = {"data": truth.data.name, "question": str(question), "peer": peer.environment.version, "runs": runs}
    kept.write_text(json.dumps({**what, "outcome": asdict(found)}, indent=1), encoding="utf-8")
    return found


def _measure(peer: Peer, question: Question, truth: Truth, runs: int) -> Outcome:
    """Search, then have the peer itself publish with the best setting."""
    settings = peer.settings(question)
    grains = {period: truth.grain(question, period) for period in {setting.grain for setting in settings}}
    exact = grains[question.period].exact()
    job: dict[str, Any] = {"epsilon": EPSILON, "delta": DELTA, "flows": question.statistic == "flows"}
    job["parts"] = 1 if job["flows"] else {"PT1H": HOURS, "P1D": DAYS, "P7D": 1}[question.period]
    told = peer.environment.describe({**job, "settings": [asdict(setting) for setting in settings]})
    found = search(grains, exact, settings, [(one["scale"], one["threshold"]) for one in told])
    if found.wmae >= 1:
        return Outcome(corrected=found.corrected, remark=peer.remark(question))
    grain = grains[found.setting.grain]
    scores, cuts = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grain.rows.write_parquet(folder / "rows.parquet")
        job |= {"setting": asdict(found.setting), "rows": str(folder / "rows.parquet"), "size": grain.size}
        for _ in range(runs if grain.size < LARGE else 1):
            peer.environment.release(job, folder / "out.parquet")
            one, cut = _scored(exact, grain, folder / "out.parquet")
            scores.append(one)
            cuts.append(cut)
    return _outcome(scores, cuts, found, peer.remark(question))


def _scored(exact: NDArray[np.float64], grain: Grain, path: Path) -> tuple[Score, float]:
    """What a peer published, less what is better left out."""
    published = pl.read_parquet(path)
    values = np.zeros(grain.size)
    values[published["key"].to_numpy()] = published["value"].to_numpy()
    answer = grain.answer(values)
    cut, _ = best_cut(exact, answer)
    keys = np.flatnonzero(answer >= cut)
    return score(exact, keys, answer[keys]), cut


def _outcome(scores: list[Score], cuts: list[float], found: Found, remark: str) -> Outcome:
    rows, cover20, wmae = (
        float(np.mean([getattr(one, name) for one in scores])) for name in ("rows", "cover20", "wmae")
    )
    setting = f"{found.setting}; values from {float(np.mean(cuts)):.3g} on"
    return Outcome(rows, cover20, wmae, setting, found.corrected, remark, [round(float(one.wmae), 4) for one in scores])


def plain(question: Question, truth: Truth) -> Outcome:
    """Exact values of every key that ten devices or more are under: what many publish, with no guarantee at all."""
    grain = truth.grain(question)
    pairs = grain.rows.unique()["key"].to_numpy()
    keys = np.flatnonzero(np.bincount(pairs, minlength=grain.size) >= PLAIN_THRESHOLD)
    exact = grain.exact()
    one = score(exact, keys, exact[keys])
    return Outcome(one.rows, one.cover20, one.wmae, f"{PLAIN_THRESHOLD} devices or more", remark="no privacy guarantee")
