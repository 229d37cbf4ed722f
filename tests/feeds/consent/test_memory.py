from __future__ import annotations

from threading import Thread

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.feeds.consent.memory import MOST_BYTES, Memory
from hereabouts.feeds.values.text import Bytes


class Decoder:
    """Answers with a string's length, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def __call__(self, strings: pa.Array) -> Bytes:
        self.asked += strings.to_pylist()
        return np.array([len(string) % 256 for string in strings.to_pylist()], np.uint8)


@pytest.fixture
def decoder() -> Decoder:
    return Decoder()


def binary(*strings: bytes) -> pa.Array:
    return pa.array(strings, pa.large_binary())


def test_what_was_met_is_not_decoded_again(decoder: Decoder) -> None:
    memory = Memory()
    assert memory.answers(binary(b"a", b"bb"), "tcf", decoder).tolist() == [1, 2]
    assert memory.answers(binary(b"bb", b"ccc", b"a"), "tcf", decoder).tolist() == [2, 3, 1]
    assert decoder.asked == [b"a", b"bb", b"ccc"]


def test_another_question_has_another_answer(decoder: Decoder) -> None:
    memory = Memory()
    memory.answers(binary(b"a"), "tcf", decoder)
    memory.answers(binary(b"a"), "gpp", decoder)
    assert decoder.asked == [b"a", b"a"]


def test_it_is_bounded(decoder: Decoder) -> None:
    memory = Memory(most_strings=3)
    for turn in range(10):
        memory.answers(binary(b"%d" % turn, b"x" * (MOST_BYTES + 1)), "tcf", decoder)
        assert len(memory) <= 3
    many = binary(*(b"many%d" % i for i in range(4)))
    assert memory.answers(many, "tcf", decoder).tolist() == [5] * 4
    assert len(memory) <= 3
    assert decoder.asked.count(b"x" * (MOST_BYTES + 1)) == 10, "too long to keep"


def test_no_string_is_no_question(decoder: Decoder) -> None:
    assert Memory().answers(binary(), "tcf", decoder).tolist() == []
    assert decoder.asked == []


def test_threads_share_it(decoder: Decoder) -> None:
    memory = Memory(most_strings=50)
    wrong: list[bool] = []

    def work(seed: int) -> None:
        for turn in range(200):
            strings = [b"x" * (1 + (seed * 7 + turn * i) % 90) for i in range(5)]
            said = memory.answers(binary(*strings), "tcf", decoder).tolist()
            wrong.append(said != [len(string) for string in strings])

    threads = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 800
    assert not any(wrong)
    assert len(memory) <= 50
