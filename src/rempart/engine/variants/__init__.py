"""Views of a picture: what is stored about one in a bank, and what is asked about an upload.

Plain PDQ finds a picture that was compressed, resized or recoloured, and no other: a border of 5 %, a caption, a mirror or a
screenshot defeats it. So a bank stores at most nine views of each picture, and an upload is asked some hundreds of questions,
which the exact index answers in a few milliseconds. Measured gain, cost and error of each view: docs/en/reference/variants.md.

A view's name says how it was made, in the order it was done: ``whole``, ``centre-80``, ``band-1/trimmed/top-left/mirror``. Names
are kept in banks, so they do not change. ``whole`` is the fingerprint that everybody computes, bit for bit; the other views are
of a grey picture of at most 768 pixels. All but ``whole`` pass three gates: of size, of quality, and of degeneracy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rempart.engine.degenerate import is_degenerate_many
from rempart.engine.fingerprint import Pdq, PdqFingerprint, Pipeline
from rempart.engine.pdq import Turn, frequencies_of_regions, pdq, pdq_dihedral, pdqs_of, turned
from rempart.engine.pixels import PixelArray, Pixels
from rempart.engine.variants.boxes import HALVES, KEPT_PARTS, Box, windows
from rempart.engine.variants.frames import TRIMMED, WHOLE, Frame, asked_frames, kept_frames
from rempart.engine.variants.plane import Grey, box_of, halved, plane_of

__all__ = ["LEAST_QUALITY", "MOST_KEPT", "Views", "bank_variants", "bank_views", "query_variants", "query_views"]

MOST_KEPT = 9  # views of one picture in a bank
LEAST_QUALITY = 50  # what Meta recommends for whole pictures; asked here of every part
LEAST_SIDE = 32  # pixels of a part

TURN_NAMES = {turn: turn.value for turn in Turn} | {Turn.FLIP_Y: "mirror"}
ALL_TURNS = tuple(Turn)
TWO_TURNS = (Turn.ORIGINAL, Turn.FLIP_Y)
REFERENCE_SIDE = 64  # a picture of 64 × 64 is not filtered by the reference, its turned forms are


@dataclass(frozen=True, slots=True)
class Views:
    """Views of one picture: three columns of one length. ``hashes`` has shape (n, 32), as every index takes them."""

    names: list[str] = field(repr=False)
    hashes: NDArray[np.uint8] = field(repr=False)
    qualities: NDArray[np.int32] = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)

    def fingerprints(self, pipeline: Pipeline) -> list[PdqFingerprint]:
        """The same as values."""
        rows = zip(self.names, self.hashes, self.qualities.tolist(), strict=True)
        return [PdqFingerprint(Pdq(row.tobytes()), quality, pipeline, name) for name, row, quality in rows]


def bank_variants(pixels: Pixels | PixelArray, pipeline: Pipeline = Pipeline.FULL) -> list[PdqFingerprint]:
    """What to store about one picture: ``whole`` first, then at most eight others, each with its name.

    Without its borders if it has some, three or four nested centres, the four quarters. Raises ValueError for an array that is no
    picture.
    """
    return bank_views(pixels, pipeline).fingerprints(pipeline)


def query_variants(pixels: Pixels | PixelArray, pipeline: Pipeline = Pipeline.FULL) -> list[PdqFingerprint]:
    """What to ask about one upload: ``whole`` first, then some hundreds of others. Raises ValueError.

    ``query_views`` gives the same as arrays, ready for ``lookup_many``.
    """
    return query_views(pixels, pipeline).fingerprints(pipeline)


def bank_views(pixels: Pixels | PixelArray, pipeline: Pipeline = Pipeline.FULL) -> Views:
    """``bank_variants`` as arrays."""
    picture = Pixels.of(pixels)
    frames = kept_frames(plane_of(picture))
    last = frames[-1]
    wanted = [(frame.name, frame.box) for frame in frames[1:]]
    wanted += [(_joined(last.name, name), last.box.part(*part)) for name, part in KEPT_PARTS.items()]
    views = _joint([_whole(pdq(picture, pipeline)), *_gated(last.grey, wanted, ALL_TURNS[:1])])
    return Views(views.names[:MOST_KEPT], views.hashes[:MOST_KEPT], views.qualities[:MOST_KEPT])


def query_views(pixels: Pixels | PixelArray, pipeline: Pipeline = Pipeline.FULL) -> Views:
    """``query_variants`` as arrays."""
    picture = Pixels.of(pixels)
    first, *others = asked_frames(plane_of(picture))
    views = _whole_turned(picture, pipeline)
    views += _gated(first.grey, _parts(first, KEPT_PARTS | HALVES), TWO_TURNS)
    smaller = halved(first.grey)
    views += _gated(smaller, list(windows(box_of(smaller))), TWO_TURNS)
    for frame in others:
        views += _gated(frame.grey, [(frame.name, frame.box)], ALL_TURNS)
        parts = KEPT_PARTS | HALVES if frame.name == TRIMMED else KEPT_PARTS
        views += _gated(frame.grey, _parts(frame, parts), TWO_TURNS)
    return _joint(views)


def _whole(fingerprint: PdqFingerprint) -> Views:
    row = np.frombuffer(fingerprint.pdq.value, np.uint8)[None]
    return Views([fingerprint.variant], row, np.array([fingerprint.quality], np.int32))


def _whole_turned(picture: Pixels, pipeline: Pipeline) -> list[Views]:
    """The whole and its seven other forms. None is gated: they say no more and no less than the whole."""
    forms = pdq_dihedral(picture, pipeline)
    if (picture.height, picture.width) == (REFERENCE_SIDE, REFERENCE_SIDE):
        forms[Turn.ORIGINAL] = pdq(picture, pipeline)
    named = [PdqFingerprint(form.pdq, form.quality, pipeline, _turned_name(WHOLE, turn)) for turn, form in forms.items()]
    return [_whole(form) for form in named]


def _parts(frame: Frame, parts: dict[str, tuple[int, int, int, int]]) -> list[tuple[str, Box]]:
    return [(_joined(frame.name, name), frame.box.part(*part)) for name, part in parts.items()]


def _gated(grey: Grey, wanted: list[tuple[str, Box]], turns: tuple[Turn, ...]) -> list[Views]:
    """These rectangles in these turns, without those that are too small, show too little, or are degenerate."""
    kept = [(name, box) for name, box in wanted if min(box.width, box.height) >= LEAST_SIDE]
    if not kept:
        return []
    frequencies, qualities = frequencies_of_regions(grey, np.array([box for _, box in kept], np.int32))
    hashes = pdqs_of(frequencies)
    is_kept = (qualities >= LEAST_QUALITY) & ~is_degenerate_many(hashes)
    names = [name for (name, _), is_in in zip(kept, is_kept.tolist(), strict=True) if is_in]
    return [_in_turn(names, frequencies[is_kept], qualities[is_kept], turn) for turn in turns]


def _in_turn(names: list[str], frequencies: NDArray[np.float32], qualities: NDArray[np.int32], turn: Turn) -> Views:
    return Views([_turned_name(name, turn) for name in names], pdqs_of(turned(frequencies, turn)), qualities)


def _joined(frame: str, part: str) -> str:
    return part if frame == WHOLE else f"{frame}/{part}"


def _turned_name(name: str, turn: Turn) -> str:
    return name if turn is Turn.ORIGINAL else f"{name}/{TURN_NAMES[turn]}"


def _joint(views: Iterable[Views]) -> Views:
    every = list(views)
    return Views(
        [name for one in every for name in one.names],
        np.concatenate([one.hashes for one in every]),
        np.concatenate([one.qualities for one in every]),
    )
