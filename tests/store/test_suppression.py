"""Suppression: every withdrawn id is known again, in any spelling, and no other is (WITHDRAW)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hereabouts.errors import MachineError
from hereabouts.feeds.ids.identifiers import pseudonyms
from hereabouts.store.suppression import (
    TOKEN_BYTES,
    Members,
    Suppression,
    Tokens,
    distinct,
    read_tokens,
    to_bytes,
)

KEY = bytes(range(32))
# Few values, so that names share halves and prefixes, as keyed hashes hardly ever would.
HALF = st.sampled_from([0, 1, 2**63, 2**63 + 1, 2**64 - 1]) | st.integers(0, 2**64 - 1)
NAMES = st.lists(st.tuples(HALF, HALF), max_size=40)


def names(pairs: list[tuple[int, int]]) -> Tokens:
    return np.array(pairs, dtype=np.uint64).reshape(-1, 2)


def test_a_withdrawn_id_is_known_in_any_spelling() -> None:
    phone = UUID("6d92078a-8246-ba44-39e9-e0e5e0b2c4d1")
    withdrawn = Suppression(pseudonyms(pa.array([str(phone), "Handset 7"]), KEY), KEY)
    asked = [phone.hex, f" {{{str(phone).upper()}}}\n", "Handset 7", "handset 7", "6d92078a", str(UUID(int=1))]
    assert withdrawn.contains(pa.array(asked)).tolist() == [True, True, True, False, False, False]
    assert (bool(withdrawn), len(withdrawn)) == (True, 2)


def test_with_another_key_nobody_is_known() -> None:
    ids = pa.array(["a", "b"])
    assert not Suppression(pseudonyms(ids, KEY), bytes(32)).contains(ids).any()


def test_an_empty_list_asks_nothing() -> None:
    """Not even for a key, nor whether the ids are any."""
    nobody = Suppression(names([]), b"")
    assert (bool(nobody), len(nobody)) == (False, 0)
    assert nobody.contains(pa.array(["a", None, ""])).tolist() == [False, False, False]
    assert not nobody.among(names([(0, 0)])).any()


def test_no_id_is_in_the_message_of_one_that_is_none() -> None:
    with pytest.raises(ValueError, match="1 of 2 ids") as failure:
        Suppression(names([(1, 2)]), KEY).contains(pa.array(["secret-id", None]))
    assert "secret" not in str(failure.value)


@given(members=NAMES, asked=NAMES)
@settings(deadline=None)
def test_a_set_of_names_is_a_set(members: list[tuple[int, int]], asked: list[tuple[int, int]]) -> None:
    wanted = [*asked, *members]
    found = Members(names(members)).include(names(wanted))
    assert found.tolist() == [name in set(members) for name in wanted]


@given(hnp.arrays(np.uint64, st.tuples(st.integers(0, 300), st.just(2))))
@settings(deadline=None, max_examples=30)
def test_distinct_names_are_in_the_order_of_their_bytes(found: Tokens) -> None:
    ordered = to_bytes(distinct(found))
    cut = [ordered[at : at + TOKEN_BYTES] for at in range(0, len(ordered), TOKEN_BYTES)]
    assert cut == sorted({to_bytes(row) for row in found})


def test_many_are_found_among_many() -> None:
    chance = np.random.default_rng(1)
    found = chance.integers(0, 2**64, (100_000, 2), dtype=np.uint64)
    inside = chance.random(len(found)) < 0.3
    assert np.array_equal(Members(found[inside]).include(found), inside)


def test_tokens_come_back_from_their_files(tmp_path: Path) -> None:
    files = []
    for number, pairs in enumerate([[(1, 2), (3, 2**64 - 1)], [], [(1, 2)]]):
        path = tmp_path / f"{number}.tokens"
        path.write_bytes(to_bytes(names(pairs)))
        files.append((path, hashlib.sha256(path.read_bytes()).hexdigest()))
    assert read_tokens(files).tolist() == [[1, 2], [3, 2**64 - 1], [1, 2]]
    assert read_tokens([]).shape == (0, 2)
    assert len(Suppression(read_tokens(files), KEY)) == 2


@pytest.mark.parametrize("change", ["gone", "short", "altered"])
def test_tokens_that_were_lost_are_missed(change: str, tmp_path: Path) -> None:
    """Else the devices would be let in again, and nobody would know."""
    path = tmp_path / "0001.tokens"
    path.write_bytes(to_bytes(names([(1, 2), (3, 4)])))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[16:] if change == "short" else to_bytes(names([(1, 2), (3, 5)])))
    with pytest.raises(MachineError, match=r"0001\.tokens.*restore it from a copy"):
        read_tokens([(path, digest)])
