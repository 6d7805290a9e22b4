"""The fingerprint of a video: the PDQ of one frame for each second, with quality and time. As silent as a `Pdq`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import NotAFingerprint
from rempart.engine.files import FileDigests
from rempart.engine.fingerprint import Pdq, Pipeline

USUAL_QUALITY = 50  # of 100: below it, two frames are not compared (published with vPDQ)
USUAL_PRUNING = 2  # bits: the distance of the published example
BEST_QUALITY = 100
LATEST = float(2**53)  # seconds: beyond it, a float no longer tells one from the next


class VideoFrame(NamedTuple):
    """One frame that was kept: its place among all decoded frames (from 0), seconds from the first, quality 0–100, PDQ."""

    number: int
    time: float
    quality: int
    pdq: Pdq


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class VideoFingerprint:
    """Arrays of one length n, in the order of the video. Two are equal when everything in them is.

    ``numbers`` (n,) int64, place of the frame among all those decoded; ``times`` (n,) float64, seconds from the first
    frame; ``qualities`` (n,) uint8, 0 to 100; ``hashes`` (n, 32) uint8, PDQ in printed order. ``pruned``: how many frames
    were taken and left out again because they hardly differ from the one before. Raises NotAFingerprint.

    Source: Meta, vPDQ, 2021 (github.com/facebook/ThreatExchange, folder vpdq).
    """

    numbers: NDArray[np.int64]
    times: NDArray[np.float64]
    qualities: NDArray[np.uint8]
    hashes: NDArray[np.uint8]
    pipeline: Pipeline = Pipeline.FULL
    pruned: int = 0

    def __post_init__(self) -> None:
        count = len(self.numbers)
        shapes = (self.numbers.shape, self.times.shape, self.qualities.shape, self.hashes.shape)
        if shapes != ((count,), (count,), (count,), (count, Pdq.SIZE)):
            raise NotAFingerprint("A video has one number, one time, one quality and one PDQ for each frame.")
        if self.hashes.dtype != np.uint8 or self.qualities.dtype != np.uint8 or np.any(self.qualities > BEST_QUALITY):
            raise NotAFingerprint("A PDQ is 32 bytes (uint8), and a quality a whole number from 0 to 100 (uint8).")
        if not np.all((self.times >= 0) & (self.times <= LATEST)) or np.any(self.numbers < 0):
            raise NotAFingerprint("Frames of a video have numbers and times from 0 on.")

    @classmethod
    def of(cls, frames: list[VideoFrame], pipeline: Pipeline = Pipeline.FULL, pruned: int = 0) -> Self:
        """From frames one by one. Raises NotAFingerprint."""
        if any(not 0 <= frame.quality <= BEST_QUALITY or not 0 <= frame.number < 1 << 63 for frame in frames):
            raise NotAFingerprint("A frame has a number from 0 on, and a quality from 0 to 100.")
        return cls(
            np.array([frame.number for frame in frames], np.int64),
            np.array([frame.time for frame in frames], np.float64),
            np.array([frame.quality for frame in frames], np.uint8),
            np.frombuffer(b"".join(frame.pdq.value for frame in frames), np.uint8).reshape(len(frames), Pdq.SIZE),
            pipeline,
            pruned,
        )

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[VideoFrame]:
        columns = (self.numbers.tolist(), self.times.tolist(), self.qualities.tolist(), self.hashes)
        for number, time, quality, row in zip(*columns, strict=True):
            yield VideoFrame(number, time, quality, Pdq(row.tobytes()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VideoFingerprint):
            return NotImplemented
        is_same = np.array_equal(self.hashes, other.hashes) and np.array_equal(self.times, other.times)
        is_same = is_same and np.array_equal(self.numbers, other.numbers) and np.array_equal(self.qualities, other.qualities)
        return is_same and (self.pipeline, self.pruned) == (other.pipeline, other.pruned)

    def __hash__(self) -> int:
        return hash((self.hashes.tobytes(), self.times.tobytes(), self.pipeline))

    def __repr__(self) -> str:
        return f"VideoFingerprint({len(self)} frames, …)"

    __str__ = __repr__

    def rows(self, chosen: NDArray[np.intp]) -> Self:
        """The frames at these places (an array of row numbers), in that order; ``pruned`` is unchanged."""
        numbers, times, qualities, hashes = self.numbers[chosen], self.times[chosen], self.qualities[chosen], self.hashes[chosen]
        return type(self)(numbers, times, qualities, hashes, self.pipeline, self.pruned)

    def distinct(self, quality: int = USUAL_QUALITY) -> Self:
        """What is compared: frames of this quality at least, each PDQ once, where it first comes."""
        good = np.flatnonzero(self.qualities >= quality)
        _, first = np.unique(self.hashes[good], axis=0, return_index=True)
        return self.rows(good[np.sort(first)])


@dataclass(frozen=True, slots=True)
class FingerprintedVideo:
    """A video file, read to its end: fingerprint, exact fingerprints of its bytes, and what its picture is like.

    ``seconds``: from the first frame to the last one. ``is_whole`` is false when the file breaks off or a frame that was
    needed could not be decoded: the fingerprint is then of what could. ``width`` and ``height`` in pixels, as it is to be seen.
    """

    fingerprint: VideoFingerprint
    digests: FileDigests
    format: str
    codec: str
    width: int
    height: int
    seconds: float
    is_whole: bool
