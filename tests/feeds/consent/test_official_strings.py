"""The decoders against the official encoders of npm: ``@iabtechlabtcf/core`` and ``@iabgpp/cmpapi``.

``strings.jsonl`` holds a hundred strings, each with what the official decoder reads from it, and is tested
everywhere. Where ``npm install --omit=dev --no-audit --no-fund --no-package-lock`` was run in ``node/``, thousands more
are made, and the file is seen to be what its script prints.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from hereabouts.feeds.consent import gpp, tcf
from hereabouts.feeds.consent.answers import REFUSED, UNREADABLE, YES
from hereabouts.feeds.consent.rule import ConsentRule

if TYPE_CHECKING:
    from tests.conftest import Needs

HERE = Path(__file__).parent
GOLDEN = HERE / "strings.jsonl"
DECODERS = {"tcf": tcf.states, "gpp": gpp.states}
RULES = [
    ConsentRule("tcf"),
    ConsentRule("tcf", tcf_vendor=7),
    ConsentRule("tcf", tcf_purposes=(9,), tcf_vendor=1),
    ConsentRule("tcf", tcf_purposes=(1, 2, 3, 10), tcf_vendor=900),
]


def of_tcf(facts: dict[str, Any], rule: ConsentRule) -> int:
    """The answer that what the official decoder reads amounts to."""
    if not 2 <= facts["policy"] <= 5 or (facts["policy"] == 5 and facts["disclosed"] is None):
        return UNREADABLE
    vendor = rule.tcf_vendor
    agreed = 1 in facts["features"] and set(rule.tcf_purposes) <= set(facts["purposes"])
    if vendor is not None:
        agreed = agreed and vendor in facts["vendors"]
        agreed = agreed and (facts["policy"] < 5 or vendor in facts["disclosed"])
    for purpose, kind, vendors in facts["restrictions"]:
        if purpose in rule.tcf_purposes and kind != 1 and (vendor is None or vendor in vendors):
            agreed = False
    return YES if agreed else REFUSED


def of_gpp(facts: dict[str, Any], rule: ConsentRule) -> int:
    if set(facts["ids"]) - {2, 7}:
        return UNREADABLE
    answers = []
    if facts["tcf"] is not None:
        answers.append(of_tcf(facts["tcf"], rule))
    if facts["usnat"] is not None:
        said = facts["usnat"]
        noes = [said["sale"], said["sharing"], *said["children"]].count(1)
        yes = said["items"][8 - 1] == 2 and said["gpc"] is False and noes == 0
        answers.append(UNREADABLE if said["gpc"] is None else YES if yes else REFUSED)
    return max(answers)


EXPECTED = {"tcf": of_tcf, "gpp": of_gpp}


def see_that_they_agree(lines: list[dict[str, Any]]) -> Counter[tuple[str, int]]:
    """Hold the decoders to the official reading of each string; count the answers."""
    answers: Counter[tuple[str, int]] = Counter()
    for framework, decode in DECODERS.items():
        facts = [line for line in lines if line["framework"] == framework]
        strings = pa.array([line["string"].encode() for line in facts])
        for rule in RULES:
            said = decode(strings, rule).tolist()
            expected = [EXPECTED[framework](line, rule) for line in facts]
            wrong = [line for line, ours, theirs in zip(facts, said, expected, strict=True) if ours != theirs]
            assert wrong == []
            answers.update((framework, answer) for answer in said)
    return answers


def see_that_prefixes_do_not_consent(lines: list[dict[str, Any]]) -> int:
    """Cut each string that does not consent behind every character; count how many pieces there were."""
    pieces = 0
    for framework, decode in DECODERS.items():
        strings = pa.array([line["string"].encode() for line in lines if line["framework"] == framework])
        for rule in RULES:
            refusing = [s.as_py() for s, said in zip(strings, decode(strings, rule), strict=True) if said != YES]
            cut = [string[:length] for string in refusing for length in range(len(string))]
            assert YES not in decode(pa.array(cut), rule)
            pieces += len(cut)
    return pieces


@pytest.fixture(scope="module")
def golden() -> list[dict[str, Any]]:
    return [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def test_strings_of_the_file(golden: list[dict[str, Any]]) -> None:
    answers = see_that_they_agree(golden)
    assert len(answers) == 6, "every answer is there in both frameworks"


def test_rule_consent_no_prefix_of_a_refusing_string_consents(golden: list[dict[str, Any]]) -> None:
    assert see_that_prefixes_do_not_consent(golden) > 10_000


def test_prefixes_of_a_consenting_string_consent_only_where_padding_is_cut_off(golden: list[dict[str, Any]]) -> None:
    rule = ConsentRule("tcf", tcf_vendor=7)
    for framework, decode in DECODERS.items():
        for line in golden:
            string = line["string"].encode()
            if line["framework"] != framework or decode(pa.array([string]), rule)[0] != YES:
                continue
            cut = [string[:length] for length in range(len(string))]
            for piece, said in zip(cut, decode(pa.array(cut), rule), strict=True):
                assert said != YES or set(string[len(piece) :].split(b".")[0]) <= set(b"A")


def made(what: str, needs: Needs) -> list[str]:
    needs(shutil.which("node") is not None, "node")
    needs((HERE / "node" / "node_modules").is_dir(), "the official encoders (npm install in tests/feeds/consent/node)")
    done = subprocess.run(["node", "strings.mjs", what], cwd=HERE / "node", check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_the_file_is_what_the_official_encoders_print(needs: Needs) -> None:
    assert made("few", needs) == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_thousands_of_strings(needs: Needs) -> None:
    lines = [json.loads(line) for line in made("all", needs)]
    answers = see_that_they_agree(lines)
    assert len(lines) > 8000
    assert min(answers[framework, answer] for framework in DECODERS for answer in (YES, REFUSED, UNREADABLE)) >= 8
    see_that_prefixes_do_not_consent(lines[::40])
