# mypy: ignore-errors
# (it runs where its own packages are, and ours are not)
"""OpenDP's Polars context, user level: one device is one unit.

Runs in its own environment (opendp.txt), called with the path of a job (JSON) by benchmarks.accuracy.environments:
``describe`` says the noise scale and the threshold of each setting; ``release`` publishes rows of devices under keys
with one of them, and fails where the library's own scale is another.

Contributions are limited as OpenDP offers: ``rows`` samples so many rows of each device at random, ``groups`` keeps so
many of its keys, the first ones in an order of keys that is public and random (``keep="sample"`` of
`truncate_num_groups`, which would do the same, fails when it is collected: its struct has two fields of one name).
Each also limits the rows of a device under one key. With public keys all of δ goes into restating ρ as (ε, δ); with
stable keys half of it pays for the threshold.
"""

from __future__ import annotations

import json
import sys
import warnings
from functools import cache
from math import log
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import opendp.prelude as dp
import polars as pl

ORDER_SEED = 1  # of the public order of keys
STABLE_SHARE = 0.5  # of δ


@cache
def rho(epsilon: float, delta: float) -> float:
    """The ρ that OpenDP restates as (ε, δ)."""

    def fits(scale: float) -> bool:
        gauss = dp.m.make_gaussian(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale)
        return bool(dp.c.make_zCDP_to_approxDP(gauss).map(1).epsilon(delta) <= epsilon)

    scale = dp.binary_search(fits, bounds=(0.01, 1000.0))
    return float(1 / (2 * scale**2))


def query(job: dict[str, Any], setting: dict[str, Any], rows: pl.LazyFrame, keys: pl.LazyFrame) -> Any:
    """The query of a setting; it looks at no rows yet."""
    epsilon, delta = job["epsilon"], job["delta"]
    stable = setting["keys"] == "stable"
    left = delta * STABLE_SHARE if stable else 0.0
    gaussian = setting["noise"] == "gaussian"
    loss = {"rho": rho(epsilon, delta - left)} if gaussian else {"epsilon": epsilon}
    if stable:
        loss["delta"] = left if gaussian else delta
    context = dp.Context.compositor(
        data=rows,
        privacy_unit=dp.unit_of(contributions=1, identifier=pl.col("device")),
        privacy_loss=dp.loss_of(**loss),
        split_evenly_over=1,
    )
    limited = context.query()
    if setting["sampling"] == "rows":
        limited = limited.truncate_per_group(setting["limit"])
    else:
        limited = limited.truncate_num_groups(setting["limit"], by=["key"], keep="first")
    if setting["each"] is not None:
        limited = limited.truncate_per_group(setting["each"], by=["key"], keep="first")
    counted = limited.group_by("key").agg(dp.len(signed=True).alias("value"))
    return counted if stable else counted.with_keys(keys)


def describe(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Scale and threshold of each setting: the library solves for them too slowly to be asked for hundreds."""
    found = []
    for setting in job["settings"]:
        limit, each, stable = setting["limit"], setting["each"], setting["keys"] == "stable"
        left = job["delta"] * (STABLE_SHARE if setting["noise"] == "gaussian" else 1) if stable else 0.0
        if setting["noise"] == "gaussian":
            scale = limit**0.5 * each / (2 * rho(job["epsilon"], job["delta"] - left)) ** 0.5
            tail = scale * NormalDist().inv_cdf(1 - left / limit) if stable else 0.0
        else:
            scale = (limit if each is None else limit * each) / job["epsilon"]
            tail = scale * log(limit / (2 * left)) if stable else 0.0
        found.append({"scale": scale, "threshold": (each or limit) + tail if stable else None})
    return found


def release(job: dict[str, Any]) -> pl.DataFrame:
    """Noisy counts by key."""
    order = np.random.default_rng(ORDER_SEED).permutation(job["size"])
    rows = pl.read_parquet(job["rows"])
    mapped = rows.select("device", key=pl.Series(order[rows["key"].to_numpy()])).lazy()
    keys = pl.LazyFrame({"key": np.arange(job["size"])})
    asked = query(job, job["setting"], mapped, keys)
    (assumed,) = describe({**job, "settings": [job["setting"]]})
    scale = asked.summarize()["scale"][0]
    if not np.isclose(scale, assumed["scale"], rtol=0.01):
        raise ValueError(f"the library's noise has scale {scale}, the search assumed {assumed['scale']}")
    found = asked.release().collect()
    back = np.argsort(order)
    return found.select(key=pl.Series(back[found["key"].to_numpy()]), value=pl.col("value").cast(pl.Float64))


def main() -> None:
    """Do the job."""
    warnings.simplefilter("ignore")
    dp.enable_features("contrib")
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if job["do"] == "describe":
        Path(job["out"]).write_text(json.dumps(describe(job)), encoding="utf-8")
    else:
        release(job).write_parquet(job["out"])


if __name__ == "__main__":
    main()
