from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.consent.answers import MISSING, REFUSED, UNREADABLE, YES
from hereabouts.feeds.consent.flags import flag_states

OF_BOOLEANS = {True: YES, False: REFUSED, None: MISSING}


@given(flags=st.lists(st.sampled_from([True, False, None]), max_size=40), start=st.integers(0, 20))
def test_booleans_sliced_anywhere(flags: list[bool | None], start: int) -> None:
    values = pa.array(flags, pa.bool_())[start:]
    assert flag_states(values).tolist() == [OF_BOOLEANS[flag] for flag in flags[start:]]


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1000])
def test_a_column_that_says_one_thing(flag: bool, n: int) -> None:
    assert flag_states(pa.array([flag] * n, pa.bool_())).tolist() == [OF_BOOLEANS[flag]] * n


@pytest.mark.parametrize("kind", [pa.string(), pa.large_binary(), pa.dictionary(pa.int8(), pa.string())])
def test_words(kind: pa.DataType) -> None:
    words = ["true", " TRUE ", "False", "", "  ", None, "1", "0", "yes", "t", "true."]
    expected = [YES, YES, REFUSED, MISSING, MISSING, MISSING] + [UNREADABLE] * 5
    values = pa.array(words).dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else pa.array(words, kind)
    assert flag_states(values).tolist() == expected
