from __future__ import annotations

import pyarrow as pa
import pytest

from hereabouts.feeds.values.text import MISSING, NO_WORD, view, word_codes


def test_words_are_told_without_regard_to_case_and_space() -> None:
    values = pa.array(["true", " FALSE\n", "True", "", "  ", None, "1", "truer", "tru"])
    expected = [1, 0, 1, MISSING, MISSING, MISSING, NO_WORD, NO_WORD, NO_WORD]
    assert word_codes(values, ("false", "true")).tolist() == expected


@pytest.mark.parametrize("kind", [pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view()])
def test_every_kind_of_text_column_reads_the_same(kind: pa.DataType) -> None:
    values = pa.array(["sdk", "bidstream", None, "other"]).cast(kind)
    assert word_codes(values, ("bidstream",)).tolist() == [NO_WORD, 0, MISSING, NO_WORD]
    assert word_codes(values[1:3], ("bidstream",)).tolist() == [0, MISSING]


def test_dictionaries_are_read_by_their_words_nulls_in_either_place_included() -> None:
    values = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None, 2, 0], pa.int8()), pa.array(["sdk", "bidstream", None])
    )
    assert word_codes(values, ("bidstream",)).tolist() == [NO_WORD, 0, MISSING, MISSING, NO_WORD]
    assert word_codes(values[1:4], ("bidstream",)).tolist() == [0, MISSING, MISSING]


def test_bytes_that_are_no_text_are_no_word() -> None:
    assert word_codes(pa.array([b"\xff\xfe", b"true"]), ("true",)).tolist() == [NO_WORD, 0]


def test_a_column_without_values_has_a_view() -> None:
    for values in (pa.array([], pa.string()), pa.array([None, None], pa.string()), pa.array(["", ""])):
        assert len(view(values).offsets) == len(values) + 1


def test_a_column_of_numbers_is_no_text() -> None:
    with pytest.raises(TypeError, match="expected a text column, got int64"):
        view(pa.array([1]))
