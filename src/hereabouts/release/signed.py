"""What of a plan is signed: all that it asks for, however its file is laid out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from hereabouts.release.plan import Plan
from hereabouts.rules.documents import digest_of


def plan_digest(plan: Plan) -> str:
    """Digest of a plan: SHA-256, in hex, of its content as canonical JSON; of an area's file the content counts.

    Comments, order and spelling of the file change nothing; any value does, also one that is left to its default.

    Raises
    ------
    BadInputError, MachineError
        When the file of its area cannot be read.
    """
    content = plan.model_dump(mode="json")
    if plan.region.geojson is not None:
        content["region"]["geojson"] = digest_of(Path(plan.region.geojson), "the area of the plan, in GeoJSON")
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
