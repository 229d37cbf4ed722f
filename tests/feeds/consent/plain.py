"""Consent strings, plainly: what one holds, as values; written bit by bit, and read with the standard library.

Written for being right rather than quick, and in another way than the decoders: a string is read for its values alone,
and then is good if writing these values gives the same string again, in one of the three ways to pad it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PADDINGS = (6, 8, 24)
DAY = 17_724_096_000  # 2026-03-02, in tenths of a second
YES, MISSING, REFUSED, UNREADABLE = range(4)


def characters(bits: str, padding: int = 24) -> str:
    """Pad bits to a multiple, and that to whole characters; write them."""
    for multiple in (padding, 6):
        bits += "0" * (-len(bits) % multiple)
    return "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))


def bits_of(segment: str) -> str:
    return "".join(f"{ALPHABET.index(character):06b}" for character in segment)


class Reader:
    """Gives numbers off the front of a text of bits; too short is an IndexError."""

    def __init__(self, bits: str) -> None:
        self.bits = bits

    def take(self, count: int) -> str:
        if count > len(self.bits):
            raise IndexError
        taken, self.bits = self.bits[:count], self.bits[count:]
        return taken

    def number(self, count: int) -> int:
        return int(self.take(count), 2)

    def fibonacci(self) -> int:
        code = self.take(self.bits.index("11") + 2)
        worth = [1, 2]
        while len(worth) < len(code):
            worth.append(worth[-1] + worth[-2])
        return sum(value for value, bit in zip(worth, code[:-1], strict=False) if bit == "1")


Entry = tuple[bool, int, int]  # whether it is written as a range, first, last


@dataclass(frozen=True)
class Vendors:
    """A list of vendors, as bits or as entries."""

    highest: int = 0
    ids: frozenset[int] = frozenset()
    entries: tuple[Entry, ...] | None = None

    def __contains__(self, vendor: int) -> bool:
        return vendor in self.ids or any(first <= vendor <= last for _, first, last in self.entries or ())

    def write(self) -> str:
        if self.entries is not None:
            return f"{self.highest:016b}1" + _write_entries(self.entries)
        return f"{self.highest:016b}0" + "".join(str(int(i in self.ids)) for i in range(1, self.highest + 1))

    @classmethod
    def read(cls, reader: Reader) -> Vendors:
        highest = reader.number(16)
        if reader.number(1):
            return cls(highest, entries=_read_entries(reader, highest))
        flags = reader.take(highest)
        return cls(highest, frozenset(i for i, flag in enumerate(flags, 1) if flag == "1"))


def _write_entries(entries: tuple[Entry, ...]) -> str:
    parts = [f"{wide:b}{first:016b}" + (f"{last:016b}" if wide else "") for wide, first, last in entries]
    return f"{len(entries):012b}" + "".join(parts)


def _read_entries(reader: Reader, highest: int) -> tuple[Entry, ...]:
    entries = []
    for _ in range(reader.number(12)):
        wide, first = bool(reader.number(1)), reader.number(16)
        last = reader.number(16) if wide else first
        if not 1 <= first <= last <= highest:
            raise ValueError("a vendor that cannot be")
        entries.append((wide, first, last))
    return tuple(entries)


@dataclass(frozen=True)
class Tc:
    """What a TC string holds. ``others`` are the segments after the core, by type: vendors, or the publisher's bits."""

    version: int = 2
    created: int = DAY
    updated: int = DAY
    policy: int = 4
    specific: bool = True
    features: str = "1" + "0" * 11
    purposes: str = "1" * 11 + "0" * 13
    treatment: bool = False
    vendors: Vendors = Vendors(10, frozenset({1, 7}))
    interests: Vendors = Vendors()
    restrictions: tuple[tuple[int, int, tuple[Entry, ...]], ...] = ()
    others: tuple[tuple[int, Vendors | str], ...] = ()
    filling: str = field(default="0" * 54 + "0" + "0" * 24 + "0" * 12, repr=False)  # nothing that consent is about

    def parts(self) -> list[str]:
        """The bits of each segment, without padding."""
        cmp, nonstandard, interests, country = (self.filling[a:b] for a, b in ((0, 54), (54, 55), (55, 79), (79, 91)))
        core = f"{self.version:06b}{self.created:036b}{self.updated:036b}{cmp}{self.policy:06b}{self.specific:b}"
        core += f"{nonstandard}{self.features}{self.purposes}{interests}{self.treatment:b}{country}"
        core += self.vendors.write() + self.interests.write() + f"{len(self.restrictions):012b}"
        core += "".join(f"{purpose:06b}{kind:02b}" + _write_entries(to) for purpose, kind, to in self.restrictions)
        return [core, *(f"{kind:03b}{what if isinstance(what, str) else what.write()}" for kind, what in self.others)]

    def write(self, padding: int = 24) -> str:
        return ".".join(characters(part, padding) for part in self.parts())

    @classmethod
    def read(cls, text: str) -> Tc:
        core, *parts = (Reader(bits_of(segment)) for segment in text.split("."))
        version, created, updated = core.number(6), core.number(36), core.number(36)
        cmp, policy, specific, nonstandard = core.take(54), core.number(6), bool(core.number(1)), core.take(1)
        features, purposes, rights, treatment = core.take(12), core.take(24), core.take(24), bool(core.number(1))
        country, vendors, interests = core.take(12), Vendors.read(core), Vendors.read(core)
        count = core.number(12)
        restrictions = [(core.number(6), core.number(2), _read_entries(core, 65535)) for _ in range(count)]
        return cls(
            version, created, updated, policy, specific, features, purposes, treatment, vendors, interests,
            tuple(restrictions), tuple(map(_read_segment, parts)), cmp + nonstandard + rights + country,
        )  # fmt: skip

    def answer(self, purposes: tuple[int, ...], vendor: int | None) -> int:
        """What the string says, if it says it well."""
        disclosed = [what for kind, what in self.others if kind == 1]
        good = (
            self.version == 2
            and 2 <= self.policy <= 5
            and self.specific
            and 15_663_456_000 <= self.created <= self.updated
            and all(1 <= purpose <= 24 and kind < 3 for purpose, kind, _ in self.restrictions)
            and len({kind for kind, _ in self.others}) == len(self.others)
            and (self.policy < 5 or len(disclosed) == 1)
        )
        if not good:
            return UNREADABLE
        lacking = [i for i in purposes if self.purposes[i - 1] == "0" or (i == 1 and self.treatment)]
        barred = [
            purpose
            for purpose, kind, to in self.restrictions
            if purpose in purposes and kind in (0, 2)
            if (to if vendor is None else any(first <= vendor <= last for _, first, last in to))
        ]
        unknown = vendor is not None and (
            vendor not in self.vendors or (self.policy == 5 and vendor not in disclosed[0])
        )
        return REFUSED if lacking or barred or unknown or self.features[0] == "0" else YES


