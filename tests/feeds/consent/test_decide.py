"""Rule CONSENT, row by row, whatever framework a row's answer is given in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.consent import decide, gpp, tcf
from hereabouts.feeds.consent.decide import MISSING, REFUSED, UNREADABLE, YES, consent_states
from hereabouts.feeds.consent.memory import Memory
from hereabouts.feeds.consent.rule import ConsentRule

FLAG, TCF, GPP = ConsentRule(), ConsentRule("tcf"), ConsentRule("gpp")


@pytest.fixture(scope="module")
def good(plain: Any) -> dict[str, str]:
    """A yes in each framework."""
    return {"flag": "true", "tcf": plain.Tc().write(), "gpp": plain.gpp_string({7: plain.Usnat().write()})}


def states(values: Any, framework: Any = None, rule: ConsentRule = FLAG) -> list[int]:
    values = values if isinstance(values, pa.Array) else pa.array(values)
    words = framework if framework is None or isinstance(framework, pa.Array) else pa.array(framework, pa.string())
    said = consent_states(values, words, rule, len(values))
    assert said.dtype == np.uint8
    assert len(said) == len(values)
    answers: list[int] = said.tolist()
    return answers


def test_no_column_says_nothing() -> None:
    assert consent_states(None, None, FLAG, 3).tolist() == [MISSING] * 3
    assert consent_states(None, pa.array(["tcf"] * 3), TCF, 3).tolist() == [MISSING] * 3
    assert states(pa.nulls(3)) == [MISSING] * 3


@pytest.mark.parametrize("name", ["flag", "tcf", "gpp"])
def test_the_rule_says_what_the_column_holds(name: Any, good: dict[str, str]) -> None:
    for other, string in good.items():
        expected = [YES if other == name else UNREADABLE, MISSING, MISSING, MISSING]
        assert states([string, "", " ", None], rule=ConsentRule(name)) == expected


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["flag", " FLAG"], "flag"),
        (
            ["tcf", "TCF", " Tcf ", "tcf2", "TCFv2", "TCF v2", "tcf_v2", "IAB TCF", "IAB TCF v2", "iabtcf", "tcfeuv2"],
            "tcf",
        ),
        (["gpp", "GPP", "IAB GPP", "IABGPP"], "gpp"),
    ],
)
def test_a_framework_column_says_it_row_by_row(words: list[str], name: str, good: dict[str, str]) -> None:
    for word in words:
        for rule in (FLAG, TCF, GPP):
            assert states([good[name], None, "x"], [word] * 3, rule) == [YES, MISSING, UNREADABLE]


@pytest.mark.parametrize("word", ["tcf v1", "tcfv1", "usp", "usnat", "ccpa", "true", "tcf,gpp"])
def test_a_framework_that_is_not_known_is_unreadable(word: str, good: dict[str, str]) -> None:
    assert states([*good.values(), None, " "], [word] * 5) == [UNREADABLE] * 3 + [MISSING] * 2
    assert states([True, False, None], [word] * 3) == [UNREADABLE, UNREADABLE, MISSING]


def test_where_the_framework_column_is_empty_the_rule_counts(good: dict[str, str]) -> None:
    for name in ("flag", "tcf", "gpp"):
        assert states([good[name]] * 3, [None, "", " "], ConsentRule(name)) == [YES] * 3
        assert states([good[name]] * 2, pa.nulls(2), ConsentRule(name)) == [YES] * 2


def test_rows_of_one_batch_may_differ(good: dict[str, str]) -> None:
    values = [good["tcf"], "false", good["gpp"], good["gpp"], None, "true", good["flag"], good["tcf"]]
    words = ["tcf", "flag", "gpp", "tcf", "gpp", None, "other", "TCF"]
    expected = [YES, REFUSED, YES, UNREADABLE, MISSING, YES, UNREADABLE, YES]
    assert states(values, words) == expected
    assert states(pa.array(values).dictionary_encode(), pa.array(words).dictionary_encode()) == expected
    assert states(pa.array(values)[2:7], pa.array(words)[2:7]) == expected[2:7]


def test_a_boolean_is_no_string() -> None:
    assert states([True, False, None], ["tcf", "gpp", "tcf"]) == [UNREADABLE, UNREADABLE, MISSING]
    assert states([True, False, None], rule=TCF) == [UNREADABLE, UNREADABLE, MISSING]
    assert states([True, False, None], ["tcf", "flag", None]) == [UNREADABLE, REFUSED, MISSING]


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.binary(),
        pa.large_binary(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
)
def test_text_comes_in_many_types(kind: pa.DataType, good: dict[str, str]) -> None:
    values = pa.array([good["tcf"], None, "", "x", good["tcf"]])
    values = values.dictionary_encode() if pa.types.is_dictionary(kind) else values.cast(kind)
    assert states(values, rule=TCF) == [YES, MISSING, MISSING, UNREADABLE, YES]


def test_bytes_that_are_no_text_are_unreadable(good: dict[str, str]) -> None:
    for rule in (TCF, GPP):
        assert states(pa.array([b"\xff\xfe", b"\0", b"\xc3"]), rule=rule) == [UNREADABLE] * 3
    wrong = pa.StringArray.from_buffers(2, *pa.array([b"\xff", b"\xffC"]).buffers()[1:])
    assert states(wrong, rule=TCF) == [UNREADABLE] * 2


def test_a_dictionary_with_nulls_and_with_words_that_no_row_has(good: dict[str, str]) -> None:
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 3]), pa.array([good["tcf"], None, "unused", "x"]))
    assert states(values, rule=TCF) == [YES, MISSING, MISSING, UNREADABLE]


def test_each_distinct_string_is_decoded_once(
    good: dict[str, str], plain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def counting(module: Any) -> Any:
        decode = module.states

        def states(strings: pa.Array, rule: ConsentRule) -> Any:
            asked.extend(strings.to_pylist())
            return decode(strings, rule)

        return states

    monkeypatch.setattr(tcf, "states", counting(tcf))
    monkeypatch.setattr(decide, "_memory", Memory())
    strings = [plain.Tc(created=plain.DAY - i).write() for i in range(5)]
    for _ in range(3):
        assert states(strings * 20, rule=TCF) == [YES] * 100
    assert sorted(asked) == sorted(string.encode() for string in strings)
    assert states(strings, rule=ConsentRule("tcf", tcf_vendor=9)) == [REFUSED] * 5, "another question"
    assert gpp.states(pa.array([good["gpp"].encode()]), GPP).tolist() == [YES]


@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.sampled_from(["true", "false", ""]) | st.sampled_from(["tcf", "gpp"]) | st.text(max_size=4),
            st.none() | st.sampled_from(["tcf", "gpp", "flag", "", "TCF v2"]) | st.text(max_size=3),
        ),
        max_size=12,
    ),
    name=st.sampled_from(["flag", "tcf", "gpp"]),
)
def test_a_row_is_answered_by_itself(
    rows: list[tuple[str | None, str | None]], name: Any, good: dict[str, str]
) -> None:
    values = [good.get(value, value) if value is not None else None for value, _ in rows]
    words = [word for _, word in rows]
    rule = ConsentRule(name)
    together = states(pa.array(values, pa.string()), words, rule)
    alone = [states(pa.array([value], pa.string()), [word], rule)[0] for value, word in zip(values, words, strict=True)]
    assert together == alone
