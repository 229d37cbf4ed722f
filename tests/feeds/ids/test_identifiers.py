from __future__ import annotations

import hashlib
import secrets
import uuid

import numpy as np
import pyarrow as pa
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.ids.identifiers import (
    ALL_ZERO,
    UNUSABLE,
    USABLE,
    canonical_id,
    id_states,
    pseudonyms,
    pseudonyms_under,
)

UUID = "6d92078a-8246-4ba4-9b5b-76104861e7dc"
KEY = secrets.token_bytes(32)

spellings = st.one_of(
    st.text(max_size=80),
    st.text(min_size=1, max_size=1024).filter(lambda text: len(text.encode()) <= 1024),
    st.text("0123456789abcdefABCDEF-{} ", min_size=30, max_size=42),
    st.uuids().map(str),
    st.uuids().map(lambda u: f"  {{{u.hex.upper()}}}\n"),
)


def reference(text: str, key: bytes = KEY) -> int:
    return int.from_bytes(blake3(canonical_id(text).encode(), key=key).digest(16), "big")


def as_ints(rows: np.ndarray) -> list[int]:
    return [int(high) << 64 | int(low) for high, low in rows]


def usable(text: str) -> bool:
    return 0 < len(canonical_id(text).encode()) <= 1024


@pytest.mark.parametrize(
    "spelling",
    [
        UUID.upper(),
        f" \t{UUID}\r\n",
        UUID.replace("-", ""),
        f"{{{UUID}}}",
        "{" + UUID.replace("-", "").upper() + "}",
    ],
)
def test_one_device_has_one_canonical_id_however_it_is_spelled(spelling: str) -> None:
    assert canonical_id(spelling) == UUID
    assert pseudonyms(pa.array([spelling]), KEY).tolist() == pseudonyms(pa.array([UUID]), KEY).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "Taxi 7",
        UUID[:-1],
        UUID + "0",
        UUID.replace("6", "g"),
        "{" + UUID,
        "{ " + UUID + "}",
        UUID.replace("-", "_"),
    ],
)
def test_what_is_no_uuid_stays_as_it_is_with_its_case(text: str) -> None:
    assert canonical_id(text) == text
    assert as_ints(pseudonyms(pa.array([text]), KEY)) == [reference(text)]


@given(spellings)
def test_the_canonical_id_of_a_canonical_id_is_itself(text: str) -> None:
    assert canonical_id(canonical_id(text)) == canonical_id(text)


@given(st.lists(spellings.filter(usable), max_size=40))
def test_pseudonyms_are_the_keyed_blake3_of_canonical_ids(texts: list[str]) -> None:
    assert as_ints(pseudonyms(pa.array(texts, pa.string()), KEY)) == [reference(text) for text in texts]


def test_ids_of_every_length_up_to_a_chunk_are_hashed_rightly_side_by_side() -> None:
    texts = ["x" * length for length in range(1, 1025)]
    order = np.random.default_rng(7).permutation(len(texts))
    texts = [texts[i] for i in order]
    assert as_ints(pseudonyms(pa.array(texts), KEY)) == [reference(text) for text in texts]


def test_an_id_keeps_its_pseudonym_in_every_kind_of_column() -> None:
    texts = [str(uuid.uuid4()) for _ in range(50)]
    expected = [reference(text) for text in texts]
    column = pa.array(texts)
    kinds = [pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary()]
    for values in (*(column.cast(kind) for kind in kinds), column.dictionary_encode()):
        assert as_ints(pseudonyms(values, KEY)) == expected
        assert as_ints(pseudonyms(values[7:33], KEY)) == expected[7:33]


def test_several_keys_and_some_of_the_rows_at_once() -> None:
    """What intake asks: the names of a window and the tokens of withdrawal, of those rows that are in the window."""
    texts = [str(uuid.uuid4()) if i % 9 else f" id {i}" + "x" * (i % 100) for i in range(1000)]
    keys = [secrets.token_bytes(32) for _ in range(3)]
    rows = np.flatnonzero(np.random.default_rng(1).random(1000) < 0.3)
    for values in (pa.array(texts), pa.array(["", *texts])[1:]):
        for key, found in zip(keys, pseudonyms_under(values, keys), strict=True):
            assert as_ints(found) == [reference(text, key) for text in texts]
        for key, found in zip(keys, pseudonyms_under(values, keys, rows), strict=True):
            assert as_ints(found) == [reference(texts[row], key) for row in rows]
    assert pseudonyms_under(pa.array(texts), []) == []
    assert pseudonyms_under(pa.array(["a", None]), keys[:1], np.array([0]))[0].shape == (1, 2), "what is not asked for"


