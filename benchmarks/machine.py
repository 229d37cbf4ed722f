"""The machine that figures were measured on: without it they mean little."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ["hereabouts", "duckdb", "numpy", "numba", "pyarrow", "h3", "opendp"]
# Some machines set these to spare OpenBLAS a fault of old builds; they slow it down.
SLOWING = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"]


def describe() -> dict[str, Any]:
    """Cores, memory, processor, versions, load, and settings that slow the libraries."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "load": round(os.getloadavg()[0], 2),
        "settings": {name: os.environ[name] for name in SLOWING if name in os.environ},
    }


def _processor() -> str:
    """The model's name, where the system tells it (ARM's /proc/cpuinfo does not)."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
