"""An audit as JSON: figures with intervals and sources, and the warning."""

from __future__ import annotations

import json

from hereabouts.report.confidential import page
from hereabouts.risk.audit.result import CONFIDENTIAL, Audit, DataSet, Finding, Question, UnicityGrain
from hereabouts.risk.figures import Procedure, share

HOW = Procedure("counting", "somebody 2024")
FIGURE = share("seen", 30, 60, HOW, share("control", 20, 60, HOW))


def test_it_is_plain_json_with_the_warning_first() -> None:
    audit = Audit(
        DataSet("feed", "one file", 60, 100, 7, 10, 1), (Question("inference", "?", "so", FIGURE, FIGURE),),
        (UnicityGrain(8, "1 h", (FIGURE,)),), (FIGURE,), (FIGURE,), (FIGURE,), (FIGURE,),
        (Finding("bulk", "many", "counting", "a law"),), ("none",),
    )  # fmt: skip
    found = json.loads(json.dumps(audit.to_json()))
    assert next(iter(found)) == "confidential"
    assert found["data_set"]["devices"] == 60
    assert found["unicity"] == [{"resolution": 8, "period": "1 h", "points": [FIGURE.to_json()]}]
    assert found["questions"][0]["attack"]["control"]["value"] == 0.3333
    assert found["findings"][0]["source"] == "a law"


def test_pages_and_documents_warn_in_the_same_words() -> None:
    assert page.CONFIDENTIAL == CONFIDENTIAL
