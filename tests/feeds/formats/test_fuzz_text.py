"""Text feeds under a coverage-guided fuzzer: no crash, no hang, and the reading of ``text_targets.py``, byte for byte.

The loops are fuzzed as Python, where the fuzzer sees which lines a value has reached; what it found there is then read
by the compiled loops too, and both have to agree.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Needs

SCRIPT = Path(__file__).with_name("fuzz_text.py")
TARGETS = ["csv", "json lines", "json document", "blocks", "numbers", "instants", "ids"]


def python(script: Any, *args: object) -> subprocess.CompletedProcess[str]:
    """Run the script with numba's compiler off."""
    return subprocess.run(
        [sys.executable, script, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module, where loops are compiled."""
    spec = importlib.util.spec_from_file_location("fuzz_text", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def fuzzed(name: str, script: Any, folder: Path, needs: Needs, *options: str) -> None:
    """Fuzz a target, then hold compiled to interpreted code on all that was found."""
    needs(importlib.util.find_spec("atheris") is not None, "atheris (pip install atheris)")
    targets, corpus = script.load_targets(), folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(targets.seeds(name)):
        (corpus / f"seed{number}").write_bytes(seed)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in targets.WORDS), encoding="ascii")
    limits = ("-timeout=10", "-max_len=400", f"-artifact_prefix={folder}/", f"-dict={words}")
    done = python(SCRIPT, "fuzz", name, corpus, *limits, *options)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(list(corpus.iterdir())) > 2 * len(targets.seeds(name)), "it found its way"
    interpreted = python(SCRIPT, "read", name, corpus)
    assert interpreted.returncode == 0, interpreted.stderr[-3000:]
    compiled = script.digests(targets, name, corpus)
    assert interpreted.stdout.split() == [word for found in compiled.items() for word in found]


def test_all_targets_for_three_seconds(script: Any, tmp_path: Path, needs: Needs) -> None:
    fuzzed("all", script, tmp_path, needs, "-max_total_time=3", "-seed=1")


@pytest.mark.prove
@pytest.mark.parametrize("name", TARGETS)
def test_each_target_for_a_minute(name: str, script: Any, tmp_path: Path, needs: Needs) -> None:
    fuzzed(name, script, tmp_path, needs, "-max_total_time=60")


def test_no_target_is_left_out(script: Any) -> None:
    assert [*script.load_targets().TARGETS] == TARGETS


def test_the_fuzzer_finds_a_fault_that_was_planted(tmp_path: Path, needs: Needs) -> None:
    needs(importlib.util.find_spec("atheris") is not None, "atheris (pip install atheris)")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    done = python(SCRIPT, "fuzz", "planted", corpus, "-max_total_time=60", f"-artifact_prefix={tmp_path}/")
    assert done.returncode != 0
    assert "ValueError: found" in done.stdout + done.stderr
    (artifact,) = tmp_path.glob("crash-*")
    assert artifact.read_bytes().startswith(b"fault")
