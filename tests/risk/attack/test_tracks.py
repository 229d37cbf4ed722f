"""Shares of traces that are put together: with chance beside them, and none where there are no traces."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hereabouts.release.region import Region
from hereabouts.risk.attack.pieces import Piece, read_crowd
from hereabouts.risk.attack.tracks import TOO_SELDOM, recovered_shares
from hereabouts.windows import Window

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries


def finest(buckets: list[DeviceRows], queries: Queries, most: int) -> Piece:
    crowd = read_crowd(buckets, [queries(1.0)[1]], most, np.random.default_rng(3))
    return crowd.pieces[0]


def test_exact_counts_have_no_interval_and_ours_has(
    buckets: list[DeviceRows], queries: Queries, region: Region, window: Window
) -> None:
    raw, _, ours = recovered_shares(finest(buckets, queries, 120), region, window, np.random.default_rng(4))
    assert raw.low == raw.value == raw.high
    assert ours.control is not None
    assert raw.value is not None
    assert ours.low is not None
    assert ours.high is not None
    assert ours.low < ours.high < raw.value
    assert all(figure.n is not None and figure.n % 20 == 0 for figure in (raw, ours))


def test_people_who_are_seldom_seen_have_no_traces(
    buckets: list[DeviceRows], queries: Queries, region: Region, window: Window
) -> None:
    piece = finest(buckets, queries, 19)
    assert {each.withheld for each in recovered_shares(piece, region, window, np.random.default_rng(4))} == {TOO_SELDOM}
    nowhere = recovered_shares(None, region, window, np.random.default_rng(4))
    assert {each.withheld for each in nowhere} == {"presence was not measured"}
    total = replace(piece.query, resolution=None)
    assert recovered_shares(replace(piece, query=total), region, window, np.random.default_rng(4)) == nowhere
