"""A profile proposed for a feed, from a look at its first rows, for a person to confirm.

Nothing here is asked at intake, which never guesses from data. The proposal is TOML text with the reasons in comments:
names, types and shares, and no value of any row. What no reason was found for is left open, so that a proposal which
nobody has read does not load by accident: a column that may be an opt-out is neither read nor ignored, and refuses the
feed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.columns import check_names, is_value
from hereabouts.feeds.formats.sample import NESTED, Column, Sample, first_rows
from hereabouts.feeds.formats.source import Source
from hereabouts.feeds.profiles import evidence, shipped
from hereabouts.feeds.profiles.identifying import found_in, percent

_NAMES: dict[str, str] = {
    "device": "deviceid caid maid adid advertiserid advertisingid aaid idfa gaid hashedid uid userid user tracker "
    "objid participantid participant subjectid device vehicleid taxiid imei id",
    "latitude": "latitude lat latitudee7 latitudee6 late7 latdeg latitudedeg latitudedegrees locationlatitude gpslat y",
    "longitude": "longitude lon lng long longitudee7 longitudee6 lone7 lnge7 londeg longitudedeg longitudedegrees "
    "locationlongitude gpslon gpslng x",
    "time": "timestamp utctimestamp timestamputc datetime trackedat recordedat locationat eventtime eventtimestamp "
    "timestampms timestampus unixtimestamp unixtime epoch ts time t date createdat",
    "accuracy": "horizontalaccuracy accuracy hacc haccuracy ha gpsaccuracy horizontalprecision precision",
    "consent": "consent consentstring tcstring tcfstring tcf gdprconsent gppstring gpp optin optedin userconsent",
    "framework": "consentframework consenttype framework",
    "limit_ad_tracking": "limitadtracking limitedadtracking limitadtrackingenabled lmt optout optedout",
    "source_type": "sourcetype source provider",
}
_OPT_OUT = re.compile(r"opt|consent|privacy|gdpr|ccpa|gpc|gpp|tcf|donotsell|dnt|lmt|limit|tracking|permission|withdr")
_SOURCES = frozenset({"sdk", "bidstream", "other"})


@dataclass(frozen=True)
class Proposal:
    """A proposed profile.

    Attributes
    ----------
    toml
        Its text, with the reasons in comments.
    columns
        The file's columns by what they seem to mean.
    ignored, direct_identifiers
        Columns that would never be read.
    open
        What a person has to decide before the profile can be used.
    unsure
        What a person should look at.
    shipped
        Shipped profiles that know all of the file's columns.
    """

    toml: str
    columns: dict[str, list[str]]
    ignored: list[str]
    direct_identifiers: list[str]
    open: list[str]
    unsure: list[str]
    shipped: list[str]


@dataclass
class _Draft:
    """What is gathered while columns are looked at, in the order of the file that is written."""

    sample: Sample
    columns: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    consent: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)

    def key(self, key: str, value: object, why: str) -> None:
        self.lines.append(f"{key} = {_toml(value)}   # {why}")

    def take(self, role: str, *columns: Column) -> None:
        self.columns[role] = [column.name for column in columns]

    def ask(self, what: str) -> None:
        self.open.append(what)
        self.lines.append(f"# TO DECIDE: {what}")

    def doubt(self, what: str) -> None:
        self.unsure.append(what)
        self.lines.append(f"# UNSURE: {what}")

    def candidates(self, role: str) -> list[Column]:
        """Columns by whose name they may have a role, the likeliest first, without those that have one."""
        ranks = {name: rank for rank, name in enumerate(_NAMES[role].split())}
        taken = {name for names in self.columns.values() for name in names}
        free = [one for one in self.sample.columns if one.name not in taken and one.kind != NESTED]
        return sorted((one for one in free if _bare(one.name) in ranks), key=lambda one: ranks[_bare(one.name)])


def propose(source: Source) -> Proposal:
    """Propose a profile for a feed's file.

    Raises
    ------
    BadInputError
        If it cannot be read, has no rows, or its first line holds no names.
    """
    sample = first_rows(source)
    if source.format == "csv" and any(map(is_value, sample.names)):
        raise BadInputError(
            source.path,
            "its first line holds values, and no names of columns: put a line with the columns' names before the rows",
        )
    if sample.rows == 0:
        raise BadInputError(source.path, "no rows: expected at least one, to look at")
    draft = _Draft(sample)
    for look in (_file, _position, _time, _device, _accuracy, _answers):
        look(draft)
    return _written(draft)


def _file(draft: _Draft) -> None:
    sample = draft.sample
    if sample.separator is not None and sample.separator != ",":
        draft.key("separator", sample.separator, "what the header line has between names")
    if sample.document is not None:
        where = f"the member {sample.document!r}" if sample.document else "the outermost array"
        draft.key("document", sample.document, f"one JSON document with its rows in {where}")


def _position(draft: _Draft) -> None:
    for latitude in draft.candidates("latitude"):
        for longitude in draft.candidates("longitude"):
            finding = evidence.degrees_of(latitude, longitude)
            if finding is None:
                continue
            draft.take("latitude", latitude)
            draft.take("longitude", longitude)
            seen = f"{percent(finding.share)} of values are in range as {finding.what}"
            draft.key("latitude", latitude.name, seen)
            draft.key("longitude", longitude.name, seen)
            size = evidence.per_unit(finding.what)
            if size is not None:
                draft.key("degrees_per_unit", size, f"whole numbers, too large for degrees: {finding.what}")
            if finding.others:
                draft.doubt(f"positions would be in range as {', '.join(finding.others)} too: ask the supplier")
            return
    draft.ask("latitude and longitude: no two columns with such names hold numbers in range")


def _time(draft: _Draft) -> None:
    found = [(column, evidence.time_of(column)) for column in draft.candidates("time")]
    whole = [(column, finding) for column, finding in found if finding is not None]
    if not whole:
        _time_in_two(draft)
        return
    column, finding = whole[0]
    draft.take("time", column)
    reasons = {"timestamp": "of type timestamp", "iso": f"{percent(finding.share)} of values are ISO 8601"}
    counted = f"{percent(finding.share)} of values are from 1990 to 2100 as {finding.what} since 1970"
    draft.key("time", column.name, reasons.get(finding.what, counted))
    if finding.what not in reasons:
        draft.key("time_unit", finding.what, "no other unit fits")
    if finding.what in reasons and not evidence.has_zone(column):
        draft.doubt("times without a zone are read as UTC: are they?")
    if len(whole) > 1:
        others = ", ".join(_toml(other.name) for other, _ in whole[1:])
        draft.doubt(f"other columns hold times too ({others}): is this when the phone was there?")


def _time_in_two(draft: _Draft) -> None:
    free = [column for column in draft.sample.columns if column.kind != NESTED]
    days = next((column for column in free if evidence.is_days(column)), None)
    clock = next((column for column in free if evidence.is_clock(column)), None)
    if days is None or clock is None:
        draft.ask("time: no column with such a name holds ISO 8601 times or counts of seconds since 1970")
        return
    draft.take("time", days, clock)
    draft.key("time", [days.name, clock.name], "days in one column, times of the day in the other")
    if not evidence.has_zone(clock):
        draft.doubt("times without a zone are read as UTC: are they?")


def _device(draft: _Draft) -> None:
    column = next((column for column in draft.candidates("device") if column.values), None)
    if column is None:
        draft.ask("device: the column of the device's id; or device_from = \"file\", if each file is one participant's")
        return
    draft.take("device", column)
    distinct = len(set(column.values)) / len(column.values)
    draft.key("device", column.name, f"by its name; {percent(distinct)} of its first values are distinct")
    identifier = found_in(draft.sample, column.name)
    if identifier is not None:
        draft.doubt(f"it seems to hold {identifier}: ask the supplier for an id that says nothing of a person")
    if len(column.values) > 1 and len(set(column.values)) == len(column.values):
        draft.doubt("no value comes twice: is it the device's id, and not the row's?")
    others = [other.name for other in draft.candidates("device")]
    if others:
        draft.doubt(f"other columns may be ids too ({', '.join(map(_toml, others))}): the one of the person is right")


def _accuracy(draft: _Draft) -> None:
    column = next((column for column in draft.candidates("accuracy") if evidence.is_number(column)), None)
    if column is not None:
        draft.take("accuracy", column)
        draft.key("accuracy", column.name, "by its name, and it holds numbers; metres?")


def _answers(draft: _Draft) -> None:
    for column in draft.candidates("limit_ad_tracking"):
        if evidence.is_flag(column):
            draft.take("limit_ad_tracking", column)
            draft.key(
                "limit_ad_tracking", column.name, "by its name, and it holds true and false; true must mean: limited"
            )
            break
    for column in draft.candidates("source_type"):
        if evidence.is_words(column, _SOURCES):
            draft.take("source_type", column)
            draft.key("source_type", column.name, "it holds the words sdk, bidstream and other")
            break
    for column in draft.candidates("consent"):
        finding = evidence.consent_of(column)
        if finding is None:
            continue
        draft.take("consent", column)
        seen = "true and false" if finding.what == "flag" else f"what begins like {finding.what.upper()} strings"
        draft.consent = [f"column = {_toml(column.name)}   # {percent(finding.share)} of its values are {seen}"]
        draft.consent.append(f"framework = {_toml(finding.what)}")
        framework = next(iter(draft.candidates("framework")), None)
        if framework is not None:
            draft.take("framework_column", framework)
            draft.consent.append(f"framework_column = {_toml(framework.name)}   # by its name")
        return
    draft.unsure.append("no consent column: the supplier needs a consent record that covers all its devices")


def _written(draft: _Draft) -> Proposal:
    taken = {name for names in draft.columns.values() for name in names}
    left = [name for name in draft.sample.names if name not in taken and not is_value(name)]
    direct = {name: found for name in left if (found := found_in(draft.sample, name)) is not None}
    answers = [name for name in left if name not in direct and _OPT_OUT.search(_bare(name))]
    ignored = [name for name in left if name not in direct and name not in answers]
    for name in answers:
        draft.ask(
            f"column {_toml(name)} may be an answer to a question about consent: map it, or list it under ignored"
        )
    lines = [
        f"# Proposed from the first {draft.sample.rows} rows of a sample. Confirm every line: intake takes its word.",
        *(f"# The shipped profile '{name}' knows all columns of this file." for name in _shipped(draft.sample)),
        "",
        'name = "new-feed"',
        'description = ""',
        "",
        *draft.lines,
        "",
        "# Never read. Is one of them an opt-out, or a better id?",
        f"ignored = {_toml(ignored)}",
        "",
        *(f"# {_toml(name)}: {found}" for name, found in direct.items()),
        f"direct_identifiers = {_toml(list(direct))}",
    ]
    lines += ["", "[consent]", *draft.consent] if draft.consent else ["", f"# UNSURE: {draft.unsure[-1]}"]
    return Proposal(
        toml="\n".join(lines) + "\n",
        columns=draft.columns,
        ignored=ignored,
        direct_identifiers=list(direct),
        open=draft.open,
        unsure=draft.unsure,
        shipped=_shipped(draft.sample),
    )


def _shipped(sample: Sample) -> list[str]:
    found = []
    for name, profile in shipped().items():
        try:
            check_names("sample", sample.names, profile)
        except BadInputError:
            continue
        if profile.document == sample.document:
            found.append(name)
    return found


def _bare(name: str) -> str:
    """Give the letters and digits of a name, in lower case."""
    return "".join(filter(str.isalnum, name)).casefold()


def _toml(value: object) -> str:
    # JSON writes text, numbers and lists as TOML reads them, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
