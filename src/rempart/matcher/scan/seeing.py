"""From a file to what is asked about it: its digests, and the fingerprints of what is to be seen in it."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import BinaryIO

import numpy as np

from rempart.engine import (
    EngineError,
    Limits,
    PartMissing,
    Pipeline,
    VideoFingerprint,
    digest_file,
    fingerprint_video,
    open_picture,
    query_views,
)
from rempart.engine.commands.kinds import Kind
from rempart.engine.files import digest
from rempart.engine.index.interface import HashArray
from rempart.engine.pdq import pdq
from rempart.matcher.lookup import Question
from rempart.matcher.scan.opening import Refused, reason_of
from rempart.matcher.scan.pieces import Reason
from rempart.matcher.scan.unpacking import read_up_to

MOST_PICTURE = 1 << 28
"""Bytes of a picture's file: it is read whole."""
FRAMES_AT_ONCE = 4_096
MOST_SECONDS = 4 * 3_600.0
"""That reading one video may take: what takes longer was made to, or is a camera's year."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How files are looked at. ``pipelines`` as settings write them; ``asks_views``: also for mirrored, bordered, cut copies."""

    pipelines: tuple[str, ...] = ("full",)
    asks_views: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What is asked about one file. ``reason``: why only its digests are; byte for byte, it may be on a list all the same."""

    questions: list[Question]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Views:
    """Three columns, as a question has them."""

    hashes: HashArray
    names: tuple[str, ...]
    qualities: tuple[int, ...]


class Seeing:
    """Makes questions, from any thread."""

    def __init__(self, sight: Sight) -> None:
        self._pipelines = tuple(Pipeline(one.replace("_", "-")) for one in sight.pipelines)
        self._asks_views, self._limits = sight.asks_views, Limits(file_bytes=MOST_PICTURE)

    def see(self, kind: Kind, source: bytes | BinaryIO, seed: str) -> Seen:
        """One file, from its bytes or open at its start. Raises Refused where it cannot even be read."""
        try:
            if kind is Kind.VIDEO:
                return self._video(source, seed)
            return self._picture(source if isinstance(source, bytes) else read_up_to(source, MOST_PICTURE), seed)
        except OSError as refused:
            raise Refused(reason_of(refused)) from None
        except MemoryError:
            raise Refused(Reason.TOO_LARGE) from None

    def _picture(self, data: bytes, seed: str) -> Seen:
        digests = digest(data)
        exact = (digests.sha256, digests.md5)
        try:
            views, is_animated = self._views(data)
        except EngineError as refused:
            return Seen([Question(digests=exact, seed=seed)], _word(refused))
        questions = [Question(views.hashes, views.names, views.qualities, exact, seed)]
        if is_animated:
            with suppress(EngineError):  # its first picture is asked all the same
                questions += _of_frames(fingerprint_video(data).fingerprint, seed)
        return Seen(questions)

    def _views(self, data: bytes) -> tuple[_Views, bool]:
        """Of each pipeline, first the whole; and whether there is more than one picture."""
        made, is_animated = [], False
        for pipeline in self._pipelines:
            picture = open_picture(data, fast=pipeline is Pipeline.FULL_FAST, limits=self._limits, is_passing=True)
            is_animated |= picture.is_animated
            if self._asks_views and pipeline is Pipeline.FULL:
                views = query_views(picture.pixels)
                made.append(_Views(views.hashes, tuple(views.names), tuple(views.qualities.tolist())))
            else:
                one = pdq(picture.pixels, pipeline)
                made.append(_Views(np.frombuffer(one.pdq.value, np.uint8)[None], (one.variant,), (one.quality,)))
        return (made[0] if len(made) == 1 else _joined(made)), is_animated

    def _video(self, source: bytes | BinaryIO, seed: str) -> Seen:
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        until = monotonic() + MOST_SECONDS

        def watch(_done: float, _of: float | None) -> None:
            if monotonic() > until:
                raise _TakesTooLong

        try:
            made = fingerprint_video(file, progress=watch)
        except EngineError as refused:
            file.seek(0)
            digests = digest_file(file)
            return Seen([Question(digests=(digests.sha256, digests.md5), seed=seed)], _word(refused))
        exact = Question(digests=(made.digests.sha256, made.digests.md5), seed=seed)
        return Seen([exact, *_of_frames(made.fingerprint, seed)])


class _TakesTooLong(EngineError):
    """A video that would keep a process for days."""


def _word(refused: EngineError) -> Reason:
    if isinstance(refused, _TakesTooLong):
        return Reason.TOO_LARGE
    return Reason.NOT_INSTALLED if isinstance(refused, PartMissing) else Reason.UNREADABLE


def _joined(made: list[_Views]) -> _Views:
    return _Views(
        np.concatenate([one.hashes for one in made]),
        tuple(name for one in made for name in one.names),
        tuple(quality for one in made for quality in one.qualities),
    )


def _of_frames(video: VideoFingerprint, seed: str) -> list[Question]:
    frames = video.distinct()
    questions = []
    for first in range(0, len(frames), FRAMES_AT_ONCE):
        some = slice(first, first + FRAMES_AT_ONCE)
        names = tuple(f"second {time:.0f}" for time in frames.times[some].tolist())
        hashes = np.ascontiguousarray(frames.hashes[some])
        questions.append(Question(hashes, names, tuple(frames.qualities[some].tolist()), seed=seed))
    return questions
