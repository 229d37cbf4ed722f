from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.formats.sample import Column, Sample
from hereabouts.feeds.profile import CANONICAL, Profile
from hereabouts.feeds.profiles.identifying import (
    kind_by_name,
    kind_of_value,
    percent,
    sample_warnings,
    shares,
    warnings_for,
)

Row = dict[str, Any]
Write = Callable[[str, Sequence[Row]], Path]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("names", ["name", "first_name", "lastName", "Full Name", "surname", "userName", "contact_name"]),
        ("e-mail addresses", ["email", "E-Mail", "user_email", "emailAddress", "mail"]),
        ("phone numbers", ["phone", "phone_number", "mobile", "msisdn", "tel", "cellphone", "IMSI"]),
        ("IP addresses", ["ip", "ip_address", "IPAddress", "client_ip", "ipv6", "ipaddr"]),
        (None, ["device_id", "phone_id", "phone_type", "device_name", "venue_name", "location_name", "email_hash"]),
        (None, ["", "latitude", "tip", "zip", "telemetry", "ip_country", "mobile_network", "17"]),
    ],
)
def test_a_columns_name_says_what_it_holds(kind: str | None, names: list[str]) -> None:
    assert {name: kind_by_name(name) for name in names} == dict.fromkeys(names, kind)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("e-mail addresses", ["a@b.org", " some.one+x@mail.example.co.uk "]),
        ("phone numbers", ["+447700900123", "+44 7700 900-123", "+1 (212) 555 1234", "(212) 555-1234"]),
        ("IP addresses", ["10.0.0.1", "255.255.255.255", "2001:db8::1", "::ffff:10.0.0.1"]),
        (None, ["", "a@b", "447700900123", "+116.38719", "-1.5", "1.2.3", "1.2.3.400", "12:30:45"]),
        (None, ["2008-10-23 05:53:04+02:00", "6d92078a-8246-4ba4-9b5b-76104861e7dc", "sg:442918b1", "+1234567"]),
    ],
)
def test_a_value_shows_what_it_is(kind: str | None, values: list[str]) -> None:
    assert {value: kind_of_value(value) for value in values} == dict.fromkeys(values, kind)


def test_digits_are_phone_numbers_where_the_column_says_so() -> None:
    for value in ("447700900123", "07700 900123", "0044 7700 900123"):
        assert kind_of_value(value) is None
        assert kind_of_value(value, phones_said=True) == "phone numbers"


@given(st.lists(st.text(max_size=60)))
def test_any_values_can_be_looked_at(values: list[str]) -> None:
    assert all(0 < share <= 1 for share in shares(values).values())


def test_shares_are_told_without_counts() -> None:
    assert [percent(share) for share in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0 %", "1 %", "50 %", "99 %", "100 %"]


def sample(**columns: Sequence[str]) -> Sample:
    return Sample(1000, tuple(Column(name, "text", tuple(values)) for name, values in columns.items()))


def test_an_address_in_place_of_a_devices_id_is_warned_of() -> None:
    said = warnings_for(sample(device_id=["a@example.org"] * 3 + ["x"]), CANONICAL)
    assert len(said) == 1
    assert "column device_id, which profile 'canonical' takes for the device" in said[0]
    assert "e-mail addresses (75 % of its first values look like them)" in said[0]
    assert "example" not in said[0]


def test_few_addresses_among_ids_are_enough_and_one_stray_is_not() -> None:
    ids = ["6d92078a-8246-4ba4-9b5b-76104861e7dc"] * 998
    assert warnings_for(sample(device_id=[*ids, "+447700900123", "+447700900124"]), CANONICAL) == []
    assert len(warnings_for(sample(device_id=[*ids[:90], *["+447700900123"] * 10]), CANONICAL)) == 1


def test_what_the_profile_drops_is_told_so_that_it_is_not_sent_again() -> None:
    profile = Profile("p", ignored=frozenset({"note", "venue"}), direct_identifiers=frozenset({"who", "ip"}))
    said = warnings_for(sample(note=["a@b.org"], venue=["x"], who=["x"], ip=["10.0.0.1"]), profile)
    assert [line.partition(":")[0] for line in said] == [
        "column note seems to hold e-mail addresses (100 % of its first values look like them)",
        "column who holds direct identifiers",
        "column ip holds IP addresses (100 % of its first values look like them)",
    ]
    assert "list it under direct_identifiers" in said[0]
    assert all("dropped" in line for line in said)


@pytest.mark.parametrize("name", ["feed.parquet", "feed.csv", "feed.jsonl.gz"])
def test_a_feed_is_looked_at_before_it_is_taken(name: str, write: Write, good_row: Row) -> None:
    feed = open_feed(write(name, [{**good_row, "device_id": "a@b.org", "ip_address": "10.0.0.1"}]), CANONICAL)
    said = sample_warnings(feed)
    assert len(said) == 2
    assert "takes for the device" in said[0]
    assert "column ip_address holds IP addresses" in said[1]
    assert "10.0.0.1" not in "".join(said)
    assert sample_warnings(open_feed(write(name, [good_row]), CANONICAL)) == []


def test_a_file_named_after_an_address_is_warned_of_without_naming_it(write: Write, good_row: Row) -> None:
    profile = Profile("one-each", device="(file)", device_from_file=True)
    del good_row["device_id"]
    for stem in ("447700900123", "a@b.org"):
        path = write("feed.csv", [good_row]).rename(write("feed.csv", [good_row]).parent / f"{stem}.csv")
        (said,) = sample_warnings(open_feed(path, profile))
        assert "looks like an e-mail address or a phone number" in said
        assert stem not in said


def test_damage_in_a_column_that_is_never_read_does_not_refuse_a_feed(tmp_path: Path) -> None:
    rows = 5000
    table = pa.table(
        {
            "device_id": ["a"] * rows,
            "timestamp": ["2023-11-14T12:00:00Z"] * rows,
            "latitude": [1.5] * rows,
            "longitude": [2.5] * rows,
            "ip_address": [f"10.0.{k // 250}.{k % 250}" for k in range(rows)],
        }
    )
    path = tmp_path / "feed.parquet"
    pq.write_table(table, path, compression="zstd", write_page_checksum=True, use_dictionary=False)
    content = bytearray(path.read_bytes())
    addresses = pq.ParquetFile(path).metadata.row_group(0).column(4)
    content[addresses.data_page_offset + addresses.total_compressed_size // 2] ^= 0xFF
    path.write_bytes(content)
    feed = open_feed(path, CANONICAL)
    assert "could not be looked at" in sample_warnings(feed)[0]
    assert sum(batch.num_rows for batch in feed.batches()) == rows
