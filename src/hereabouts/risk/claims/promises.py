"""Claims about what people were promised: they consented; their opt-outs are honoured; data go after some time.

No list of ids is held against data: nineteen ids that are known to be in them, and one more, would ask whether that one
is. Whether a request was honoured a store tells from its own register; a feed, from what its rows say of themselves.

Each of these is claimed of everybody, so that one device would break it, and could be put so that one does: a day
before which nothing is kept, moved until the verdict turns, would be the day of the oldest ping. So they fail from 20
devices on (:mod:`hereabouts.risk.claims.judging`), and days are whole ones of UTC, so that a threshold cannot be moved
by a second. What a sweep over days finds of one data set is on which day the number of devices that were seen before it
passes 20, 30, 50, 70, …: a curve in steps of 20 devices. Swept before and after one device went, two curves would
differ on a day of that device: of a store's window the second sweep is refused (:mod:`hereabouts.store.looks`).
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from hereabouts.risk.claims.evidence import Evidence, ReleaseEvidence, WindowEvidence
from hereabouts.risk.claims.judging import TOO_SMALL, Claim, broken, nearly_none
from hereabouts.risk.claims.result import FAILS, HOLDS, UNTOLD, Found
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.figures import Figure, Procedure, share
from hereabouts.rules.fewest import FEWEST

BY_THE_GATE = Procedure("rows judged by the gate of intake", "hereabouts rules CONSENT, RTB-BAN")
AGE = Procedure("devices with a row from before the last day to keep", "hereabouts rule RETAIN")
REGISTER = Procedure("the store's own register of withdrawals", "hereabouts rules WITHDRAW, DELETE")

STOP_DAYS, DELETE_DAYS = 15, 30
"""Rules WITHDRAW and DELETE: use stops, and all is deleted, within so many days of a request."""

_DAY = 86_400
_ASK_FOR_MORE = "The same claim, tested on more of the data: a longer time, or all that was delivered."
_NEVER_CAME = "Of requests that never reached the store, only the records of whoever people write to."
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
    shares = tuple(share(name, hits, said.devices, BY_THE_GATE) for name, hits in named.items() if hits is not None)
    if any(map(broken, shares)):
        return Found(FAILS, "There are devices with rows for which nobody said yes.", shares)
    if said.refused is None:
        return Found(
            UNTOLD,
            "The feed does not say who consented.",
            shares,
            would_tell="The supplier's records of who was asked what, and when.",
        )
    if said.auctioned is None:
        return Found(
            UNTOLD,
            "Rows say yes, and the feed does not say which of them are from an ad auction, whose bidders nobody "
            "consented to.",
            shares,
            would_tell="The supplier's word on where each row is from, row by row.",
        )
    if not all(map(nearly_none, shares)):
        return Found(
            UNTOLD,
            f"Fewer than {FEWEST} devices, or none, have rows that do not say yes. {TOO_SMALL}",
            shares,
            would_tell=_ASK_FOR_MORE,
        )
    return Found(
        HOLDS,
        f"All devices, or all but fewer than {FEWEST}, have rows that say yes alone. That somebody wrote yes is all "
        "that data can show.",
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
        shares = (
            share("devices whose rows say that ad tracking is limited", limited, evidence.answers.devices, BY_THE_GATE),
        )
    if any(map(broken, shares)):
        return Found(FAILS, "There are devices whose own rows say that their owners opted out.", shares)
    because = "Rows do not say who asked to be left out, and no list of ids is held against them."
    return Found(UNTOLD, because, shares, would_tell="The supplier's own receipts of deletion.")


def _by_the_register(evidence: WindowEvidence) -> Found:
    handed = sum(delay.devices for delay in evidence.delays)
    late = sum(delay.devices for delay in evidence.delays if delay.kept_out > STOP_DAYS or delay.done > DELETE_DAYS)
    measured = (share("withdrawn devices that were kept out, or removed, too late", late, handed, REGISTER),)
    if broken(measured[0]):
        return Found(
            FAILS,
            "Devices that were withdrawn were kept out too late, or removed too late or not yet.",
            measured,
            would_tell=_NEVER_CAME,
        )
    if not nearly_none(measured[0]):
        return Found(
            UNTOLD,
            "Too few devices were withdrawn, or none, to say how many of them were acted on in time.",
            measured,
            would_tell=f"The store's receipts of withdrawals, list by list. {_NEVER_CAME}",
        )
    return Found(
        HOLDS,
        f"Withdrawn devices, all or all but fewer than {FEWEST}, were kept out and removed in time. Their rows were "
        "looked for again after that, and none was found.",
        measured,
        would_tell=_NEVER_CAME,
    )


def _retention_kept(statement: Statement, evidence: Evidence) -> Found:
    if isinstance(evidence, ReleaseEvidence):
        return Found(UNTOLD, _NOT_IN_IT, would_tell="The store, or whatever else the data were kept in.")
    days, asked = statement.days or 1, statement.as_of or statement.said
    first_kept = dt.datetime.combine(asked - dt.timedelta(days=days), dt.time(), dt.UTC)
    traces = evidence.trail.traces
    first = (traces.points[traces.starts[:-1]] >> np.uint64(32)).astype(np.int64)
    old = int(np.count_nonzero(first < int(first_kept.timestamp())))
    older = share(f"devices with rows of over {days:,} days before {asked}", old, traces.devices, AGE)
    if broken(older):
        return Found(FAILS, f"Devices have rows from before {first_kept.date()}, which should be gone.", (older,))
    if not nearly_none(older):
        return Found(
            UNTOLD,
            f"Fewer than {FEWEST} devices, or none, have rows from before {first_kept.date()}. {TOO_SMALL}",
            (older,),
            would_tell=_ASK_FOR_MORE,
        )
    return Found(
        HOLDS,
        f"No device, or fewer than {FEWEST}, has a row from before {first_kept.date()}. That is true of this data set: "
        "of copies it says nothing.",
        (older,),
        would_tell="Where else the data are kept, backups and buyers included.",
    )


CONSENTED = Claim(
    "Everybody in it said yes",
    "Each person would have been asked before, and would have agreed to what is done with their places.",
    f"fewer than {FEWEST} devices, and under 2 %, have rows that do not say yes to consent, and as few have rows from "
    "an ad auction, whose bidders nobody consented to",
    "FTC orders on Gravy Analytics, Mobilewalla and others (in paraphrase); hereabouts rules CONSENT, RTB-BAN",
    _consented,
)
OPT_OUTS_HONOURED = Claim(
    "Whoever opted out is not in it",
    "A person who limits ad tracking, or writes to the company, would be gone from the data, not only from its next "
    "delivery.",
    f"of a store: for all but fewer than {FEWEST} withdrawn devices, and under 2 %, use stops within {STOP_DAYS} days "
    f"of a request, and all is deleted within {DELETE_DAYS}; a feed fails where {FEWEST} devices limit ad tracking",
    "FTC orders on Gravy Analytics and others (in paraphrase); hereabouts rules CONSENT, WITHDRAW, DELETE",
    _opt_outs_honoured,
)
RETENTION_KEPT = Claim(
    "Nothing is kept for longer than was said",
    "Where somebody was would be forgotten after the time that the company names.",
    f"fewer than {FEWEST} devices, and under 2 %, have a row that is older than the number of days that the claim "
    "names, on the day that it names; days of UTC",
    "the claim itself; FTC orders ask for a public schedule that is kept to (in paraphrase); hereabouts rule RETAIN",
    _retention_kept,
)
