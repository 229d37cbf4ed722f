"""Runs in a process of its own, with numba's compiler off, so that the fuzzer sees into the loops.

``fuzz_consent.py fuzz TARGET CORPUS [libFuzzer's options]`` fuzzes the decoder of TCF (``tcf``) or of GPP strings
(``gpp``); ``fuzz_consent.py read TARGET CORPUS`` prints what each file of a corpus is read as.

A file's first two bytes say what is asked and where the string is cut; the rest is the string, or (by the first byte)
its values of six bits, so that the fuzzer need not find an alphabet by itself.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

HERE = Path(__file__).parent
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MARKS = {254: b"~", 255: b"."}
VENDORS = [None, 1, 7, 900]
PURPOSES = [(1, 9), (9,), (1, 2, 24)]


def load_plain() -> Any:
    """Import the plain readings."""
    spec = importlib.util.spec_from_file_location("plain", HERE / "plain.py")
    assert spec is not None
    assert spec.loader is not None
    sys.modules["plain"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Target:
    """A decoder, held to the plain reading of its strings."""

    def __init__(self, name: Any) -> None:
        from hereabouts.feeds.consent import gpp, rule, tcf  # noqa: PLC0415 - the fuzzer looks on

        plain = load_plain()
        self._framework, self._rule = name, rule.ConsentRule
        self._decode, self._plain = {"tcf": (tcf.states, plain.tc_answer), "gpp": (gpp.states, plain.gpp_answer)}[name]

    def read(self, data: bytes) -> tuple[int, int]:
        """What a string and its beginning say, which must be what the plain reading says, and no consent cut out."""
        if len(data) < 2:
            return -1, -1
        how, cut, string = data[0], data[1], data[2:]
        if how % 2:
            string = b"".join(MARKS.get(byte, ALPHABET[byte % 64 : byte % 64 + 1]) for byte in string)
        vendor, purposes = VENDORS[how // 2 % 4], PURPOSES[how // 8 % 3]
        rule = self._rule(self._framework, purposes, vendor)
        beginning = string[: len(string) * cut // 256]
        whole, piece = self._decode(pa.array([string, beginning], pa.binary()), rule).tolist()
        assert whole == self._plain(string, purposes, vendor)
        assert piece == self._plain(beginning, purposes, vendor)
        assert not (whole == 2 and piece == 0), "a prefix of a refusing string consents"
        return whole, piece


def seeds(name: str) -> list[bytes]:
    """Official strings to begin with, as they are and as values of six bits."""
    lines = [json.loads(line) for line in (HERE / "strings.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [line["string"].encode() for line in lines if line["framework"] == name and len(line["string"]) < 130][::4]
    values = {**{mark[0]: byte for byte, mark in MARKS.items()}, **{c: value for value, c in enumerate(ALPHABET)}}
    return [b"\0\xc0" + one for one in found] + [b"\x05\xff" + bytes(values[c] for c in one) for one in found]


def fuzz(name: str, corpus: str, options: list[str]) -> None:
    """Throw what the fuzzer finds at a decoder; end with the first string that is read wrongly."""
    import atheris  # noqa: PLC0415 - reading needs none

    with atheris.instrument_imports(include=["hereabouts.feeds"]):
        target = Target(name)

    def once(data: bytes) -> None:
        target.read(data)

    atheris.Setup([sys.argv[0], corpus, *options], once)
    atheris.Fuzz()


def answers(name: str, corpus: Path) -> dict[str, list[int]]:
    """What each file of a corpus is read as."""
    target = Target(name)
    return {path.name: list(target.read(path.read_bytes())) for path in sorted(corpus.iterdir())}


if __name__ == "__main__":
    np.seterr(over="ignore")  # compiled code wraps without a word
    what, target_name, folder = sys.argv[1:4]
    if what == "fuzz":
        fuzz(target_name, folder, sys.argv[4:])
    else:
        print(json.dumps(answers(target_name, Path(folder))))
