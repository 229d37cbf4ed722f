"""The tables of docs/benchmarks.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from benchmarks.accuracy.ours import DEFAULT, EVERYTHING, Level
from benchmarks.accuracy.peers import Outcome
from benchmarks.accuracy.score import Score
from benchmarks.accuracy.truth import Question

AIM = 0.6  # of each tuned peer's wmae, on every row where it publishes anything
PLAIN = "plain, 10 or more"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def beside(ours: dict[Question, Score], peers: dict[Question, dict[str, Outcome]]) -> str:
    """Us and each peer on each question, and our wmae as a share of the peer's."""
    head = ["row", "who", "rows", "cover20", "wmae", "our wmae over it", "wmae, total corrected", "setting", "remark"]
    rows = []
    for question, outcomes in peers.items():
        mine = ours.get(question)
        if mine is not None:
            rows.append([str(question), "**hereabouts**", f"{mine.rows:,}", *figures(mine), "", "", "", ""])
        else:
            rows.append([str(question), "**hereabouts**", *["–"] * 3, "", "", "", "not published by this version"])
        for who, outcome in outcomes.items():
            rows.append([str(question), who, *_peer(who, outcome, mine)])
    return markdown(head, rows)


def _peer(who: str, outcome: Outcome, mine: Score | None) -> list[str]:
    if outcome.failed:
        return [*["–"] * 3, "", "", "", outcome.remark]
    corrected = "" if who == PLAIN else f"{outcome.corrected:.3f}"
    if not outcome.rows:
        said = "its best is to publish nothing"
        return ["0", "0.000", "1.000", "", corrected, "", f"{said}; {outcome.remark}" if outcome.remark else said]
    return [
        f"{outcome.rows:,.0f}",
        f"{outcome.cover20:.3f}",
        f"{outcome.wmae:.3f}",
        ratio(mine, outcome, judged=who != PLAIN),
        corrected,
        outcome.setting,
        "; ".join(filter(None, [outcome.remark, "one run" if len(outcome.runs) == 1 else ""])),
    ]


def ratio(mine: Score | None, outcome: Outcome, *, judged: bool) -> str:
    """Our wmae over the peer's, with a word where the aim is missed."""
    if mine is None or not outcome.wmae:
        return "" if mine is None else "–"
    found = mine.wmae / outcome.wmae
    return f"{found:.2f}{' (aim 0.6: missed)' if judged and found > AIM else ''}"


def figures(one: Score) -> list[str]:
    """The two by which releases are judged."""
    return [f"{one.cover20:.3f}", f"{one.wmae:.3f}"]


def levels(found: Iterable[Level]) -> str:
    """Our own releases, level by level, with everything published and with the default."""
    head = ["plan", "level", "published", "rows", "share", "cover20", "wmae", "winkler", "interval", "thirds", "holds"]
    rows = []
    for level in found:
        one = level.mean
        if one.intervals is None:
            continue
        shares = ["–" if math.isnan(share) else f"{share:.3f}" for share in one.intervals.shares]
        rows.append(
            [
                str(level.plan),
                level.question.level,
                level.publish,
                f"{one.rows:,}",
                f"{one.share:.3f}",
                *figures(one),
                f"{one.winkler:.2f}",
                shares[0],
                " ".join(shares[1:]),
                "yes" if one.intervals.holds else "**no**",
            ]
        )
    return markdown(head, rows)


def let_out(found: Iterable[Level]) -> str:
    """The share of device-hours, visitors or trips that the default [publish] lets out, and how good that part is."""
    head = ["plan", "level", "rows", "lets out", "of which within 20 %"]
    rows = []
    for level in found:
        if level.publish == DEFAULT:
            one = level.mean
            good = one.cover20 / one.share if one.share else math.nan
            within = "–" if math.isnan(good) else f"{good:.1%}"
            rows.append([str(level.plan), level.question.level, f"{one.rows:,}", f"{one.share:.1%}", within])
    return markdown(head, rows)


def best_of(found: Iterable[Level]) -> dict[Question, Score]:
    """What is compared with peers: all estimates of plans with one resolution."""
    return {
        level.question: level.mean
        for level in found
        if level.publish == EVERYTHING and len(level.plan.resolutions) == 1
    }
