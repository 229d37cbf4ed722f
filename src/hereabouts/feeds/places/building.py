"""What is built into a list: the places found, and how complete that is by category (SL-LIST)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import shapely

from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reading import RawPlaces
from hereabouts.feeds.places.shapes import Shapes

_FORMS = {0: "points", 1: "lines", 3: "areas", 4: "points", 5: "lines", 6: "areas"}
"""By the number of shapely's type."""


@dataclass(frozen=True)
class Built:
    """A list, and what is known of its completeness.

    Attributes
    ----------
    places
        The list.
    found
        For every category that there is: places found, as points, lines and areas. A category without any is one
        that the source does not know, or that must come from elsewhere.
    left_out
        What the source calls sensitive and could not be placed, by reason.
    """

    places: PlaceList
    found: dict[str, dict[str, int]]
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """Categories of which the source has no place."""
        return [name for name, forms in self.found.items() if not sum(forms.values())]


def built(
    source: object,
    category: Sequence[str],
    shape: Shapes,
    radius: float,
    margin: Mapping[str, float],
    left_out: Mapping[str, int] = MappingProxyType({}),
) -> Built:
    """Make a list of what was found.

    Parameters
    ----------
    source
        What messages call it.
    category, shape
        Of each place.
    radius
        Metres around points.
    margin
        Metres, by category.
    left_out
        What could not be placed, by reason.

    Raises
    ------
    BadInputError
        When there is no place, or one of them means nothing.
    """
    points = np.isin(shapely.get_type_id(shape), [0, 4])
    raw = RawPlaces(list(category), shape, np.where(points, radius, 0.0), np.full(len(shape), np.nan))
    places = PlaceList.of(source, raw, margin)
    forms = Counter(
        (name, _FORMS[number])
        for name, number in zip(places.category, shapely.get_type_id(places.shape).tolist(), strict=True)
    )
    found = {name: {form: forms[name, form] for form in ("points", "lines", "areas")} for name in categories()}
    return Built(places, found, {reason: count for reason, count in left_out.items() if count})
