from __future__ import annotations

from hereabouts.feeds.profile import CANONICAL, Profile

SPLIT = Profile("split", time="(date and time)", time_parts=("date", "time"))
EXPORT = Profile("export", device="(the file's name)", device_from_file=True, time="timestamp", time_or="timestampMs")


def test_the_canonical_profile_takes_a_files_columns_as_they_stand() -> None:
    assert CANONICAL.required == ("device_id", "timestamp", "latitude", "longitude")
    assert not CANONICAL.derives
    assert CANONICAL.unread == {"id_type", "ip_address"}


def test_what_a_file_needs_is_what_columns_are_made_of() -> None:
    assert SPLIT.needs == (("device_id",), ("date",), ("time",), ("latitude",), ("longitude",))
    assert EXPORT.needs == (("timestamp", "timestampMs"), ("latitude",), ("longitude",))
    assert SPLIT.derives
    assert EXPORT.derives
    assert SPLIT.time not in SPLIT.read
    assert EXPORT.device not in EXPORT.read


def test_direct_identifiers_are_never_read() -> None:
    profile = Profile("p", ignored=frozenset({"a"}), direct_identifiers=frozenset({"b"}))
    assert profile.unread == {"a", "b"}
    assert not profile.unread.intersection(profile.read)
