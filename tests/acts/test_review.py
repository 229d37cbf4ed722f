"""Reviews of the log, through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import review
from hereabouts.errors import UsageError

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_a_review_is_up_to_an_entry_of_the_log(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    assert review(site.store, 1, ["A plan a minute."]).incidents == ("A plan a minute.",)
    with pytest.raises(UsageError, match="expected one from 1"):
        review(site.store, 0)
    with pytest.raises(UsageError, match="the last"):
        review(site.store, 1000)
