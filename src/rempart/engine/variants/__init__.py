"""Views of a picture: what is stored about one in a bank, and what is asked about an upload.

Plain PDQ finds a picture that was compressed, resized or recoloured, and no other: a border of 5 %, a caption, a mirror or a
screenshot defeats it. So a bank stores at most nine views of each picture, and an upload is asked some hundreds of questions,
which the exact index answers in a few milliseconds. Measured gain, cost and error of each view: docs/en/reference/variants.md.

A view's name says how it was made, in the order it was done: ``whole``, ``centre-80``, ``band-1/trimmed/top-left/mirror``. Names
are kept in banks, so they do not change. ``whole`` is the fingerprint that everybody computes, bit for bit; the other views are
of a grey picture of at most 768 pixels. All but ``whole`` pass three gates: of size, of quality, and of degeneracy. An upload
whose ``whole`` would not pass is still asked; what matches it should be looked at by a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rempart.engine.degenerate import is_degenerate, is_degenerate_many
from rempart.engine.fingerprint import Pdq, PdqFingerprint, Pipeline
from rempart.engine.pdq import Turn, frequencies_of_regions, pdq, pdq_dihedral, pdqs_of, turned
from rempart.engine.pixels import PixelArray, Pixels
from rempart.engine.variants.boxes import HALVES, KEPT_PARTS, Box, windows
from rempart.engine.variants.frames import TRIMMED, WHOLE, Frame, asked_frames, kept_frames
from rempart.engine.variants.plane import Grey, plane_of
from rempart.engine.variants.sliding import sliding_frequencies

__all__ = ["LEAST_QUALITY", "MOST_KEPT", "Views", "bank_variants", "bank_views", "query_variants", "query_views"]

MOST_KEPT = 9  # views of one picture in a bank
LEAST_QUALITY = 50  # what Meta recommends for whole pictures; asked here of every part
LEAST_SIDE = 32  # pixels of a part

TURN_NAMES = {turn: turn.value for turn in Turn} | {Turn.FLIP_Y: "mirror"}
ALL_TURNS = tuple(Turn)
TWO_TURNS = (Turn.ORIGINAL, Turn.FLIP_Y)
ASKED_PARTS = {WHOLE: KEPT_PARTS | HALVES, TRIMMED: KEPT_PARTS | HALVES}  # of other frames: KEPT_PARTS
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
    wanted = [(frame.name, frame.box) for frame in frames[1:]] + _parts(frames[-1], KEPT_PARTS)
    views = _joint([_whole(pdq(picture, pipeline)), *_gated([_measured(frames[0].grey, wanted, ALL_TURNS[:1])])])
    return Views(views.names[:MOST_KEPT], views.hashes[:MOST_KEPT], views.qualities[:MOST_KEPT])


def query_views(pixels: Pixels | PixelArray, pipeline: Pipeline = Pipeline.FULL) -> Views:
    """``query_variants`` as arrays."""
    picture = Pixels.of(pixels)
    frames = asked_frames(plane_of(picture))
    grey, whole = frames[0].grey, _whole_turned(picture, pipeline)
    measured = _windows(grey, int(whole[0].qualities[0]))
    for plane, same in groupby(frames, key=lambda frame: frame.grey is grey):
        together = list(same)
        outlines = [(frame.name, frame.box) for frame in together if frame.name != WHOLE]
        parts = [part for frame in together for part in _parts(frame, ASKED_PARTS.get(frame.name, KEPT_PARTS))]
        seen = grey if plane else together[0].grey
        measured += [_measured(seen, outlines, ALL_TURNS), _measured(seen, parts, TWO_TURNS)]
    return _joint([*whole, *_gated(measured)])


def _whole(fingerprint: PdqFingerprint) -> Views:
    row = np.frombuffer(fingerprint.pdq.value, np.uint8)[None]
    return Views([fingerprint.variant], row, np.array([fingerprint.quality], np.int32))


def _whole_turned(picture: Pixels, pipeline: Pipeline) -> list[Views]:
    """The whole, always, and those of its seven other forms that pass the gates."""
    forms = pdq_dihedral(picture, pipeline)
    if (picture.height, picture.width) == (REFERENCE_SIDE, REFERENCE_SIDE):
        forms[Turn.ORIGINAL] = pdq(picture, pipeline)
    whole = forms.pop(Turn.ORIGINAL)
    if whole.quality < LEAST_QUALITY or is_degenerate(whole.pdq):
        return [_whole(whole)]
    named = [PdqFingerprint(form.pdq, form.quality, pipeline, _turned_name(WHOLE, turn)) for turn, form in forms.items()]
    return [_whole(form) for form in [whole, *named] if form is whole or not is_degenerate(form.pdq)]


def _parts(frame: Frame, parts: dict[str, tuple[int, int, int, int]]) -> list[tuple[str, Box]]:
    return [(_joined(frame.name, name), frame.box.part(*part)) for name, part in parts.items()]


class Measured(NamedTuple):
    """Rectangles before the bits are cut, and in which turns they are wanted."""

    names: list[str]
    frequencies: NDArray[np.float32]
    qualities: NDArray[np.int32]
    turns: tuple[Turn, ...]


def _measured(grey: Grey, wanted: list[tuple[str, Box]], turns: tuple[Turn, ...]) -> Measured:
    """These rectangles, without those that are too small to be distinct."""
    kept = [(name, box) for name, box in wanted if min(box.width, box.height) >= LEAST_SIDE]
    boxes = np.array([box for _, box in kept], np.int32).reshape(-1, 4)
    return Measured([name for name, _ in kept], *frequencies_of_regions(grey, boxes), turns)


def _windows(grey: Grey, quality: int) -> list[Measured]:
    """The windows that slide over the upload. Each shows most of it, so its quality stands for theirs."""
    if min(grey.shape) < 2 * LEAST_SIDE:
        return []
    measured = []
    for sliding in windows(grey.shape[1], grey.shape[0]):
        names = sliding.names()
        measured.append(Measured(names, sliding_frequencies(grey, sliding), np.full(len(names), quality, np.int32), TWO_TURNS))
    return measured


def _gated(measured: list[Measured]) -> list[Views]:
    """In their turns, without those that show too little or are degenerate: some are only when they are turned."""
    hashes = pdqs_of(np.concatenate([one.frequencies for one in measured]))
    is_good = ~is_degenerate_many(hashes) & (np.concatenate([one.qualities for one in measured]) >= LEAST_QUALITY)
    views, first = [], 0
    for one in measured:
        last = first + len(one.names)
        good = np.flatnonzero(is_good[first:last])
        for turn in one.turns:
            rows = hashes[first:last][good] if turn is Turn.ORIGINAL else pdqs_of(turned(one.frequencies[good], turn))
            views.append(Views([_turned_name(one.names[row], turn) for row in good.tolist()], rows, one.qualities[good]))
        first = last
    every = _joint(views)
    kept = np.flatnonzero(~is_degenerate_many(every.hashes))
    return [Views([every.names[row] for row in kept.tolist()], every.hashes[kept], every.qualities[kept])]


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
