"""From a video file to its fingerprint, whatever its length."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rempart.engine.errors import UnreadableVideo
from rempart.engine.files import FileDigests, digest_file
from rempart.engine.fingerprint import Pipeline
from rempart.engine.pdq import pdq
from rempart.engine.video.fingerprint import USUAL_PRUNING, FingerprintedVideo, VideoFingerprint, VideoFrame
from rempart.engine.video.pruning import Pruner
from rempart.engine.video.reading import OpenVideo, open_video, opened, pixels_of
from rempart.engine.video.sampling import Sampler
from rempart.engine.video.skipping import Surprised

Progress = Callable[[float, float | None], None]
"""Told the seconds of video that are done, and how many there are if that is known."""


def fingerprint_video(
    source: Path | str | bytes | BinaryIO,
    *,
    every: float = 1.0,
    prune: int | None = USUAL_PRUNING,
    pipeline: Pipeline = Pipeline.FULL,
    is_oriented: bool = True,
    threads: int = 1,
    progress: Progress | None = None,
) -> FingerprintedVideo:
    """Read a video from its start to its end, in memory that does not depend on its length.

    ``source``: a path, the bytes of a file, or an open file at its start that can be read again from any place. ``every``:
    seconds from one frame taken to the next, 0 for all (see ``sampling``); ``prune``: bits up to which a frame is left out for
    the one before, None to keep all; ``is_oriented``: turned as the file says, which Meta's tool does not do; ``threads``: for
    the decoder, 0 for all cores. ``progress`` is told, at each frame taken, the seconds done and those in all if the file says.

    A damaged or truncated file gives the fingerprint of what could be read, and ``is_whole`` is false. Raises
    UnreadableVideo when there is not one frame, PartMissing without PyAV, ValueError, and OSError as ``open`` does.
    """
    with opened(source) as file:
        digests = digest_file(file)
        file.seek(0)
        for is_skipping in (True, False):
            taking = _Taking(every, prune, pipeline, is_oriented, progress)
            with suppress(Surprised), open_video(file, threads=threads) as video:
                return taking.result(taking.read(video, is_skipping=is_skipping), digests)
            file.seek(0)
    raise AssertionError  # frame by frame, there are no surprises


@dataclass(slots=True)
class _Taking:
    """How the frames of a video become its fingerprint."""

    every: float
    prune: int | None
    pipeline: Pipeline
    is_oriented: bool
    progress: Progress | None
    size: tuple[int, int] = (0, 0)

    def read(self, video: OpenVideo, *, is_skipping: bool) -> tuple[OpenVideo, Pruner]:
        """Raises Surprised, and UnreadableVideo for a frame too big or too small."""
        sampler, pruner = Sampler(self.every, video.rate), Pruner(self.prune)
        may_skip = is_skipping and video.may_skip(sampler)
        for frame in video.taken_skipping(sampler) if may_skip else video.taken(sampler):
            pixels = pixels_of(frame.image, is_oriented=self.is_oriented)
            self.size = self.size if any(self.size) else (pixels.width, pixels.height)
            made = pdq(pixels, self.pipeline)
            pruner.add(VideoFrame(frame.number, frame.time, made.quality, made.pdq))
            if self.progress is not None:
                self.progress(frame.time, video.seconds)
        return video, pruner

    def result(self, read: tuple[OpenVideo, Pruner], digests: FileDigests) -> FingerprintedVideo:
        """Raises UnreadableVideo when no frame was seen."""
        video, pruner = read
        if not pruner.kept:
            raise UnreadableVideo("This video has no frame that can be decoded.")
        fingerprint = VideoFingerprint.of(pruner.kept, self.pipeline, pruner.left_out)
        return FingerprintedVideo(fingerprint, digests, video.format, video.codec, *self.size, video.seen_seconds, video.is_whole)
