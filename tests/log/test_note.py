"""Signed notes, against the examples of the standard and what an attacker would try."""

from __future__ import annotations

import pytest

from hereabouts.errors import UsageError, VerificationError
from hereabouts.log.note import COSIGNATURE, Note, Signer, Verifier

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
TEXT = "example.com/log\n3\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n"


@pytest.fixture
def signer() -> Signer:
    return Signer.of("example.com/log", bytes(range(32)))


def test_the_example_of_the_standard_verifies() -> None:
    verifier = Verifier.parse(VKEY)
    assert str(verifier) == VKEY
    note = Note.parse(EXAMPLE)
    assert note.signed_by([verifier]) == [verifier]
    assert str(note) == EXAMPLE


def test_what_is_signed_verifies_and_what_was_altered_does_not(signer: Signer) -> None:
    content = f"{TEXT}\n{signer.sign(TEXT)}"
    assert Note.parse(content).signed_by([signer.verifier]) == [signer.verifier]
    with pytest.raises(VerificationError, match="altered"):
        Note.parse(content.replace("\n3\n", "\n4\n")).signed_by([signer.verifier])


def test_signatures_of_others_are_ignored(signer: Signer) -> None:
    other = Signer.of("example.com/log", bytes(32))
    note = Note.parse(f"{TEXT}\n{other.sign(TEXT)}{signer.sign(TEXT)}")
    assert note.signed_by([signer.verifier]) == [signer.verifier]
    assert Note.parse(f"{TEXT}\n{other.sign(TEXT)}").signed_by([signer.verifier]) == []


def test_a_witness_says_when_it_saw_a_checkpoint(signer: Signer) -> None:
    witness = Signer.of("witness.example", bytes([7] * 32))
    seen = Verifier(witness.name, witness.verifier.public, COSIGNATURE)
    line = witness.cosign(TEXT, 1_679_315_147)
    assert Note.parse(f"{TEXT}\n{signer.sign(TEXT)}{line}").signed_by([signer.verifier, seen]) == [
        signer.verifier,
        seen,
    ]
    assert Note.parse(f"{TEXT}\n{line}").signed_by([witness.verifier]) == [], "another kind is another key"
    later = witness.cosign(TEXT.replace("\n3\n", "\n4\n"), 1_679_315_147)
    with pytest.raises(VerificationError):
        Note.parse(f"{TEXT}\n{later}").signed_by([seen])
    assert Verifier.parse(str(seen)) == seen


@pytest.mark.parametrize(
    "content",
    ["", "text\n", "text\n\n", "text\n\n— name\n", "text\n\nname c2ln\n", "text\n\n— name c2ln!\n",
     "te\0xt\n\n— a AAAAAAAA\n", "text\n\n— name AAAAAAAA", "text\n\n— na+me AAAAAAAA\n",
     "text\n\n" + "— name AAAAAAAA\n" * 101],
)  # fmt: skip
def test_what_is_no_note_is_refused(content: str) -> None:
    with pytest.raises(VerificationError, match=r"is not a signed note|no signature"):
        Note.parse(content)


@pytest.mark.parametrize(
    "vkey",
    ["", "name", "name+00000000+AAAA", VKEY.replace("530d", "530e"), "na me" + VKEY[15:], VKEY.replace("+Aek", "+Bek")],
)
def test_what_is_no_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(UsageError, match="verifier key"):
        Verifier.parse(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_signer_has_a_name_that_notes_can_hold(name: str) -> None:
    with pytest.raises(UsageError, match="signer's name"):
        Signer.of(name, bytes(32))


def test_a_signer_does_not_show_its_key(signer: Signer) -> None:
    assert "private" not in repr(signer)
