"""A release's entry in the transparency log, and the proof of it that lies beside the manifest."""

from __future__ import annotations

from pathlib import Path

from hereabouts.errors import VerificationError
from hereabouts.log.entries import Entry
from hereabouts.log.note import Verifier
from hereabouts.log.proof import Proof

PROOF = "release.tlog-proof"


def check_logged(folder: Path, manifest_digest: str, log: Verifier) -> str:
    """Verify that a release is in the log of a key; says where, and who let it out.

    Raises
    ------
    VerificationError
        When there is no proof, or it is not one of this release.
    """
    try:
        proof = Proof.parse((folder / PROOF).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VerificationError(f"there is no {PROOF}: the release was never logged, or the file was removed") from None
    checkpoint, _ = proof.check(proof.extra, log)
    entry = Entry.from_bytes(proof.extra)
    if (entry.act, entry.outcome, entry.facts.get("manifest")) != ("release", "done", manifest_digest):
        raise VerificationError(f"entry {proof.index} of the log is not of this release: its manifest is another one")
    return f"entry {proof.index} of {checkpoint.size}, by {entry.actor} at {entry.at}"
