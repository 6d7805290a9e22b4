"""Fingerprints as values: parse, print, distance. Frozen, and silent: none shows itself in a log or a traceback.

A fingerprint is as secret as the picture it was made from, so ``str()`` and ``repr()`` hide it. ``hex()`` is the one
way to print it, and one can look for its uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

from rempart.engine.errors import NotAFingerprint


@dataclass(frozen=True, slots=True, repr=False, order=True)
class Fingerprint:
    """The bytes of one fingerprint, in the order in which its hexadecimal form is printed."""

    SIZE: ClassVar[int]

    value: bytes

    def __post_init__(self) -> None:
        given: object = self.value
        if not isinstance(given, bytes) or len(given) != self.SIZE:
            raise NotAFingerprint(f"A {type(self).__name__} is {self.SIZE} bytes.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2 × SIZE`` hexadecimal digits, in either case, with spaces around them or none.

        Raises NotAFingerprint. The sentence does not repeat the text: it may be a fingerprint with a slip.
        """
        digits = text.strip()
        if len(digits) != 2 * cls.SIZE or not digits.isascii() or not digits.isalnum():
            raise NotAFingerprint(f"A {cls.__name__} is written with {2 * cls.SIZE} hexadecimal digits.")
        try:
            return cls(bytes.fromhex(digits))
        except ValueError:
            raise NotAFingerprint(f"A {cls.__name__} is written with hexadecimal digits only.") from None

    def hex(self) -> str:
        """The fingerprint in clear, in lower case: the one way to print it."""
        return self.value.hex()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Pdq(Fingerprint):
    """A PDQ: 256 bits, one for each low frequency of the picture, set where it is above the median.

    Source: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019. Bit 0, the lowest
    frequency, is the last bit printed.
    """

    __slots__ = ()
    SIZE = 32

    def distance(self, other: Pdq) -> int:
        """How many of the 256 bits differ (Hamming distance). Two copies of one picture: 31 or less, as a rule."""
        return (int.from_bytes(self.value) ^ int.from_bytes(other.value)).bit_count()


class Md5(Fingerprint):
    """MD5 of the file's bytes: what many lists still exchange. It tells exact copies, and no longer resists forgery."""

    __slots__ = ()
    SIZE = 16


class Sha256(Fingerprint):
    """SHA-256 of the file's bytes: tells exact copies."""

    __slots__ = ()
    SIZE = 32


class Pipeline(StrEnum):
    """How the pixels became a PDQ. The two references in use differ by up to 26 bits on one large picture."""

    FULL = "full"
    """Every pixel counts: what ``pdqhash`` does, and through it ``threatexchange`` and HMA."""

    C512 = "c512"
    """What is larger than 512 pixels is first squeezed to 512 × 512: Meta's own tool, and lists made with it."""

    FULL_FAST = "full-fast"
    """``full``, from a luminance decoded at half or quarter size while the short side keeps 512 pixels."""


@dataclass(frozen=True, slots=True)
class PdqFingerprint:
    """One PDQ with what a reader must know of it: quality (0 to 100), pipeline, and which view of the picture it is of."""

    pdq: Pdq
    quality: int
    pipeline: Pipeline
    variant: str = "whole"
