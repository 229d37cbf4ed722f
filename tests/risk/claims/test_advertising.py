"""A feed says of its ids what they are, by a name or a type; their form says what they may be."""

from __future__ import annotations

import pyarrow as pa
import pytest

from hereabouts.feeds.formats.sample import Column, Sample
from hereabouts.risk.claims.advertising import have_uuids, says_advertising


@pytest.mark.parametrize("device", ["idfa", "MAID", "advertising_id", "device_gaid"])
def test_by_the_columns_name(device: str) -> None:
    assert says_advertising(Sample(1, ()), device)


def test_by_a_type_of_each_row() -> None:
    assert says_advertising(Sample(2, (Column("id_type", "text", ("AAID", "idfa ")),)), "device_id")
    assert not says_advertising(Sample(2, (Column("id_type", "text", ("other", "other")),)), "device_id")
    assert not says_advertising(Sample(2, (Column("note", "text", (*map(str, range(20)), "idfa")),)), "id")


def test_by_form() -> None:
    ids = pa.array([" {6D92078A8246BA4439E9E0E5E0B2C4D1}", "6d92078a-8246-ba44-39e9-e0e5e0b2c4d1", "taxi 17", None])
    assert have_uuids(ids).tolist() == [True, True, False, False]
