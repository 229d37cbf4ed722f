"""Pings as columns and as records: nothing is lost from the one to the other, and every bucket is whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.store.pings import BUCKETS, LATEST, RECORD_BYTES, Pings, by_bucket

halves = st.integers(0, 2**64 - 1)
rows = st.tuples(halves, halves, st.integers(0, LATEST), st.floats(width=64), st.floats(width=64))


def pings(content: list[tuple[int, int, int, float, float]]) -> Pings:
    high, low, time, latitude, longitude = ([row[k] for row in content] for k in range(5))
    return Pings(
        np.array([high, low], np.uint64).T.reshape(-1, 2),
        np.array(time, np.int64),
        np.array(latitude, np.float64),
        np.array(longitude, np.float64),
    )


def listed(found: Pings) -> list[bytes]:
    """Each ping by its bits: there are numbers that are not equal to themselves."""
    columns = (found.pseudonym[:, 0], found.pseudonym[:, 1], found.time, found.latitude, found.longitude)
    return [b"".join(column[i].tobytes() for column in columns) for i in range(len(found))]


@settings(deadline=None, max_examples=40)
@given(content=st.lists(rows, max_size=30), data=st.data())
def test_every_kept_ping_is_in_its_bucket_bit_by_bit_and_in_order(
    content: list[tuple[int, int, int, float, float]], data: st.DataObject
) -> None:
    whole = pings(content)
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(content), max_size=len(content))), np.bool_)
    for mask in (None, kept):
        found = by_bucket(whole, mask)
        stays: NDArray[np.bool_] = np.ones(len(content), np.bool_) if mask is None else mask
        bucket = whole.pseudonym[:, 0] >> np.uint64(56)
        assert np.diff(found.ends).tolist() == np.bincount(bucket[stays], minlength=BUCKETS).tolist()
        for number in {*bucket.tolist()}:
            records = found.bucket(number)
            assert listed(Pings.of_records(records)) == listed(whole.take(stays & (bucket == number)))
            assert records.nbytes == len(records) * RECORD_BYTES
        assert len(found) == stays.sum()


def test_parts_fill_one_whole() -> None:
    content = pings([(k << 56, k, k, k / 7, -k / 7) for k in range(BUCKETS)])
    records = by_bucket(content).records
    whole = Pings.empty(BUCKETS)
    whole.fill(100, records[100:])
    whole.fill(0, records[:100])
    assert listed(whole) == listed(content)
    assert listed(Pings.concatenate([content.take(slice(0, 9)), content.take(slice(9, None))])) == listed(content)


@pytest.mark.parametrize("time", [-1, LATEST + 1])
def test_a_time_that_a_record_cannot_hold_is_refused(time: int) -> None:
    with pytest.raises(ValueError, match="from 1970 to 2106"):
        by_bucket(pings([(0, 0, 0, 0.0, 0.0), (0, 0, time, 0.0, 0.0)]))


def test_columns_and_marks_are_as_long_as_each_other() -> None:
    two = pings([(0, 0, 0, 0.0, 0.0)] * 2)
    with pytest.raises(ValueError, match="2 pings, got 3"):
        by_bucket(two, np.ones(3, np.bool_))
    with pytest.raises(ValueError, match="equally long"):
        by_bucket(Pings(two.pseudonym, two.time, two.latitude[:1], two.longitude))
