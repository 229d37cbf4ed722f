"""A report card: every claim in its order, with what it was held against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from hereabouts.risk.claims.run import judged
from hereabouts.risk.claims.shared_positions import SHARED
from hereabouts.risk.claims.stated import example, load_claims
from hereabouts.risk.figures import share

if TYPE_CHECKING:
    from tests.risk.claims.conftest import MakeFeed


def test_the_example_on_a_small_town(make_feed: MakeFeed, tmp_path: Path) -> None:
    path = tmp_path / "CLAIMS.toml"
    path.write_text(example(), encoding="utf-8")
    told: list[tuple[str, float]] = []
    few = share("shared", 0, 3_000, SHARED)
    feed = make_feed(advertising=True, shared=few, again=few)
    card = judged(load_claims(path), feed, lambda doing, share: told.append((doing, share)))
    assert [(c.claim, c.found.verdict) for c in card.cards] == [
        ("no-cell-tower-data", "holds"),
        ("not-bulk", "holds"),
        ("no-direct-identifiers", "fails"),
        ("small-share-of-population", "cannot be told"),
        ("anonymised", "fails"),
    ]
    assert told[-1] == ("done", 1.0)
    assert (card.count("holds"), card.count("fails"), card.count("cannot be told")) == (2, 2, 1)

    said = json.loads(json.dumps(card.to_json(), allow_nan=False))
    assert said["confidential"].startswith("Confidential.")
    assert said["verdicts"] == {"fails": 2, "holds": 2, "cannot be told": 1}
    first = said["claims"][0]
    assert (first["said"], first["verdict"]) == ("2020-02-07", "holds")
    assert {"words", "by", "means", "threshold", "source", "because", "would_tell"} <= first.keys()
    for claim in said["claims"]:
        for figure in claim["measured"]:
            assert figure["procedure"]
            assert figure["source"]
            assert figure["devices"] is None or figure["devices"] >= 20
