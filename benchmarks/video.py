"""How fast a video becomes a fingerprint, beside decoding every frame and ``pdqhash`` on those taken.

    python -m benchmarks.video [--quick] [--json]

The videos are drawn by code: 1280 × 720, 30 frames a second, H.264 as ``libx264`` writes it by itself (B frames, a key frame
every 250 frames at most) and as telephones do (no B frame, a key frame a second). The peer takes the same frames: PyAV decodes
all of them, ``pdqhash`` makes the fingerprints, as one writes it first. Same bits asserted. Rates are seconds of video a second
of one core: the time that the processor spent, so that what else the machine does counts less.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

import av
import numpy as np
import pdqhash
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from benchmarks.figures import Figure, faster, parser, plain, run, say
from rempart.engine.video import fingerprint_video

WIDTH, HEIGHT, RATE = 1280, 720, 30
FULL, QUICK = 40, 12  # seconds of video
TIMES_REAL = 20  # what is aimed at
TRIES = 3
SCENE = 7  # seconds
ENCODINGS = {"usual": {"preset": "medium"}, "telephone": {"preset": "veryfast", "bf": "0", "g": "30", "sc_threshold": "0"}}


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """Two encodings of the same pictures."""
    seconds = QUICK if asked.quick else FULL
    with tempfile.TemporaryDirectory() as folder:
        for name, options in ENCODINGS.items():
            path = Path(folder, f"{name}.mp4")
            say(f"drawing {seconds} s of video, {name} encoding, {WIDTH} × {HEIGHT}")
            draw(path, seconds, options)
            yield from compare(name, path, seconds)


def compare(name: str, path: Path, seconds: int) -> Iterator[Figure]:
    """The engine, the peer and the limit, in turn, the best of a few tries of each."""
    ours, theirs = engine(path), naive(path)
    assert ours == theirs, "the fingerprints differ"
    rates = {of.__name__: seconds / best(of, path) for of in (engine, naive, decoding)}
    peer = "PyAV, every frame, pdqhash"
    yield faster(f"video_720p_{name}", rates["engine"], "× real time", peer=peer, peer_value=rates["naive"])
    yield plain(f"video_720p_{name}_times_real", rates["engine"], "× real time", at_least=TIMES_REAL)
    yield plain(f"video_720p_{name}_decode_all_limit", rates["decoding"], "× real time")


def best(of: Callable[[Path], object], path: Path) -> float:
    """Seconds of the processor, the least of a few tries. None of them starts a thread."""
    spent = []
    for _ in range(TRIES):
        began = process_time()
        of(path)
        spent.append(process_time() - began)
    return min(spent)


def engine(path: Path) -> list[bytes]:
    """What is measured, digests of the file included."""
    return [frame.pdq.value for frame in fingerprint_video(path, prune=None).fingerprint]


def naive(path: Path) -> list[bytes]:
    """Decode every frame, hash every thirtieth."""
    made = []
    with av.open(path) as container:
        track = container.streams.video[0]
        track.thread_type = "NONE"
        for number, frame in enumerate(container.decode(track)):
            if number % RATE == 0:
                pixels = frame.reformat(format="rgb24", interpolation=Interpolation.AREA, threads=1).to_ndarray()
                made.append(np.packbits(pdqhash.compute(pixels)[0]).tobytes())
    return made


def decoding(path: Path) -> int:
    """Every frame decoded, and nothing made of it: what nobody who decodes them all can exceed."""
    with av.open(path) as container:
        track = container.streams.video[0]
        track.thread_type = "NONE"
        return sum(1 for _ in container.decode(track))


def draw(path: Path, seconds: int, options: dict[str, str]) -> None:
    """Soft shapes that drift over a still grain, and another scene every few seconds."""
    with av.open(path, "w") as written:
        track = written.add_stream("libx264", rate=RATE, options=options)
        track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(seconds * RATE):
            frame = av.VideoFrame.from_ndarray(picture(number), format="gray")
            frame.pts = number
            written.mux(track.encode(frame.reformat(format="yuv420p")))
        written.mux(track.encode(None))


def picture(number: int) -> NDArray[np.uint8]:
    """One frame, shape (HEIGHT, WIDTH): a wide field of grains that the eye of the camera crosses."""
    scene, moment = divmod(number, SCENE * RATE)
    field = np.random.default_rng(scene).integers(40, 216, (HEIGHT // 16 + 2, WIDTH // 16 + 40), np.uint8)
    large = field.repeat(16, axis=0).repeat(16, axis=1)
    grain = np.random.default_rng(1000 + scene).integers(0, 12, (HEIGHT, WIDTH), np.uint8)
    down, across = moment // 12, 2 * moment % 600
    seen: NDArray[np.uint8] = large[down : down + HEIGHT, across : across + WIDTH] + grain
    return seen


if __name__ == "__main__":
    sys.exit(run("video", measure, sys.argv[1:], parser("video", quick=f"{QUICK} s of video instead of {FULL}")))
