"""Suppliers: whose feeds may be taken in, on what evidence of consent, and until when.

A supplier is admitted by an operator before any of its feeds is read. The evidence (a contract, an
assessment, a consent record) stays with the operator; the store keeps its digest, so that it can be shown
later which document was relied on.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from hereabouts.errors import BadInputError, MachineError, RefusedError, UsageError
from hereabouts.state.database import reading, writing
from hereabouts.state.tables import SupplierRow

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Supplier:
    """An admitted supplier.

    Attributes
    ----------
    evidence_digest
        SHA-256 of the evidence file, in hex.
    expires
        Last day on which the admission is in force.
    all_consented
        Whether the evidence says that every device in its feeds consented, so that they need no consent
        column.
    added
        When it was admitted, or admitted anew: UTC seconds since the epoch.
    """

    id: str
    evidence_digest: str
    evidence_name: str
    expires: date
    all_consented: bool
    added: int


def admit(
    engine: Engine,
    supplier_id: str,
    evidence: Path,
    expires: date,
    *,
    all_consented: bool = False,
    today: date,
) -> Supplier:
    """Admit a supplier, or renew its admission with new evidence (which takes the place of the old).

    Parameters
    ----------
    engine
        The store's state.
    supplier_id
        1 to 64 letters, digits, dots, hyphens or underscores.
    evidence
        The document that is relied on; it is digested, not copied.
    expires
        Last day on which the admission is in force.
    all_consented
        Its feeds need no consent column; the evidence says why.
    today
        The store's date.

    Raises
    ------
    UsageError
        If the id is none, or `expires` has passed.
    BadInputError
        If the evidence is missing, empty or no file.
    MachineError
        If the evidence may not be read.
    """
    if not _ID.fullmatch(supplier_id):
        raise UsageError(
            f"supplier id '{supplier_id}' is none: expected 1 to 64 letters, digits, dots, hyphens or underscores"
        )
    if expires < today:
        raise UsageError(f"an admission that expired on {expires} admits nobody (today is {today}): give a later day")
    digest = _digest(evidence)
    with writing(engine) as session:
        row = session.merge(
            SupplierRow(
                id=supplier_id,
                evidence_digest=digest,
                evidence_name=evidence.name,
                expires=expires,
                all_consented=all_consented,
                added=int(time.time()),
            )
        )
        session.flush()
        return _supplier(row)


def require_in_force(engine: Engine, supplier_id: str, today: date) -> Supplier:
    """Return a supplier whose admission is in force.

    Raises
    ------
    RefusedError
        If it was never admitted, or its admission has expired (rule ``supplier``).
    """
    with reading(engine) as session:
        row = session.get(SupplierRow, supplier_id)
    remedy = f"'hereabouts supplier add {supplier_id} --consent-evidence FILE --expires DATE'"
    if row is None:
        raise RefusedError(
            "supplier", f"supplier '{supplier_id}' was never admitted to this store: admit it by {remedy}"
        )
    if row.expires < today:
        raise RefusedError(
            "supplier",
            f"the admission of supplier '{supplier_id}' expired on {row.expires}: renew it by {remedy}",
        )
    return _supplier(row)


def _digest(evidence: Path) -> str:
    try:
        with evidence.open("rb") as file:
            empty = not file.peek(1)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise BadInputError(evidence, "there is no such file; expected the evidence of consent") from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise BadInputError(evidence, "is not a file; expected the evidence of consent") from error
    except OSError as error:
        raise MachineError(f"cannot read {evidence}: {error.strerror}") from error
    if empty:
        raise BadInputError(evidence, "is empty; expected the evidence of consent")
    return digest


def _supplier(row: SupplierRow) -> Supplier:
    return Supplier(
        id=row.id,
        evidence_digest=row.evidence_digest,
        evidence_name=row.evidence_name,
        expires=row.expires,
        all_consented=row.all_consented,
        added=row.added,
    )
