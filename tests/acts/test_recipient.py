"""Recipients, through the API (RECIP)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import add_recipient, list_recipients
from hereabouts.errors import BadInputError, UsageError

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

TODAY = dt.datetime.now(dt.UTC).date()


def test_recipients_agree_to_terms(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    added = add_recipient("city", site.store, site.evidence, TODAY)
    assert list_recipients(site.store) == [added]
    with pytest.raises(UsageError, match="got expires"):
        add_recipient("city", site.store, site.evidence, TODAY - dt.timedelta(days=1))
    with pytest.raises(BadInputError, match="expected the terms"):
        add_recipient("city", site.store, site.folder / "none.pdf", TODAY)
