"""What *protect my image* sends: fingerprints of fixed size, and five words about who asks. Never a name, never a picture.

The page's message is read here, sign by sign; whatever is not exactly what our page writes is refused as a whole.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rempart.engine.errors import NotAFingerprint
from rempart.engine.fingerprint import Pdq, Sha256

SHAPE = 1
MOST_FILES = 20
MOST_PDQS = 9
"""Fingerprints of one picture: the whole, and what a re-uploader would make of it."""
MOST_FRAMES = 3_600
"""One a second: an hour of video."""
MOST_TEXT = 2_000_000
"""Longest message, in signs: what these limits allow, and a little more."""
BEST_QUALITY = 100
LEAST_QUALITY = 50
"""Below it a PDQ says too little to be compared; the engine's own limit."""
MOST_PROTECTIONS = 200
"""Pictures and videos that one case may protect at once."""


class Kind(StrEnum):
    """What was protected."""

    PICTURE = "picture"
    VIDEO = "video"


class Age(StrEnum):
    """Age of the person in the picture; each has a page in her own words."""

    UNDER_13 = "under_13"
    FROM_13_TO_15 = "13_15"
    FROM_16_TO_17 = "16_17"
    ADULT = "adult"


class Helper(StrEnum):
    """Who holds the device."""

    NOBODY = "nobody"
    """The person herself."""
    PARENT = "parent"
    PROFESSIONAL = "professional"


class SubmissionRefused(ValueError):
    """The message is not one that our page writes; ``reason`` is a word for the page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SentPdq:
    """One PDQ of a picture or of one second of a video (``second``, from the start; None for a picture)."""

    pdq: Pdq
    quality: int
    variant: str
    second: int | None = None


@dataclass(frozen=True, slots=True)
class SentFile:
    """One picture or video."""

    kind: Kind
    sha256: Sha256
    pdqs: tuple[SentPdq, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person asks for, once."""

    files: tuple[SentFile, ...]
    age: Age
    helper: Helper
    is_device_shared: bool
    """Others use the device: taking it back waits for 24 hours, and says so in the mailbox."""
    language: str


def is_young(age: Age, helper: Helper) -> bool:
    """Whether the person who reads us is under 18: she is then said *tu*."""
    return helper is Helper.NOBODY and age is not Age.ADULT


def read_files(text: str) -> tuple[SentFile, ...]:
    """Read the page's message: ``{"shape": 1, "files": [{"kind", "sha256", "pdqs": [[hex, quality, variant or second]…]}]}``.

    The same file twice is one. Raises :class:`SubmissionRefused`; nothing of the message is in the error.
    """
    if len(text) > MOST_TEXT:
        raise SubmissionRefused("too_much")
    try:
        message = json.loads(text)
        _only(message, "shape", "files")
        if message["shape"] != SHAPE:
            raise SubmissionRefused("other_shape")
        files = [_file(one) for one in _list(message["files"], MOST_FILES)]
    except (ValueError, KeyError, TypeError, RecursionError, NotAFingerprint) as error:
        if isinstance(error, SubmissionRefused):
            raise
        raise SubmissionRefused("not_ours") from None
    return tuple({one.sha256: one for one in files}.values())


def _only(thing: Any, *names: str) -> None:
    if not isinstance(thing, dict) or set(thing) != set(names):
        raise SubmissionRefused("not_ours")


def _list(things: Any, most: int) -> list[Any]:
    if not isinstance(things, list) or not things:
        raise SubmissionRefused("nothing_sent")
    if len(things) > most:
        raise SubmissionRefused("too_much")
    return things


def _file(one: Any) -> SentFile:
    _only(one, "kind", "sha256", "pdqs")
    kind = Kind(one["kind"])
    most = MOST_PDQS if kind is Kind.PICTURE else MOST_FRAMES
    pdqs = tuple(_pdq(kind, *given) for given in _list(one["pdqs"], most))
    places = [(sent.variant, sent.second) for sent in pdqs]
    if len(set(places)) < len(places) or (kind is Kind.PICTURE and pdqs[0].variant != "whole"):
        raise SubmissionRefused("not_ours")
    return SentFile(kind, Sha256.parse(one["sha256"]), pdqs)


def _pdq(kind: Kind, value: Any, quality: Any, place: Any) -> SentPdq:
    if type(quality) is not int or not 0 <= quality <= BEST_QUALITY:
        raise SubmissionRefused("not_ours")
    if kind is Kind.VIDEO:
        if type(place) is not int or not 0 <= place <= MOST_FRAMES * 24:
            raise SubmissionRefused("not_ours")
        return SentPdq(Pdq.parse(value), quality, "whole", place)
    if not isinstance(place, str) or not place.isascii() or not 0 < len(place) <= 40:
        raise SubmissionRefused("not_ours")
    return SentPdq(Pdq.parse(value), quality, place)
