"""Which log is meant, and by whose key it is checked: no key is ever made by asking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts.log_source import log_source
from hereabouts.errors import MachineError, UsageError
from hereabouts.log.note import Signer

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_a_store_is_asked_for_its_own_log_and_key(empty_site: Site) -> None:
    source = log_source(empty_site.store, None, None)
    assert source.folder == empty_site.store / "log"
    assert source.store is not None
    assert source.key is not None
    assert source.key.name == f"hereabouts/{source.store.facts.id}"


def test_a_folder_is_asked_for_nothing(tmp_path: Path) -> None:
    source = log_source(None, tmp_path, None)
    assert (source.folder, source.key, source.store) == (tmp_path, None, None)
    key = Signer.of("log", bytes(32)).verifier
    assert log_source(None, tmp_path, str(key)).key == key


def test_no_key_is_made(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    (site.keys / "log.key").unlink()
    with pytest.raises(MachineError, match=r"log\.key"):
        log_source(site.store, None, None)
    assert not (site.keys / "log.key").exists()


def test_one_of_the_two_is_given(tmp_path: Path) -> None:
    for store, log in ((None, None), (tmp_path, tmp_path)):
        with pytest.raises(UsageError, match="--store STORE or --log DIR"):
            log_source(store, log, None)
