from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.consent.bits import Bits, NotWholeError

#: From the specification's own table.
FIBONACCI = {1: "11", 2: "011", 3: "0011", 4: "1011", 5: "00011", 6: "10011", 7: "01011"}


def segment(plain: Any, bits: str, padding: int = 6) -> bytes:
    written: str = plain.characters(bits, padding)
    return written.encode()


def test_numbers_are_read_from_the_front_the_highest_bit_first() -> None:
    bits = Bits(b"DB-_")
    assert [bits.number(6), bits.number(2), bits.number(16)] == [3, 0, 0b0001_111110_111111]
    bits.end()


@pytest.mark.parametrize(("number", "code"), FIBONACCI.items())
def test_fibonacci_codes_are_those_of_the_specification(number: int, code: str, plain: Any) -> None:
    assert plain.fibonacci(number) == code
    assert Bits(segment(plain, code)).fibonacci() == number


@given(numbers=st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
def test_fibonacci_codes_need_nothing_between_them(numbers: list[int], plain: Any) -> None:
    bits = Bits(segment(plain, "".join(map(plain.fibonacci, numbers))))
    assert [bits.fibonacci() for _ in numbers] == numbers
    bits.end()


@pytest.mark.parametrize("segment", [b"", b"A", b"KKKKKKKKKK"])
def test_what_is_too_short_is_not_read(segment: bytes) -> None:
    with pytest.raises(NotWholeError, match="too short"):
        Bits(segment).number(6 * len(segment) + 1)
    with pytest.raises(NotWholeError, match="too short"):
        Bits(segment).fibonacci()


@pytest.mark.parametrize("segment", [b"AA=", b"A A", b"A+", b"A/", b"A.", "Ä".encode(), b"\0"])
def test_another_alphabet_is_none(segment: bytes) -> None:
    with pytest.raises(NotWholeError, match="alphabet"):
        Bits(segment)


@given(content=st.text("01", max_size=60), padding=st.sampled_from([6, 8, 24]))
def test_encoders_pad_in_three_ways(content: str, padding: int, plain: Any) -> None:
    bits = Bits(segment(plain, content, padding))
    for _ in content:
        bits.number(1)
    bits.end()


@given(content=st.text("01", max_size=60), zeros=st.integers(0, 60))
def test_any_other_number_of_zeros_is_not_padding(content: str, zeros: int, plain: Any) -> None:
    text = segment(plain, content) + b"A" * (zeros // 6)
    bits = Bits(text)
    for _ in content:
        bits.number(1)
    if text in [segment(plain, content, padding) for padding in (6, 8, 24)]:
        bits.end()
    else:
        with pytest.raises(NotWholeError, match="longer than its fields"):
            bits.end()


def test_padding_is_zero(plain: Any) -> None:
    for wrong in ("100001", "100100", "111111"):
        bits = Bits(segment(plain, wrong))
        bits.number(1)
        with pytest.raises(NotWholeError, match="something else than zeros"):
            bits.end()
