"""What of a plan is signed: all that it asks for, however its file is laid out."""

from __future__ import annotations

import hashlib
import json

from hereabouts.release.plan import Plan


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
        content["region"]["geojson"] = hashlib.sha256(plan.region.content()).hexdigest()
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
