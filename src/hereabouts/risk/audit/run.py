"""One audit from traces to result, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hereabouts.errors import BadInputError
from hereabouts.risk.audit.night_and_day import unique_tops
from hereabouts.risk.audit.questions import questions
from hereabouts.risk.audit.result import Audit, DataSet, Finding
from hereabouts.risk.audit.sampling import sampling
from hereabouts.risk.audit.sensitive import PlaceVisits
from hereabouts.risk.audit.sizes import sizes, thresholds
from hereabouts.risk.audit.unicity import SEED, unicity
from hereabouts.risk.figures import Figure, rounded
from hereabouts.risk.traces import Traces
from hereabouts.rules.fewest import FEWEST

Steps = Callable[[str, float], None]
"""Is told what is being done, and what share of all that follows reading is."""

_LIMITS = (
    "Figures are about this data set as it is: with other devices, days or places they would be others.",
    "Unicity says how often known points single a trace out, not how easily somebody comes to know them.",
    "Numbers of devices are to the nearest 20; intervals allow for that. No figure has noise.",
    "Two audits, before and after one device goes, mostly differ: of a store's window only one of them is made.",
    "Attacks that were not tried may do better: each rate is a lower bound of what could be found out.",
    "Positions are compared as H3 cells, times in UTC; night and day go by the sun, not quite the clock.",
    "A person with two phones, or a new advertising id, is two devices here.",
)


def audited(
    traces: Traces,
    kind: str,
    name: str,
    grid: tuple[Figure, Finding],
    visits: PlaceVisits | None,
    findings: Sequence[Finding],
    progress: Steps,
) -> Audit:
    """Audit traces.

    Parameters
    ----------
    traces
        The data set.
    kind, name
        As in :class:`hereabouts.risk.audit.result.DataSet`.
    grid
        How finely positions are told, as :func:`hereabouts.risk.audit.precision.precision_of` says it.
    visits
        What saw who was at a place; ``None`` where there is no list of them.
    findings
        What else is known of the data set.
    progress
        Told how far it is.

    Raises
    ------
    BadInputError
        When there are fewer than 20 devices.
    """
    if traces.devices < FEWEST:
        raise BadInputError(name, f"fewer than {FEWEST} devices: an audit gives figures about at least as many")
    progress("unicity", 0.0)
    alone = unicity(traces, SEED, lambda done: progress("unicity", 0.6 * done))
    answers = questions(traces, SEED, lambda done: progress("three questions", 0.6 + 0.25 * done))
    progress("night and day", 0.85)
    tops = unique_tops(traces)
    progress("sampling and sizes", 0.95)
    counted, (width, precise) = sizes(traces), grid
    about = rounded(traces.devices)
    data_set = DataSet(kind, name, about, traces.amount, traces.days, traces.resolution, traces.step)
    result = Audit(
        data_set=data_set,
        questions=answers,
        unicity=alone,
        night_and_day=tops,
        sampling=sampling(traces),
        sensitive=() if visits is None else visits.figures(traces.devices),
        sizes=(*counted, width),
        findings=(precise, *thresholds(counted[1], width), *findings),
        limits=_LIMITS,
    )
    progress("done", 1.0)
    return result
