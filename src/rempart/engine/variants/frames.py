"""The rectangles of an upload that may be the picture a bank knows: named, each once, the whole first."""

from __future__ import annotations

from typing import NamedTuple

from rempart.engine.variants.bands import bands
from rempart.engine.variants.boxes import Box
from rempart.engine.variants.levelling import levelled
from rempart.engine.variants.plane import Grey, box_of
from rempart.engine.variants.trimming import even, is_no_scrap, is_worth_it, trimmed, without_captions

WHOLE = "whole"
TRIMMED = "trimmed"
EVENLY = "trimmed-evenly"
UNCAPTIONED = "uncaptioned"
LEVEL = "level"
MOST_BANDS = 2  # of each direction


class Frame(NamedTuple):
    """A rectangle of a grey picture, and what it is."""

    name: str
    grey: Grey
    box: Box


def kept_frames(grey: Grey) -> list[Frame]:
    """What a bank stores: the whole, and without its borders if it has some."""
    return _with_trimmed(grey, trimmed(grey))


def asked_frames(grey: Grey) -> list[Frame]:
    """What an upload is asked for: also what looks like a photograph on a page, in a collage, or one that was turned."""
    whole, inner = box_of(grey), trimmed(grey)
    frames = _with_trimmed(grey, inner)
    frames.append(Frame(EVENLY, grey, even(whole, inner)))
    frames.append(Frame(UNCAPTIONED, grey, without_captions(grey)))
    content = frames[1].box if is_worth_it(whole, inner) else whole
    for number, band in enumerate(bands(grey, content, across=True, most=MOST_BANDS), start=1):
        frames += _inside(f"band-{number}", grey, band)
        frames += [Frame(f"band-{number}/column", grey, one) for one in bands(grey, band, across=False, most=1)]
    for number, column in enumerate(bands(grey, content, across=False, most=MOST_BANDS), start=1):
        frames += _inside(f"column-{number}", grey, column)
        frames += [Frame(f"column-{number}/band", grey, one) for one in bands(grey, column, across=True, most=1)]
    level = levelled(grey)
    distinct = _each_once(whole, frames)
    return distinct if level is None else [*distinct, Frame(LEVEL, level, box_of(level))]


def _with_trimmed(grey: Grey, inner: Box) -> list[Frame]:
    whole = box_of(grey)
    frames = [Frame(WHOLE, grey, whole)]
    return [*frames, Frame(TRIMMED, grey, inner)] if is_worth_it(whole, inner) else frames


def _inside(name: str, grey: Grey, box: Box) -> list[Frame]:
    return [Frame(name, grey, box), Frame(f"{name}/trimmed", grey, trimmed(grey, box))]


def _each_once(whole: Box, frames: list[Frame]) -> list[Frame]:
    """Without scraps, and without what was named before."""
    known: dict[Box, Frame] = {}
    for frame in frames:
        if frame.box == whole or is_no_scrap(whole, frame.box):
            known.setdefault(frame.box, frame)
    return list(known.values())
