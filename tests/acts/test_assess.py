"""Assessments, through the API."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import assess, list_assessments
from hereabouts.errors import BadInputError, RefusedError, UsageError

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

TODAY = dt.datetime.now(dt.UTC).date()


def test_an_assessment_is_of_a_purpose_that_is_known(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    filed = assess("research", site.evidence, site.store, TODAY)
    assert list_assessments(site.store) == [filed]
    assert (filed.purpose, filed.expires) == ("research", TODAY)
    with pytest.raises(RefusedError, match="not one that is known"):
        assess("curiosity", site.evidence, site.store, TODAY)
    with pytest.raises(UsageError, match="got expires"):
        assess("research", site.evidence, site.store, TODAY - dt.timedelta(days=1))
    with pytest.raises(BadInputError, match="expected an impact assessment"):
        assess("research", site.folder / "none.pdf", site.store, TODAY)
    with pytest.raises(BadInputError, match="expected an Ed25519 private key"):
        assess("research", site.evidence, site.store, TODAY, site.evidence)


def test_a_purpose_of_ones_own(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    (site.store / "purposes.toml").write_text("[beds]\ndpv = 'dpv:PublicBenefit'\ndescription = 'Plan beds.'\n")
    assert assess("beds", site.evidence, site.store, TODAY).purpose == "beds"