def test_more_ids_than_are_worked_on_at_once() -> None:
    texts = [f"device {i}" + "-" * (100 * (i % 10 == 0)) for i in range(20_000)]
    found = pseudonyms(pa.array(texts), KEY)
    for place in (0, 8191, 8192, 8193, 10_000, 19_999):
        assert as_ints(found[place : place + 1]) == [reference(texts[place])]
    assert len(set(as_ints(found))) == len(texts)


def test_another_key_gives_pseudonyms_that_have_nothing_in_common() -> None:
    ids = pa.array([f"device {i}" for i in range(500)])
    one, other = (pseudonyms(ids, secrets.token_bytes(32)) for _ in range(2))
    assert not set(as_ints(one)) & set(as_ints(other))


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, got 16"):
        pseudonyms(pa.array(["a"]), bytes(16))


@pytest.mark.parametrize("bad", [None, "", "  \t", "x" * 1025, "é" * 513])
def test_an_unusable_id_gets_no_pseudonym_and_is_not_named(bad: str | None) -> None:
    ids = pa.array(["a", bad, "b"])
    assert id_states(ids).tolist() == [USABLE, UNUSABLE, USABLE]
    with pytest.raises(ValueError, match="1 of 3 ids are null, empty or longer"):
        pseudonyms(ids, KEY)


def test_an_id_of_1024_bytes_around_which_there_is_space_is_usable() -> None:
    assert id_states(pa.array(["  " + "é" * 512 + "\n"])).tolist() == [USABLE]


NOBODY = {"null", "none", "nil", "nan", "n/a", "unknown", "undefined"}


@given(st.lists(st.binary(max_size=12)))
def test_ids_that_are_not_utf8_are_unusable(values: list[bytes]) -> None:
    def expected(value: bytes) -> int:
        try:
            name = canonical_id(value.decode())
            return USABLE if name and name.lower() not in NOBODY else UNUSABLE
        except UnicodeDecodeError:
            return UNUSABLE

    assert id_states(pa.array(values, pa.binary())).tolist() == [expected(value) for value in values]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("00000000-0000-0000-0000-000000000000", ALL_ZERO),
        ("0" * 32, ALL_ZERO),
        ("{" + "0" * 32 + "}", ALL_ZERO),
        (" {00000000-0000-0000-0000-000000000000} ", ALL_ZERO),
        ("00000000-0000-0000-0000-000000000001", USABLE),
        ("0" * 31, USABLE),
        ("0", USABLE),
        ("0" * 36, USABLE),
    ],
)
def test_an_advertising_id_of_zeros_is_told_in_every_spelling(text: str, state: int) -> None:
    assert id_states(pa.array([text])).tolist() == [state]


def test_null_ids_and_slices_keep_their_places() -> None:
    ids = pa.array(["a", None, "é", None, "0" * 32] * 9)
    assert (
        id_states(ids[3:13]).tolist()
        == ([UNUSABLE, ALL_ZERO] + [USABLE, UNUSABLE, USABLE, UNUSABLE, ALL_ZERO] * 2)[:10]
    )


def test_no_ids_are_no_pseudonyms() -> None:
    assert pseudonyms(pa.array([], pa.string()), KEY).shape == (0, 2)
    assert id_states(pa.array([], pa.string())).shape == (0,)


@pytest.mark.parametrize("word", ["null", "NULL", " None ", "NaN", "n/a", "unknown", "undefined", "nil"])
def test_words_that_stand_where_there_is_no_id_name_nobody(word: str) -> None:
    """All phones without an id would else be one device, and one of them could change a sum by more than the bound."""
    assert id_states(pa.array([word])).tolist() == [UNUSABLE]


@pytest.mark.parametrize("word", ["nullify", "0", "nobody", "nul"])
def test_other_words_are_ids(word: str) -> None:
    assert id_states(pa.array([word])).tolist() == [USABLE]


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_hashing_the_id_of_zeros_does_not_hide_that_its_owner_opted_out(name: str) -> None:
    digest = hashlib.new(name, b"00000000-0000-0000-0000-000000000000", usedforsecurity=False).hexdigest()
    assert id_states(pa.array([digest, digest.upper(), f" {digest}", digest[:-1] + "1"])).tolist() == [ALL_ZERO] * 3 + [
        USABLE
    ]
