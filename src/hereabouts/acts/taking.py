"""How files are taken into a store, one after another, without a stop between them.

While the rows of one file pass the gates, the digest of the next one is computed, and what was written of the one
before is brought to the disk and registered. Only then does a file count; what was written of others is swept away,
now or by the next command.

A feed is taken in once, if anything of it was: one that gave nothing, as it was read by the wrong profile perhaps, may
come again, and its new row replaces the old one. Where each file is one person's, such a file is not registered at all,
and the rows of others say nothing but which file it was (see :mod:`hereabouts.acts.receipt`).
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import pyarrow as pa
from sqlalchemy import delete, select

from hereabouts.acts.accounts import ledger_of
from hereabouts.acts.gates import GatedBatch, Gates
from hereabouts.acts.receipt import Receipt, pooled
from hereabouts.engines.local import in_order
from hereabouts.errors import BadInputError, HereaboutsError, MachineError
from hereabouts.feeds.formats.readers import Feed
from hereabouts.objects import AnyPath, fault_of
from hereabouts.rules.gate import pass_gate
from hereabouts.rules.suppliers import Supplier
from hereabouts.state import writing
from hereabouts.state.tables import Intake, WindowRow
from hereabouts.store.open_window import PingWriter
from hereabouts.store.store import Store

Progress = Callable[[str, int, float], None]


class Writer(Protocol):
    """Who writes the pings of one file."""

    @property
    def frames(self) -> Mapping[str, int | list[int]]:
        """Frames written, by window (see :func:`hereabouts.store.store.parts`); complete after :meth:`commit`."""

    def commit(self) -> None:
        """Bring everything to the disk; the file may be registered after this."""

    def discard(self) -> None:
        """Take back what was written."""


@dataclass
class File:
    """A feed's file on its way into the store, and what has become of its rows so far."""

    feed: Feed
    warnings: list[str]
    digest: Future[str] = field(default_factory=Future)
    again: bool = False
    started: int = 0
    rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    sensitive: Counter[str] = field(default_factory=Counter)
    windows: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Folder of each window, to its name and the pings taken."""
    writer: Writer | None = None
    registered: bool = False

    @property
    def path(self) -> AnyPath:
        """Where it lies."""
        return self.feed.source.path

    @property
    def is_one_persons(self) -> bool:
        """Whether all its rows are of one person."""
        return self.feed.profile.device_from_file

    @property
    def person(self) -> str:
        """Whose it is, where it is one person's; for telling persons apart, and nothing else."""
        return self.feed.source.stem.strip().casefold()


@dataclass(frozen=True, repr=False)
class _Step:
    """A batch of a file, or without one the file's end, or what went wrong with it."""

    file: File
    share: float
    """Of the file."""
    batch: pa.RecordBatch | None = None
    fault: HereaboutsError | None = None


