"""What a log says: entries, its key, proofs; and what a witness adds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import cosign_log, log_key, prove_logged, show_log, verify_log
from hereabouts.errors import BadInputError, UsageError, VerificationError
from hereabouts.log.note import COSIGNATURE, Signer, Verifier
from hereabouts.log.proof import Proof

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

WITNESS = Signer.of("witness.example", bytes([7] * 32))
SEEN = str(Verifier(WITNESS.name, WITNESS.verifier.public, COSIGNATURE))


def test_entries_are_shown_in_order(sealed_site: Site) -> None:
    entries = show_log(sealed_site.store)
    assert [entry.number for entry in entries] == list(range(len(entries)))
    assert [entry.act for entry in entries[:3]] == ["init", "policy", "supplier"]
    assert show_log(log=sealed_site.store / "log", first=2) == entries[2:]
    assert [entry.outcome for entry in show_log(sealed_site.store, wanted="intake")] == ["begun", "done"]
    assert show_log(sealed_site.store, first=10_000) == []


def test_an_entry_is_proved_from_the_store_and_from_a_copy(sealed_site: Site) -> None:
    key = Verifier.parse(log_key(sealed_site.store))
    for given in ({"store": sealed_site.store}, {"log": sealed_site.store / "log"}):
        proof = Proof.parse(prove_logged(1, **given))  # type: ignore[arg-type]
        assert proof.check(proof.extra, key)[0].size == len(show_log(sealed_site.store))
    with pytest.raises(VerificationError, match="no entry 10000 yet"):
        prove_logged(10_000, sealed_site.store)


def test_a_witness_signs_the_last_checkpoint(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    note = site.folder / "signed"
    text = (site.store / "log/checkpoint").read_text(encoding="utf-8")
    note.write_text(text + WITNESS.cosign(text.partition("\n\n")[0] + "\n", 1_700_000_000), encoding="utf-8")
    assert cosign_log(note, site.store, [SEEN]) == ["witness.example"]
    assert all(check.passed for check in verify_log(site.store, witnesses=[SEEN]))
    with pytest.raises(VerificationError, match="none of these"):
        cosign_log(note, site.store, [str(WITNESS.verifier)])
    with pytest.raises(UsageError, match="verifier key"):
        cosign_log(note, site.store, ["no key"])
    site.admit("acme")
    with pytest.raises(VerificationError, match="last checkpoint"):
        cosign_log(note, site.store, [SEEN])


def test_a_note_that_is_none_is_bad_input(empty_site: Site, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        cosign_log(tmp_path / "none", empty_site.store, [SEEN])
    (tmp_path / "text").write_text("no note", encoding="utf-8")
    with pytest.raises(VerificationError, match="not a signed note"):
        cosign_log(tmp_path / "text", empty_site.store, [SEEN])


def test_the_log_does_not_change_with_the_rows(empty_site: Site, copy: Copy) -> None:
    """One person, two, or a crowd, with rows that are dropped: but for times and commitments the entries are one."""
    logs = []
    for devices in (1, 2, 40):
        site = copy(empty_site)
        site.admit("acme")
        rows = [
            f"0000{device:04d}-0000-4000-8000-000000000000,2024-03-0{4 + step % 5}T10:0{step}:00Z,52.{device:02d},-1.2,"
            f"{'true' if step else 'false'}"
            for device in range(devices)
            for step in range(8)
        ]
        site.ok("intake", site.csv(rows), "--supplier", "acme")
        site.ok("seal", "--all")
        site.run("release", site.plan(window="2024-03-04/2024-03-11", epsilon=5.0), "--out", site.folder / "out")
        logs.append([(e.act, e.outcome, e.rule, e.facts, e.commitment is None) for e in show_log(site.store)])
    stores = [entries[0][3].pop("store") for entries in logs]
    assert len(set(stores)) == 1
    assert logs[0] == logs[1] == logs[2]
    assert [act for act, *_ in logs[0]][-4:] == ["intake", "seal", "seal", "release"]