def _read_segment(reader: Reader) -> tuple[int, Vendors | str]:
    kind = reader.number(3)
    if kind in (1, 2):
        return kind, Vendors.read(reader)
    if kind != 3:
        raise ValueError("a segment of an unknown type")
    fixed = reader.take(54)
    return kind, fixed + reader.take(2 * int(fixed[48:], 2))


def tc_answer(string: bytes, purposes: tuple[int, ...] = (1, 9), vendor: int | None = None) -> int:
    """What a TC string says, read plainly."""
    try:
        text = string.decode("ascii")
        said = Tc.read(text)
    except (ValueError, IndexError):
        return UNREADABLE
    return said.answer(purposes, vendor) if _is_spelling(text, [said.write(p) for p in PADDINGS], ".") else UNREADABLE


def _is_spelling(text: str, spellings: list[str], mark: str) -> bool:
    """Whether each segment of a text is that of one of the spellings."""
    choices = zip(*(spelling.split(mark) for spelling in spellings), strict=True)
    return all(part in choice for part, choice in zip(text.split(mark), choices, strict=True))


@dataclass(frozen=True)
class Usnat:
    """What a ``usnat`` section holds: the answers of its core, two bits each, and Gpc, which may be left out.

    ``others`` are answers by their place in the core, where they are not ``rest``: 6 is SaleOptOut, 7 SharingOptOut,
    8 TargetedAdvertisingOptOut; behind nine of them and the items for sensitive data come those for children.
    """

    version: int = 2
    geolocation: int = 2
    gpc: bool | None = False
    rest: int = 0
    others: tuple[tuple[int, int], ...] = ()

    def write(self, padding: int = 8) -> str:
        sensitive, children = {1: (12, 2), 2: (16, 3)}.get(self.version, (16, 3))
        answers = [self.rest] * (9 + sensitive + children + 4)
        answers[9 + 7] = self.geolocation
        for place, answer in self.others:
            answers[place] = answer
        core = f"{self.version:06b}" + "".join(f"{answer:02b}" for answer in answers)
        parts = [core] if self.gpc is None else [core, f"01{self.gpc:b}"]
        return ".".join(characters(part, padding) for part in parts)


