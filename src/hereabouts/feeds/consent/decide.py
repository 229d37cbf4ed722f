"""Every row's answer to the question of consent, whatever framework it is given in (rule CONSENT).

A framework column says, row by row, what the consent column holds; where it is empty, or there is none, the
:class:`~hereabouts.feeds.consent.rule.ConsentRule` says it. Taken, without regard to case and white space around it:

``flag``
    ``true`` or ``false``;
``tcf``, ``tcf2``, ``tcfv2``, ``tcf v2``, ``tcf_v2``, ``iab tcf``, ``iab tcf v2``, ``iabtcf``, ``tcfeuv2``
    an IAB TCF v2 string;
``gpp``, ``iab gpp``, ``iabgpp``
    an IAB GPP string.

Another word makes the row's answer unreadable. The answer of a row is a function of that row alone: each distinct
string is decoded once for all rows of a batch, and those met lately are not decoded again in the next one.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hereabouts.feeds.consent import gpp, tcf
from hereabouts.feeds.consent.answers import MISSING, REFUSED, UNREADABLE, YES
from hereabouts.feeds.consent.flags import flag_states
from hereabouts.feeds.consent.memory import Memory
from hereabouts.feeds.consent.rule import ConsentRule, Framework
from hereabouts.feeds.values.text import MISSING as NO_VALUE
from hereabouts.feeds.values.text import Bytes, is_text, plain, word_codes

__all__ = ["MISSING", "REFUSED", "UNREADABLE", "YES", "consent_states"]

_WORDS: dict[str, Framework] = {
    "flag": "flag",
    **dict.fromkeys(
        ("tcf", "tcf2", "tcfv2", "tcf v2", "tcf_v2", "iab tcf", "iab tcf v2", "iabtcf", "tcfeuv2"), "tcf"
    ),
    **dict.fromkeys(("gpp", "iab gpp", "iabgpp"), "gpp"),
}  # fmt: skip
_FRAMEWORKS: tuple[Framework, ...] = ("flag", "tcf", "gpp")
_FLAG, _UNKNOWN = 0, len(_FRAMEWORKS)

_ANY_WORD = ("-",)
"""For :func:`word_codes`, where all that is asked is whether there is a word."""

_memory = Memory()


def consent_states(values: pa.Array | None, framework: pa.Array | None, rule: ConsentRule, n: int) -> Bytes:
    """Say what the consent column says of each row.

    Parameters
    ----------
    values
        The consent column, booleans or text, of n rows; ``None`` if there is none.
    framework
        The framework column, text; ``None`` if there is none.
    rule
        What is asked.
    n
        How many rows there are.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8: :data:`YES`, :data:`MISSING` for null, empty or blank, :data:`REFUSED` or
        :data:`UNREADABLE`.
    """
    if values is None or pa.types.is_null(values.type):
        return np.full(n, MISSING, np.uint8)
    if framework is None or pa.types.is_null(framework.type):
        return _answers(values, _FRAMEWORKS.index(rule.framework), rule)
    codes = _framework_codes(framework, rule)
    kinds = np.flatnonzero(np.bincount(codes, minlength=_UNKNOWN + 1))
    if len(kinds) == 1:
        return _answers(values, int(kinds[0]), rule)
    said = np.empty(n, np.uint8)
    for kind in kinds:
        rows = np.flatnonzero(codes == kind)
        said[rows] = _answers(values.take(pa.array(rows)), int(kind), rule)
    return said


def _framework_codes(framework: pa.Array, rule: ConsentRule) -> Bytes:
    """Give each row's place in :data:`_FRAMEWORKS`, or :data:`_UNKNOWN`."""
    meant = np.full(256, _UNKNOWN, np.uint8)
    meant[: len(_WORDS)] = [_FRAMEWORKS.index(name) for name in _WORDS.values()]
    meant[NO_VALUE] = _FRAMEWORKS.index(rule.framework)
    codes: Bytes = meant[word_codes(framework, tuple(_WORDS))]
    return codes


def _answers(values: pa.Array, kind: int, rule: ConsentRule) -> Bytes:
    """Answer for rows that are all of one framework."""
    if kind == _FLAG:
        return flag_states(values)
    if kind == _UNKNOWN or not is_text(values.type):
        return _unreadable(values)
    return _string_answers(values, _FRAMEWORKS[kind], rule)


def _unreadable(values: pa.Array) -> Bytes:
    """Answer for rows that say something which cannot be read, unless they say nothing."""
    if not is_text(values.type):
        missing = values.is_null().to_numpy(zero_copy_only=False)
    else:
        missing = word_codes(values, _ANY_WORD) == NO_VALUE
    return np.where(missing, np.uint8(MISSING), np.uint8(UNREADABLE))


def _string_answers(values: pa.Array, framework: Framework, rule: ConsentRule) -> Bytes:
    """Decode each distinct string once, and give every row its string's answer."""
    # A dictionary of more strings than there are rows would have some decoded that no row has.
    ready = pa.types.is_dictionary(values.type) and len(values.dictionary) <= len(values)
    encoded = values if ready else plain(values).dictionary_encode()
    strings = plain(encoded.dictionary)
    said = np.full(len(strings) + 1, MISSING, np.uint8)
    there = np.flatnonzero(word_codes(strings, _ANY_WORD) != NO_VALUE)
    # As bytes: what is not UTF-8 is as unreadable as anything else, and no fault of the batch.
    distinct = strings.take(pa.array(there)).cast(pa.large_binary())
    decoder = tcf.states if framework == "tcf" else gpp.states
    said[there] = _memory.answers(distinct, (framework, rule), lambda new: decoder(new, rule))
    places = encoded.indices.cast(pa.int64()).fill_null(len(strings))
    answers: Bytes = said[places.to_numpy()]
    return answers
