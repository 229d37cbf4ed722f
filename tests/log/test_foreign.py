"""Verifiers with none of our code accept our log, and find what was altered in it: Go's x/mod, and tlog-scales."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.log import entries
from hereabouts.log.checking import tree_faults
from hereabouts.log.merkle import consistency_proof, inclusion_proof
from hereabouts.log.note import Signer
from hereabouts.log.reading import read_checkpoint
from hereabouts.log.tiles import Tiles

if TYPE_CHECKING:
    from tests.log.conftest import Kept

tlog_scales = pytest.importorskip("tlog_scales", reason="needs tlog-scales")

Needs = Callable[[bool, str], None]

SIZE = 100_000
VKEY = str(Signer.of("hereabouts.example/log", bytes(range(32))).verifier)
GO_SOURCE = Path("/usr/share/gocode")


@pytest.fixture(scope="module")
def log(large: Kept) -> Path:
    """100,000 entries of ours, published from a state in three parts."""
    return large.path


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory, needs: Needs) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The shim over Go's note and tlog, built once."""
    go = shutil.which("go")
    needs(go is not None and (GO_SOURCE / "src/golang.org/x/mod/sumdb").is_dir(), "Go with golang-golang-x-mod-dev")
    built = tmp_path_factory.mktemp("go") / "verify"
    path = {"GO111MODULE": "off", "GOPATH": str(GO_SOURCE), "GOCACHE": str(built.parent / "cache")}
    source = Path(__file__).parent / "go" / "verify"
    subprocess.run([str(go), "build", "-o", str(built), "."], cwd=source, env=os.environ | path, check=True)

    def verify(folder: Path, *places: int) -> subprocess.CompletedProcess[str]:
        command = [str(built), str(folder), VKEY, *map(str, places)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return verify


def test_go_accepts_a_log_of_ours_and_makes_the_same_proofs(
    log: Path, verifier: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    places = (0, 255, 256, 65_535, 65_536, 77_777, SIZE - 1)
    done = verifier(log, *places)
    assert (done.returncode, done.stderr) == (0, "")
    *proofs, last = done.stdout.splitlines()
    assert last == f"size {SIZE}"
    nodes = Tiles(log, SIZE).node
    for place, line in zip(places, proofs, strict=True):
        ours = [base64.b64encode(each).decode() for each in inclusion_proof(place, SIZE, nodes)]
        assert line.split() == ["proof", str(place), *ours]


def altered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def reordered(path: Path) -> None:
    """Two entries of one length change places."""
    content = path.read_bytes()
    length = 2 + int.from_bytes(content[:2], "big")
    path.write_bytes(content[length : 2 * length] + content[:length] + content[2 * length :])


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("checkpoint", altered),
        ("tile/entries/123", altered),
        ("tile/entries/123", reordered),
        ("tile/entries/123", Path.unlink),
        ("tile/0/123", altered),
        ("tile/1/000", altered),
        ("tile/2/000.p/1", Path.unlink),
        ("tile/entries/390.p/160", altered),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_go_finds_what_was_altered(
    log: Path,
    verifier: Callable[..., subprocess.CompletedProcess[str]],
    path: str,
    change: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    copy = shutil.copytree(log, tmp_path / "log")
    change(copy / path)
    assert verifier(copy).returncode == 1
    if path != "checkpoint":
        assert tree_faults(copy, read_checkpoint(log)[0]) != [], "and our own check does"


def test_tlog_scales_accepts_it_and_makes_the_same_proofs(log: Path, large: Kept) -> None:
    from tlog_scales import backend, reader, signing  # noqa: PLC0415

    found = reader.TilesReader(backend.LocalBackend(log))
    checkpoint = found.get_checkpoint()
    checkpoint.verify(signing.Vkey.from_string(VKEY))
    assert (checkpoint.size, checkpoint.root_hash) == (SIZE, found.calculate_root_hash())
    nodes = Tiles(log, SIZE).node
    contents = list(entries.contents(large.state))
    for place in (0, 70_000, SIZE - 1):
        assert found.get_entry(place) == contents[place]
        assert found.get_inclusion_proof(place, SIZE).node_hashes == inclusion_proof(place, SIZE, nodes)
    for old in (1, 256, 70_000, 70_001, SIZE - 1):
        assert found.get_consistency_proof(old, SIZE).node_hashes == consistency_proof(old, SIZE, nodes)
