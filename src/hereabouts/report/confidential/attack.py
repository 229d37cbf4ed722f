"""``attack.html``: how well could somebody tell whether a person is in a release? For its owner."""

from __future__ import annotations

from hereabouts.report.confidential.page import number, percent, rate, render
from hereabouts.risk.attack.result import RIGHT, Attack, Attempt, CanaryTest, Rates


def attack_page(attack: Attack) -> str:
    """Give the page of an attack."""
    every = [rates for attempt in attack.attempts for rates in attempt.rates]
    ways = list(dict.fromkeys(rates.way for rates in every))
    return render(
        "attack.html.j2",
        attack=attack,
        headlines=headlines(attack),
        ways=ways,
        table=[(attempt, [_of(attempt, way) for way in ways]) for attempt in attack.attempts],
        words=in_words,
        shown=shown,
        proofs=list(dict.fromkeys((rates.epsilon.procedure, rates.epsilon.source) for rates in every)),
        percent=percent,
    )


def headlines(attack: Attack) -> list[str]:
    """Say in a sentence each what a reader must know."""
    known = attack.attempts[0]
    said = [
        f"From {rates.way}, whoever knows all else can tell if a person is in it, in {rate(rates.area)} of cases."
        for rates in known.rates
        if rates.area.low is not None
    ]
    if known.ceiling is not None:
        said.append(
            f"Theory lets nobody do better against this release than {in_words(known.ceiling)}, for the devices that "
            f"were drawn, and {in_words(attack.release.worst_area)} for any device at all; a toss of a coin is right "
            "in 50 of 100 cases."
        )
    flagged = [test for test in attack.canaries if test.flagged]
    if flagged:
        said.append(f"MORE IS GIVEN AWAY THAN WAS CLAIMED: {'; '.join(test.finds for test in flagged)}.")
    elif attack.canaries:
        said.append("Planted canaries were seen no better than was claimed.")
    return said


def shown(test: CanaryTest, much: float | None) -> str:
    """Give what canaries show, or may, in its unit."""
    if much is None:
        return "everything: there was no noise"
    return f"{percent(much)} right" if test.unit == RIGHT else f"{number(much)} {test.unit}"


def in_words(area: float) -> str:
    """Give an area under a curve as what it is: how often, of two worlds, the right one is told."""
    return f"{percent(area)} of cases"


def _of(attempt: Attempt, way: str) -> Rates | None:
    return next((rates for rates in attempt.rates if rates.way == way), None)
