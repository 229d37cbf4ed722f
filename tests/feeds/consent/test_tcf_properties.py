"""TC strings: what holds of all of them, however they are written, cut or changed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.consent import tcf
from hereabouts.feeds.consent.answers import UNREADABLE, YES
from hereabouts.feeds.consent.rule import ConsentRule

RULE = ConsentRule("tcf")


def answer(string: str | bytes, rule: ConsentRule = RULE) -> int:
    return int(tcf.states(pa.array([string.encode() if isinstance(string, str) else string]), rule)[0])


vendor_ids = st.integers(1, 40) | st.integers(1, 65535)
rules = st.builds(
    ConsentRule,
    st.just("tcf"),
    st.lists(st.sampled_from([1, 2, 9]), min_size=1, unique=True).map(tuple),
    st.none() | st.just(7) | vendor_ids,
)


@st.composite
def strings(draw: st.DrawFn, plain: Any) -> Any:
    """Strings that mostly are good, mostly consent, and are complicated."""

    def entries() -> tuple[tuple[bool, int, int], ...]:
        pairs = draw(st.lists(st.tuples(vendor_ids, vendor_ids), max_size=4))
        return tuple((draw(st.booleans()) or a != b, min(a, b), max(a, b)) for a, b in pairs)

    def vendors() -> Any:
        if draw(st.booleans()):
            ids = draw(st.frozensets(st.integers(1, 30), max_size=9))
            return plain.Vendors(max(ids, default=0) + draw(st.integers(0, 3)), ids)
        ranges = entries()
        return plain.Vendors(max((last for _, _, last in ranges), default=0), entries=ranges)

    purposes = draw(st.sampled_from([1, 2, 9]) | st.integers(1, 24))
    restriction = st.tuples(st.sampled_from([1, 2, 9]), st.integers(0, 2), st.builds(entries))
    segment = st.sampled_from([1, 2, 3])
    kinds = draw(st.lists(segment, unique=True, max_size=3))
    custom = draw(st.integers(0, 3))
    publisher = draw(st.text("01", min_size=48, max_size=48)) + f"{custom:06b}" + "1" * 2 * custom
    return plain.Tc(
        policy=draw(st.sampled_from([2, 4, 5])),
        purposes="".join(draw(st.sampled_from("1110")) if i == purposes else "1" for i in range(1, 25)),
        features=draw(st.sampled_from(["1" + "0" * 11, "0" * 12, "1" * 12])),
        treatment=draw(st.sampled_from([False, False, False, True])),
        vendors=vendors(),
        interests=vendors(),
        restrictions=tuple(draw(st.lists(restriction, max_size=2))),
        others=tuple((kind, publisher if kind == 3 else vendors()) for kind in kinds),
        filling=draw(st.text("01", min_size=91, max_size=91)),
    )


@given(data=st.data(), rule=rules, padding=st.sampled_from([6, 8, 24]))
def test_every_string_says_what_was_put_into_it(
    data: st.DataObject, rule: ConsentRule, padding: int, plain: Any
) -> None:
    put = data.draw(strings(plain))
    text = put.write(padding)
    assert plain.Tc.read(text) == put
    assert answer(text, rule) == put.answer(rule.tcf_purposes, rule.tcf_vendor)


@given(data=st.data(), rule=rules, padding=st.sampled_from([6, 8, 24]))
def test_no_prefix_of_a_refusing_string_consents(
    data: st.DataObject, rule: ConsentRule, padding: int, plain: Any
) -> None:
    put = data.draw(strings(plain))
    text = put.write(padding)
    said = answer(text, rule)
    prefixes = [text[:length] for length in range(len(text))]
    for prefix, of_prefix in zip(prefixes, tcf.states(pa.array(prefixes), rule), strict=True):
        if of_prefix == YES:
            # Then nothing was cut off but padding, or segments that nothing depends on.
            assert said == YES
            kept = plain.Tc.read(prefix)
            assert dataclasses.replace(put, others=kept.others) == kept
            assert kept.others == put.others[: len(kept.others)]


@given(data=st.data(), padding=st.sampled_from([6, 8, 24]))
def test_any_bit_of_padding_that_is_turned_is_no(data: st.DataObject, padding: int, plain: Any) -> None:
    put = data.draw(strings(plain))
    segments = put.write(padding).split(".")
    for place, (content, segment) in enumerate(zip(put.parts(), segments, strict=True)):
        bits = plain.bits_of(segment)
        for at in range(len(content), len(bits)):
            turned = plain.characters(bits[:at] + "1" + bits[at + 1 :], 6)
            assert answer(".".join([*segments[:place], turned, *segments[place + 1 :]])) == UNREADABLE


@given(data=st.data(), rule=rules)
def test_a_string_that_was_changed_says_what_the_plainest_reading_says(
    data: st.DataObject, rule: ConsentRule, plain: Any
) -> None:
    text = data.draw(strings(plain)).write(data.draw(st.sampled_from([6, 8, 24])))
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.text(plain.ALPHABET + ".", max_size=3))
    string = (text[:at] + new + text[at + data.draw(st.integers(0, 2)) :]).encode()
    assert answer(string, rule) == plain.tc_answer(string, rule.tcf_purposes, rule.tcf_vendor)


@given(string=st.binary(max_size=120) | st.text("ABCDIQYgw_-.", max_size=120).map(str.encode), rule=rules)
def test_random_bytes_are_unreadable(string: bytes, rule: ConsentRule) -> None:
    assert answer(string, rule) == UNREADABLE
