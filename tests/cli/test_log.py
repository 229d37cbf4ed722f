"""``hereabouts log``: what each command prints, and its exit codes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from hereabouts.log.note import Signer

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site


def test_verify(sealed_site: Site, copy: Copy, command: Command, tmp_path: Path) -> None:
    site = copy(sealed_site)
    done = site.run("log verify")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("ok     checkpoint: ")
    assert "not compared" not in done.out
    log = shutil.copytree(site.store / "log", tmp_path / "log")
    done = command("log", "verify", "--log", log)
    assert done.code == 0
    assert "the signer is not pinned" in done.out
    assert "state and ledger were not compared" in done.out
    key = command("log", "key", "--store", site.store).out.strip()
    document = command("log", "verify", "--log", log, "--log-key", key, "--json").json
    assert (document["sound"], document["signer_pinned"], document["ledger_compared"]) == (True, True, False)
    for bundle in (log / "tile/entries/000.p").iterdir():
        bundle.write_bytes(bundle.read_bytes().replace(b'"acme"', b'"acne"', 1))
    broken = command("log", "verify", "--log", log)
    assert broken.code == 5
    assert "FAILED tree: entry " in broken.out
    assert broken.err == "hereabouts: the log is not sound: tree\n"
    command("log", "verify").refuses(2, "--store STORE or --log DIR")


def test_show(sealed_site: Site, command: Command) -> None:
    done = sealed_site.run("log show")
    lines = done.out.splitlines()
    assert lines[0].startswith("0 20")
    assert " init done " in lines[0]
    assert sealed_site.run("log show", "--from", 2).out.splitlines() == lines[2:]
    only = sealed_site.ok("log show", "--act", "supplier")
    assert [entry["facts"]["supplier"] for entry in only] == ["acme", "trusted"]
    assert set(only[0]) == {"number", "at", "actor", "role", "act", "outcome", "rule", "facts", "commitment"}
    command("log", "show", "--log", sealed_site.folder).refuses(5, "no checkpoint")


def test_key_prove_and_cosign(sealed_site: Site, copy: Copy, command: Command) -> None:
    site = copy(sealed_site)
    assert site.ok("log key")["key"] == site.run("log key").out.strip()
    proof = site.run("log prove", 1)
    assert proof.out.startswith("c2sp.org/tlog-proof@v1\n")
    assert site.ok("log prove", 1)["proof"] == proof.out
    command("log", "prove", 5000, "--store", site.store).refuses(5, "no entry 5000 yet")
    witness = Signer.of("witness.example", bytes([7] * 32))
    text = (site.store / "log/checkpoint").read_text(encoding="utf-8")
    (site.folder / "note").write_text(text + witness.sign(text.partition("\n\n")[0] + "\n"), encoding="utf-8")
    done = site.run("log cosign", site.folder / "note", "--witness", witness.verifier)
    assert (done.code, done.out) == (0, "signed by witness.example\n")
    assert site.ok("log cosign", site.folder / "note", "--witness", witness.verifier)["witnesses"] == [
        "witness.example"
    ]


def test_report(sealed_site: Site, command: Command, tmp_path: Path) -> None:
    done = sealed_site.run("log report", "--out", tmp_path / "report")
    assert done.code == 0
    assert done.out.startswith(f"{tmp_path / 'report' / 'transparency.html'} and ")
    made = sealed_site.ok("log report", "--out", tmp_path / "again", "--since", "2020-01-01", "--until", "2020-12-31")
    assert (made["entries"], made["since"], made["until"]) == (0, "2020-01-01", "2020-12-31")
    sealed_site.run("log report", "--out", tmp_path / "report").refuses(2, "not an empty folder")
