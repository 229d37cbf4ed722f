"""Hold releases of real pings against the truth, and print the table of docs/benchmarks.md.

    python tools/measure_accuracy.py TDRIVE.parquet ACCURACY.py

Takes T-Drive in and seals it once. Each plan then gets its own copy of the sealed store, with its own ledger: the
same plan on the same store would only give the same measurement again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TIMEZONE, FIRST, AFTER = "Asia/Shanghai", "2008-02-02", "2008-02-09"
BBOX = (115.4, 39.4, 117.5, 41.1)
PLANS = {
    "presence": ([4, 5, 6, 7], [6, 7], [7], [6]),
    "flows": ([4, 5, 6, 7], [5, 6], [6], [5]),
}
HEADER = "| plan | level | rows | cover20 | wmae | winkler | interval | thirds | holds |\n" + "| --- " * 9 + "|"


def main() -> None:
    """Measure every plan and print one row a level."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pings", type=Path)
    parser.add_argument("accuracy", type=Path)
    args = parser.parse_args()
    print(HEADER)
    with tempfile.TemporaryDirectory(prefix="hereabouts-accuracy-") as name:
        folder = Path(name)
        seal_once(args.pings, folder)
        for statistic, choices in PLANS.items():
            for resolutions in choices:
                levels = measure(args, folder, statistic, resolutions)[statistic]
                for level, found in sorted(levels.items()):
                    print(row(f"{statistic} {resolutions}", level, found), flush=True)


def seal_once(pings: Path, folder: Path) -> None:
    """One sealed store of all pings, which nothing is spent from."""
    (folder / "record.txt").write_text("A supplier-level record: public research data.\n", encoding="utf-8")
    store = folder / "store"
    hereabouts("init", store, "--timezone", TIMEZONE, "--window", "P7D", "--anchor", FIRST)
    evidence = ("--consent-evidence", folder / "record.txt", "--expires", "2099-12-31", "--all-consented")
    hereabouts("supplier", "add", "tdrive", "--store", store, *evidence)
    hereabouts("intake", pings, "--store", store, "--supplier", "tdrive")
    print(hereabouts("seal", "--store", store, "--json"), file=sys.stderr)


def measure(args: argparse.Namespace, folder: Path, statistic: str, resolutions: list[int]) -> Any:
    """Release one plan from a copy of the store, and what the harness says of it."""
    copy, out, plan = folder / "copy", folder / "out", folder / "plan.toml"
    for old in (copy, out):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(folder / "store", copy)
    periods = ["PT1H", "P1D", "P7D"] if statistic == "presence" else ["P7D"]
    plan.write_text(
        f'name = "accuracy"\npurpose = "research"\nregion = {{ bbox = {list(BBOX)} }}\n'
        f'window = "{FIRST}/{AFTER}"\nepsilon = 1.0\ndelta = 1e-6\nstatistics = ["{statistic}"]\n'
        f"[{statistic}]\nresolutions = {resolutions}\nperiods = {json.dumps(periods)}\n"
        "[publish]\nminimum = 0\nmax_relative_halfwidth = inf\n",
        encoding="utf-8",
    )
    hereabouts("release", plan, "--store", copy, "--out", out)
    harness = [sys.executable, args.accuracy, args.pings, out, "--timezone", TIMEZONE]
    harness += ["--bbox", *map(str, BBOX), "--from", FIRST, "--to", AFTER]
    return json.loads(run(*harness))


def row(plan: str, level: str, found: Any) -> str:
    """One row of the table."""
    thirds = " ".join(f"{share:.3f}" for share in found["thirds"])
    figures = (found["rows"], found["cover20"], found["wmae"], found["winkler"], found["interval"], thirds)
    return "| " + " | ".join(map(str, (plan, level, *figures, "yes" if found["holds"] else "**no**"))) + " |"


def hereabouts(*args: Any) -> str:
    """Run one of our commands."""
    return run(Path(sys.executable).with_name("hereabouts"), *args)


def run(*args: Any) -> str:
    """Run a command; what it printed."""
    return subprocess.run([str(arg) for arg in args], check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
