"""Claims about what people were promised: they consented; their opt-outs are honoured; data go after some time.

A list of opt-outs must not become a way to ask whether one person is in the data. It is only held against a feed,
whose holder has the ids in clear; a store answers from its own register. And nobody of the list, and up to nineteen,
look the same in all that is said.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from hereabouts.risk.audit.result import Finding
from hereabouts.risk.claims.evidence import Evidence, ReleaseEvidence, WindowEvidence
from hereabouts.risk.claims.judging import Claim, some
from hereabouts.risk.claims.result import FAILS, HOLDS, UNTOLD, Found
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.figures import Figure, Procedure
from hereabouts.rules.fewest import FEWEST

BY_THE_GATE = Procedure("rows judged by the gate of intake", "hereabouts rules CONSENT, RTB-BAN")
ON_THE_LIST = Procedure("devices of the list that have rows", "hereabouts rule WITHDRAW")
AGE = Procedure("devices with a row from before the last day to keep", "hereabouts rule RETAIN")
REGISTER = Procedure("the store's own register of withdrawals", "hereabouts rules WITHDRAW, DELETE")

STOP_DAYS, DELETE_DAYS = 15, 30
"""Rules WITHDRAW and DELETE: use stops, and all is deleted, within so many days of a request."""

_DAY = 86_400
_NOT_IN_IT = "A release says nothing of single devices, so that it cannot be told from one."


def _consented(statement: Statement, evidence: Evidence) -> Found:
    del statement
    if isinstance(evidence, ReleaseEvidence):
        return Found(UNTOLD, _NOT_IN_IT, would_tell="The feeds, and their suppliers' evidence.")
    if isinstance(evidence, WindowEvidence):
        return Found(
            UNTOLD,
            "The store left out at intake whatever did not say yes, and keeps no answers: there is nothing to count.",
            would_tell="The feeds; the receipts of intake, which count what was left out; the suppliers' evidence.",
        )
    said = evidence.answers
    named = {
        "devices with rows that do not say yes": said.refused,
        "devices with rows from an ad auction, or of an unknown source": said.auctioned,
    }
    shares = tuple(_by_the_gate(name, hits, said.devices) for name, hits in named.items() if hits is not None)
    if said.refused or said.auctioned:
        return Found(FAILS, "There are devices with rows for which nobody said yes.", shares)
    if said.refused is None:
        return Found(
            UNTOLD,
            "The feed does not say who consented.",
            shares,
            would_tell="The supplier's records of who was asked what, and when.",
        )
    return Found(
        HOLDS,
        "Every row says yes. That somebody wrote yes is all that data can show.",
        shares,
        would_tell="Whether those people were asked, and knew what for: the supplier's records.",
    )


def _opt_outs_honoured(statement: Statement, evidence: Evidence) -> Found:
    if isinstance(evidence, ReleaseEvidence):
        return Found(UNTOLD, _NOT_IN_IT, would_tell="The store's receipts of withdrawals.")
    if isinstance(evidence, WindowEvidence):
        return _by_the_register(evidence)
    said, shares = evidence.answers, []
    if said.limited is not None:
        shares.append(_by_the_gate("devices whose rows say that ad tracking is limited", said.limited, said.devices))
    opted = evidence.opted.get(statement.opt_outs or "")
    if opted is not None and opted.given >= FEWEST:
        name = "devices of the list of opt-outs that are in it"
        shares.append(some(name, _at_least(opted.met), opted.given, ON_THE_LIST))
    if said.limited:
        return Found(FAILS, "There are devices whose own rows say that their owners opted out.", tuple(shares))
    if opted is not None and opted.given >= FEWEST <= opted.met:
        return Found(FAILS, "Devices on the list of opt-outs are in it.", tuple(shares))
    if opted is None:
        because = "No list of those who opted out was given, and rows that should not be there do not say so."
        wanted = f"A list of at least {FEWEST} devices that opted out (opt_outs in the file of claims)."
        return Found(UNTOLD, because, tuple(shares), would_tell=wanted)
    return Found(
        UNTOLD,
        f"The list names fewer than {FEWEST} devices, or fewer than {FEWEST} of them are in it: perhaps none. Which of "
        "both is not told, or a list that was filled up with made-up ids would say whether one person is in it.",
        tuple(shares),
        would_tell="The supplier's own receipts of deletion.",
    )


def _by_the_register(evidence: WindowEvidence) -> Found:
    if not evidence.delays:
        return Found(UNTOLD, "Nobody's withdrawal was ever handed to the store.", would_tell="A withdrawal.")
    late = any(kept_out > STOP_DAYS or done is None or done > DELETE_DAYS for kept_out, done in evidence.delays)
    text = (
        f"By the register of withdrawals, {'not all' if late else 'all'} lists were acted on within {STOP_DAYS} days "
        f"and done with within {DELETE_DAYS}. Rows that were removed were looked for again, and none was found."
    )
    found = (Finding("withdrawals", text, REGISTER.name, REGISTER.source),)
    if late:
        return Found(FAILS, "A withdrawal was acted on too late, or is not done with.", findings=found)
    return Found(HOLDS, "Every withdrawal that the store was handed was acted on in time.", findings=found)


def _retention_kept(statement: Statement, evidence: Evidence) -> Found:
    if isinstance(evidence, ReleaseEvidence):
        return Found(UNTOLD, _NOT_IN_IT, would_tell="The store, or whatever else the data were kept in.")
    days, asked = statement.days or 1, statement.as_of or statement.said
    first_kept = dt.datetime.combine(asked - dt.timedelta(days=days), dt.time(), dt.UTC)
    traces = evidence.trail.traces
    first = (traces.points[traces.starts[:-1]] >> np.uint64(32)).astype(np.int64)
    old = int(np.count_nonzero(first < int(first_kept.timestamp())))
    older = some(f"devices with rows of over {days:,} days before {asked}", old, traces.devices, AGE)
    if old:
        return Found(FAILS, f"There are rows from before {first_kept.date()}, which should be gone.", (older,))
    return Found(
        HOLDS,
        f"No row is from before {first_kept.date()}. That is true of this data set: of copies it says nothing.",
        (older,),
        would_tell="Where else the data are kept, backups and buyers included.",
    )


def _by_the_gate(name: str, hits: int, devices: int) -> Figure:
    return some(name, hits, devices, BY_THE_GATE)


def _at_least(met: int) -> int:
    """How many of a list were met, a few being as good as one: none must not be told from some."""
    return max(met, 1)


CONSENTED = Claim(
    "Everybody in it said yes",
    "Each person would have been asked before, and would have agreed to what is done with their places.",
    "every row says yes to consent, and none comes from an ad auction, whose bidders nobody consented to",
    "FTC orders on Gravy Analytics, Mobilewalla and others (in paraphrase); hereabouts rules CONSENT, RTB-BAN",
    _consented,
)
OPT_OUTS_HONOURED = Claim(
    "Whoever opted out is not in it",
    "A person who limits ad tracking, or writes to the company, would be gone from the data, not only from its next "
    "delivery.",
    "no row is of a device that limits ad tracking or is on the list of opt-outs; of a store: use stops within "
    f"{STOP_DAYS} days of a request, and all is deleted within {DELETE_DAYS}",
    "FTC orders on Gravy Analytics and others (in paraphrase); hereabouts rules CONSENT, WITHDRAW, DELETE",
    _opt_outs_honoured,
)
RETENTION_KEPT = Claim(
    "Nothing is kept for longer than was said",
    "Where somebody was would be forgotten after the time that the company names.",
    "no row is older than the number of days that the claim names, on the day that it names; days of UTC",
    "the claim itself; FTC orders ask for a public schedule that is kept to (in paraphrase); hereabouts rule RETAIN",
    _retention_kept,
)
