"""From the bytes of an upload to the question that the lists are asked. In memory, in bounded time, and forgotten after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from rempart.engine import (
    EngineError,
    Limits,
    PartMissing,
    Pipeline,
    UnreadablePicture,
    UnreadableVideo,
    fingerprint_video,
    open_picture,
    query_views,
)
from rempart.engine.files import digest, pdq_of_file
from rempart.engine.index.interface import HashArray
from rempart.matcher.lists import Kind
from rempart.matcher.lookup import Question
from rempart.matcher.web.exchange import Refusal

MOST_PIXELS = 100_000_000
"""Width × height. Decoded, such a picture takes 300 MB: no telephone makes a larger one that a platform would take."""
MOST_FRAMES = 20_000
"""Of a video, after those that hardly differ are left out: more than five hours at one a second."""

PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif", b"avis")  # pictures in the same box as MP4


@dataclass(frozen=True, slots=True)
class Read:
    """What was made of an upload. ``views``: how many of its own; ``trouble``: why only its digests could be asked."""

    question: Question
    kind: Kind
    views: int = 0
    trouble: Refusal | None = None


class TakesTooLong(Exception):
    """A video that would keep a thread for too long."""


class Uploads:
    """``pipelines`` as settings write them; ``seconds``: the most that one video may take."""

    def __init__(self, pipelines: Sequence[str], *, asks_variants: bool, most_bytes: int, seconds: float) -> None:
        self._pipelines = tuple(Pipeline(one.replace("_", "-")) for one in pipelines)
        self._asks_variants, self._seconds = asks_variants, seconds
        self._limits = Limits(pixels=MOST_PIXELS, file_bytes=most_bytes)

    def read(self, data: bytes, content_type: str, seed: str) -> Read:
        """From any thread. What the file is, its first bytes say; ``content_type`` only where they do not."""
        digests = digest(data)
        exact = (digests.sha256, digests.md5)
        kind = kind_of(data, content_type)
        try:
            hashes, views, qualities = self._video(data) if kind is Kind.VIDEO else self._picture(data)
        except (EngineError, TakesTooLong) as error:
            return Read(Question(digests=exact, seed=seed), kind, trouble=self._trouble(error))
        return Read(Question(hashes, views, qualities, exact, seed), kind, len(views))

    def _picture(self, data: bytes) -> tuple[HashArray, tuple[str, ...], tuple[int, ...]]:
        """Its views; first the whole, once for each pipeline."""
        if not self._asks_variants:
            made = [pdq_of_file(data, one, limits=self._limits) for one in self._pipelines]
            return _rows([one.pdq.value for one in made]), ("whole",) * len(made), tuple(one.quality for one in made)
        others = [pdq_of_file(data, one, limits=self._limits) for one in self._pipelines if one is not Pipeline.FULL]
        found = query_views(open_picture(data, limits=self._limits, is_passing=True).pixels)
        hashes = np.concatenate([_rows([one.pdq.value for one in others]), found.hashes]) if others else found.hashes
        names = ("whole",) * len(others) + tuple(found.names)
        return hashes, names, (*(one.quality for one in others), *found.qualities.tolist())

    def _video(self, data: bytes) -> tuple[HashArray, tuple[str, ...], tuple[int, ...]]:
        """Its distinct frames of sufficient quality."""
        until = monotonic() + self._seconds

        def watch(_done: float, _of: float | None) -> None:
            if monotonic() > until:
                raise TakesTooLong

        frames = fingerprint_video(data, progress=watch).fingerprint.distinct()
        if len(frames) > MOST_FRAMES:
            raise TakesTooLong
        names = tuple(f"second {time:.0f}" for time in frames.times.tolist())
        return np.ascontiguousarray(frames.hashes), names, tuple(frames.qualities.tolist())

    def _trouble(self, error: EngineError | TakesTooLong) -> Refusal:
        if isinstance(error, PartMissing):
            return Refusal(415, "not_installed", str(error))
        if isinstance(error, UnreadablePicture | UnreadableVideo):
            return Refusal(422, "unreadable", str(error))
        if isinstance(error, TakesTooLong):
            return Refusal(422, "too_long", "This video is too long to be read here in the time that is allowed.")
        return Refusal(422, "unreadable", "This file could not be read.")


def kind_of(data: bytes, content_type: str) -> Kind:
    """A picture, or a video."""
    start = data[:12]
    if start[4:8] == b"ftyp":
        return Kind.PICTURE if start[8:12] in PICTURE_BRANDS else Kind.VIDEO
    is_video = (
        start.startswith((b"\x1aE\xdf\xa3", b"FLV\x01", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"OggS"))
        or (start[:4] == b"RIFF" and start[8:11] == b"AVI")
        or (start[:1] == b"G" and data[188:189] == b"G")
    )
    is_picture = start.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")) or start[8:12] == b"WEBP"
    return Kind.VIDEO if is_video or (content_type.startswith("video/") and not is_picture) else Kind.PICTURE


def _rows(values: list[bytes]) -> HashArray:
    return np.frombuffer(b"".join(values), np.uint8).reshape(-1, 32)
