"""The folder of a log: whatever stops a command, whatever is put back, never two logs under one key."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hereabouts.errors import MachineError, VerificationError
from hereabouts.log.checking import entry_faults, state_faults, tree_faults
from hereabouts.log.folder import LogFolder
from hereabouts.log.merkle import consistency_proof, is_consistent
from hereabouts.log.note import COSIGNATURE, Note, Signer, Verifier
from hereabouts.log.reading import read_checkpoint
from hereabouts.log.tiles import Tiles
from hereabouts.state import writing
from hereabouts.state.tables import LogEntryRow

if TYPE_CHECKING:
    from tests.log.conftest import Keep, Kept

WITNESS = Signer.of("witness.example", bytes([7] * 32))
SEEN = Verifier(WITNESS.name, WITNESS.verifier.public, COSIGNATURE)


def sound(folder: Path, signer: Signer) -> int:
    """The size of a log that is sound."""
    checkpoint, _ = read_checkpoint(folder, signer.verifier)
    assert tree_faults(folder, checkpoint) == []
    assert entry_faults(folder, checkpoint.size) == []
    return checkpoint.size


def test_a_log_is_what_the_state_has(kept: Kept, signer: Signer) -> None:
    assert kept.publish() == 0
    assert sound(kept.path, signer) == 0
    for first, count in ((0, 1), (1, 2), (3, 300), (303, 209)):
        kept.add(count, first)
        assert kept.publish() == first + count == sound(kept.path, signer)
    assert state_faults(kept.path, 512, kept.state) == []
    before = (kept.path / "checkpoint").read_bytes()
    assert kept.publish() == 512
    assert (kept.path / "checkpoint").read_bytes() == before, "nothing new is not signed for again"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from([1, 2, 255, 256, 257]), min_size=1, max_size=4), data=st.data())
def test_killed_between_any_two_files_the_log_is_whole_and_goes_on(
    steps: list[int], data: st.DataObject, keep: Keep, tmp_path_factory: pytest.TempPathFactory, signer: Signer
) -> None:
    """A mirror taken then verifies, and the next command goes on from there: consistent with all that was signed."""
    log = keep(tmp_path_factory.mktemp("killed"))
    log.publish()
    size, signed = 0, [read_checkpoint(log.path, signer.verifier)[0]]
    for step in steps:
        log.fill(size, step)
        size += step
        left = [data.draw(st.integers(0, 8))]

        def write(path: str, content: bytes, left: list[int] = left) -> None:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            log.write(path, content)

        try:
            LogFolder(log.path, write).publish(log.state, signer)
        except KeyboardInterrupt:
            assert sound(log.path, signer) == signed[-1].size
        assert log.publish() == size == sound(log.path, signer)
        signed.append(read_checkpoint(log.path, signer.verifier)[0])
    nodes = Tiles(log.path, size).node
    for old in signed[1:]:
        proof = consistency_proof(old.size, size, nodes)
        assert is_consistent(old.size, old.root, size, signed[-1].root, proof)


def test_kill_9_in_the_middle_of_publish(kept: Kept, signer: Signer) -> None:
    """A real process, killed while it writes its fourth file."""
    kept.fill(0, 300)
    kept.publish()
    kept.fill(300, 700)
    child = os.fork()
    if child == 0:  # pragma: no cover - it dies
        written = []

        def write(path: str, content: bytes) -> None:
            written.append(path)
            if len(written) == 4:
                os.kill(os.getpid(), signal.SIGKILL)
            kept.write(path, content)

        LogFolder(kept.path, write).publish(kept.state, signer)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert sound(kept.path, signer) == 300
    assert kept.publish() == 1000 == sound(kept.path, signer)


def test_a_mirror_taken_at_any_moment_verifies(kept: Kept, signer: Signer, tmp_path: Path) -> None:
    """Checkpoint first, as mirrors copy: a part that was swept since is the beginning of its whole tile."""
    kept.fill(0, 250)
    kept.publish()
    done = threading.Event()

    def grow() -> None:
        for size in range(250, 290):
            kept.fill(size, 1)
            kept.publish()
        done.set()

    writer = threading.Thread(target=grow)
    writer.start()
    sizes = list[int]()
    while not done.is_set():
        mirror = tmp_path / f"mirror {len(sizes)}"
        mirror.mkdir()
        shutil.copy(kept.path / "checkpoint", mirror)
        shutil.copytree(kept.path / "tile", mirror / "tile", copy_function=copy_if_there)
        sizes.append(sound(mirror, signer))
    writer.join()
    assert sizes
    assert sizes == sorted(sizes)


def copy_if_there(source: str, to: str) -> None:
    if Path(source).exists() and not source.endswith(".part"):
        shutil.copy(source, to)


def test_parts_of_tiles_that_are_whole_are_swept(kept: Kept, signer: Signer) -> None:
    for size in range(250, 262, 3):
        kept.fill(0 if size == 250 else size - 3, 250 if size == 250 else 3)
        kept.publish()
    parts = {str(path.relative_to(kept.path)) for path in kept.path.rglob("*") if path.parent.suffix == ".p"}
    assert parts == {"tile/entries/001.p/3", "tile/0/001.p/3", "tile/1/000.p/1"}
    kept.write("tile/0/000.p/250", b"left by a crash before it was swept")
    kept.fill(259, 300)
    kept.publish()
    assert not (kept.path / "tile/0/000.p").exists()
    assert sound(kept.path, signer) == 559


def test_an_older_state_is_refused(kept: Kept, tmp_path: Path) -> None:
    kept.add(10)
    kept.publish()
    old = kept.copy(tmp_path / "old")
    kept.add(5, 10)
    kept.publish()
    shutil.rmtree(old.path)
    shutil.copytree(kept.path, old.path)  # the state alone is put back
    with pytest.raises(MachineError, match=r"state has 10 entries and the log in .* has 15"):
        old.publish()
    old.add(9, 10)  # and went on by itself
    with pytest.raises(MachineError, match=r"state has 19 entries .* not the same ones"):
        old.publish()


def test_an_older_folder_is_brought_up_to_the_state(kept: Kept, signer: Signer, tmp_path: Path) -> None:
    kept.add(260)
    kept.publish()
    old = kept.copy(tmp_path / "old")
    kept.add(40, 260)
    kept.publish()
    newest, _ = read_checkpoint(kept.path, signer.verifier)
    shutil.rmtree(kept.path)
    shutil.copytree(old.path, kept.path)
    assert kept.publish() == 300
    assert read_checkpoint(kept.path, signer.verifier)[0] == newest, "it is the same log"
    shutil.rmtree(kept.path)  # lost altogether
    assert kept.publish() == 300
    assert read_checkpoint(kept.path, signer.verifier)[0] == newest


def test_another_key_signs_nothing(kept: Kept) -> None:
    kept.add(3)
    kept.publish()
    kept.add(1, 3)
    for other in (Signer.of("hereabouts.example/log", bytes(32)), Signer.of("another", bytes(range(32)))):
        with pytest.raises(MachineError, match="not one of the log"):
            kept.publish(other)


@pytest.mark.parametrize(
    ("path", "removed"),
    [
        ("tile/0/001.p/44", True),
        ("tile/0/001.p/44", False),
        ("tile/entries/001.p/44", True),
        ("tile/entries/001.p/44", False),
        ("tile/1/000.p/1", True),
        ("tile/1/000.p/1", False),
        ("checkpoint", False),  # a log without one is made anew: it is the same log
    ],
)
def test_nothing_is_signed_on_top_of_what_was_altered(path: str, removed: bool, kept: Kept) -> None:
    """The files that the next tiles are made from; what lies deeper, `log verify` finds."""
    kept.fill(0, 300)
    kept.publish()
    kept.fill(300, 1)
    file = kept.path / path
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink() if removed else file.write_bytes(content)
    with pytest.raises(MachineError, match="nothing is signed on top of that"):
        kept.publish()


def test_a_gap_in_the_state_is_not_published(kept: Kept) -> None:
    kept.add(4)
    with writing(kept.state) as session:
        session.delete(session.get_one(LogEntryRow, 2))
    with pytest.raises(MachineError, match="lacks entry 2"):
        kept.publish()


def test_witnesses_sign_the_last_checkpoint(kept: Kept, signer: Signer) -> None:
    kept.add(3)
    kept.publish()
    old = Note.parse((kept.path / "checkpoint").read_text(encoding="utf-8"))
    signed = Note.parse(f"{old}{WITNESS.cosign(old.text, 1_700_000_000)}")
    for _ in range(2):
        assert kept.folder.cosign(signed, signer.verifier, [SEEN]) == [SEEN]
    note = read_checkpoint(kept.path, signer.verifier)[1]
    assert len(note.signatures) == 2
    assert note.signed_by([signer.verifier, SEEN]) == [signer.verifier, SEEN]
    assert kept.publish() == 3, "and the log goes on"
    with pytest.raises(VerificationError, match="none of these witnesses"):
        kept.folder.cosign(old, signer.verifier, [SEEN])
    forged = Note(old.text, (*old.signatures, (WITNESS.name, SEEN.key_id, bytes(72))))
    with pytest.raises(VerificationError, match="altered"):
        kept.folder.cosign(forged, signer.verifier, [SEEN])
    kept.add(1, 3)
    kept.publish()
    with pytest.raises(VerificationError, match="last checkpoint"):
        kept.folder.cosign(signed, signer.verifier, [SEEN])


def test_every_entry_is_proved(kept: Kept, signer: Signer) -> None:
    kept.add(260)
    kept.publish()
    for place in (0, 255, 256, 259):
        proof = kept.folder.prove(place, signer.verifier)
        assert proof.check(proof.extra, signer.verifier)[0].size == 260
    with pytest.raises(VerificationError, match="no entry 260"):
        kept.folder.prove(260, signer.verifier)
