"""People come and go, through the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hereabouts.acts import add_person, appoint_officer, list_people, remove_person
from tests.rules.conftest import public, write_keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_people_come_and_go(empty_site: Site, copy: Copy, tmp_path: Path) -> None:
    site = copy(empty_site)
    ines, ines_public = write_keys(tmp_path, "ines")
    _, noor_public = write_keys(tmp_path, "noor")
    appoint_officer("ines", site.store, ines_public)
    assert add_person("noor", site.store, noor_public, ines).key == public("noor")
    assert [person.account for person in list_people(site.store)] == ["ines", "noor"]
    assert remove_person("noor", site.store).account == "noor"
    assert [person.account for person in list_people(site.store)] == ["ines"]
