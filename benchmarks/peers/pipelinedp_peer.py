# mypy: ignore-errors
# (it runs where its own packages are, and ours are not)
"""PipelineDP on its local backend: one device is one privacy id.

Runs in its own environment (pipelinedp.txt), called as opendp_peer.py is. The library samples ``limit`` partitions of
each device at random, and ``each`` rows under each of them, or ``limit`` rows in all. Keys are public, so all of the
budget goes to the counts: selecting partitions privately would take half of it, for a threshold that the search is
given for nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pipeline_dp
import pyarrow as pa
import pyarrow.parquet as pq

NOISE = {"gaussian": pipeline_dp.NoiseKind.GAUSSIAN, "laplace": pipeline_dp.NoiseKind.LAPLACE}


def count(job: dict[str, Any], setting: dict[str, Any], rows: Any, size: int) -> list[Any]:
    """Noisy counts as (key, metrics)."""
    bounds = {"max_partitions_contributed": setting["limit"], "max_contributions_per_partition": setting["each"]}
    if setting["sampling"] == "rows":
        bounds = {"max_contributions": setting["limit"]}
    accountant = pipeline_dp.NaiveBudgetAccountant(total_epsilon=job["epsilon"], total_delta=job["delta"])
    engine = pipeline_dp.DPEngine(accountant, pipeline_dp.LocalBackend())
    params = pipeline_dp.AggregateParams(
        metrics=[pipeline_dp.Metrics.COUNT],
        noise_kind=NOISE[setting["noise"]],
        **bounds,
        output_noise_stddev=True,
    )
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda row: row[0],
        partition_extractor=lambda row: row[1],
        value_extractor=lambda _: 0,
    )
    found = engine.aggregate(rows, params, extractors, public_partitions=range(size))
    accountant.compute_budgets()
    return list(found)


def describe(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The noise's scale, from the standard deviation that the library itself says."""
    found = []
    for setting in job["settings"]:
        ((_, metrics),) = count(job, setting, [(0, 0)], 1)
        deviation = metrics.count_noise_stddev
        scale = deviation if setting["noise"] == "gaussian" else deviation / 2**0.5
        found.append({"scale": scale, "threshold": None})
    return found


def release(job: dict[str, Any]) -> pa.Table:
    """Noisy counts by key."""
    table = pq.read_table(job["rows"])
    rows = list(zip(table["device"].to_pylist(), table["key"].to_pylist(), strict=True))
    found = count(job, job["setting"], rows, job["size"])
    return pa.table({"key": [key for key, _ in found], "value": [float(metrics.count) for _, metrics in found]})


def main() -> None:
    """Do the job."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if job["do"] == "describe":
        Path(job["out"]).write_text(json.dumps(describe(job)), encoding="utf-8")
    else:
        pq.write_table(release(job), job["out"])


if __name__ == "__main__":
    main()
