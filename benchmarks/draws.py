"""How many draws of noise a second of one core makes: ours from a table, and OpenDP's, at several scales.

``python -m benchmarks.draws`` runs it, in under half a minute. Seconds are of processor time, over all threads. OpenDP
is called as `hereabouts.privacy.mechanism` calls it where no table is worth it. ``--check`` ends with exit code 1
where ours are not at least :data:`AIM` times as many.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from opendp import domains, measurements, metrics, mod

from benchmarks.machine import describe
from benchmarks.words import say
from hereabouts.privacy.inversion import Inversion
from hereabouts.privacy.mechanism import discrete_gaussian

SCALES = [4.5, 59.0, 150.0, 3000.0, 30_000.0]
OURS, OPENDP = 20_000_000, 100_000
REPEATS = 3
AIM = 20


@dataclass(frozen=True)
class Draws:
    """What was measured at one scale: draws a second of one core, and how long its table took."""

    scale: float
    table_seconds: float
    ours: float
    opendp: float


def measure(scale: float) -> Draws:
    """The fastest of three times each."""
    built = _seconds(lambda: Inversion(scale))
    discrete_gaussian(100_000, scale)  # from here on the table is there
    return Draws(
        scale,
        built,
        OURS / _seconds(lambda: discrete_gaussian(OURS, scale)),
        OPENDP / _seconds(lambda: _opendp(OPENDP, scale)),
    )


def _seconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def _opendp(count: int, scale: float) -> None:
    mod.enable_features("contrib")
    space = domains.vector_domain(domains.atom_domain(T="i64")), metrics.l2_distance(T="f64")
    np.array(measurements.make_gaussian(*space, scale=scale)([0] * count), dtype=np.int64)


def main(arguments: list[str] | None = None) -> int:
    """Print a table of draws a second, or JSON; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    parser.add_argument("--check", action="store_true", help=f"fail below {AIM} times as many draws as OpenDP")
    given = parser.parse_args(arguments)
    found = []
    for scale in SCALES:
        say(f"drawing at scale {scale:,g}")
        found.append(measure(scale))
    if given.json:
        print(json.dumps({"machine": describe(), "draws": [asdict(one) for one in found]}, indent=2))
    else:
        print("| scale | draws a second and core | OpenDP | times as many | building the table |")
        print("| ---: | ---: | ---: | ---: | ---: |")
        for one in found:
            print(
                f"| {one.scale:,g} | {one.ours / 1e6:,.0f} M | {one.opendp / 1e6:.3f} M | {one.ours / one.opendp:,.0f} "
                f"| {1000 * one.table_seconds:.1f} ms |"
            )
    return int(given.check and any(one.ours < AIM * one.opendp for one in found))


if __name__ == "__main__":
    sys.exit(main())
