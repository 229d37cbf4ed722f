"""The three questions by which the Article 29 Working Party asks whether data are anonymous (Opinion 05/2014).

Each is answered by an attack, and by its control: the same attack where the target is not in the data, or where only
chance can help. What the attack finds beyond the control is the risk of being in the data.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hereabouts.risk.audit.linkability import linkability
from hereabouts.risk.audit.night_and_day import guessing
from hereabouts.risk.audit.points import NONE, Grain, crowds, draw
from hereabouts.risk.audit.result import Question
from hereabouts.risk.audit.unicity import SAMPLE, Sample
from hereabouts.risk.figures import Figure, Procedure, excess, share
from hereabouts.risk.traces import Traces

SINGLING_OUT = Procedure(
    "exactly one device has 4 known points (H3 8 × 1 hour)",
    "WP29 Opinion 05/2014; de Montjoye et al. 2013; control as in Giomi et al. 2023, Anonymeter",
)
RISK = Procedure("(attack − control) / (1 − control)", "Giomi et al. 2023, Anonymeter")
POINTS, RESOLUTION, SECONDS = 4, 8, 3600


def questions(traces: Traces, seed: int, progress: Callable[[float], None]) -> tuple[Question, ...]:
    """Answer the three questions.

    Half of the devices, drawn at random, are the data that the attacker has; the others are the controls of singling
    out and inference.
    """
    attacked = np.zeros(traces.devices, np.bool_)
    attacked[np.random.default_rng([seed, 29]).permutation(traces.devices)[: (traces.devices + 1) // 2]] = True
    alone = _singling_out(traces, attacked, seed)
    progress(0.2)
    linked = linkability(traces, seed, lambda done: progress(0.2 + 0.7 * done))
    guessed = guessing(traces, attacked)
    progress(1.0)
    return (
        _question(
            "singling out",
            "Can one device be picked out of the data?",
            f"Someone knows {POINTS} places and hours of a device. How often does exactly one device of the data set "
            "have them all? The control asks the same for devices that are not in the data.",
            alone,
        ),
        _question(
            "linkability",
            "Can records of one device be joined, when it goes by another name?",
            "The data set is cut in two by time, and every device gets a new name in the second half. How often is its "
            "old name found by its habits, at the first guess? The control is a guess at random.",
            linked,
        ),
        _question(
            "inference",
            "Can something unknown about a device be found out from what is known?",
            "Someone knows in which two cells a device is most by night, and guesses from the data where it is most by "
            "day. The control guesses for devices that are not in the data.",
            guessed,
        ),
    )


def _question(name: str, asks: str, method: str, attack: Figure) -> Question:
    control = attack.control if attack.control is not None else attack
    return Question(name, asks, method, attack, excess(f"{name}: beyond the control", attack, control, RISK))


def _singling_out(traces: Traces, attacked: NDArray[np.bool_], seed: int) -> Figure:
    grain = Grain.of(traces, min(RESOLUTION, traces.resolution), max(SECONDS, traces.step))
    told = []
    for inside in (attacked, ~attacked):
        sample = Sample.of(np.flatnonzero(inside), SAMPLE, seed)
        found = crowds(grain, draw(grain, sample.devices, sample.chance(29)), attacked)[:, POINTS - 1]
        told.append((int(np.count_nonzero(found == 1)), int(np.count_nonzero(found != NONE))))
    control = share("the same for devices that are not in the data", *told[1], SINGLING_OUT)
    return share(f"{POINTS} known points are had by exactly one device", *told[0], SINGLING_OUT, control)
