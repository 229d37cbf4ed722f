"""What benchmarks say, and when they refuse to begin."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

GIB = 2**30
GB = 10**9


def say(text: str) -> None:
    """Tell a person what is going on, apart from the results."""
    print(text, file=sys.stderr, flush=True)


def require_space(rows: int, bytes_a_ping: int, folder: Path) -> None:
    """End with exit code 6 where the disk could not hold a run."""
    free, needed = shutil.disk_usage(folder).free, rows * bytes_a_ping
    if free < needed:
        say(
            f"{folder} has {free / GB:.1f} GB free, and {rows:,} pings need {needed / GB:.1f}: "
            "name another folder with --work, or fewer pings with BENCH_ROWS"
        )
        sys.exit(6)


def shares(rows: int, dropped: dict[str, float]) -> str:
    """A sentence on what the gates left out."""
    reasons = ", ".join(f"{reason} {share:.2%}" for reason, share in dropped.items())
    return f"Of {rows:,} pings the gates dropped {sum(dropped.values()):.1%}: {reasons}."
