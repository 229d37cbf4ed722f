"""Claims about who is in the data: no direct identifiers; anonymised."""

from __future__ import annotations

import math
from dataclasses import replace

from hereabouts.risk.audit.questions import questions
from hereabouts.risk.audit.result import Finding, Question
from hereabouts.risk.audit.unicity import SEED
from hereabouts.risk.claims.advertising import ADVERTISING
from hereabouts.risk.claims.evidence import Evidence, FeedEvidence, ReleaseEvidence
from hereabouts.risk.claims.judging import Claim, altered
from hereabouts.risk.claims.result import FAILS, HOLDS, UNTOLD, Found
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.figures import Figure, Procedure, share

COLUMNS = Procedure("names and first values of columns against patterns", "hereabouts")
LAYOUT = Procedure("layout of the files", "hereabouts")


def _no_direct_identifiers(statement: Statement, evidence: Evidence) -> Found:
    del statement
    if isinstance(evidence, ReleaseEvidence):
        return altered(evidence) or Found(
            HOLDS,
            "Its tables have columns of areas, times and counts alone, and pass the checks of the release.",
            findings=(_finding("columns", "No column is there that could hold an identifier.", LAYOUT),),
        )
    if not isinstance(evidence, FeedEvidence):
        text = "Devices are keyed pseudonyms, another one in each window; the key lies outside the store."
        return Found(
            HOLDS,
            "The store keeps no identifier that anybody else knows. That does not make it anonymous.",
            findings=(_finding("identifiers", text, LAYOUT),),
        )
    said = evidence.answers
    uuids = share("devices with an id in the form of an advertising id", said.advertising, said.devices, ADVERTISING)
    seen = tuple(_finding("columns", f"{w[0].upper()}{w[1:]}.", COLUMNS) for w in evidence.warnings)
    if not seen:
        nothing = "The first rows show no column of names, e-mail addresses, phone numbers or IP addresses."
        seen = (_finding("columns", nothing, COLUMNS),)
    reasons = []
    if evidence.warnings:
        reasons.append("It has a column of direct identifiers, or one that seems to hold them.")
    if evidence.advertising:
        reasons.append(
            "By the feed's own word, devices go by their advertising id. It is the same in every app until its owner "
            "resets it, so that whoever has it beside a name, in any other data, has a name for the trace."
        )
    if reasons:
        return Found(FAILS, " ".join(reasons), (uuids,), findings=seen)
    return Found(
        UNTOLD,
        "No direct identifier is to be seen, but what stands for the device may be one, such as an advertising id, or "
        "be made from one: a hash of a phone number is undone by trying all phone numbers.",
        (uuids,),
        findings=seen,
        would_tell="How the ids were made, and who holds the key or the table by which they were.",
    )


def _anonymised(statement: Statement, evidence: Evidence) -> Found:
    del statement
    if isinstance(evidence, ReleaseEvidence):
        return altered(evidence) or Found(
            UNTOLD,
            f"It holds no traces that could be attacked here. What it lets out of any one device is bounded: epsilon "
            f"{evidence.manifest['privacy']['epsilon']:g}, delta {evidence.manifest['privacy']['delta']:g}.",
            would_tell="hereabouts attack, run by the owner of the store that it was made from.",
        )
    asked = questions(evidence.trail.traces, SEED, _silent)
    shares = tuple(figure for question in asked for figure in (_named(question), question.risk))
    beyond = [f"{question.name} for {_said(question.risk)}" for question in asked if question.risk.low]
    if beyond:
        return Found(
            FAILS,
            f"Beyond what chance and general knowledge give, attacks succeed: {_listed(beyond)} of devices. No name "
            "was needed for that: the traces are the identifiers.",
            shares,
        )
    return Found(
        UNTOLD,
        "The attacks that were tried do no better than their controls. Others may: no test of traces can show that "
        "nobody is able to tell whose they are.",
        shares,
        would_tell="A proof that holds for any attack, such as differential privacy of what is let out.",
    )


def _named(question: Question) -> Figure:
    """The figure of an attack, with the question that it answers in its name."""
    name = question.attack.name
    return replace(question.attack, name=f"{question.asks} {name[0].upper()}{name[1:]}")


def _finding(about: str, text: str, how: Procedure) -> Finding:
    return Finding(about, text, how.name, how.source)


def _said(risk: Figure) -> str:
    """How large a share is, or at the least is: rounded down, so that it is over that."""
    return f"{100 * risk.value:.0f} %" if risk.value is not None else f"over {math.floor(100 * (risk.low or 0.0))} %"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _silent(share: float) -> None:
    """Show no progress."""


NO_DIRECT_IDENTIFIERS = Claim(
    "There is nothing in it that names a person or a phone",
    "Nobody could look up a row by a name, a number or an address. It would not mean that nobody can be found: a trace "
    "of a few places and times points at one person without any name.",
    "there is no name, e-mail address, phone number or IP address, and no id of the phone itself, such as its "
    "advertising id",
    "GDPR art. 4(1) names online identifiers; HIPAA, 45 CFR 164.514(b)(2)(i), names device identifiers (paraphrases of "
    "secondary texts; HIPAA is about health records, and is a yardstick here)",
    _no_direct_identifiers,
)
ANONYMISED = Claim(
    "Nobody in it can be found again",
    "No device could be picked out, joined to another record of the same person, or found out something about. Only "
    "then are data anonymous, and data protection law has nothing more to say about them.",
    "none of three attacks (singling out, linkability, inference) does better than its control; it fails where the "
    "lower end of what one finds beyond that is above 0. Traces can only fail, or leave it untold: other attacks may "
    "do better",
    "WP29 Opinion 05/2014; controls as in Giomi et al. 2023, Anonymeter",
    _anonymised,
)
