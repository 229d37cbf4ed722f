"""``audit.html``: how identifying a data set is, for a privacy officer or a journalist."""

from __future__ import annotations

import h3.api.numpy_int as h3

from hereabouts.report import words
from hereabouts.report.confidential.page import rate, render
from hereabouts.risk.audit.result import Audit, UnicityGrain
from hereabouts.risk.figures import Figure

SHOWN_POINTS = 4
"""Points of the figure in a cell of the heat table."""

_COARSE = 7
"""H3 resolution of the first sentence: no law calls it precise."""


def audit_page(audit: Audit) -> str:
    """Give the page of an audit."""
    periods = list(dict.fromkeys(grain.period for grain in audit.unicity))
    resolutions = list(dict.fromkeys(grain.resolution for grain in audit.unicity))
    by_grain = {(grain.resolution, grain.period): grain for grain in audit.unicity}
    return render(
        "audit.html.j2",
        audit=audit,
        headlines=headlines(audit),
        periods=periods,
        heat=[
            (resolution, _area(resolution), [by_grain[resolution, p] for p in periods]) for resolution in resolutions
        ],
        shown=SHOWN_POINTS - 1,
        unicity_how=audit.unicity[0].figures[0],
        tops=_tops(audit.night_and_day),
    )


def headlines(audit: Audit) -> list[str]:
    """Say in a sentence each what a reader must know."""
    said = [_alone(audit.unicity)]
    for question in audit.questions:
        control = question.attack.control
        if question.attack.about is None or control is None or control.about is None:
            why = question.attack.withheld or (control.withheld if control else "")
            said.append(f"{question.name.capitalize()} could not be measured: {why}.")
            continue
        answer, base = rate(question.attack), rate(control)
        said.append(
            {
                "singling out": f"Of devices in the data, {answer} are picked out by four known places and hours; a "
                f"device that is not in it seems to be picked out in {base} of cases.",
                "linkability": f"Under a new pseudonym, {answer} of devices are found again by their habits alone, at "
                f"the first guess; by chance it would be {base}.",
                "inference": f"From where a device is by night, the data tell where it is by day for {answer}; for "
                f"devices that are not in the data the same guess is right in {base}.",
            }[question.name]
        )
    return [sentence for sentence in said if sentence]


def _alone(grains: tuple[UnicityGrain, ...]) -> str:
    """Say how much coarse points tell: that fine ones tell more is for the table."""
    coarse = next((grain for grain in grains if grain.resolution == _COARSE and grain.period == "1 day"), None)
    if coarse is None or coarse.figures[SHOWN_POINTS - 1].about is None:
        return ""
    told = rate(coarse.figures[SHOWN_POINTS - 1])
    return (
        f"Even if places are known to {_area(_COARSE)} only, and times to the day, four of them single out "
        f"{told} of devices."
    )


def _area(resolution: int) -> str:
    return f"{words.measure(float(h3.average_hexagon_area(resolution)))} km²"


def _tops(figures: tuple[Figure, ...]) -> list[tuple[str, str, Figure, Figure]]:
    """Rows of the table of night and day: resolution, area, and both figures."""
    rows: list[tuple[str, str, Figure, Figure]] = []
    for one, two in zip(figures[::2], figures[1::2], strict=True):
        resolution = one.name.rpartition(" ")[2]
        rows.append((resolution, _area(int(resolution)), one, two))
    return rows
