"""Claims about what the data are made of: no cell-tower data; coarse positions; aggregates alone."""

from __future__ import annotations

import re

from hereabouts.feeds.formats.columns import listed
from hereabouts.risk.audit.precision import GRID, across
from hereabouts.risk.audit.result import Finding
from hereabouts.risk.audit.sizes import COUNT, precise_in
from hereabouts.risk.claims.evidence import Evidence, FeedEvidence, ReleaseEvidence
from hereabouts.risk.claims.judging import Claim, altered
from hereabouts.risk.claims.result import FAILS, HOLDS, UNTOLD, Found
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.figures import Figure, Procedure, count
from hereabouts.rules.fewest import FEWEST

TOWER_COLUMNS = Procedure("names of columns against words for cells, antennas and towers", "hereabouts")
TABLES = Procedure("columns of the tables, and the checks of hereabouts verify", "hereabouts rule CLAIMS")

FEW_SHARE = 0.1
"""Below this share of devices that are at one another's positions or at their own again, they are not at towers."""

ENOUGH = 20 * FEWEST
"""So many devices, that the 19 that may be off a grid are no more than the 5 % that may be off it anyway."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TOWER = frozenset(
    ("antenna", "bts", "cellid", "cellsite", "celltower", "cgi", "ecgi", "eci", "enb", "enodeb", "gnb", "gnodeb",
     "lac", "nci", "tac", "tower", "towers")
)  # fmt: skip
_OF_A_CELL = frozenset(("id", "site", "number"))


def names_a_tower(column: str) -> bool:
    """Tell from a column's name whether it may hold cells, antennas or towers.

    >>> [names_a_tower(name) for name in ("cell_id", "servingTower", "LAC", "cellphone_os", "place")]
    [True, True, True, False, False]
    """
    words = [word.casefold() for word in _WORDS.findall(column)]
    return bool(_TOWER.intersection([*words, "".join(words)])) or (
        "cell" in words and bool(_OF_A_CELL.intersection(words))
    )


def _no_cell_tower_data(statement: Statement, evidence: Evidence) -> Found:
    del statement
    if not isinstance(evidence, FeedEvidence):
        kept = "A store keeps" if not isinstance(evidence, ReleaseEvidence) else "A release has"
        return Found(
            UNTOLD,
            f"{kept} nothing of how positions were measured.",
            would_tell="The feed, and the supplier's word on how its positions are measured.",
        )
    shares = (evidence.shared, evidence.again)
    towers = [name for name in evidence.columns if names_a_tower(name)]
    if towers:
        text = f"By their names, {listed(towers)} may hold cells, antennas or towers."
        found = Finding("columns", text, TOWER_COLUMNS.name, TOWER_COLUMNS.source)
        return Found(FAILS, "It has columns that are named for them.", shares, findings=(found,))
    found = Finding("columns", "None is named for cells, antennas or towers.", TOWER_COLUMNS.name, TOWER_COLUMNS.source)
    if all(figure.high is not None and figure.high < FEW_SHARE for figure in shares):
        metres = evidence.trail.grid.value
        finely = "" if metres is None else f" That is no comfort: positions are told to some {metres:.2g} m."
        return Found(
            HOLDS,
            "Hardly a device is told at another one's position, as phones of one antenna are, or at its own in another "
            f"hour.{finely}",
            shares,
            (evidence.trail.grid,),
            (found,),
        )
    because = "Too few devices are there, or are seen in several hours, to be sure that none is told at a tower."
    if any((figure.low or 0.0) >= FEW_SHARE for figure in shares):
        because = (
            "Many devices are told at exactly the same positions, one another's or their own in another hour. So they "
            "are at towers, but also at venues, where they lie still, and where positions were rounded."
        )
    return Found(
        UNTOLD,
        because,
        shares,
        (evidence.trail.grid,),
        (found,),
        would_tell="How each position was measured, row by row.",
    )


def _coarse_positions(statement: Statement, evidence: Evidence) -> Found:
    del statement
    if isinstance(evidence, ReleaseEvidence):
        broken = altered(evidence)
        if broken is not None:
            return broken
        resolution = int(evidence.manifest["finest_resolution"])
        metres = across(resolution)
        text = f"Its finest areas are H3 cells of resolution {resolution}, some {metres / 1000:.2g} km wide."
        numbers: tuple[Figure, ...] = ()
        findings, precise = (Finding("areas", text, GRID.name, GRID.source),), precise_in(metres)
    else:
        grid = evidence.trail.grid
        numbers, findings = (grid,), (evidence.trail.precision,)
        precise = () if grid.value is None else precise_in(grid.value)
        if not precise and evidence.trail.traces.step == 1 and (grid.n or 0) < ENOUGH:
            because = f"Of fewer than {ENOUGH} devices, those {FEWEST - 1} whose positions do not count may be many."
            return Found(UNTOLD, because, numbers=numbers, findings=findings, would_tell="More of the data.")
    if precise:
        return Found(
            FAILS,
            f"By the law of {' and of '.join(precise)}, positions as fine as these are precise.",
            numbers=numbers,
            findings=findings,
        )
    return Found(
        HOLDS,
        "Each field of the grid is larger than the circles that state laws name. Whether a trace of such fields is "
        "somebody's is another question: see “anonymised”.",
        numbers=numbers,
        findings=findings,
    )


def _aggregate_only(statement: Statement, evidence: Evidence) -> Found:
    del statement
    if isinstance(evidence, ReleaseEvidence):
        tables = ", ".join(evidence.manifest["rows"])
        text = f"Tables: {tables}. Each has the columns of its kind (areas, times, counts, errors) and no other."
        return altered(evidence) or Found(
            HOLDS,
            "Every row of its tables is about an area and a time, or about a size; none is about a device.",
            findings=(Finding("tables", text, TABLES.name, TABLES.source),),
        )
    rows = count("devices that have rows of their own", evidence.trail.traces.devices, COUNT)
    where = "It" if isinstance(evidence, FeedEvidence) else "A store is where figures are made; it"
    return Found(FAILS, f"{where} holds rows about single devices, by which each can be followed.", numbers=(rows,))


NO_CELL_TOWER_DATA = Claim(
    "No position in it is that of a cell tower",
    "It would not be the kind of record for which US courts ask a warrant (Carpenter v. United States, 2018). It says "
    "nothing about whether people can be followed: positions from apps are finer than those of towers.",
    "there is no column of cells, antennas or towers; under 10 % of devices (upper end of the interval) are mostly "
    "told at exactly one another's positions, as phones of one antenna are; and under 10 % of those seen in several "
    "hours are told at one of their own in two",
    "our own; Carpenter v. United States (2018) is why it is said",
    _no_cell_tower_data,
)
COARSE_POSITIONS = Claim(
    "Positions are coarse",
    "Nobody could tell from a position at which address somebody was.",
    "a field of the grid of positions, of all devices but 5 %, is larger than a circle of 1,850 ft, the widest that a "
    f"law names; of fewer than {ENOUGH} devices, 19 may be off the grid, and it cannot hold",
    "state privacy laws: California, 1,850 ft; Virginia, Oregon, Connecticut, 1,750 ft (a paraphrase, no legal advice)",
    _coarse_positions,
)
AGGREGATE_ONLY = Claim(
    "It holds figures about crowds alone",
    "Nobody could be followed in it, because no row is about one device.",
    "it is a release's folder whose tables have columns of areas, times and counts alone, and that passes every check",
    "hereabouts rules CLAIMS and NO-HOME, NO-SEARCH: no device-keyed output (after FTC orders, in paraphrase)",
    _aggregate_only,
)
