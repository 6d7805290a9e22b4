"""Videos drawn by code, written with PyAV: fields of coloured cells that drift, and a new scene now and then."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 96, 64
SCENE_SECONDS = 1.5
CELLS = 16
DRIFT = 4  # pixels a second, for a width of 64
VPX = {"deadline": "realtime", "cpu-used": "8"}
QUICK = {"libvpx": VPX, "libvpx-vp9": VPX}  # encoders that take their time


def picture(seconds: float, width: int = WIDTH, height: int = HEIGHT, seed: int = 0) -> NDArray[np.uint8]:
    """What is to be seen at this moment: shape (height, width, 3). Two seeds have nothing in common."""
    scene = np.random.default_rng([seed, int(seconds / SCENE_SECONDS)]).integers(20, 236, (CELLS, CELLS, 3), np.uint8)
    rows = np.arange(height) * CELLS // height
    columns = (np.arange(width) + int(seconds * DRIFT * width / 64)) % width * CELLS // width
    return scene[rows][:, columns]


def video(
    *,
    seconds: float = 4,
    rate: Fraction | int = 10,
    codec: str = "libx264",
    container: str = "mp4",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    seed: int = 0,
    options: dict[str, str] | None = None,
    stamps: Iterable[float] | None = None,
    still: bool = False,
    pixel_format: str = "yuv420p",
) -> bytes:
    """The bytes of a file. ``stamps``: when each frame is shown, in seconds, for a rate that varies; ``still``: nothing moves."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as written:
        track = written.add_stream(codec, rate=rate, options=options or QUICK.get(codec, {}))
        track.width, track.height = size
        track.pix_fmt = pixel_format
        times = list(stamps) if stamps is not None else [number / Fraction(rate) for number in range(int(seconds * rate))]
        track.time_base = track.codec_context.time_base = Fraction(1, 1000) if stamps is not None else 1 / Fraction(rate)
        for time in times:
            frame = av.VideoFrame.from_ndarray(picture(0 if still else float(time), *size, seed=seed), format="rgb24")
            frame.time_base = track.codec_context.time_base
            frame.pts = round(Fraction(time) / frame.time_base)
            written.mux(track.encode(frame))
        written.mux(track.encode(None))
    return file.getvalue()


def turned(mp4: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """The same MP4, with another matrix (a, b, c, d) in the header of its first track: how it is to be seen."""
    at = mp4.index(b"tkhd") + 4 + 4 + 20 + 16  # version 0: times, numbers, layer and volume come first
    a, b, c, d = (value << 16 for value in matrix)
    numbers = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return mp4[:at] + b"".join(number.to_bytes(4, signed=True) for number in numbers) + mp4[at + 36 :]
