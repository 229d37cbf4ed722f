"""The page's tables: what the report has, in words and in the order in which it is read."""

from __future__ import annotations

from collections import Counter

from hereabouts.report.transparency.asked import Request, Tally
from hereabouts.report.transparency.grid import Cell, Grid, grid
from hereabouts.report.transparency.oversight import PolicyInForce, Review
from hereabouts.report.transparency.report import Report
from hereabouts.report.transparency.words import act, days, minute, purpose, short_day, why, window

_ANSWERS = {"released": "released", "again": "released again, free", "refused": "refused"}
_WITHIN_DAYS = {"withdrawal": 30, "places": 30}
"""Days within which what was asked for has to be gone: of the orders that the rules are made from."""


def tables(report: Report) -> dict[str, Grid]:
    """Every table of the page by name; those without rows are empty."""
    return {**_of_requests(report), **_of_oversight(report), **_of_people(report)}


def _of_requests(report: Report) -> dict[str, Grid]:
    terms = {request.purpose: request.dpv for request in report.requests if request.dpv}
    rules = Counter(refusal.rule for refusal in report.refusals)
    return {
        "purposes": grid(
            "Requests by purpose",
            ("Purpose", "#Asked", "#Released", "#Again, free", "#Refused"),
            [
                _tally(tally, f"{purpose(tally.name)} {terms.get(tally.name) or ''}".strip())
                for tally in report.by_purpose
            ],
        ),
        "roles": grid(
            "Requests by role",
            ("Asked as", "#Asked", "#Released", "#Again, free", "#Refused"),
            [_tally(tally) for tally in report.by_role],
        ),
        "rules": grid(
            "Refusals by rule",
            ("Rule", "Why it refuses", "#Times"),
            [(rule, why(rule), f"{count:,}") for rule, count in sorted(rules.items(), key=lambda r: (-r[1], r[0]))],
        ),
        "refusals": grid(
            "Everything that was refused",
            ("Entry", "When (UTC)", "What was tried", "For", "Rule", "By"),
            [
                (
                    str(refusal.number),
                    minute(refusal.at),
                    act(refusal.act),
                    Cell(refusal.purpose or refusal.supplier or "–", window(refusal.window) if refusal.window else ""),
                    refusal.rule,
                    Cell(refusal.actor, refusal.role),
                )
                for refusal in report.refusals
            ],
        ),
        "requests": grid(
            "Every request",
            ("Entry", "When (UTC)", "Purpose", "Of the days", "Answer", "#Cost", "By"),
            [_request(request) for request in report.requests],
        ),
        "accounts": grid(
            "Who acted",
            ("Account", "As", "#Acts", "#Releases", "#Refused"),
            [
                (each.account, ", ".join(each.roles), f"{each.acts:,}", f"{each.releases:,}", f"{each.refused:,}")
                for each in report.accounts
            ],
        ),
    }


def _of_oversight(report: Report) -> dict[str, Grid]:
    return {
        "blocked": grid(
            "What stop orders blocked",
            ("Entry", "When (UTC)", "What was tried", "Under order", "By"),
            [
                (str(each.number), minute(each.at), act(each.act), str(stop.order), each.actor)
                for stop in report.stops
                for each in stop.blocked
            ],
        ),
        "reviews": grid(
            "Reviews of this log",
            ("Day", "By", "Entries looked at", "#Incidents noted", "In time"),
            [
                (
                    Cell(short_day(review.at), f"entry {review.number}"),
                    review.reviewer,
                    f"up to {review.up_to:,}",
                    Cell(str(review.incidents), tone="bad" if review.incidents else ""),
                    _on_time(review),
                )
                for review in report.reviews.made
            ],
        ),
        "assessments": grid(
            "Impact assessments",
            ("Purpose", "Approved by", "Filed", "Expires", "SHA-256 of the document"),
            [
                (
                    Cell(each.purpose, f"assessment {each.assessment}, entry {each.number}"),
                    each.approver,
                    short_day(each.filed),
                    _until(each.expires, each.in_force),
                    Cell(each.digest, tone="hash"),
                )
                for each in report.assessments
            ],
        ),
        "policies": grid(
            "Versions of the policy",
            ("Version", "From", "Asks for", "Privacy budget of a window", "Waits", "Finest areas", "Kept for"),
            [_policy(each) for each in report.policies],
        ),
    }


