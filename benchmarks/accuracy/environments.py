"""Each peer in a virtual environment of its own, as their pins clash with ours and with each other's.

Environments and kept results lie outside the repository: under HEREABOUTS_PEERS, by default ~/.cache/hereabouts-peers.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.words import say

SCRIPTS = Path(__file__).resolve().parents[1] / "peers"


class PeerFailedError(Exception):
    """A peer could not be installed, or could not do what it was asked."""


def cache_folder() -> Path:
    """Where environments and results are kept."""
    named = os.environ.get("HEREABOUTS_PEERS")
    return Path(named) if named else Path.home() / ".cache" / "hereabouts-peers"


@dataclass(frozen=True)
class Environment:
    """One peer's environment and its script, by the name that both files in benchmarks/peers have."""

    name: str

    @property
    def pins(self) -> str:
        return (SCRIPTS / f"{self.name}.txt").read_text(encoding="utf-8")

    @property
    def version(self) -> str:
        """The first pin: the peer's own, without what its extras are called."""
        name, _, number = self.pins.splitlines()[0].partition("==")
        return f"{name.partition('[')[0]} {number}"

    @property
    def folder(self) -> Path:
        digest = hashlib.sha256(f"{sys.version_info[:2]} {self.pins}".encode()).hexdigest()[:8]
        return cache_folder() / "environments" / f"{self.name}-{digest}"

    def python(self) -> Path:
        """The environment's Python; makes the environment the first time.

        Raises
        ------
        PeerFailedError
            When pip could not install the pins.
        """
        python, done = self.folder / "bin" / "python", self.folder / ".installed"
        if not done.exists():
            say(f"installing {self.version} in an environment of its own")
            venv.create(self.folder, clear=True, with_pip=True)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            self._run([*pip, "-r", SCRIPTS / f"{self.name}.txt"])
            done.touch()
        return python

    def describe(self, job: dict[str, Any]) -> Any:
        """What the peer says of its noise under each of the job's settings."""
        with tempfile.TemporaryDirectory() as name:
            out = Path(name) / "out.json"
            self._call({**job, "do": "describe", "out": str(out)}, Path(name))
            return json.loads(out.read_text(encoding="utf-8"))

    def release(self, job: dict[str, Any], out: Path) -> None:
        """Have the peer publish; it writes the columns key and value to `out`."""
        self._call({**job, "do": "release", "out": str(out)}, out.parent)

    def _call(self, job: dict[str, Any], folder: Path) -> None:
        path = folder / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        self._run([self.python(), SCRIPTS / f"{self.name}_peer.py", path])

    def _run(self, command: list[Any]) -> None:
        done = subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True)
        if done.returncode:
            raise PeerFailedError(f"{self.version}: exited with {done.returncode}: {done.stderr[-1500:]}")
