"""Attack releases of real pings, and print the tables of docs/proof.md.

    python benchmarks/attacks.py --tdrive TDRIVE.parquet --foursquare FOURSQUARE_NYC.parquet [--epsilon 1.0]

Each data set is taken in and sealed in a folder of its own, a plan of presence, visitors and flows is released, and
``hereabouts attack`` is run on it. What is printed are figures about all targets together.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple


class DataSet(NamedTuple):
    """Pings and how they are taken in: the window is released whole."""

    name: str
    profile: str
    timezone: str
    window: str
    first: str
    after: str
    bbox: tuple[float, float, float, float]


TDRIVE = DataSet("T-Drive", "canonical", "Asia/Shanghai", "P7D", "2008-02-02", "2008-02-09", (115.4, 39.4, 117.5, 41.1))
FOURSQUARE = DataSet(
    "Foursquare NYC",
    "foursquare",
    "America/New_York",
    "P28D",
    "2012-04-03",
    "2012-05-01",
    (-74.3, 40.5, -73.6, 41.0),
)
WAYS = ("raw counts", "counts of 10 or more", "this release")


def main() -> None:
    """Attack each data set that is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tdrive", type=Path)
    parser.add_argument("--foursquare", type=Path)
    parser.add_argument("--epsilon", type=float, default=1.0)
    args = parser.parse_args()
    for data, pings in ((TDRIVE, args.tdrive), (FOURSQUARE, args.foursquare)):
        if pings is not None:
            begun = time.perf_counter()
            print(table(data, attacked(data, pings, args.epsilon), args.epsilon), flush=True)
            print(f"{data.name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)


def attacked(data: DataSet, pings: Path, epsilon: float) -> Any:
    """What ``attack.json`` says of a release of these pings."""
    with tempfile.TemporaryDirectory(prefix="hereabouts-attacks-") as name:
        folder = Path(name)
        store, plan, record = folder / "store", folder / "plan.toml", folder / "record.txt"
        record.write_text("A supplier-level record: public research data.\n", encoding="utf-8")
        hereabouts("init", store, "--timezone", data.timezone, "--window", data.window, "--anchor", data.first)
        evidence = ("--consent-evidence", record, "--expires", "2099-12-31", "--all-consented")
        hereabouts("supplier", "add", "public", "--store", store, *evidence)
        hereabouts("intake", pings, "--store", store, "--supplier", "public", "--profile", data.profile)
        hereabouts("seal", "--store", store)
        plan.write_text(plan_of(data, epsilon), encoding="utf-8")
        hereabouts("release", plan, "--store", store, "--out", folder / "release")
        return json.loads(
            hereabouts("attack", folder / "release", "--store", store, "--out", folder / "attack", "--json")
        )


def plan_of(data: DataSet, epsilon: float) -> str:
    """Presence, visitors and flows of the whole window."""
    return (
        f'name = "{data.name}"\npurpose = "research"\nregion = {{ bbox = {list(data.bbox)} }}\n'
        f'window = "{data.first}/{data.after}"\nepsilon = {epsilon}\ndelta = 1e-6\n'
        'statistics = ["presence", "visitors", "flows"]\n'
        f'[presence]\nresolutions = [5, 6, 7]\nperiods = ["PT1H", "P1D", "{data.window}"]\n'
        f'[visitors]\nresolutions = [6, 7]\nperiods = ["{data.window}"]\n'
        f'[flows]\nresolutions = [5, 6]\nperiods = ["{data.window}"]\n'
    )


def table(data: DataSet, found: Any, epsilon: float) -> str:
    """The tables of one data set: areas, rates and bounds, in Markdown."""
    lines = [
        f"### {data.name}, epsilon {epsilon:g}, delta 1e-6",
        f"| attack | {' | '.join(WAYS)} | theory's ceiling |",
        "| --- " * (len(WAYS) + 2) + "|",
    ]
    for attempt in found["attempts"]:
        by_way = {rates["way"]: rates for rates in attempt["rates"]}
        ceiling = "–" if attempt["ceiling"] is None else f"{attempt['ceiling']:.3f}"
        told = [said(by_way[way]) if way in by_way else "–" for way in WAYS]
        lines.append(f"| {attempt['name']} | {' | '.join(told)} | {ceiling} |")
    recovery = " | ".join(rate(figure) for figure in found["recovery"])
    lines.append(f"| hours of traces recovered | {recovery} | |")
    chance = " | ".join(rate(figure["control"]) if "control" in figure else "–" for figure in found["recovery"])
    lines += [
        f"| the same, joined by chance | {chance} | |",
        "",
        f"Of no device at all can it be above {found['release']['worst_area']:.3f}.",
        f"Advantage by two releases: {rate(found['differencing'])}, in theory {found['differencing']['bound']:.3f}.",
        "",
        "| canaries | how many | may show | shows | verdict at 1 % for all |",
        "| --- | --- | --- | --- | --- |",
    ]
    for test in found["canaries"]:
        verdict = "**more than claimed**" if test["flagged"] else "as claimed"
        shows = "no noise" if test["found"] is None else f"{test['found']:.3f}"
        row = (test["name"], f"{test['canaries']:,}", f"{test['claimed']:.3f} {test['unit']}", shows, verdict)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, ""])


def said(rates: Any) -> str:
    """Area with its interval; share found at one false alarm in a hundred; epsilon proved."""
    found, epsilon = rates["found"], rates["epsilon"]["value"]
    if epsilon is None:
        return "not told"
    if found["value"] is not None:
        share = f"{found['value']:.1%}"
    else:
        share = f"over {found['ci95_low']:.1%}" if found["ci95_high"] == 1.0 else f"under {found['ci95_high']:.1%}"
    return f"{rate(rates['area'])}; {share}; ε ≥ {epsilon:.2f}"


def rate(figure: Any) -> str:
    """A value with its interval."""
    if figure["ci95_low"] is None:
        return "not told"
    if figure["value"] is None:
        return f"{figure['ci95_low']:.3f} to {figure['ci95_high']:.3f}"
    return f"**{figure['value']:.3f}** ({figure['ci95_low']:.3f} to {figure['ci95_high']:.3f})"


def hereabouts(*args: Any) -> str:
    """Run one of our commands; what it printed."""
    command = [str(Path(sys.executable).with_name("hereabouts")), *map(str, args)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
