"""Claims about how much there is: not in bulk; a small share of the population."""

from __future__ import annotations

from hereabouts.risk.audit.sizes import BULK_DEVICES, sizes
from hereabouts.risk.claims.evidence import Evidence, ReleaseEvidence
from hereabouts.risk.claims.judging import Claim
from hereabouts.risk.claims.result import FAILS, HOLDS, UNTOLD, Found
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.figures import Procedure, quantity, rounded
from hereabouts.rules.fewest import FEWEST

OF_PEOPLE = Procedure("distinct identifiers over the population that the claim's file states", "hereabouts")
_NOT_COUNTED = (
    "A release does not say of how many devices it was made: an exact number of them is nothing that it may let out."
)
_ASK_THE_STORE = "The same claim, tested on the store or the feed."


def _not_bulk(statement: Statement, evidence: Evidence) -> Found:
    del statement
    if isinstance(evidence, ReleaseEvidence):
        return Found(UNTOLD, _NOT_COUNTED, would_tell=_ASK_THE_STORE)
    counted = sizes(evidence.trail.traces)
    devices = int(counted[0].value or 0)
    if devices > BULK_DEVICES:
        return Found(
            FAILS,
            f"It has the places of some {devices:,} devices, and {BULK_DEVICES:,} are the yardstick. Whether the law "
            "itself applies depends on how many of them are in the United States, and on who gets them.",
            numbers=counted,
        )
    if devices == BULK_DEVICES:
        return Found(
            UNTOLD,
            f"It has about as many devices as the yardstick, {BULK_DEVICES:,}: they are told to the nearest {FEWEST}.",
            numbers=counted,
            would_tell="The contract, and all that was delivered under it.",
        )
    return Found(
        HOLDS,
        f"It has some {devices:,} devices, fewer than the yardstick. That is true of this data set alone: what else "
        "was handed over, before or in other parts, is not in it.",
        numbers=counted,
        would_tell="The contract, and all that was delivered under it.",
    )


def _small_share(statement: Statement, evidence: Evidence) -> Found:
    if isinstance(evidence, ReleaseEvidence):
        return Found(UNTOLD, _NOT_COUNTED, would_tell=_ASK_THE_STORE)
    devices, people = rounded(evidence.trail.traces.devices), statement.population or 1
    part, few, many = (number / people for number in (devices, devices - FEWEST // 2, devices + FEWEST // 2))
    measured = quantity("devices, as a share of the population", part, few, many, devices, OF_PEOPLE)
    about = f"There are some {devices:,} devices for {people:,} people, one for every {_one_in(people / devices)}"
    if statement.at_most is None:
        return Found(
            UNTOLD,
            f"Nobody said how small “small” is, so that it cannot be held against anything. {about}.",
            (measured,),
            would_tell="A number from whoever makes the claim (at_most in the file of claims).",
        )
    if few > statement.at_most:
        return Found(FAILS, f"{about}: more than the share that the claim calls small.", (measured,))
    if many > statement.at_most:
        return Found(
            UNTOLD,
            f"{about}: about the share that the claim calls small. Devices are told to the nearest {FEWEST}.",
            (measured,),
            would_tell="The contract, and all that was delivered under it.",
        )
    return Found(
        HOLDS,
        f"{about}: no more than the share that the claim calls small. For those who are in it, that is no protection.",
        (measured,),
    )


def _one_in(people: float) -> str:
    return f"{people:,.0f}" if people >= 20 else f"{people:.2g}"


NOT_BULK = Claim(
    "It is not a bulk collection",
    "It would hold few people: those whom somebody had a reason to ask for, and not everybody who was around.",
    f"there are fewer than {BULK_DEVICES:,} devices in it, wherever they are, to the nearest {FEWEST}; it fails where "
    "there are more",
    f"28 CFR 202 calls precise geolocation of more than {BULK_DEVICES:,} US devices bulk, anonymised or not (a "
    "paraphrase; the yardstick is borrowed: here all devices count)",
    _not_bulk,
)
SMALL_SHARE = Claim(
    "It is about a small share of the people",
    "Most people of the area would not be in it. It would mean nothing for those who are: a sample hides nobody who is "
    "in it, and an attacker may know that somebody is.",
    "devices, to the nearest 20, are at most that share of the population that the claim's own author calls small; "
    "about that share cannot be told",
    "the claim itself: no law that is cited here says how small “small” is; a person may have several devices",
    _small_share,
)
