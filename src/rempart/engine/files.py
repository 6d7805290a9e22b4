"""Everything that is known of one file: digests of its bytes, and the fingerprints of the picture in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rempart.engine.fingerprint import Md5, PdqFingerprint, Pipeline, Sha256
from rempart.engine.pdq import pdq, pdq_dihedral
from rempart.engine.picture import Limits, Picture, open_picture, read_bytes
from rempart.engine.pixels import Pixels

CHUNK = 1 << 20

Views = Callable[[Pixels], Iterable[PdqFingerprint]]
"""More fingerprints of a picture's pixels, such as those of its variants."""


@dataclass(frozen=True, slots=True)
class FileDigests:
    """Of any file, a picture or not. ``file_bytes`` is its length."""

    sha256: Sha256
    md5: Md5
    file_bytes: int


@dataclass(frozen=True, slots=True)
class FileFingerprints:
    """Of a file with a picture in it. ``width`` and ``height`` are in pixels, as the picture is looked at."""

    digests: FileDigests
    pdqs: tuple[PdqFingerprint, ...]
    format: str
    width: int
    height: int
    was_turned: bool
    is_animated: bool


def fingerprint_file(
    source: bytes | Path | BinaryIO,
    *,
    pipelines: Iterable[Pipeline] = (Pipeline.FULL,),
    is_dihedral: bool = False,
    views: Views | None = None,
    limits: Limits | None = None,
) -> FileFingerprints:
    """Digests and fingerprints of one picture, from the bytes of its file, its path, or a stream open for reading bytes.

    ``pdqs`` holds, for each pipeline in the order given, one fingerprint, or eight if ``is_dihedral``; then those that ``views``
    makes of the whole pixels, whose memory is not theirs to keep. Raises UnreadablePicture, PartMissing and OSError, as
    ``open_picture`` does.
    """
    data = read_bytes(source, limits or Limits())
    asked = tuple(dict.fromkeys(pipelines))
    pictures: dict[bool, Picture] = {}
    found: list[PdqFingerprint] = []
    for pipeline in asked:
        picture = _opened(data, pictures, limits, is_fast=pipeline is Pipeline.FULL_FAST)
        found += pdq_dihedral(picture.pixels, pipeline).values() if is_dihedral else [pdq(picture.pixels, pipeline)]
    if views or not asked:
        picture = _opened(data, pictures, limits, is_fast=False)
        found += views(picture.pixels) if views else []
    return FileFingerprints(
        digest(data), tuple(found), picture.format, picture.width, picture.height, picture.was_turned, picture.is_animated
    )


def pdq_of_file(
    source: bytes | Path | BinaryIO, pipeline: Pipeline = Pipeline.FULL, *, limits: Limits | None = None
) -> PdqFingerprint:
    """One fingerprint of one picture and nothing else, by the shortest way. Raises as ``fingerprint_file`` does."""
    picture = open_picture(source, fast=pipeline is Pipeline.FULL_FAST, limits=limits, is_passing=True)
    return pdq(picture.pixels, pipeline)


def _opened(data: bytes, pictures: dict[bool, Picture], limits: Limits | None, *, is_fast: bool) -> Picture:
    """Decoded once each way at most: a fast fingerprint does not depend on what else was asked."""
    if is_fast not in pictures:
        pictures[is_fast] = open_picture(data, fast=is_fast, limits=limits, is_passing=True)
    return pictures[is_fast]


def digest(data: bytes) -> FileDigests:
    """SHA-256 and MD5 of these bytes."""
    md5 = hashlib.md5(data, usedforsecurity=False)
    return FileDigests(Sha256(hashlib.sha256(data).digest()), Md5(md5.digest()), len(data))


def digest_file(source: Path | BinaryIO) -> FileDigests:
    """The same of a file of any length, which is never held in memory whole. Raises OSError."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return digest_file(stream)
    sha256, md5, length = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    while piece := source.read(CHUNK):
        sha256.update(piece)
        md5.update(piece)
        length += len(piece)
    return FileDigests(Sha256(sha256.digest()), Md5(md5.digest()), length)
