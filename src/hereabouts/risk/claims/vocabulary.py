"""The claims that can be tested, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hereabouts.risk.claims.form import AGGREGATE_ONLY, COARSE_POSITIONS, NO_CELL_TOWER_DATA
from hereabouts.risk.claims.identity import ANONYMISED, NO_DIRECT_IDENTIFIERS
from hereabouts.risk.claims.judging import Claim
from hereabouts.risk.claims.promises import CONSENTED, OPT_OUTS_HONOURED, RETENTION_KEPT
from hereabouts.risk.claims.size import NOT_BULK, SMALL_SHARE

VOCABULARY: Mapping[str, Claim] = MappingProxyType(
    {
        "no-direct-identifiers": NO_DIRECT_IDENTIFIERS,
        "no-cell-tower-data": NO_CELL_TOWER_DATA,
        "not-bulk": NOT_BULK,
        "consented": CONSENTED,
        "anonymised": ANONYMISED,
        "coarse-positions": COARSE_POSITIONS,
        "small-share-of-population": SMALL_SHARE,
        "opt-outs-honoured": OPT_OUTS_HONOURED,
        "retention-kept": RETENTION_KEPT,
        "aggregate-only": AGGREGATE_ONLY,
    }
)
"""Definition, threshold with its source, and measurement of each claim."""
