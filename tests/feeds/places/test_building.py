"""What is built says how complete it is (SL-LIST)."""

from __future__ import annotations

import numpy as np
from shapely import LineString, MultiPoint, Point, box

from hereabouts.feeds.places.building import built
from hereabouts.feeds.places.categories import categories, margins


def test_places_are_counted_by_category_and_form() -> None:
    shapes = [Point(1, 1), MultiPoint([(1, 2), (3, 4)]), LineString([(0, 0), (1, 1)]), box(0, 0, 1, 1)]
    shape = np.array([*shapes, None], np.object_)[:-1]
    words = ["medical", "medical", "military", "medical"]
    made = built("x", words, shape, 9.0, margins(), {"odd ones": 2, "others": 0})
    assert made.found["medical"] == {"points": 2, "lines": 0, "areas": 1}
    assert made.found["military"] == {"points": 0, "lines": 1, "areas": 0}
    assert list(made.found) == list(categories())
    assert "medical" not in made.missing
    assert "shelters" in made.missing
    assert made.left_out == {"odd ones": 2}
    assert made.places.radius.tolist() == [9, 9, 0, 0]
