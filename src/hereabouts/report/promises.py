"""What a release says of protected areas and of sensitive places, as sentences, from its manifest alone.

A promise is repeated only where the manifest states it: one that is silent is said to be silent (CLAIMS).
"""

from __future__ import annotations

import h3.api.numpy_int as h3

from hereabouts.report import words
from hereabouts.report.manifest import ProtectedArea, ReleaseFacts
from hereabouts.report.slots import DAY, HOUR

_LEAF = 7


def protected_areas(facts: ReleaseFacts) -> list[str]:
    """Return one sentence an area, and what they withhold together; nothing where there is none in the region."""
    protected = facts.protected
    if protected is None or not protected.areas:
        return []
    said = [f"{area.name}: nothing is published {_finer(area)}." for area in protected.areas]
    rows = sum(protected.rows.values())
    possible = sum(facts.rows[key].domain or 0 for key in protected.rows if key in facts.rows)
    if possible:
        said.append(
            f"What is finer, and what that could be worked out from, was withheld whatever its figure: {rows:,} of "
            f"{possible:,} possible rows, by the policy and the plan alone."
        )
    if protected.left_out:
        said.append(
            f"The plan's region cut through such areas: {protected.left_out:,} cells of H3 resolution {_LEAF} of it "
            "were left out, and larger areas around them count what is left."
        )
    return said


def sensitive_places(facts: ReleaseFacts) -> str:
    """Return what became of pings at sensitive places (SL-BLOCK, by the list of SL-LIST)."""
    if not facts.states_places:
        return "The manifest says nothing of sensitive places."
    if facts.places is None:
        return (
            "The store had no list of sensitive places: pings at clinics, places of worship and the like are counted "
            "in their areas as any others are."
        )
    listed = f"version {facts.places.version} of the store's list of sensitive places (SHA-256 {facts.places.digest})"
    if facts.stale:
        return f"In force is {listed}; the figures were measured before the store's data last changed, and may lack it."
    return (
        f"Pings at the places of {listed} were dropped before anything was counted: nobody is in a figure for having "
        "been there."
    )


def _finer(area: ProtectedArea) -> str:
    size = words.areas(h3.average_hexagon_area(area.resolution))
    space = f"about areas smaller than H3 resolution {area.resolution} ({size})"
    shorter = {HOUR: "", DAY: "a day", "window": "the whole window"}.get(area.period, area.period)
    if not shorter:
        return space
    time = f"periods shorter than {shorter}"
    return f"about {time}" if area.resolution >= _LEAF else f"{space} or {time}"
