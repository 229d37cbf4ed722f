"""A log's folder, read by anybody: its checkpoint, entries from a place on, proofs; and what is no log's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.errors import VerificationError
from hereabouts.log.note import Signer
from hereabouts.log.reading import numbered_entries, prove_entry, read_checkpoint

if TYPE_CHECKING:
    from tests.log.conftest import Kept


@pytest.fixture
def published(kept: Kept) -> Kept:
    kept.fill(0, 300)
    kept.publish()
    return kept


def test_a_checkpoint_is_read_with_the_key_or_without(published: Kept, signer: Signer) -> None:
    assert read_checkpoint(published.path) == read_checkpoint(published.path, signer.verifier)
    with pytest.raises(VerificationError, match="not one of the log"):
        read_checkpoint(published.path, Signer.of(signer.name, bytes(32)).verifier)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"text", b"text\n\n\xe2\x80\x94 name AAAAAAAA\n"])
def test_what_is_no_checkpoint_is_refused(content: bytes, published: Kept) -> None:
    (published.path / "checkpoint").write_bytes(content)
    with pytest.raises(VerificationError, match="cannot be believed"):
        read_checkpoint(published.path)


def test_a_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="no checkpoint"):
        read_checkpoint(tmp_path)


def test_entries_are_read_from_a_place_on(published: Kept) -> None:
    assert [place for place, _ in numbered_entries(published.path, 300)] == list(range(300))
    found = list(numbered_entries(published.path, 300, 254))
    assert [place for place, _ in found] == list(range(254, 300))
    assert all(entry.facts["charge"] == place for place, entry in found)
    assert list(numbered_entries(published.path, 300, 300)) == []


def test_an_entry_that_cannot_be_read_is_named(kept: Kept) -> None:
    kept.write("tile/entries/000.p/1", b"\0\2{}")
    with pytest.raises(VerificationError, match="entry 0: "):
        list(numbered_entries(kept.path, 1))


def test_a_proof_of_what_was_altered_is_not_given(published: Kept, signer: Signer) -> None:
    assert prove_entry(published.path, 7).check(prove_entry(published.path, 7).extra, signer.verifier)
    bundle = published.path / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b'"charge":7,', b'"charge":8,'))
    with pytest.raises(VerificationError, match="entry 7 is not what the log was signed for"):
        prove_entry(published.path, 7)
    assert prove_entry(published.path, 9, signer.verifier).index == 9
    for place in (-1, 300):
        with pytest.raises(VerificationError, match=f"no entry {place}"):
            prove_entry(published.path, place)
