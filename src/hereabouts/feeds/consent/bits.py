"""The bits of one segment of a GPP string, read from the front to the very last.

The alphabet is that of base64url (RFC 4648), six bits a character. GPP's text asks for zeros up to a whole
character; encoders also pad to a whole byte first (``CompressedBase64UrlEncoder`` of ``@iabgpp/cmpapi``) or to 24
bits (``TraditionalBase64UrlEncoder``). Those three lengths are taken, and none else.
"""

from __future__ import annotations

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SEXTETS = {character: f"{value:06b}" for value, character in enumerate(_ALPHABET)}


class NotWholeError(ValueError):
    """A segment is too short for what is read from it, longer than its fields, or not of the alphabet."""


class Bits:
    """Reads a segment's fields one after another.

    Parameters
    ----------
    segment
        Its characters.

    Raises
    ------
    NotWholeError
        If one of them is not of the alphabet.
    """

    def __init__(self, segment: bytes) -> None:
        try:
            self._bits = "".join([_SEXTETS[character] for character in segment])
        except KeyError:
            raise NotWholeError("a character outside base64url's alphabet") from None
        self._at = 0

    def number(self, count: int) -> int:
        """Read an unsigned number of ``count`` bits, the highest one first.

        Raises
        ------
        NotWholeError
            If fewer are left.
        """
        end = self._at + count
        if end > len(self._bits):
            raise NotWholeError("too short for its fields")
        number = int(self._bits[self._at : end], 2)
        self._at = end
        return number

    def fibonacci(self) -> int:
        """Read a number of 1 or more in Fibonacci coding: a bit for each of 1, 2, 3, 5, 8 …, then a 1 that follows a 1.

        Raises
        ------
        NotWholeError
            If the segment ends before the number does.
        """
        end = self._bits.find("11", self._at)
        if end < 0:
            raise NotWholeError("too short for its fields")
        number, worth, following = 0, 1, 2
        for bit in self._bits[self._at : end + 1]:
            number += worth if bit == "1" else 0
            worth, following = following, worth + following
        self._at = end + 2
        return number

    def end(self) -> None:
        """See that the fields are over, and that nothing follows them but an encoder's zeros.

        Raises
        ------
        NotWholeError
            If something does.
        """
        by_bytes = _up_to(_up_to(self._at, 8), 6)
        if len(self._bits) not in (_up_to(self._at, 6), by_bytes, _up_to(self._at, 24)):
            raise NotWholeError("longer than its fields")
        if "1" in self._bits[self._at :]:
            raise NotWholeError("padded with something else than zeros")


def _up_to(bits: int, multiple: int) -> int:
    return -(-bits // multiple) * multiple
