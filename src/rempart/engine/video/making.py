"""From a video file to its fingerprint, whatever its length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from rempart.engine.errors import UnreadableVideo
from rempart.engine.files import FileDigests, digest_file
from rempart.engine.fingerprint import Pipeline
from rempart.engine.pdq import pdq
from rempart.engine.video.fingerprint import USUAL_PRUNING, FingerprintedVideo, VideoFingerprint, VideoFrame
from rempart.engine.video.pruning import Pruner
from rempart.engine.video.reading import OpenVideo, SeenFrame, open_video, opened, pixels_of
from rempart.engine.video.sampling import Sampler

Progress = Callable[[float, float | None], None]


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

    ``source``: a path, the bytes of a file, or an open file at its start that can be read again from any place. ``every``: seconds from
    one frame taken to the next, 0 for all (see ``sampling``); ``prune``: bits up to which a frame is left out for the one
    before, None to keep all; ``is_oriented``: turned as the file says, which Meta's tool does not do; ``threads``: for the
    decoder, 0 for all cores. ``progress`` is told, at each frame taken, the seconds done and those in all if the file says.

    A damaged or truncated file gives the fingerprint of what could be read, and ``is_whole`` is false. Raises
    UnreadableVideo when there is not one frame, PartMissing without PyAV, ValueError, and OSError as ``open`` does.
    """
    with opened(source) as file:
        digests = digest_file(file)
        file.seek(0)
        with open_video(file, threads=threads) as video:
            taking = _Taking(Sampler(every, video.rate), Pruner(prune), pipeline, is_oriented)
            for frame in video.frames():
                if taking.see(frame) and progress is not None:
                    progress(frame.time, video.seconds)
            return taking.result(video, digests)


class _Taking:
    """What is kept while the frames go by."""

    def __init__(self, sampler: Sampler, pruner: Pruner, pipeline: Pipeline, is_oriented: bool) -> None:
        self._sampler, self._pruner = sampler, pruner
        self._pipeline, self._is_oriented = pipeline, is_oriented
        self._width = self._height = 0
        self._seconds = 0.0

    def see(self, frame: SeenFrame) -> bool:
        """Fingerprint it if it is one to take. Raises UnreadableVideo for a frame too big or too small."""
        self._seconds = frame.time
        if not self._sampler.takes(frame.number, frame.time):
            return False
        pixels = pixels_of(frame.image, is_oriented=self._is_oriented)
        if not self._width:
            self._width, self._height = pixels.width, pixels.height
        made = pdq(pixels, self._pipeline)
        self._pruner.add(VideoFrame(frame.number, frame.time, made.quality, made.pdq))
        return True

    def result(self, video: OpenVideo, digests: FileDigests) -> FingerprintedVideo:
        """Raises UnreadableVideo when no frame was seen."""
        if not self._pruner.kept:
            raise UnreadableVideo("This video has no frame that can be decoded.")
        fingerprint = VideoFingerprint.of(self._pruner.kept, self._pipeline, self._pruner.left_out)
        picture = (video.format, video.codec, self._width, self._height)
        return FingerprintedVideo(fingerprint, digests, *picture, self._seconds, video.is_whole)
