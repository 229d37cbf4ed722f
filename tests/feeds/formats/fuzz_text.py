"""Runs in a process of its own, with numba's compiler off, so that the fuzzer sees into the loops.

``fuzz_text.py fuzz TARGET CORPUS [libFuzzer's options]`` fuzzes one target of ``text_targets.py``;
There also is a target ``planted``, with a fault to be found.
``fuzz_text.py read TARGET CORPUS`` prints a digest of what each file of a corpus is read as.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np


def load_targets() -> Any:
    """Import the targets, and with them what they read with."""
    spec = importlib.util.spec_from_file_location("text_targets", Path(__file__).with_name("text_targets.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digests(targets: Any, name: str, corpus: Path) -> dict[str, str]:
    """What each file of a corpus is read as, shortened."""
    found = {}
    for path in sorted(corpus.iterdir()):
        outcome = repr(targets.read(name, path.read_bytes()))
        found[path.name] = hashlib.sha256(outcome.encode()).hexdigest()
    return found


def planted(data: bytes) -> None:
    """A fault behind five bytes, which only a fuzzer that sees its way finds: one chance in 2**40 for blind ones."""
    found = data[:1] == b"f" and data[1:2] == b"a" and data[2:3] == b"u" and data[3:4] == b"l" and data[4:5] == b"t"
    if found:
        raise ValueError("found")


def fuzz(name: str, corpus: str, options: list[str]) -> None:
    """Throw what the fuzzer finds at a target; end with the first that is read wrongly."""
    import atheris  # noqa: PLC0415 - reading needs none

    with atheris.instrument_imports(include=["hereabouts.feeds"]):
        targets = load_targets()

    def once(data: bytes) -> None:
        targets.read(name, data)

    atheris.Setup([sys.argv[0], corpus, *options], atheris.instrument_func(planted) if name == "planted" else once)
    atheris.Fuzz()


if __name__ == "__main__":
    np.seterr(over="ignore")  # compiled code wraps without a word
    what, target, folder = sys.argv[1:4]
    if what == "fuzz":
        fuzz(target, folder, sys.argv[4:])
    else:
        for file, digest in digests(load_targets(), target, Path(folder)).items():
            print(file, digest)
