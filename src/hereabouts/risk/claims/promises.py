"""Claims about what people were promised: they consented; their opt-outs are honoured; data go after some time.

No list of ids is held against data: nineteen ids that are known to be in them, and one more, would ask whether that one
is. Whether a request was honoured a store tells from its own register; a feed, from what its rows say of themselves.
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

BY_THE_GATE = Procedure("rows judged by the gate of intake", "hereabouts rules CONSENT, RTB-BAN")
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
    del statement
    if isinstance(evidence, ReleaseEvidence):
        return Found(UNTOLD, _NOT_IN_IT, would_tell="The store's receipts of withdrawals.")
    if isinstance(evidence, WindowEvidence):
        return _by_the_register(evidence)
    limited = evidence.answers.limited
    shares: tuple[Figure, ...] = ()
    if limited is not None:
        name = "devices whose rows say that ad tracking is limited"
        shares = (_by_the_gate(name, limited, evidence.answers.devices),)
    if limited:
        return Found(FAILS, "There are devices whose own rows say that their owners opted out.", shares)
    because = "Rows do not say who asked to be left out, and no list of ids is held against them."
    return Found(UNTOLD, because, shares, would_tell="The supplier's own receipts of deletion.")


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
    "no row is of a device that limits ad tracking; of a store: use stops within "
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
