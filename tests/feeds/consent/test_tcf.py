"""TC strings: rule CONSENT, string by string."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from hereabouts.feeds.consent import tcf
from hereabouts.feeds.consent.answers import MISSING, REFUSED, UNREADABLE, YES
from hereabouts.feeds.consent.rule import ConsentRule

RULE = ConsentRule("tcf")
OF_SEVEN = ConsentRule("tcf", tcf_vendor=7)

#: The example of the specification, version 2.3: neither purposes nor special features.
EXAMPLE = "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA"


def answer(string: str | bytes, rule: ConsentRule = RULE) -> int:
    return int(tcf.states(pa.array([string.encode() if isinstance(string, str) else string]), rule)[0])


@pytest.fixture(scope="module")
def says(plain: Any) -> Callable[..., int]:
    """The answer of a string that consents to everything, but for what is changed."""

    def says(rule: ConsentRule = RULE, **changed: Any) -> int:
        return answer(plain.Tc(**changed).write(), rule)

    return says


Says = Callable[..., int]


def test_a_string_that_consents_to_what_is_asked(says: Says) -> None:
    assert says() == YES
    assert says(OF_SEVEN) == YES
    assert says(purposes="1" + "0" * 7 + "1" + "0" * 15) == YES, "no other purpose is asked for"


def test_every_purpose_of_the_rule_is_asked_for(says: Says) -> None:
    for purpose in (1, 9):
        assert says(purposes="1" * (purpose - 1) + "0" + "1" * (24 - purpose)) == REFUSED
    assert says(ConsentRule("tcf", tcf_purposes=(24,)), purposes="0" * 23 + "1") == YES
    assert says(ConsentRule("tcf", tcf_purposes=(1, 7, 10)), purposes="1" * 9 + "0" * 15) == REFUSED


def test_a_purpose_that_was_never_disclosed_is_not_consented_to(says: Says) -> None:
    assert says(treatment=True) == REFUSED
    assert says(ConsentRule("tcf", tcf_purposes=(9,)), treatment=True) == YES


def test_special_feature_1_is_precise_geolocation(says: Says) -> None:
    assert says(features="0" + "1" * 11) == REFUSED


@pytest.mark.parametrize(
    ("vendors", "expected"),
    [
        ((10, {7}), YES),
        ((7, {7}), YES),
        ((10, {6, 8}), REFUSED),
        ((6, {6}), REFUSED),
        ((0, set()), REFUSED),
        ((7, ((False, 7, 7),)), YES),
        ((900, ((False, 2, 2), (True, 5, 9), (False, 900, 900))), YES),
        ((900, ((True, 1, 6), (True, 8, 900))), REFUSED),
        ((900, ()), REFUSED),
        ((900, ((False, 0, 0),)), UNREADABLE),
        ((900, ((True, 9, 5),)), UNREADABLE),
        ((900, ((True, 7, 901),)), UNREADABLE),
        ((900, ((False, 901, 901),)), UNREADABLE),
    ],
)
def test_a_vendor_is_asked_for_where_the_rule_names_one(vendors: Any, expected: int, says: Says, plain: Any) -> None:
    highest, listed = vendors
    bits = isinstance(listed, set)
    written = plain.Vendors(highest, frozenset(listed)) if bits else plain.Vendors(highest, entries=listed)
    assert says(OF_SEVEN, vendors=written) == expected
    assert says(RULE, vendors=written) == (UNREADABLE if expected == UNREADABLE else YES)
    assert says(OF_SEVEN, interests=written) == (UNREADABLE if expected == UNREADABLE else YES)


def test_a_vendor_beyond_the_end_of_a_list_is_not_on_it(says: Says, plain: Any) -> None:
    """Where the list ends, there are other bits: here the first of 16 that say 32768."""
    short, behind = plain.Vendors(6, frozenset({6})), plain.Vendors(1 << 15, entries=())
    assert says(OF_SEVEN, vendors=short, interests=behind) == REFUSED
    assert says(ConsentRule("tcf", tcf_vendor=6), vendors=short, interests=behind) == YES


ONE, MANY, NONE = ((False, 7, 7),), ((False, 2, 2), (True, 5, 900)), ()


@pytest.mark.parametrize(
    ("restrictions", "of_seven", "of_anyone"),
    [
        ([(1, 0, ONE)], REFUSED, REFUSED),
        ([(9, 0, MANY)], REFUSED, REFUSED),
        ([(9, 2, ONE)], REFUSED, REFUSED),
        ([(9, 1, ONE)], YES, YES),
        ([(2, 0, ONE), (10, 2, MANY)], YES, YES),
        ([(9, 0, ((False, 6, 6), (True, 8, 900)))], YES, REFUSED),
        ([(9, 0, NONE)], YES, YES),
        ([(9, 1, ONE), (9, 0, ONE)], REFUSED, REFUSED),
        ([(9, 0, ONE), (1, 0, ((False, 6, 6),)), (9, 0, NONE)], REFUSED, REFUSED),
        ([(9, 3, ONE)], UNREADABLE, UNREADABLE),
        ([(2, 3, NONE)], UNREADABLE, UNREADABLE),
        ([(0, 1, ONE)], UNREADABLE, UNREADABLE),
        ([(25, 1, ONE)], UNREADABLE, UNREADABLE),
        ([(9, 0, ((False, 0, 0),))], UNREADABLE, UNREADABLE),
        ([(9, 0, ((True, 8, 7),))], UNREADABLE, UNREADABLE),
    ],
)
def test_a_publisher_may_take_consent_away(restrictions: Any, of_seven: int, of_anyone: int, says: Says) -> None:
    assert says(OF_SEVEN, restrictions=tuple(restrictions)) == of_seven
    assert says(RULE, restrictions=tuple(restrictions)) == of_anyone, "whoever is restricted, if no one is named"


@pytest.mark.parametrize("policy", range(64))
def test_disclosed_vendors_are_mandatory_from_policy_version_5_on(policy: int, says: Says, plain: Any) -> None:
    known = 2 <= policy <= 5
    bare = UNREADABLE if policy == 5 or not known else YES
    assert says(policy=policy) == bare
    for disclosed in (plain.Vendors(9, frozenset({7})), plain.Vendors(9, entries=((True, 3, 9),))):
        assert says(OF_SEVEN, policy=policy, others=((1, disclosed),)) == (YES if known else UNREADABLE)
    other = plain.Vendors(9, frozenset({6}))
    assert says(policy=policy, others=((1, other),)) == (YES if known else UNREADABLE)
    expected = REFUSED if policy == 5 else YES if known else UNREADABLE
    assert says(OF_SEVEN, policy=policy, others=((1, other),)) == expected


def test_segments_come_in_any_order_and_once(says: Says, plain: Any) -> None:
    disclosed, allowed, publisher = (1, plain.Vendors(9, frozenset({7}))), (2, plain.Vendors()), (3, "0" * 54)
    for others in [(publisher, disclosed), (allowed, disclosed, publisher), (disclosed,)]:
        assert says(OF_SEVEN, policy=5, others=others) == YES
    for others in [(publisher, disclosed, publisher), (disclosed, disclosed), (disclosed, allowed, allowed)]:
        assert says(policy=5, others=others) == UNREADABLE
    for kind in (0, 4, 5, 6, 7):
        assert says(policy=5, others=(disclosed, (kind, "0" * 54))) == UNREADABLE
    not_disclosed, seven_allowed = (1, plain.Vendors(9, frozenset({6}))), (2, plain.Vendors(9, frozenset({7})))
    assert says(OF_SEVEN, policy=5, others=(not_disclosed, seven_allowed)) == REFUSED


def test_a_publishers_own_purposes_make_its_segment_longer(says: Says) -> None:
    for count in (0, 1, 63):
        fixed = "01" * 24 + f"{count:06b}"
        assert says(others=((3, fixed + "10" * count),)) == YES
        assert says(others=((3, fixed + "10" * count + "1" * 24),)) == UNREADABLE
    assert says(others=((3, "0" * 48 + f"{63:06b}"),)) == UNREADABLE


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 1},
        {"version": 3},
        {"specific": False},
        {"created": 15_663_455_999, "updated": 15_663_455_999},
        {"created": 0, "updated": 0},
        {"created": 17_724_096_001},
    ],
)
def test_a_string_that_is_not_valid_is_unreadable(changed: dict[str, Any], says: Says) -> None:
    assert says(**changed) == UNREADABLE
    assert says(created=15_663_456_000) == YES


def test_the_example_of_the_specification() -> None:
    assert answer(EXAMPLE) == REFUSED


@pytest.mark.parametrize(
    "change",
    [
        lambda text: " " + text, lambda text: text + " ", lambda text: text + "=", lambda text: text + "\n",
        lambda text: text + ".", lambda text: "." + text, lambda text: text + "..", lambda text: text.lower(),
        lambda text: text + "A", lambda text: text + "AAAA", lambda text: text[:-3], lambda text: text[:-4],
        lambda text: text + "\0", lambda text: text.replace("A", "Ä", 1), lambda text: text + "~", lambda text: "",
        lambda text: text + text, lambda text: text + "." + text, lambda text: text[0], lambda text: text[:40],
    ],
)  # fmt: skip
def test_anything_else_is_unreadable(change: Callable[[str], str], plain: Any) -> None:
    good = plain.Tc(restrictions=((2, 1, ((True, 8, 65535),)),)).write()
    assert answer(good) == YES
    assert answer(change(good)) == UNREADABLE


@pytest.mark.parametrize("byte", [byte for byte in range(256) if not re.match(rb"[A-Za-z0-9_.-]", bytes([byte]))])
def test_a_character_of_no_alphabet_is_unreadable_wherever_it_stands(byte: int, plain: Any) -> None:
    good = plain.Tc(policy=5, others=((1, plain.Vendors(9, frozenset({7}))),)).write().encode()
    for at in (0, 15, 20, 30, len(good) - 5, len(good) - 1):
        assert answer(good[:at] + bytes([byte]) + good[at + 1 :]) == UNREADABLE


def test_nulls_are_missing_and_slices_are_their_rows(plain: Any) -> None:
    good = plain.Tc().write()
    for kind in (pa.string(), pa.large_string(), pa.binary(), pa.string_view()):
        strings = pa.array([None, good, "x", None, EXAMPLE, good], pa.string()).cast(kind)
        assert tcf.states(strings, RULE).tolist() == [MISSING, YES, UNREADABLE, MISSING, REFUSED, YES]
        assert tcf.states(strings[2:5], RULE).tolist() == [UNREADABLE, MISSING, REFUSED]
        assert tcf.states(strings[:0], RULE).tolist() == []
