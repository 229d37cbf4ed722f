from __future__ import annotations

import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.feeds.formats.lines import ABSENT, DOUBLED, LINE_BYTES, NULL, PLAIN, batch, blocks, view_of


@settings(deadline=None)
@given(st.lists(st.text("ab\r", max_size=9)), st.integers(1, 12), st.booleans())
def test_blocks_hold_whole_lines_whatever_their_size(lines: list[str], size: int, ended: bool) -> None:
    text = "\n".join(lines).encode() + (b"\n" if ended else b"")
    found = list(blocks(io.BytesIO(text).read, size))
    assert b"".join(found) == text
    assert all(block.endswith(b"\n") for block in found[:-1])


def test_the_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert list(blocks(io.BytesIO(b"\xef\xbb\xbfa,b\n").read)) == [b"a,b\n"]


def test_a_line_without_end_is_one_unreadable_line_and_does_not_fill_the_memory() -> None:
    content = b"first\n" + b"x" * (3 * LINE_BYTES) + b"\nlast\n"
    found = list(blocks(io.BytesIO(content).read, 64 << 10))
    assert b"".join(found) == b"first\n\x00\nlast\n"
    assert list(blocks(io.BytesIO(b"x" * (3 * LINE_BYTES)).read, 64 << 10)) == [b"\x00\n"]


def test_columns_are_copied_out_as_bytes_with_null_for_nothing() -> None:
    data = b'one,say ""hi"",,\xff'
    bounds = np.array([[[0, 3, PLAIN]], [[4, 14, DOUBLED]], [[15, 15, PLAIN]], [[16, 17, PLAIN]], [[0, 3, NULL]]])
    absent = np.array([[[0, 3, ABSENT]]])
    found = batch(view_of(data), np.concatenate([bounds, absent]), {"text": 0})
    assert found.column("text").to_pylist() == [b"one", b'say "hi"', None, b"\xff", None, None]
