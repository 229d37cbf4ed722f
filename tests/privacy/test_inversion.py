"""Inversion: the draw that its bits stand for in exact arithmetic, one by one, and the law of very many.

Bits are scripted by replacing the one function that reads them, which no caller of the module can do. Tests of the law
use the operating system's. Each raises a false alarm once in 10**9 times, and rejects noise of 0.7 and of 1.3 times
the scale.
"""

from __future__ import annotations

import inspect
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import hereabouts
from hereabouts.privacy import inversion
from hereabouts.privacy.inversion import Inversion

ExactLaw = Callable[[float, int], list[int]]
Integers = NDArray[np.int64]

SCALES = [1e-3, 0.3, 1.0, 4.53, 59.7]
LARGE = 3000.5

# --- draw by draw against exact inversion ----------------------------------------------------------------------------

U_BITS = 320
"""Bits of U that tests script: 63, and four times 64."""


class Script:
    """The bits of one draw: a sign, and U's first 320, handed out as they are asked for."""

    def __init__(self, sign: int, u: int, tail: int = 0xABCD) -> None:
        self.sign, self.u, self.tail = sign, u, tail
        self.given = 0

    def __call__(self, count: int) -> bytes:
        if self.given == 0:
            assert count == 2
            return np.uint16(self.next_bits(15) << 1 | self.sign).tobytes()
        assert count == 8
        if self.given == 15:  # the lowest 16 bits of this word are not of U, and not used
            return np.uint64(self.next_bits(48) << 16 | self.tail).tobytes()
        return self.next_bits(64).to_bytes(8, "big")

    def next_bits(self, count: int) -> int:
        self.given += count
        return self.u >> (U_BITS - self.given) & ((1 << count) - 1)


Play = Callable[[Inversion, Script], int]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    def play(law: Inversion, script: Script) -> int:
        monkeypatch.setattr(inversion, "_random_bytes", script)
        return int(law.draw(1)[0])

    return play


def near(word: int, bits: int, exact: int) -> Iterator[int]:
    """Numbers U that begin with this word of so many bits, and go on with zeros, with ones, or almost as F(k) does."""
    rest = U_BITS - bits
    yield from (word << rest, (word << rest) + (1 << rest) - 1, (word << rest) + (1 << (rest - 1)))
    yield word << rest | (exact & ((1 << rest) - 1)) ^ (1 << 150)


def adversarial(exact: list[int], places: range) -> Iterator[int]:
    """U at, just below and just above each threshold: of 15 bits, of 63, and of all that are scripted."""
    for value in (exact[place] for place in places):
        for bits in (15, 63, 127):
            word = value >> (U_BITS - bits)
            for around in range(max(word - 2, 0), min(word + 3, 1 << bits)):
                yield from near(around, bits, value)
        yield from (value + (sign << away) for away in (70, 130, 200, 250) for sign in (-1, 1))


