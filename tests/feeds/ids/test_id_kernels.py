"""Messages hold the canonical form of ids, however those that are worked on together are mixed."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.feeds.ids.blake3 import BLOCK_BYTES, CHUNK_BYTES, LANES, new_messages
from hereabouts.feeds.ids.id_kernels import write_messages
from hereabouts.feeds.ids.identifiers import canonical_id
from hereabouts.movement.kernel import read_only

UUID = "6d92078a-8246-4ba4-9b5b-76104861e7dc"

plain = st.uuids().map(str)
odd = st.one_of(
    st.uuids().map(lambda u: f" {{{u.hex.upper()}}}\t"),
    st.text(min_size=1, max_size=20),
    st.text("0123456789abcdefABCDEFG@`/:-", min_size=36, max_size=36),
)


def written(ids: list[bytes], longest: int = BLOCK_BYTES) -> tuple[list[bytes], int, list[int]]:
    """The messages, how many ids are unusable, and which are too long."""
    messages, lengths = new_messages(len(ids), longest)
    messages[:] = 0xDEADBEEF  # whatever was there before
    ends = np.cumsum([0, *map(len, ids)])
    bad, longer = write_messages(
        read_only(np.frombuffer(b"".join(ids), np.uint8), np.uint8),
        read_only(ends[:-1], np.int64),
        read_only(ends[1:], np.int64),
        np.full(CHUNK_BYTES, 0x7F, np.uint8),
        messages,
        lengths,
    )
    found = []
    for place, length in enumerate(lengths[: len(ids)].tolist()):
        text = np.ascontiguousarray(messages[place // LANES, :, :, place % LANES]).tobytes()
        padded = max(1, -(-length // BLOCK_BYTES)) * BLOCK_BYTES
        assert text[length:padded] == bytes(padded - length), "zeros to the end of the block"
        found.append(text[:length])
    assert not lengths[len(ids) :].any(), "lanes behind the last id have the empty message"
    return found, bad, longer.tolist()


@settings(deadline=None)
@given(st.lists(st.one_of(plain, plain, plain, odd), min_size=LANES // 2, max_size=2 * LANES))
def test_canonical_forms_side_by_side(texts: list[str]) -> None:
    ids = [text.encode() for text in texts]
    found, bad, longer = written(ids, CHUNK_BYTES)
    assert found == [canonical_id(text).encode() for text in texts]
    assert bad == sum(not canonical_id(text) for text in texts)
    assert longer == []


@pytest.mark.parametrize("place", range(36))
def test_one_wrong_character_makes_it_no_uuid(place: int) -> None:
    """Whatever stands in the place of one character of a UUID in capitals, the others keep their case then."""
    whole = UUID.upper().encode()
    ids = [whole[:place] + bytes([byte]) + whole[place + 1 :] for byte in range(33, 127)]
    expected = [canonical_id(spelled.decode()).encode() for spelled in ids]
    assert written(ids)[0] == expected
    assert sum(text == text.lower() for text in expected) == (1 if place in (8, 13, 18, 23) else 22)


def test_a_byte_over_ascii_makes_it_no_uuid() -> None:
    ids = [UUID[:9].upper().encode() + "é".encode() + UUID[11:].upper().encode(), UUID.upper().encode()]
    assert written(ids)[0] == [ids[0], UUID.encode()]


def test_what_is_unusable_and_what_is_too_long_for_now() -> None:
    ids = [b"", b" \t", b"x" * 65, UUID.encode(), b"x" * 1025, b" " + b"y" * 64 + b" "]
    found, bad, longer = written(ids)
    assert found == [b"", b"", b"", UUID.encode(), b"", b"y" * 64]
    assert (bad, longer) == (3, [2])
    assert written([b"x" * 1024, b"z"], CHUNK_BYTES) == ([b"x" * 1024, b"z"], 0, [])


def test_every_count_of_ids() -> None:
    for count in (0, 1, LANES - 1, LANES, LANES + 1):
        ids = [uuid.UUID(int=place).hex.encode() for place in range(count)]
        assert written(ids)[0] == [str(uuid.UUID(int=place)).encode() for place in range(count)]
