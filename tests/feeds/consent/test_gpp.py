"""GPP strings: rule CONSENT, section by section."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.consent import gpp
from hereabouts.feeds.consent.answers import MISSING, REFUSED, UNREADABLE, YES
from hereabouts.feeds.consent.rule import ConsentRule

RULE = ConsentRule("gpp")
PADDINGS = [6, 8, 24]


def answer(string: str | bytes, rule: ConsentRule = RULE) -> int:
    return int(gpp.states(pa.array([string.encode() if isinstance(string, str) else string]), rule)[0])


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("geolocation", "gpc", "expected"),
    [
        (2, False, YES),
        (2, True, REFUSED),
        (1, False, REFUSED),
        (0, False, REFUSED),
        (0, True, REFUSED),
        (3, False, UNREADABLE),
        (2, None, UNREADABLE),
        (0, None, UNREADABLE),
    ],
)
def test_precise_geolocation_is_item_8_and_gpc_is_no(
    version: int, geolocation: int, gpc: bool | None, expected: int, plain: Any
) -> None:
    for rest in (0, 1, 2):
        section = plain.Usnat(version, geolocation, gpc, rest)
        said = max(expected, REFUSED) if rest == 1 else expected
        for padding in PADDINGS:
            assert answer(plain.gpp_string({7: section.write(padding)}, padding)) == said
    assert answer(plain.gpp_string({7: plain.Usnat(version, geolocation, gpc, 3).write()})) == UNREADABLE


@pytest.mark.parametrize(("version", "children"), [(1, {21, 22}), (2, {25, 26, 27})])
def test_rule_consent_what_is_sold_or_a_childs_is_refused(version: int, children: set[int], plain: Any) -> None:
    """SaleOptOut, SharingOptOut and each consent for a child; no other answer of the core is a no to this."""
    for rest in (0, 2):
        for place in range(27 if version == 1 else 32):
            if place == 9 + 7:
                continue
            section = plain.Usnat(version, rest=rest, others=((place, 1),)).write()
            assert answer(plain.gpp_string({7: section})) == (REFUSED if place in {6, 7} | children else YES)


@pytest.mark.parametrize("version", [0, 3, 63])
def test_another_version_of_usnat_is_unreadable(version: int, plain: Any) -> None:
    assert answer(plain.gpp_string({7: plain.Usnat(version).write()})) == UNREADABLE


def test_a_tcf_section_is_a_tcf_string(plain: Any) -> None:
    disclosed = ((1, plain.Vendors(9, frozenset({7}))),)
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, YES),
        ({"policy": 5}, UNREADABLE),
        ({"policy": 5, "others": disclosed}, YES),
        ({"features": "0" * 12}, REFUSED),
        ({"version": 1}, UNREADABLE),
    ]
    for changed, expected in cases:
        string = plain.gpp_string({2: plain.Tc(**changed).write()})
        assert answer(string) == expected
        assert answer(string, ConsentRule("gpp", tcf_vendor=8)) == max(expected, REFUSED)


def test_of_two_sections_both_must_consent(plain: Any) -> None:
    usnat = {YES: plain.Usnat(), REFUSED: plain.Usnat(geolocation=1), UNREADABLE: plain.Usnat(gpc=None)}
    tcf = {YES: plain.Tc(), REFUSED: plain.Tc(purposes="0" * 24), UNREADABLE: plain.Tc(version=3)}
    for of_usnat, section in usnat.items():
        for of_tcf, other in tcf.items():
            assert answer(plain.gpp_string({2: other.write(), 7: section.write()})) == max(of_usnat, of_tcf)


@pytest.mark.parametrize("unknown", [1, 3, 4, 5, 6, *range(8, 28), 63, 64, 1000])
def test_a_section_that_is_not_known_may_hold_a_no(unknown: int, plain: Any) -> None:
    good = plain.Usnat().write()
    assert answer(plain.gpp_string({7: good, unknown: good})) == UNREADABLE
    assert answer(plain.gpp_string({unknown: good})) == UNREADABLE


def test_the_header_says_how_many_sections_there_are(plain: Any) -> None:
    good = plain.Usnat().write()
    head = plain.header([7])
    assert answer(f"{head}~{good}") == YES
    for string in (
        head,
        f"{head}~",
        f"{head}~{good}~",
        f"{head}~{good}~{good}",
        good,
        f"~{good}",
        "DBAA",
        "DBAA~",
        "~",
        "",
    ):
        assert answer(string) == UNREADABLE
    assert answer(f"{plain.header([2, 7])}~{good}") == UNREADABLE


@pytest.mark.parametrize(
    "others",
    [["000"], ["001"], ["100"], ["110"], ["010"], ["0101"], ["010", "010"], ["010", "000"], [""]],
)
def test_a_sub_section_is_gpc_and_there_once(others: list[str], plain: Any) -> None:
    core = plain.Usnat(gpc=None).write()
    subs = "".join("." + plain.characters(bits) for bits in others)
    expected = YES if others == ["010"] else UNREADABLE
    assert answer(plain.gpp_string({7: core + subs})) == expected


def test_a_longer_header_or_section_than_can_be_is_not_read(plain: Any) -> None:
    good = plain.gpp_string({7: plain.Usnat().write()})
    assert answer(good + "A" * 100_000) == UNREADABLE
    assert answer("DBAB" + "A" * 100_000 + "~" + plain.Usnat().write()) == UNREADABLE


@given(ids=st.lists(st.integers(1, 63), unique=True).map(sorted), padding=st.sampled_from(PADDINGS))
def test_headers_list_what_was_put_into_them(ids: list[int], padding: int, plain: Any) -> None:
    assert gpp.section_ids(plain.header(ids, padding).encode()) == tuple(ids)


def test_a_header_of_more_sections_than_there_are_ids_for_is_not_written_out(plain: Any) -> None:
    assert gpp.section_ids(plain.header([7, 64]).encode()) is None
    endless = f"{3:06b}{1:06b}{1:012b}1" + plain.fibonacci(2) + plain.fibonacci(10**30)
    assert gpp.section_ids(plain.characters(endless, 6).encode()) is None


def test_headers_of_the_specification() -> None:
    assert gpp.section_ids(b"DBABMA") == (2,)
    assert gpp.section_ids(b"DBACNYA") == (2, 6)
    assert gpp.section_ids(b"DBABjw") == (5, 6)
    assert gpp.section_ids(b"DBAA") == ()


@pytest.mark.parametrize(
    "header", [b"", b"D", b"DB", b"DBA", b"DBAB", b"CBABLA", b"DCABLA", b"DBABLB", b"DBABLAA=", b"D~"]
)
def test_a_header_that_is_garbled_lists_nothing(header: bytes) -> None:
    assert gpp.section_ids(header) is None


def test_nulls_are_missing_and_slices_are_their_rows(plain: Any) -> None:
    good, tcf = (
        plain.gpp_string({7: plain.Usnat().write()}).encode(),
        plain.gpp_string({2: plain.Tc().write()}).encode(),
    )
    strings = pa.array([None, good, b"\xff", tcf, None], pa.large_binary())
    assert gpp.states(strings, RULE).tolist() == [MISSING, YES, UNREADABLE, YES, MISSING]
    assert gpp.states(strings[2:4], RULE).tolist() == [UNREADABLE, YES]
    assert gpp.states(strings[:0], RULE).tolist() == []


@st.composite
def texts(draw: st.DrawFn, plain: Any) -> str:
    """Strings of known sections, good and bad, consenting and not."""
    padding = draw(st.sampled_from(PADDINGS))
    sections = {}
    if draw(st.booleans()):
        policy = draw(st.sampled_from([4, 5]))
        others = ((1, plain.Vendors(9, frozenset(draw(st.sets(st.integers(7, 9)))))),) if draw(st.booleans()) else ()
        features = draw(st.sampled_from(["1" * 12, "0" * 12]))
        sections[2] = plain.Tc(policy=policy, others=others, features=features).write(padding)
    if not sections or draw(st.booleans()):
        gpc = draw(st.sampled_from([False, False, True, None]))
        item = draw(st.sampled_from([2, 2, 1, 0, 3]))
        answers = draw(st.lists(st.tuples(st.sampled_from([6, 7, 8, 21, 25, 27]), st.integers(0, 2)), max_size=2))
        version, rest = draw(st.sampled_from([(1, 0), (2, 0), (2, 2), (1, 2), (2, 1)]))
        kept = tuple((place, said) for place, said in answers if place < 27 or version == 2)
        sections[7] = plain.Usnat(version, item, gpc, rest, kept).write(padding)
    text: str = plain.gpp_string(sections, padding)
    return text


@given(data=st.data(), vendor=st.none() | st.integers(6, 8))
def test_no_prefix_of_a_refusing_string_consents(data: st.DataObject, vendor: int | None, plain: Any) -> None:
    text, rule = data.draw(texts(plain)), ConsentRule("gpp", tcf_vendor=vendor)
    prefixes = [text[:length].encode() for length in range(len(text))]
    if YES in gpp.states(pa.array(prefixes), rule):
        assert answer(text, rule) == YES, "nothing was cut off that the answer depends on"


@given(data=st.data(), vendor=st.none() | st.integers(6, 8))
def test_a_string_says_what_the_plainest_reading_says(data: st.DataObject, vendor: int | None, plain: Any) -> None:
    text, rule = data.draw(texts(plain)), ConsentRule("gpp", tcf_vendor=vendor)
    assert answer(text, rule) == plain.gpp_answer(text.encode(), (1, 9), vendor)
    at, gone = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 2))
    new = data.draw(st.text(plain.ALPHABET + ".~", max_size=3))
    changed = (text[:at] + new + text[at + gone :]).encode()
    assert answer(changed, rule) == plain.gpp_answer(changed, (1, 9), vendor)


@given(
    string=st.binary(max_size=60) | st.text("ABCDLQYgw_-.~", max_size=60).map(lambda text: f"DBABLA~{text}".encode())
)
def test_random_bytes_are_read_as_the_plainest_way_reads_them(string: bytes, plain: Any) -> None:
    assert answer(string) == plain.gpp_answer(string)
