"""The decoders under a coverage-guided fuzzer: no exception, no hang, the plain reading, and no prefix that consents.

The loops are fuzzed as Python, where the fuzzer sees which lines a string has reached; what it found there is then read
by the compiled loops too, and both have to agree.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Needs

SCRIPT = Path(__file__).with_name("fuzz_consent.py")
TARGETS = ["tcf", "gpp"]


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module, where loops are compiled."""
    spec = importlib.util.spec_from_file_location("fuzz_consent", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def interpreted(*args: object) -> str:
    """Run the script with numba's compiler off."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def fuzzed(name: str, seconds: int, script: Any, corpus: Path, needs: Needs) -> None:
    """Fuzz a decoder, then hold compiled to interpreted code on all that was found."""
    needs(importlib.util.find_spec("atheris") is not None, "atheris (pip install atheris)")
    seeds = script.seeds(name)
    corpus.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / f"seed{number}").write_bytes(seed)
    options = (f"-max_total_time={seconds}", "-timeout=10", "-max_len=300", f"-artifact_prefix={corpus.parent}/")
    interpreted("fuzz", name, corpus, *options)
    found = json.loads(interpreted("read", name, corpus))
    assert len(found) > len(seeds), "it found its way"
    assert found == script.answers(name, corpus)


@pytest.mark.parametrize("name", TARGETS)
def test_two_seconds(name: str, script: Any, tmp_path: Path, needs: Needs) -> None:
    fuzzed(name, 2, script, tmp_path / "corpus", needs)


@pytest.mark.prove
@pytest.mark.parametrize("name", TARGETS)
def test_a_minute(name: str, script: Any, tmp_path: Path, needs: Needs) -> None:
    fuzzed(name, 60, script, tmp_path / "corpus", needs)


def test_the_seeds_say_everything(script: Any, tmp_path: Path) -> None:
    for name in TARGETS:
        said = {script.Target(name).read(seed)[0] for seed in script.seeds(name)}
        assert said == {0, 2, 3}
