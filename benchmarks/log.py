"""The transparency log: appends a second, sizes of proofs, and how long it takes to verify all of it.

    python -m benchmarks.log [--entries 100000] [--folder DIR]

Every file is flushed to the disk, as in a store. "One act at a time" writes an entry in a transaction of its own and
publishes: new tiles and a signed checkpoint for each. Where state and folder lie bears on that more than the processor:
name a folder on the disk that a store would be on.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from benchmarks.machine import describe
from benchmarks.words import say
from hereabouts.log.actor import acting_as
from hereabouts.log.checking import entry_faults, tree_faults
from hereabouts.log.entries import append, count
from hereabouts.log.folder import LogFolder
from hereabouts.log.note import Signer
from hereabouts.log.reading import prove_entry, read_checkpoint
from hereabouts.state import writing
from hereabouts.state.database import open_state, sqlite_url
from hereabouts.store.files import durable_write

ENTRIES = 100_000
SINGLE = 300
"""Acts that are measured one at a time."""
AT_ONCE = 1000
_SIGNER = Signer.of("hereabouts/benchmark", bytes(range(32)))


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes
    ----------
    single
        Acts a second by the clock and by the processor, one at a time, by the number of entries there were before.
    batch
        Entries a second by both, a thousand a transaction, published once at the end.
    publish_seconds
        Of that, the tiles and the checkpoint.
    proofs
        Bytes of a tlog-proof with its entry and checkpoint, by the log's size.
    verify_seconds
        To make the whole log anew and parse every entry.
    folder_bytes, state_bytes
        On the disk.
    """

    entries: int
    single: dict[int, tuple[float, float]]
    batch: tuple[float, float]
    publish_seconds: float
    proofs: dict[int, int]
    verify_seconds: float
    folder_bytes: int
    state_bytes: int


def measure_log(entries: int, folder: Path, single: int = SINGLE) -> Figures:
    """Write a log of so many entries into an empty folder, and verify it."""
    state = open_state(sqlite_url(folder / "state.sqlite"), create=True)
    log = LogFolder(folder / "log", lambda path, content: _write(folder / "log" / path, content))
    rates = dict[int, tuple[float, float]]()
    proofs = dict[int, int]()
    with acting_as("benchmark"):
        say(f"{single} acts, one at a time")
        rates[0] = _singly(state, log, single)
        proofs[single] = len(str(prove_entry(folder / "log", single // 2)))
        missing = entries - 2 * single
        say(f"{missing:,} entries, {AT_ONCE} a transaction")
        began, cpu = time.perf_counter(), time.process_time()
        for start in range(0, missing, AT_ONCE):
            with writing(state) as session:
                for number in range(start, min(start + AT_ONCE, missing)):
                    append(session, "charge", _facts(number))
        wrote = time.perf_counter()
        log.publish(state, _SIGNER)
        ended, batch_cpu = time.perf_counter(), time.process_time() - cpu
        say(f"{single} acts on top of {count(state):,}")
        before = count(state)
        rates[before] = _singly(state, log, single)
    checkpoint, _ = read_checkpoint(folder / "log", _SIGNER.verifier)
    proofs[checkpoint.size] = len(str(prove_entry(folder / "log", checkpoint.size // 2)))
    say("verify")
    verify = time.perf_counter()
    faults = tree_faults(folder / "log", checkpoint) + entry_faults(folder / "log", checkpoint.size)
    seconds = time.perf_counter() - verify
    if faults:
        raise RuntimeError(f"the log that was measured is not sound: {faults[0]}")
    size = sum(path.stat().st_size for path in (folder / "log").rglob("*") if path.is_file())
    state_bytes = sum(path.stat().st_size for path in folder.glob("state.sqlite*"))
    return Figures(
        checkpoint.size,
        rates,
        (missing / (ended - began), missing / batch_cpu),
        ended - wrote,
        proofs,
        seconds,
        size,
        state_bytes,
    )


def report(figures: Figures) -> str:
    """The figures as Markdown."""
    rows = [(f"one act at a time, on top of {size:,} entries", _rate(rate)) for size, rate in figures.single.items()]
    rows += [
        (f"{AT_ONCE:,} entries a transaction, published once", _rate(figures.batch)),
        ("of that, publishing them all", f"{figures.publish_seconds:.1f} s"),
    ]
    rows += [(f"proof of an entry among {size:,}", f"{length:,} bytes") for size, length in figures.proofs.items()]
    rows += [
        (f"verifying all {figures.entries:,} entries and every tile", f"{figures.verify_seconds:.1f} s"),
        ("the log's folder", f"{figures.folder_bytes / 1e6:.1f} MB"),
        ("the state", f"{figures.state_bytes / 1e6:.1f} MB"),
    ]
    return "\n".join(["| what | |", "| --- | ---: |", *(f"| {what} | {figure} |" for what, figure in rows)])


def _rate(rate: tuple[float, float]) -> str:
    return f"{rate[0]:,.0f} a second ({rate[1]:,.0f} a second of processor time)"


def _singly(state: Engine, log: LogFolder, acts: int) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    for number in range(acts):
        with writing(state) as session:
            append(session, "charge", _facts(number), document=b"plan")
        log.publish(state, _SIGNER)
    return acts / (time.perf_counter() - began), acts / (time.process_time() - cpu)


def _facts(number: int) -> dict[str, object]:
    rho = f"{number + 1}/1099511627776"
    return {"charge": number, "window": "2026-01-05/2026-01-12", "rho": rho, "epsilon": "0.5", "delta": "1e-06"}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    durable_write(path, content)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--folder", type=Path, help="Where to work; the system's temporary folder by default.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        print(report(measure_log(options.entries, Path(folder))))
    print(f"\n{describe()}")


if __name__ == "__main__":
    main()
