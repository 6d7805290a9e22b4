"""Are two videos the same, or is one in the other? The published rule, for a pair and for a whole index.

Frames are compared as two bags: order and times do not count. Source: Meta, vPDQ, "Comparison (Matching) Algorithm".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rempart.engine.index.interface import USUAL_RADIUS, HashArray, Index, KeyArray
from rempart.engine.index.linear import LinearIndex
from rempart.engine.video.fingerprint import USUAL_QUALITY, VideoFingerprint

FRAME_BITS = 24  # of a key: 16 million frames, half a year at one a second
MANY_FRAMES = 2000  # from here on, reading the whole index once is quicker than asking it frame by frame


class VideoMatch(NamedTuple):
    """How much of each video is in the other, in percent of its distinct frames of sufficient quality."""

    query_percent: float
    compared_percent: float

    def is_match(self, *, query_percent: float = 80.0, compared_percent: float = 0.0) -> bool:
        """Both percentages reach these. As they stand, they are those of ``threatexchange``: most of the query is known.

        To find a known clip inside a longer query, ask the opposite: ``query_percent=0, compared_percent=80``.
        """
        return self.query_percent >= query_percent and self.compared_percent >= compared_percent


class FoundVideo(NamedTuple):
    """A video of an index that shares at least one frame with the one asked."""

    video: int
    match: VideoMatch


def match_videos(
    query: VideoFingerprint, compared: VideoFingerprint, *, radius: int = USUAL_RADIUS, quality: int = USUAL_QUALITY
) -> VideoMatch:
    """Compare two videos. ``radius``: bits up to which two frames are the same; ``quality``: frames below it do not count.

    (0, 0) where one of them has no frame of that quality. Raises RadiusRefused.
    """
    asked, known = query.distinct(quality), compared.distinct(quality)
    index = LinearIndex(known.hashes, np.arange(len(known), dtype=np.uint64))
    found = index.lookup_many(asked.hashes, radius)
    return VideoMatch(
        _percent(len(np.unique(found.question)), len(asked)),
        _percent(len(np.unique(found.key)), len(known)),
    )


def index_rows(video: int, fingerprint: VideoFingerprint, quality: int = USUAL_QUALITY) -> tuple[HashArray, KeyArray]:
    """What an index holds about one video: rows of shape (n, 32) and keys of shape (n,), for its n distinct good frames.

    ``video``: a number of the caller's below 2⁴⁰. A key is that number and the frame's place. Raises ValueError.
    """
    kept = fingerprint.distinct(quality)
    if not 0 <= video < 1 << (64 - FRAME_BITS) or len(kept) > 1 << FRAME_BITS:
        raise ValueError("A video's number is from 0 to 2⁴⁰ − 1, and it has at most 2²⁴ distinct frames.")
    return kept.hashes, (np.uint64(video << FRAME_BITS) + np.arange(len(kept), dtype=np.uint64)).astype(np.uint64)


def match_in_index(
    query: VideoFingerprint,
    index: Index,
    frame_counts: Mapping[int, int],
    *,
    radius: int = USUAL_RADIUS,
    quality: int = USUAL_QUALITY,
    threads: int = 1,
) -> list[FoundVideo]:
    """Every video of an index that shares a frame with this one, the most of the query first: the same as comparing with each.

    ``index`` holds what ``index_rows`` gave, with the same quality; ``frame_counts``: how many rows each video has there (a
    video that is not named is passed over: withdrawn). Exact if the index is. Raises RadiusRefused.
    """
    asked = query.distinct(quality)
    ask = index.join if len(asked) > MANY_FRAMES else index.lookup_many
    found = ask(asked.hashes, radius, threads=threads)
    videos = found.key >> np.uint64(FRAME_BITS)
    asked_matched = _distinct_second(videos, found.question.astype(np.uint64))
    known_matched = _distinct_second(videos, found.key)
    matches = [
        FoundVideo(video, VideoMatch(_percent(count, len(asked)), _percent(known_matched[video], frame_counts[video])))
        for video, count in asked_matched.items()
        if video in frame_counts
    ]
    return sorted(matches, key=lambda one: (-one.match.query_percent, -one.match.compared_percent, one.video))


def _distinct_second(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> dict[int, int]:
    """For each value of ``first``, how many different values of ``second`` come with it."""
    pairs = np.unique(np.stack([first, second], axis=1), axis=0)
    values, counts = np.unique(pairs[:, 0], return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
