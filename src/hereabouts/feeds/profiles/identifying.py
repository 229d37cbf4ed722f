"""Direct identifiers: names, e-mail addresses, phone numbers and IP addresses, known by a column's name or its values.

A feed's profile drops such columns. Whether it speaks of all of them, and whether what it takes for a device's id is
not itself a person's address, is looked at in a sample before the feed is admitted. What is found is said to the
operator, and changes nothing of what is taken: what becomes of a row stays a matter of that row and of the profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Literal

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.columns import listed
from hereabouts.feeds.formats.feed import Feed
from hereabouts.feeds.formats.sample import Sample
from hereabouts.feeds.profile import Profile

Kind = Literal["names", "e-mail addresses", "phone numbers", "IP addresses"]
NAMES: Kind = "names"
EMAILS: Kind = "e-mail addresses"
PHONES: Kind = "phone numbers"
ADDRESSES: Kind = "IP addresses"

SHARE = 0.01
"""From this share of a column's values on, a pattern is spoken of."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")
_PHONE = re.compile(r"\+[1-9](?:[ ()/-]{0,2}\d){7,14}|\(\d{3}\) ?\d{3}-\d{4}")
_PHONE_WHERE_SAID = re.compile(r"\(?\d(?:[ ()./-]{0,2}\d){8,14}")
_NOT_OF_A_PERSON = frozenset(
    ("id", "type", "os", "model", "make", "brand", "carrier", "operator", "network", "tower", "hash", "country", "city")
)
_PERSON = frozenset(
    ("first", "last", "full", "family", "given", "middle", "maiden", "user", "owner", "contact", "customer", "person")
)
_ONE_WORD: dict[str, Kind] = {
    **dict.fromkeys(("name", "firstname", "lastname", "fullname", "surname", "forename", "username"), NAMES),
    **dict.fromkeys(("email", "mail", "emailaddress"), EMAILS),
    **dict.fromkeys(("phone", "phonenumber", "telephone", "tel", "mobile", "msisdn", "cellphone", "imsi"), PHONES),
    **dict.fromkeys(("ip", "ipv4", "ipv6", "ipaddress", "ipaddr"), ADDRESSES),
}


def kind_by_name(column: str) -> Kind | None:
    """Tell from a column's name which direct identifiers it may hold.

    >>> [kind_by_name(name) for name in ("ip_address", "emailAddress", "phone_type", "venue_name", "lastName")]
    ['IP addresses', 'e-mail addresses', None, None, 'names']
    """
    words = [word.casefold() for word in _WORDS.findall(column)]
    if not words or _NOT_OF_A_PERSON.intersection(words):
        return None
    if "name" in words and len(words) > 1:
        return NAMES if _PERSON.intersection(words) else None
    joined = "".join(words)
    return _ONE_WORD.get(joined) or next((_ONE_WORD[word] for word in words if word in _ONE_WORD), None)


def kind_of_value(value: str, *, phones_said: bool = False) -> Kind | None:
    """Tell which direct identifier a value looks like.

    Parameters
    ----------
    value
        Text.
    phones_said
        Whether nine to fifteen digits are taken for a phone number without a plus sign before them: they may as well be
        any other number, so it takes a column's name to say so.
    """
    value = value.strip()
    if _EMAIL.fullmatch(value):
        return EMAILS
    if _PHONE.fullmatch(value) or (phones_said and _PHONE_WHERE_SAID.fullmatch(value)):
        return PHONES
    if 2 < len(value) <= 45 and (value.count(".") == 3 or value.count(":") > 1):
        try:
            ip_address(value)
        except ValueError:
            return None
        return ADDRESSES
    return None


def shares(values: Iterable[str], *, phones_said: bool = False) -> dict[Kind, float]:
    """Give the share of values that look like each kind of direct identifier; kinds of none are left out."""
    counts: dict[Kind, int] = {}
    total = 0
    for value in values:
        total += 1
        kind = kind_of_value(value, phones_said=phones_said)
        if kind is not None:
            counts[kind] = counts.get(kind, 0) + 1
    return {kind: count / total for kind, count in counts.items()}


def found_in(sample: Sample, column: str) -> str | None:
    """Say in a few words what direct identifiers a sample's column holds, and how that shows.

    ``None`` if it seems to hold none. Values are never part of it.
    """
    named = kind_by_name(column)
    there = sample.column(column)
    values = () if there is None else there.values
    seen = shares(values, phones_said=named == PHONES)
    likeliest = max(seen, key=lambda kind: seen[kind], default=None)
    if likeliest is not None and seen[likeliest] >= SHARE:
        return f"{likeliest} ({percent(seen[likeliest])} of its first values look like them)"
    return None if named is None else f"{named} (by its name)"


def warnings_for(sample: Sample, profile: Profile) -> list[str]:
    """Say what a feed has of direct identifiers, as far as a sample of it shows.

    Parameters
    ----------
    sample
        Its first rows, with all columns.
    profile
        What is read of it.

    Returns
    -------
    list of str
        Sentences for the operator; none if there is nothing to say. They name columns, and hold no values.
    """
    said = []
    if not profile.device_from_file:
        found = found_in(sample, profile.device)
        if found is not None:
            said.append(
                f"column {listed([profile.device])}, which profile '{profile.name}' takes for the device, seems to "
                f"hold {found}: ask the supplier for an id that says nothing of a person"
            )
    for name in sample.names:
        found = found_in(sample, name) if name in profile.unread else None
        if name in profile.direct_identifiers:
            what = "direct identifiers" if found is None else found
            said.append(f"column {listed([name])} holds {what}: it is dropped; ask the supplier to leave it out")
        elif found is not None:
            said.append(
                f"column {listed([name])} seems to hold {found}: it is dropped like all that profile '{profile.name}' "
                "ignores; list it under direct_identifiers, and ask the supplier to leave it out"
            )
    return said


def sample_warnings(feed: Feed) -> list[str]:
    """Say what an opened feed has of direct identifiers, as far as its first rows show.

    Costs one small batch, and decides nothing: a feed of which no sample can be had, for damage in a column that is
    never read perhaps, is still taken or refused by what is read of it.

    Raises
    ------
    MachineError
        If the file cannot be read.
    """
    try:
        said = warnings_for(feed.sample(), feed.profile)
    except BadInputError:
        said = ["its first rows could not be looked at: whether it holds direct identifiers is not known"]
    stem = feed.source.stem
    if feed.profile.device_from_file and kind_of_value(stem, phones_said=True) is not None:
        said.append(
            "a file is named after what looks like an e-mail address or a phone number: name it after a participant's "
            "number in your study instead, which says nothing to others"
        )
    return said


def percent(share: float) -> str:
    """Write a share in whole percents, and what is neither none nor all never as such."""
    return f"{min(max(round(100 * share), 1), 99)} %" if 0 < share < 1 else f"{round(100 * share)} %"