@pytest.mark.parametrize("scale", SCALES)
def test_every_draw_is_what_its_bits_stand_for(scale: float, exact_law: ExactLaw, play: Play) -> None:
    """At thresholds, where a prefix does not decide, and at random."""
    law, exact = Inversion(scale), exact_law(scale, U_BITS)
    tested = len(law._thresholds)
    rng = np.random.default_rng(1)
    numbers = [*adversarial(exact, range(0, tested, max(1, tested // 20)))]
    numbers += [int.from_bytes(rng.bytes(U_BITS // 8), "big") for _ in range(2000)]
    longest = 0
    for number in numbers:
        if not 0 <= number < (1 << U_BITS) - (1 << (U_BITS - 250)):
            continue  # not in [0, 1), or ones for longer than is scripted: tested below
        script = Script(number & 1, number)
        size = bisect_right(exact, number)
        assert play(law, script) == (-size if script.sign else size)
        longest = max(longest, script.given)
    assert longest >= 191, "the slow way was taken, and not only once"


def test_a_large_table_draws_what_its_bits_stand_for(exact_law: ExactLaw, play: Play) -> None:
    law, exact = Inversion(LARGE), exact_law(LARGE, 160)
    for place in (0, 1, 777, 9000, 20_000):
        for word in range(exact[place] >> 97, (exact[place] >> 97) + 3):
            for rest in (0, (1 << 97) - 1, 1 << 96):
                number = word << 97 | rest
                assert play(law, Script(0, number << (U_BITS - 160))) == bisect_right(exact, number)


@pytest.mark.parametrize("scale", [0.3, 4.53, 59.7])
@pytest.mark.parametrize(("error", "going_on"), [(1, -1), (-2, 0)])
def test_a_threshold_that_is_off_draws_something_else(
    scale: float, error: int, going_on: int, exact_law: ExactLaw, play: Play
) -> None:
    """One too high or two too low; one too low is within what the sampler allows for, and `test_cumulative` sees it."""
    law, exact = Inversion(scale), exact_law(scale, U_BITS)
    right = law._thresholds
    # Of the last thresholds, which are neighbours as numbers, one that is off may change nothing for these words.
    apart = np.flatnonzero(np.diff(right.astype(np.int64), prepend=0) > 4)
    for place in apart[: -1 : max(1, len(apart) // 20)]:
        number = (int(right[place]) << 257) + (going_on % (1 << 257))
        sizes = bisect_right(exact, number)
        law._thresholds = right
        assert play(law, Script(0, number)) == sizes
        law._thresholds = right.copy()
        law._thresholds[place] = int(right[place]) + error
        law._short = law._drawn_by_first_words()
        assert play(law, Script(0, number)) != sizes


@pytest.mark.parametrize("scale", SCALES)
def test_both_words_in_which_a_threshold_may_lie_are_left_open(scale: float) -> None:
    """It lies in the second of them once in 2**32 times: too seldom to be met above."""
    law = Inversion(scale)
    found = law._thresholds
    for place in np.flatnonzero(np.diff(found.astype(np.int64), append=2**63 - 1) > 4):
        sizes, sure = law._decide(found[place] + np.array([0, 1, 2], dtype=np.uint64))
        assert sizes.tolist() == [place + 1] * 3
        assert sure.tolist() == [False, False, True]
    assert not law._decide(np.array([2**63 - 1], dtype=np.uint64))[1][0], "beyond the table"


@pytest.mark.parametrize(("beyond", "reads"), [(-1, 1), (0, 2), (1, 2), (2, 1)])
def test_so_they_are_beyond_63_bits(beyond: int, reads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [5 + beyond, 1 << 63]
    bounds = {127: [(7 << 64) + 5, (1 << 127) - 1], 191: [(7 << 128) + (words[0] << 64), (1 << 191) - 1]}
    monkeypatch.setattr(inversion, "thresholds", lambda variance, bits: bounds[bits])
    monkeypatch.setattr(inversion, "_random_bytes", lambda count: words.pop(0).to_bytes(count, "big"))
    assert inversion._draw_longest(Fraction(1), 7) == (0 if beyond < 0 else 1)
    assert len(words) == 2 - reads


def recorded(law: Inversion, count: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Integers, list[bytes]]:
    given: list[bytes] = []
    real = inversion._random_bytes

    def record(size: int) -> bytes:
        given.append(real(size))
        return given[-1]

    with monkeypatch.context() as patch:
        patch.setattr(inversion, "_random_bytes", record)
        return law.draw(count), given


@pytest.mark.parametrize("scale", [*SCALES, LARGE])
def test_many_at_once_are_what_each_would_be_alone(
    scale: float, exact_law: ExactLaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has 16 bits of its own, and 48 more of its own where 15 of U leave it open; no bit is used twice."""
    drawn, (first, *more) = recorded(Inversion(scale), 20_001, monkeypatch)
    exact = exact_law(scale, 160)
    words = np.frombuffer(first, dtype=np.uint16).tolist()
    extra = iter(np.frombuffer(more[0], dtype=np.uint64).tolist() if more else ())
    for value, word in zip(drawn.tolist(), words, strict=True):
        lowest, after = word >> 1 << 145, (word >> 1) + 1 << 145
        if bisect_right(exact, lowest) != bisect_left(exact, after):
            lowest |= next(extra) >> 16 << 97
        size = bisect_right(exact, lowest)
        assert value == (-size if word & 1 else size)
    assert len(more) <= 1
    assert next(extra, None) is None


# --- extremes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("scale", SCALES)
def test_all_zeros_draw_zero(scale: float, sign: int, play: Play) -> None:
    script = Script(sign, 0)
    assert play(Inversion(scale), script) == 0
    assert script.given == 15


@pytest.mark.parametrize("ones", [63, 64, 100, 190])
@pytest.mark.parametrize("scale", SCALES)
def test_ones_without_an_end_in_sight_are_followed_beyond_the_table(
    scale: float, ones: int, exact_law: ExactLaw, play: Play
) -> None:
    number = (1 << U_BITS) - (1 << (U_BITS - ones))
    size = bisect_right(exact_law(scale, U_BITS), number)
    assert play(Inversion(scale), Script(0, number)) == size
    assert play(Inversion(scale), Script(1, number)) == -size
    if scale > 1:
        assert size > 9 * scale


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1001])
def test_as_many_as_were_asked_for(count: int) -> None:
    drawn = Inversion(59.7).draw(count)
    assert drawn.shape == (count,)
    assert drawn.dtype == np.int64


# --- the law ---------------------------------------------------------------------------------------------------------

DRAWS = 1_000_001
FALSE_ALARMS = 1e-9


def follows(drawn: Integers, scale: float) -> bool:
    """Pearson's chi-square over integers (tails in one), and Kolmogorov-Smirnov with the bound that holds for all laws.

    The bound is that of Dvoretzky, Kiefer and Wolfowitz with Massart's constant: ``2 exp(-2 n d**2)``.
    """
    reach = math.ceil(40 * scale) + 2
    support = np.arange(-reach, reach + 1)
    law = np.exp(-0.5 * (support / scale) ** 2)
    law /= law.sum()
    if np.abs(drawn).max() > reach:
        return False
    filled = np.bincount(drawn + reach, minlength=support.size)
    distance = np.abs(np.cumsum(filled) / drawn.size - np.cumsum(law)).max()
    smirnov = 2 * math.exp(-2 * drawn.size * distance**2)
    common = law * drawn.size >= 20
    expected = np.append(law[common], law[~common].sum()) * drawn.size
    found = np.append(filled[common], filled[~common].sum())
    if expected[-1] < 20:  # too few for a bin of their own: to the rarest of the others
        expected[0] += expected[-1]
        found[0] += found[-1]
        expected, found = expected[:-1], found[:-1]
    if expected.size == 1:
        return smirnov > FALSE_ALARMS / 2
    pearson = stats.chi2.sf(((found - expected) ** 2 / expected).sum(), expected.size - 1)
    return bool(min(smirnov, pearson) > FALSE_ALARMS / 2)


@pytest.mark.parametrize("scale", [*SCALES, LARGE])
def test_the_law_is_the_discrete_gaussian_and_is_seen_to_be_no_other(scale: float) -> None:
    assert follows(Inversion(scale).draw(DRAWS), scale)
    if scale > 0.1:  # below, noise of either scale is 0
        assert not follows(Inversion(0.7 * scale).draw(DRAWS), scale)
        assert not follows(Inversion(1.3 * scale).draw(DRAWS), scale)


def test_other_laws_of_the_same_spread_are_rejected() -> None:
    rng = np.random.default_rng(7)
    assert not follows(np.rint(rng.normal(0, 1, DRAWS)).astype(np.int64), 1.0), "a rounded normal law is another"
    assert not follows(np.rint(rng.laplace(0, 59.7 / math.sqrt(2), DRAWS)).astype(np.int64), 59.7)
    assert not follows(np.abs(Inversion(59.7).draw(DRAWS)), 59.7)


@pytest.mark.parametrize("scale", [*SCALES, LARGE])
def test_either_sign_is_as_likely_word_for_word(scale: float) -> None:
    short = Inversion(scale)._short.reshape(-1, 2)
    decided = (short != inversion._OPEN).all(axis=1)
    assert np.array_equal(decided, (short != inversion._OPEN).any(axis=1))
    assert np.array_equal(short[decided, 0], -short[decided, 1])
    assert (short[decided, 0] >= 0).all()


@pytest.mark.parametrize("lag", [1, 2, 64])
def test_draws_are_independent_of_those_beside_them(lag: int) -> None:
    noise = Inversion(59.7).draw(DRAWS) / 59.7
    assert abs(noise[lag:] @ noise[:-lag]) / math.sqrt(DRAWS - lag) < 6.2  # one in 10**9


# --- no seed ---------------------------------------------------------------------------------------------------------


def test_nothing_lets_a_caller_choose_the_bits() -> None:
    assert list(inspect.signature(Inversion).parameters) == ["scale"]
    assert list(inspect.signature(Inversion.draw).parameters) == ["self", "count"]
    assert list(inspect.signature(inversion._random_bytes).parameters) == ["count"]
    source = Path(hereabouts.__file__).parent
    assert [path.stem for path in source.rglob("*.py") if "_random_bytes" in path.read_text("utf-8")] == ["inversion"]


def test_tables_cannot_be_changed() -> None:
    law = Inversion(4.53)
    for table in (law._thresholds, law._short):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 0