class Taking:
    """Takes files, all of one supplier and through the same gates.

    Parameters
    ----------
    store
        The store, locked.
    gates, supplier
        What rows pass, and whose they are.
    progress
        Told the file, rows and the share of all files.
    """

    def __init__(self, store: Store, gates: Gates, supplier: Supplier, progress: Progress) -> None:
        self._store = store
        self._gates = gates
        self._supplier = supplier
        self._progress = progress
        known = store.intakes()
        self._digests = set(known.values()) - store.fruitless()
        self._next = max(known, default=0) + 1
        self._registered: list[int] = []
        self._replaced: list[dict[str, Any]] = []
        self._new_windows: list[str] = []
        self._ledger = ledger_of(store) if store.is_sharing else None
        self._told: list[str] = []

    def take(self, files: Sequence[File]) -> list[Receipt]:
        """Take the files, and give a receipt for each.

        Where one cannot be taken, nothing of this command counts: what was registered is taken back. Where it is
        interrupted, that stays, and the same command goes on from there.
        """
        with ThreadPoolExecutor(1, "digests") as digests, ThreadPoolExecutor(1, "closing") as closing:
            try:
                return self._take(files, digests, closing)
            except BaseException as error:
                digests.shutdown(wait=False, cancel_futures=True)
                closing.shutdown()  # what is being registered is registered, or not, before anything is taken back
                for file in files:
                    if file.writer is not None and not file.registered:
                        file.writer.discard()
                if isinstance(error, Exception):
                    # Where the machine refuses that too, it is as if it had been interrupted.
                    with contextlib.suppress(HereaboutsError):
                        self._take_back()
                raise

    def _take(self, files: Sequence[File], digests: ThreadPoolExecutor, closing: ThreadPoolExecutor) -> list[Receipt]:
        sizes = [file.feed.source.size for file in files]
        closed: list[Future[Receipt]] = []
        rows = 0
        with contextlib.closing(in_order(self._gated, self._steps(files, digests))) as steps:
            for step, gated in steps:
                file = step.file
                if step.fault is not None:
                    raise step.fault
                if gated is None:
                    if closed:
                        closed[-1].result()  # one at a time: what waits to be written is memory
                    closed.append(self._end(file, closing))
                else:
                    self._add(file, gated)
                    rows += gated.rows
                    before = len(closed)
                    share = (sum(sizes[:before]) + step.share * sizes[before]) / sum(sizes)
                    self._progress(file.feed.label, rows, share)
        receipts = [future.result() for future in closed]
        return receipts if not files or not files[0].is_one_persons else self._pool(files, receipts)

    def _steps(self, files: Sequence[File], digests: ThreadPoolExecutor) -> Iterator[_Step]:
        """Go through the files; of one that was taken before, only the first batches."""
        begun = 0
        for place, file in enumerate(files):
            # The next one's too: it is computed while this one is taken.
            for other in files[begun : place + 2]:
                other.digest = digests.submit(digest_of, other.path)
                begun += 1
            file.started = int(time.time())
            try:
                for batch in with_consent(file.feed, self._supplier):
                    # The rows are not made to wait for the digest, which takes a tenth of their time.
                    if file.digest.done() and self._was_taken(file):
                        break
                    yield _Step(file, file.feed.progress, batch)
                file.again = self._was_taken(file)
            except HereaboutsError as fault:
                # Whatever is wrong with it now, once it was taken.
                file.again = isinstance(fault, BadInputError) and self._was_taken(file)
                if not file.again:
                    yield _Step(file, 1.0, fault=fault)  # in its turn: first what came before it is done with
                    return
            self._digests.add(file.digest.result())
            yield _Step(file, 1.0)

    def _was_taken(self, file: File) -> bool:
        return file.digest.result() in self._digests

    def _gated(self, step: _Step) -> tuple[_Step, GatedBatch | None]:
        return step, None if step.batch is None else self._gates.pass_through(step.batch)

    def _add(self, file: File, batch: GatedBatch) -> None:
        file.rows += batch.rows
        file.dropped.update(batch.dropped)
        file.sensitive.update(batch.sensitive)
        writer = self._ping_writer(file)
        for keys, pings in batch.windows:
            _, taken = file.windows.get(keys.window.folder, ("", 0))
            file.windows[keys.window.folder] = keys.window.name, taken + len(pings)
            writer.add(keys.window.folder, keys.pings, pings)

    def _ping_writer(self, file: File) -> PingWriter:
        if not isinstance(file.writer, PingWriter):
            file.writer = PingWriter(self._store.open_folder, str(self._next), self._store.waiting_folder)
        return file.writer

    def _end(self, file: File, closing: ThreadPoolExecutor) -> Future[Receipt]:
        """Have what was written registered, or take it back where the file was taken before."""
        if not file.again:
            writer = file.writer or self._ping_writer(file)
            self._next += 1
            return closing.submit(self._close, file, writer, self._next - 1)
        if file.writer is not None:
            file.writer.discard()
            file.writer = None
        nothing = File(file.feed, file.warnings, file.digest, again=True)
        done: Future[Receipt] = Future()
        done.set_result(self._receipt(nothing))
        return done

    def _close(self, file: File, writer: Writer, number: int) -> Receipt:
        """Bring a file's pings to the disk, and make them count, in one transaction."""
        writer.commit()
        receipt = self._receipt(file)
        row = Intake(
            id=number,
            feed_digest=receipt.digest,
            supplier=receipt.supplier,
            profile=receipt.profile,
            started=file.started,
            committed=int(time.time()),
            receipt=receipt.to_json(),
            frames={name: writer.frames[folder] for folder, (name, _) in file.windows.items()},
            places_version=receipt.places_version,
        )
        found = []
        self._tell_ledger(receipt.digest)
        if file.is_one_persons:
            if not receipt.taken:
                file.registered = True
                return receipt
            row.receipt = replace(receipt, warnings=[]).untold().to_json()
        with writing(self._store.state) as session:
            pass_gate(session, self._store.policy, "intake", int(time.time()))  # again: it may have taken hours
            old = session.scalars(select(Intake).where(Intake.feed_digest == receipt.digest)).one_or_none()
            if old is not None:
                self._replaced.append(
                    {column.key: getattr(old, column.key) for column in Intake.__mapper__.column_attrs}
                )
                session.delete(old)
                session.flush()
            session.add(row)
            for name in sorted(receipt.windows):
                if session.get(WindowRow, name) is None:
                    window = self._store.calendar.named(name)
                    session.add(WindowRow(name=name, start=window.start, end=window.end, status="open"))
                    found.append(name)
            # Before the transaction ends: what is on record here is there, or never was.
            self._registered.append(number)
            self._new_windows += found
            file.registered = True
        return receipt

    def _tell_ledger(self, digest: str) -> None:
        """Have a ledger that stores share know the feed, before its pings count.

        Killed between the two, the ledger counts what others spend of a feed that this store does not have, until the
        same command is run again; the other way round, what they spend of it would not be counted.
        """
        if self._ledger is not None and self._ledger.take(digest):
            self._told.append(digest)

    def _take_back(self) -> None:
        """Register that nothing of this command counts, in one transaction; the files go when the lock is let go."""
        if self._registered:
            with writing(self._store.state) as session:
                session.execute(delete(Intake).where(Intake.id.in_(self._registered)))
                session.execute(delete(WindowRow).where(WindowRow.name.in_(self._new_windows)))
                for old in self._replaced:
                    if session.get(Intake, old["id"]) is None:
                        session.add(Intake(**old))
        if self._ledger is not None and self._told:
            self._ledger.untake(self._told)  # after that, by the same reasoning

    def _pool(self, files: Sequence[File], receipts: list[Receipt]) -> list[Receipt]:
        """Give and file one receipt with the counts of all files, and others without."""
        new = [receipt for receipt in receipts if not receipt.again]
        if not new:
            return receipts
        persons = {file.person for file, receipt in zip(files, receipts, strict=True) if not receipt.again}
        told = pooled(new, len(persons))
        last = len(receipts) - 1 - [receipt.again for receipt in reversed(receipts)].index(False)
        if self._registered and told.files:
            warnings = list(dict.fromkeys(warning for receipt in new for warning in receipt.warnings))
            with writing(self._store.state) as session:
                row = session.get_one(Intake, self._registered[-1])
                row.receipt = replace(told, digest=row.feed_digest, warnings=warnings).to_json()
        return [
            told if place == last else receipt if receipt.again else receipt.untold()
            for place, receipt in enumerate(receipts)
        ]

    def _receipt(self, file: File) -> Receipt:
        windows = dict(file.windows.values())
        return Receipt(
            feed=file.feed.label,
            digest=file.digest.result(),
            supplier=self._supplier.id,
            profile=file.feed.profile.name,
            again=file.again,
            rows=file.rows,
            taken=sum(windows.values()),
            dropped={reason: count for reason, count in file.dropped.items() if count},
            sensitive=dict(file.sensitive),
            places_version=self._gates.places_version,
            windows=windows,
            warnings=file.warnings,
        )


def digest_of(path: AnyPath) -> str:
    """SHA-256 of a file's content, in hex."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise fault_of(path, error) or MachineError(f"cannot read {path}: {error.strerror or error}") from None


def with_consent(feed: Feed, supplier: Supplier) -> Iterator[pa.RecordBatch]:
    """The feed's batches, if consent can be told from its columns or from the supplier's record (CONSENT).

    JSON Lines have no columns: there each row that lacks it is dropped by itself.
    """
    name = feed.profile.consent
    columns = feed.source.format != "jsonl"
    for batch in feed.batches():
        if not supplier.all_consented and (name is None or (columns and name not in batch.schema.names)):
            lacking = f"'{name}'" if name is not None else f"of consent by profile '{feed.profile.name}'"
            raise BadInputError(
                feed.source.path,
                f"has no column {lacking}, and supplier '{supplier.id}' has no consent record for all its devices: "
                "add the column, or admit the supplier with --all-consented and evidence of why",
            )
        yield batch
