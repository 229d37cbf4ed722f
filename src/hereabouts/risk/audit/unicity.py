"""Unicity: in which share of traces a few points single their device out, by grain of space and time.

Draw p points of a trace at random, and look who else in the data set was there, all p times. If nobody was, then
whoever knows those p places and times (from a receipt, a photograph, a colleague) can pick the whole trace out of the
data set, whatever the device is called in it. One measurement, for one data set: it grows with sparser data and
falls with more devices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hereabouts.engines.local import in_order
from hereabouts.movement.kernel import Int32s
from hereabouts.risk.audit.points import MOST, NONE, Grain, crowds, draw
from hereabouts.risk.audit.result import UnicityGrain
from hereabouts.risk.figures import Procedure, share
from hereabouts.risk.traces import Traces

UNICITY = Procedure(
    "unicity of p points drawn at random",
    "de Montjoye et al. 2013, Unique in the Crowd; Farzanehfar et al. 2021",
)
RESOLUTIONS = range(10, 4, -1)
"""H3 resolutions, finest first: hexagons of 0.015 km² to 253 km²."""

STRETCHES = {"1 min": 60, "10 min": 600, "1 h": 3600, "4 h": 14_400, "1 day": 86_400}
"""Lengths in time, in seconds of UTC."""

SAMPLE = 10_000
"""Devices that are sampled."""


SEED = 1
"""By which devices and points are sampled, in every audit. With a seed to choose, the same data could be asked again
and again, and the mean of many samples would say what each of them is rounded to hide. What is drawn goes by where a
device stands in the data: of other data, by one device more, the sample is another one.
"""


@dataclass(frozen=True, repr=False)
class Sample:
    """Devices that points are drawn of, and the seed by which that is done."""

    devices: Int32s
    seed: int

    @classmethod
    def of(cls, devices: NDArray[np.integer], most: int, seed: int) -> Sample:
        """Sample devices uniformly, without putting them back."""
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(devices), min(most, len(devices)), replace=False, shuffle=False)
        return cls(np.sort(devices[chosen]).astype(np.int32), seed)

    def chance(self, *grain: int) -> NDArray[np.float64]:
        """What points are drawn by at a grain."""
        return np.random.default_rng([self.seed, *grain]).random((len(self.devices), MOST))


def unicity(traces: Traces, seed: int, progress: Callable[[float], None]) -> tuple[UnicityGrain, ...]:
    """Measure unicity for 1 to 8 points at every grain that the traces have.

    Parameters
    ----------
    traces
        The data set.
    seed
        The same seed samples the same devices and points.
    progress
        Told the share of grains that are done.

    Returns
    -------
    tuple of UnicityGrain
        In the order of :data:`RESOLUTIONS`, then of :data:`STRETCHES`. A device that has fewer than p points at a
        grain is not counted among those of p.
    """
    sample = Sample.of(np.arange(traces.devices), SAMPLE, seed)
    grains = [
        (resolution, name)
        for resolution in RESOLUTIONS
        for name, seconds in STRETCHES.items()
        if resolution <= traces.resolution and seconds >= traces.step
    ]
    found = []
    for grain in in_order(partial(_one, traces, sample), grains):
        found.append(grain)
        progress(len(found) / len(grains))
    return tuple(found)


def _one(traces: Traces, sample: Sample, grain: tuple[int, str]) -> UnicityGrain:
    resolution, name = grain
    seen = Grain.of(traces, resolution, STRETCHES[name])
    drawn = draw(seen, sample.devices, sample.chance(resolution, STRETCHES[name]))
    found = crowds(seen, drawn, np.ones(traces.devices, np.bool_))
    figures = []
    for p in range(MOST):
        able = int(np.count_nonzero(found[:, p] != NONE))
        alone = int(np.count_nonzero(found[:, p] == 1))
        figures.append(share(f"unicity, {p + 1} points, H3 {resolution}, {name}", alone, able, UNICITY))
    return UnicityGrain(resolution, name, tuple(figures))
