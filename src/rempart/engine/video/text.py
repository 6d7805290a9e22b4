"""Video fingerprints as others write them, read and written: Meta's file of lines, and the JSON of ``threatexchange``.

    0,100,⟨64 hexadecimal digits⟩,0.000              lines:  frame, quality, PDQ, seconds
    ["⟨64 hexadecimal digits⟩,100,0.000", …]         JSON:   PDQ, quality, seconds

No error repeats what was read: it may be a fingerprint with a slip.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from rempart.engine.errors import NotAFingerprint
from rempart.engine.fingerprint import Pdq
from rempart.engine.video.fingerprint import BEST_QUALITY, LATEST, VideoFingerprint, VideoFrame

WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
SECONDS = re.compile(r"[0-9]{1,18}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", re.ASCII)


def write_lines(video: VideoFingerprint) -> str:
    """The file that Meta's tools read and write: one line a frame, seconds with three decimals. In clear: keep it secret."""
    return "".join(f"{one.number},{one.quality},{one.pdq.hex()},{one.time:.3f}\n" for one in video)


def read_lines(text: str) -> VideoFingerprint:
    """Read such a file. Empty lines are passed over, and what follows the fourth value of a line.

    Raises NotAFingerprint with the number of the line. An empty file is a video without frames.
    """
    frames = []
    for place, line in enumerate(text.splitlines(), start=1):
        values = [value.strip() for value in line.split(",")]
        if values == [""]:
            continue
        if len(values) < 4:
            _refuse("Line", place, "has fewer than four values: frame, quality, PDQ, seconds")
        frames.append(_frame("Line", place, values[0], values[1], values[2], values[3]))
    return VideoFingerprint.of(frames)


def write_json(video: VideoFingerprint) -> str:
    """The signal that ``threatexchange`` and HMA exchange: a JSON list of strings. Frame numbers are not in it."""
    return json.dumps([f"{one.pdq.hex()},{one.quality},{one.time:.3f}" for one in video])


def read_json(text: str) -> VideoFingerprint:
    """Read such a signal; frames are numbered in their order. Raises NotAFingerprint with the number of the entry."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAFingerprint("The fingerprint of a video is a JSON list of strings; this is not JSON.") from None
    if not isinstance(entries, list):
        raise NotAFingerprint("The fingerprint of a video is a JSON list of strings.")
    frames = []
    for place, entry in enumerate(entries, start=1):
        values = entry.split(",") if isinstance(entry, str) else []
        if len(values) != 3:
            _refuse("Entry", place, "is not a string of three values: PDQ, quality, seconds")
        frames.append(_frame("Entry", place, str(place - 1), values[1].strip(), values[0], values[2].strip()))
    return VideoFingerprint.of(frames)


def _frame(what: str, place: int, number: str, quality: str, pdq: str, seconds: str) -> VideoFrame:
    if not WHOLE.fullmatch(number):
        _refuse(what, place, "does not have a whole number as its frame")
    if not WHOLE.fullmatch(quality) or int(quality) > BEST_QUALITY:
        _refuse(what, place, "does not have a quality from 0 to 100")
    if not SECONDS.fullmatch(seconds) or float(seconds) > LATEST:
        _refuse(what, place, "does not have a time in seconds, from 0 on")
    try:
        return VideoFrame(int(number), float(seconds), int(quality), Pdq.parse(pdq))
    except NotAFingerprint:
        _refuse(what, place, "does not have a PDQ of 64 hexadecimal digits")


def _refuse(what: str, place: int, why: str) -> NoReturn:
    raise NotAFingerprint(f"{what} {place} {why}.") from None