def _of_people(report: Report) -> dict[str, Grid]:
    return {
        "suppliers": grid(
            "Suppliers of data",
            ("Supplier", "Admitted until", "Assessed", "Comes from", "#Intakes", "#Refused"),
            [
                (
                    Cell(each.supplier, "all consented" if each.all_consented else "consent row by row"),
                    _until(each.expires, each.in_force),
                    short_day(each.assessed),
                    each.source,
                    f"{each.intakes:,}",
                    f"{each.refused:,}",
                )
                for each in report.suppliers
            ],
        ),
        "recipients": grid(
            "Recipients of figures",
            ("Recipient", "Terms until", "#Releases that name it", "SHA-256 of the terms"),
            [
                (
                    Cell(each.recipient, f"terms {each.version}"),
                    _until(each.expires, each.in_force),
                    f"{each.releases:,}",
                    Cell(each.terms, tone="hash"),
                )
                for each in report.recipients
            ],
        ),
        "withdrawals": grid(
            "Withdrawals of consent",
            ("List", "Asked for", "Begun", "Nothing left from", "#Took"),
            [
                (
                    Cell(str(each.version), f"entry {each.number}"),
                    short_day(each.requested),
                    short_day(each.begun),
                    "not finished" if each.finished is None else short_day(each.finished),
                    _took(each.days, each.finished is not None, "withdrawal"),
                )
                for each in report.withdrawals
            ],
        ),
        "places": grid(
            "Lists of sensitive places",
            ("Version", "Registered", "Looked through", "Nothing left there from", "#Took"),
            [
                (
                    Cell(str(each.version), f"entry {each.number}"),
                    short_day(each.at),
                    short_day(each.assessed),
                    "not finished" if each.purged is None else short_day(each.purged),
                    _took(each.days, each.purged is not None, "places"),
                )
                for each in report.places
            ],
        ),
        "retention": grid(
            "Runs of the retention schedule",
            ("Day", "By", "Keys gone of windows that ended by", "Tables gone of windows that ended by"),
            [
                (
                    Cell(short_day(each.at), f"entry {each.number}"),
                    each.by,
                    short_day(each.keys_until) if each.keys_until else "–",
                    short_day(each.tables_until) if each.tables_until else "kept",
                )
                for each in report.retention
            ],
        ),
    }


def _tally(tally: Tally, about: str = "") -> tuple[Cell | str, ...]:
    return (Cell(tally.name, about), *(f"{n:,}" for n in (tally.asked, tally.released, tally.again, tally.refused)))


def _request(request: Request) -> tuple[Cell | str, ...]:
    answer = _ANSWERS[request.answer]
    cost = "" if request.epsilon is None else f"ε = {float(request.epsilon):g}"
    beside = [request.rule or "", "stale data" if request.stale else "", f"to {', '.join(request.recipients)}"]
    signed = f"{request.role}; signed by {request.approver}" if request.approver else request.role
    return (
        str(request.number),
        minute(request.at),
        request.purpose,
        window(request.window),
        Cell(answer, "; ".join(filter(None, beside if request.recipients else beside[:2])), _tone(request)),
        Cell("nothing" if request.answer != "released" else cost, f"charge {request.charge}" if request.charge else ""),
        Cell(request.actor, signed),
    )


def _tone(request: Request) -> str:
    return "bad" if request.answer == "refused" else ""


def _on_time(review: Review) -> Cell:
    waited = f"the oldest entry had waited {days(review.waited)}"
    if review.on_time is None:
        return Cell("none was asked for", waited)
    return Cell(
        "yes" if review.on_time else f"no: due within {days(review.due or 0)}", waited, "" if review.on_time else "bad"
    )


def _until(day: str, in_force: bool) -> Cell:
    return Cell(short_day(day), "in force" if in_force else "not in force", "" if in_force else "bad")


def _took(count: int, finished: bool, what: str) -> Cell:
    late = count > _WITHIN_DAYS[what]
    return Cell(days(count), "" if finished else "so far", "bad" if late else "")


def _policy(each: PolicyInForce) -> tuple[Cell | str, ...]:
    facts = each.facts
    kept = dict(part.split("=") for part in facts.get("retention") or [])
    asks = [name.replace("_", " ") for name in facts.get("requires") or []]
    if facts.get("review_days"):
        asks.append(f"review within {days(facts['review_days'])}")
    return (
        Cell(str(facts.get("version")), f"{facts.get('policy')}; entry {each.number}"),
        Cell(short_day(each.at), f"by {each.by}"),
        ", ".join(asks) or "none of these",
        f"ε = {float(facts['epsilon']):g}, δ = {float(facts['delta']):g}",
        days(facts.get("embargo_days") or 0),
        f"H3 resolution {facts.get('finest_resolution')}",
        "; ".join(_kept(name, int(count)) for name, count in kept.items()) or "not said",
    )


def _kept(name: str, count: int) -> str:
    what = {"pseudonym_key_days": "pseudonym keys", "open_days": "precise positions", "sealed_days": "tables"}
    return f"{what.get(name, name)} {days(count) if count else 'for good'}"
