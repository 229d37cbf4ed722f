"""Who was seen at sensitive places: shares of many devices, or nothing."""

from __future__ import annotations

import numpy as np
import shapely

from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reading import RawPlaces
from hereabouts.risk.audit.sensitive import TOO_FEW_PLACES, PlaceVisits
from hereabouts.risk.figures import Figure
from hereabouts.risk.reading import Seen

FIRST, SECOND, THIRD = list(categories())[:3]
PLACES = PlaceList.of(
    "test",
    RawPlaces(
        [*[FIRST] * 20, *[SECOND] * 20, *[THIRD] * 19],
        np.array([shapely.Point(-1.0 - 0.5 * (k // 20), 52.0 + 0.5 * (k // 20) - 0.01 * (k % 20)) for k in range(59)]),
        np.zeros(59),
        np.zeros(59) + 50,
    ),
)


def visited(first: range, second: range, devices: int = 200) -> list[Figure]:
    """Those who were at the first place, and at the second one, each twice; all were at one of a few places."""
    visits = PlaceVisits(PLACES)
    for _ in range(2):
        for who, latitude, longitude in ((first, 52.0, -1.0), (second, 52.5, -1.5), (range(devices), 53.0, -2.0)):
            n = len(who)
            time = np.zeros(n, np.int64)
            visits.look(Seen(np.array(who, np.int32), time, np.full(n, latitude), np.full(n, longitude)))
    first_figure, second_figure, third = visits.figures(devices)
    assert third.withheld == TOO_FEW_PLACES
    return [first_figure, second_figure]


def test_devices_are_counted_once_by_category() -> None:
    first, second = visited(range(50), range(30, 100))
    assert (first.value, second.value) == (0.3, 0.4), "fifty and seventy of two hundred, to the nearest twenty"
    assert first.name.endswith(FIRST)
    assert (first.low or 0) < 0.25 < (first.high or 0)


def test_another_place_changes_figures_by_twenty_devices_or_not_at_all() -> None:
    """Two versions of a list, held against a feed: what one more place has of visitors is not told by one of them."""
    for before, after in ((40, 41), (40, 49), (0, 1), (0, 19)):
        assert visited(range(before), range(50)) == visited(range(after), range(50))


def test_nothing_is_told_of_fewer_than_twenty_visitors_nor_of_fewer_than_twenty_others() -> None:
    first, second = visited(range(19), range(185))
    assert (first.value, second.value) == (None, None)


def test_nobody_is_not_told_from_somebody() -> None:
    assert [figure.to_json() for figure in visited(range(0), range(50, 100))] == [
        figure.to_json() for figure in visited(range(60, 61), range(50, 100))
    ]


def test_how_many_were_at_two_kinds_of_places_is_not_told() -> None:
    """Forty and thirty, three of them at both: only figures of single categories come out, the same as of nobody."""
    assert visited(range(40), range(37, 67)) == visited(range(40), range(40, 70))