def fibonacci(number: int) -> str:
    """A whole number above 0 in Fibonacci coding."""
    worth = [1, 2]
    while worth[-1] <= number:
        worth.append(worth[-1] + worth[-2])
    code = ""
    for value in reversed(worth):
        code = ("1" if value <= number else "0") + code
        number -= value if value <= number else 0
    return code.rstrip("0") + "1"


def header(ids: list[int], padding: int = 8) -> str:
    """The header of a GPP string, for ids in rising order; neighbours are written as a range."""
    runs: list[list[int]] = []
    for one in ids:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    bits, last = f"{3:06b}{1:06b}{len(runs):012b}", 0
    for run in runs:
        bits += f"{len(run) > 1:b}" + fibonacci(run[0] - last)
        bits += fibonacci(run[-1] - run[0]) if len(run) > 1 else ""
        last = run[-1]
    return characters(bits, padding)


def gpp_string(sections: dict[int, str], padding: int = 8) -> str:
    """A GPP string of sections by id."""
    ids = sorted(sections)
    return "~".join([header(ids, padding), *(sections[one] for one in ids)])


def gpp_answer(string: bytes, purposes: tuple[int, ...] = (1, 9), vendor: int | None = None) -> int:
    """What a GPP string says, read plainly."""
    try:
        head, *sections = string.decode("ascii").split("~")
        ids = _read_header(head)
        if len(ids) != len(sections) or not ids or set(ids) - {2, 7}:
            return UNREADABLE
        answers = {
            2: lambda section: tc_answer(section.encode(), purposes, vendor),
            7: _usnat_answer,
        }
        return max(answers[one](section) for one, section in zip(ids, sections, strict=True))
    except (ValueError, LookupError):
        return UNREADABLE


def _read_header(text: str) -> list[int]:
    reader, last = Reader(bits_of(text)), 0
    ids: list[int] = []
    if reader.number(6) != 3 or reader.number(6) != 1:
        raise ValueError("not a header")
    for _ in range(reader.number(12)):
        wide = reader.number(1)
        first = last + reader.fibonacci()
        last = first + reader.fibonacci() if wide else first
        if last > 7:
            raise ValueError("a section that is not known")
        ids += range(first, last + 1)
    _see_end(reader, text)
    return ids


def _see_end(reader: Reader, text: str) -> None:
    read = 6 * len(text) - len(reader.bits)
    if text not in [characters(bits_of(text)[:read], padding) for padding in PADDINGS]:
        raise ValueError("more than its fields and an encoder's padding")


def _usnat_answer(section: str) -> int:
    core, other = section.split(".")
    reader = Reader(bits_of(core))
    children = {1: [21, 22], 2: [25, 26, 27]}
    version = reader.number(6)
    answers = [reader.number(2) for _ in range({1: 27, 2: 32}[version])]
    _see_end(reader, core)
    sub = Reader(bits_of(other))
    kind, gpc = sub.number(2), sub.number(1)
    _see_end(sub, other)
    if 3 in answers or kind != 1:
        return UNREADABLE
    noes = [answers[place] for place in (6, 7, *children[version])].count(1)
    return YES if answers[16] == 2 and not gpc and not noes else REFUSED
