"""A place on object storage is one store's, and forgets what is deleted there (DELETE, RETAIN)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hereabouts.errors import MachineError, RefusedError, UsageError
from hereabouts.objects import ObjectPath
from hereabouts.store.claim import claim, give_up, require_claimed

if TYPE_CHECKING:
    from tests.conftest import ObjectStorage


@pytest.fixture(scope="module")
def bucket(object_storage: ObjectStorage) -> ObjectPath:
    return ObjectPath.of(object_storage.bucket("claims"))


def test_a_place_is_taken_once(bucket: ObjectPath) -> None:
    place = bucket / "once"
    claim(place, "mine")
    require_claimed(place, "mine")
    with pytest.raises(UsageError, match="holds objects"):
        claim(place, "yours")
    with pytest.raises(MachineError, match="names another store"):
        require_claimed(place, "yours")
    give_up(place)
    claim(place, "yours")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff", b'{"store": 1}'])
def test_a_damaged_claim_is_none(bucket: ObjectPath, content: bytes) -> None:
    (bucket / "damaged" / "hereabouts.json").write_bytes(content)
    with pytest.raises(MachineError, match="not where the rows of this store lie"):
        require_claimed(bucket / "damaged", "mine")


def test_where_nothing_can_be_deleted_no_store_is_made(object_storage: ObjectStorage) -> None:
    place = ObjectPath.of(object_storage.bucket("claims-versioned")) / "store"
    object_storage.keep_versions("claims-versioned")
    with pytest.raises(RefusedError, match=r"refused by rule 'versions'.*suspend versioning"):
        claim(place, "mine")
    assert not (place / "hereabouts.json").exists()
    object_storage.keep_versions("claims-versioned", "Suspended")
    claim(place, "mine")
    require_claimed(place, "mine")
    object_storage.keep_versions("claims-versioned")
    with pytest.raises(RefusedError, match="versions"):
        require_claimed(place, "mine")
