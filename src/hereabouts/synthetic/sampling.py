"""What a phone reports of a day: when its apps ask for a position, and how wrong the answer is.

Apps ask in bursts while their user is awake, or now and then in the background; some phones are
silent at night and all are silent on some days. A fix is off by a Gaussian error whose 68 % radius is
the reported horizontal accuracy, as Android defines it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hereabouts.synthetic.config import TownConfig
from hereabouts.synthetic.days import DAWN, DAY, MAX_STOPS, STOP_COLUMNS, locate, plan_day
from hereabouts.synthetic.draws import (
    PURPOSE_FIXES,
    PURPOSE_PLAN,
    PURPOSE_TIMES,
    Stream,
    exponential,
    kernel,
    open_stream,
    uniform,
)
from hereabouts.synthetic.people import HOUR
from hereabouts.synthetic.spelling import ODD_SPELLINGS, PLAIN
from hereabouts.synthetic.town import METRES_PER_DEGREE

# Relative use of the phone in each hour of the personal day.
_AWAKE = [0, 0, 0, 0, 0, 1, 4, 8, 9, 6, 5, 6, 8, 7, 6, 6, 7, 9, 10, 9, 9, 8, 5, 1]
_RHYTHMS = np.array([_AWAKE, np.add(_AWAKE, 1.5), np.add(_AWAKE, 20.0)], dtype=np.float64)
"""By rhythm: silent at night; seldom used at night; an app in the background, day and night."""
_BURSTS = np.array([3.5, 2.5, 1.3])  # mean pings of a burst, by rhythm
_LONGEST_BURST = 400
_QUICK_GAP, _SLOW_GAP = 4.0, 150.0  # seconds between the pings of a burst

_RADIUS_68 = math.sqrt(-2.0 * math.log(1.0 - 0.68))  # in standard deviations of one axis
_TAIL = 0.35  # of the log-logistic accuracies
_BEST_FIX, _POOR_FIX, _WORST_FIX = 3.0, 500.0, 10_000.0
_MS = 1000.0
_LAST_MS = 86_400_000 - 1
_DEGREE_PARTS = 1e6  # positions are written to 0.1 m

ROW = np.dtype(
    [
        ("device", np.int32),  # row of the people
        ("time", np.int32),  # milliseconds since local midnight
        ("latitude", np.float64),
        ("longitude", np.float64),
        ("accuracy", np.float32),
        ("spelling", np.int8),  # of the identifier: 0 canonical
    ],
    align=True,
)


def day_curves() -> NDArray[np.float64]:
    """Cumulative use of the phone at each full hour, one row a rhythm: shape (3, 25), from 0 to 1."""
    cumulative = np.cumsum(_RHYTHMS, axis=1)
    return np.pad(cumulative / cumulative[:, -1:], ((0, 0), (1, 0)))


def sample_day(config: TownConfig, people: NDArray[Any], first: int, day: int) -> NDArray[Any]:
    """All rows of `people` on local day `day`, dtype `ROW`, in the order of devices.

    Parameters
    ----------
    people
        Devices from number `first` on, as `settle` gives them.
    day
        0 is the configuration's first.
    """
    survey = _Survey(
        seed=np.uint64(config.seed),
        first=first,
        day=day,
        weekday=(config.start.weekday() + day) % 7,
        curves=day_curves(),
        latitude=config.latitude,
        longitude=config.longitude,
        duplicates=config.duplicates,
        poor_fixes=config.poor_fixes,
        odd_ids=config.odd_ids,
    )
    ends = np.cumsum(_count(people, survey))
    rows = np.empty(int(ends[-1]), ROW)
    _fill(people, survey, ends, rows)
    return rows


class _Survey(NamedTuple):
    """What holds for all phones on one day."""

    seed: np.uint64
    first: int
    day: int
    weekday: int
    curves: NDArray[np.float64]
    latitude: float
    longitude: float
    duplicates: float
    poor_fixes: float
    odd_ids: float


@kernel
def _count(people: NDArray[Any], survey: _Survey) -> NDArray[np.int64]:
    """How many rows each person gives, shape (people,)."""
    counts = np.empty(len(people), np.int64)
    stream = np.empty(1, np.uint64)
    nothing = np.empty(0, ROW)
    for row in range(len(people)):
        open_stream(stream, survey.seed, PURPOSE_TIMES, survey.first + row, survey.day)
        counts[row] = _ask(people[row], survey, nothing, stream)
    return counts


@kernel
def _fill(people: NDArray[Any], survey: _Survey, ends: NDArray[np.int64], rows: NDArray[Any]) -> None:
    """Fill `rows`; those of person i end before ends[i]."""
    seed, day = survey.seed, survey.day
    stream, plans = np.empty(1, np.uint64), np.empty(1, np.uint64)
    stops = np.empty((MAX_STOPS, STOP_COLUMNS))
    last_stops = np.empty((MAX_STOPS, STOP_COLUMNS))
    begin = 0
    for row, end in enumerate(ends):
        if begin == end:
            continue
        person, device, own = people[row], survey.first + row, rows[begin:end]
        begin = end
        open_stream(stream, seed, PURPOSE_TIMES, device, day)
        _ask(person, survey, own, stream)
        size, last_size = 0, 0
        open_stream(stream, seed, PURPOSE_FIXES, device, day)
        for ping in range(len(own)):
            fix = own[ping]
            fix.device = row
            fix.spelling = _spell(survey.odd_ids, stream)
            if ping > 0 and fix.time == own[ping - 1].time:  # a row that comes twice
                fix.accuracy = own[ping - 1].accuracy
                fix.latitude, fix.longitude = own[ping - 1].latitude, own[ping - 1].longitude
                continue
            clock = fix.time / _MS - person.lag
            if clock < DAWN:  # of the personal day that began yesterday
                if last_size == 0:
                    open_stream(plans, seed, PURPOSE_PLAN, device, day)
                    last_size = plan_day(person, (survey.weekday + 6) % 7, last_stops, plans)
                x, y = locate(last_stops, last_size, clock + DAY)
            else:
                if size == 0:
                    open_stream(plans, seed, PURPOSE_PLAN, device, day + 1)
                    size = plan_day(person, survey.weekday, stops, plans)
                x, y = locate(stops, size, clock)
            _fix(fix, x, y, person.accuracy, survey, stream)


@kernel
def _ask(person: Any, survey: _Survey, rows: NDArray[Any], stream: Stream) -> int:
    """Times at which a phone is asked in a day, into as many of `rows` as there are; returns how many.

    Bursts are a Poisson process over the day, warped so that its rate follows the use of the phone. A
    row that comes twice is the same time twice in a row.
    """
    if uniform(stream) < person.silent:
        return 0
    size = 0
    mean, curve = _BURSTS[person.rhythm], survey.curves[person.rhythm]
    going_on = math.log(1.0 - 1.0 / mean)
    pause = mean / person.pings
    passed = pause * exponential(stream)
    while passed < 1.0:
        time = (_hour_of(curve, passed) * HOUR + person.lag) % DAY
        for _ in range(min(1 + int(-exponential(stream) / going_on), _LONGEST_BURST)):
            within = time if time < DAY else 2.0 * DAY - time  # what would run past midnight runs back
            for _ in range(2 if uniform(stream) < survey.duplicates else 1):
                if size < len(rows):
                    rows[size].time = min(int(within * _MS), _LAST_MS)
                size += 1
            time += _QUICK_GAP + _SLOW_GAP * uniform(stream) ** 3
        passed += pause * exponential(stream)
    return size


@kernel
def _hour_of(curve: NDArray[np.float64], passed: float) -> float:
    """The hour of the personal day by which a share `passed` of its use is over."""
    hour = 0
    while curve[hour + 1] <= passed:
        hour += 1
    return float(hour + (passed - curve[hour]) / (curve[hour + 1] - curve[hour]))


@kernel
def _spell(odd: float, stream: Stream) -> int:
    """How a row spells its identifier: `PLAIN`, or one of the odd ways."""
    drawn = uniform(stream)
    return 1 + int(drawn / odd * ODD_SPELLINGS) if drawn < odd else PLAIN


@kernel
def _fix(fix: Any, x: float, y: float, median: float, survey: _Survey, stream: Stream) -> None:
    """Draw an accuracy, and a position that is off as that accuracy says."""
    drawn = uniform(stream)
    if drawn < survey.poor_fixes:
        accuracy = min(1.0 + _POOR_FIX / math.sqrt(1.0 - uniform(stream)), _WORST_FIX)
    else:
        drawn = uniform(stream)
        accuracy = min(max(median * (drawn / (1.0 - drawn)) ** _TAIL, _BEST_FIX), _POOR_FIX)
    off = accuracy / _RADIUS_68 * math.sqrt(2.0 * exponential(stream))
    angle = 2.0 * math.pi * uniform(stream)
    north = (y + off * math.sin(angle)) / METRES_PER_DEGREE
    east = (x + off * math.cos(angle)) / (METRES_PER_DEGREE * math.cos(math.radians(survey.latitude)))
    fix.accuracy = accuracy
    fix.latitude = np.rint((survey.latitude + north) * _DEGREE_PARTS) / _DEGREE_PARTS
    fix.longitude = np.rint((survey.longitude + east) * _DEGREE_PARTS) / _DEGREE_PARTS
