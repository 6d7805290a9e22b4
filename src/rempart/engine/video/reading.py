"""From a video file to upright pixels, one frame at a time: memory does not grow with the length of the video.

The file may be hostile. It is read through one open file: a list that names other files or addresses (concat, HLS, DASH) is
not followed, and a header that promises a gigantic picture is refused before anything is decoded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import PartMissing, UnreadableVideo
from rempart.engine.pixels import Pixels
from rempart.engine.video.sampling import Sampler
from rempart.engine.video.skipping import CODECS, Plan, Surprised, frames_taken

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame as DecodedFrame
    from av.video.stream import VideoStream

Rows = NDArray[Any]  # shape (height, width, 3), uint8

MOST_PIXELS = 40_000_000  # in one frame; 7680 × 4320 is 33 million
SMALLEST_SIDE = 5  # pixels; the published tool refuses less
READ_AT_ONCE = 1 << 18  # bytes
# Containers that hold one video in one file. Those that point elsewhere (concat, hls, dash, sdp, image2…) are not among them.
CONTAINERS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,asf_o,ogg,gif,apng,ivf,nut,mxf,gxf,wtv,rm,dv,swf,vob,"
    "h264,hevc,av1,obu,vvc,m4v,h263,mjpeg,cavsvideo,dirac,vc1,yuv4mpegpipe,3dostr,bink,smk,roq,amv,"
    "mp3,aac,flac,wav,w64,aiff,ac3,eac3,dts,amr,au,caf,tta,ape,wv"
)


class NoMovingPicture(UnreadableVideo):
    """A file that is as it should be, and has only sound."""


class SeenFrame(NamedTuple):
    """A decoded frame: its place among all (from 0), seconds from the first, and what to make pixels of."""

    number: int
    time: float
    image: DecodedFrame


class OpenVideo:
    """One video track, ready to be read once from its start. ``seconds``: how long the file says it is, or None."""

    def __init__(self, container: InputContainer, track: VideoStream) -> None:
        self._container = container
        self._track = track
        self.format: str = container.format.name
        self.codec: str = track.codec_context.name
        self.rate: Fraction | None = track.average_rate or track.base_rate or None
        self.seconds: float | None = _stated_seconds(container, track)
        self.is_whole = True
        """False as soon as something could not be read or decoded; known for good when the frames are exhausted."""
        self.seen_seconds = 0.0
        """When the last frame is shown; known when the frames are exhausted."""

    def may_skip(self, sampler: Sampler) -> bool:
        """Is it worth trying, and possible, not to decode every frame?"""
        return sampler.step > 1 and self.codec in CODECS and self._track.time_base is not None

    def frames(self) -> Iterator[SeenFrame]:
        """Every frame in the order in which it is shown. What is damaged is passed over."""
        clock = Clock(self._track.time_base, self.rate)
        number = 0
        for packet in self._packets_and_end():
            for image in self._decoded(packet):
                self.is_whole &= not image.is_corrupt
                yield SeenFrame(number, clock.time(number, image.pts), image)
                number += 1
        self._end(clock.latest)

    def taken(self, sampler: Sampler) -> Iterator[SeenFrame]:
        """The frames that this sampler takes, decoding every frame."""
        return (frame for frame in self.frames() if sampler.takes(frame.number, frame.time))

    def taken_skipping(self, sampler: Sampler) -> Iterator[SeenFrame]:
        """The same, decoding what is needed for them. Raises Surprised, after some frames perhaps: then begin again."""
        clock = Clock(self._track.time_base, self.rate)
        plan = Plan(clock.time, sampler.takes)
        for planned, image in frames_taken(plan.of(self._packets()), self._track, self._decoded):
            if not self.is_whole:
                raise Surprised
            yield SeenFrame(planned.number, planned.time, image)
        if not self.is_whole:
            raise Surprised
        self._end(clock.latest)

    def _end(self, latest: float) -> None:
        self.seen_seconds = latest
        self.is_whole &= not self._ends_early(latest)

    def _ends_early(self, latest: float) -> bool:
        """The file promised more. Not known where it only promises for picture and sound together."""
        if self.seconds is None or not (self._track.duration or len(self._container.streams) == 1):
            return False
        return self.seconds - latest > max(2.0, self.seconds / 100)

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        """Empty ones left out: some containers write them for a frame that is the same as the one before."""
        import av

        is_over = False
        while not is_over:
            try:
                yield from (packet for packet in self._container.demux(self._track) if packet.size)
                is_over = True
            except IndexError:  # PyAV, at a track that only appears on the way: asked again, it goes on without it
                pass
            except av.FFmpegError:
                self.is_whole = False
                is_over = True

    def _packets_and_end(self) -> Iterator[Packet[VideoStream] | None]:
        yield from self._packets()
        yield None

    def _decoded(self, packet: Packet[VideoStream] | None) -> list[DecodedFrame]:
        """None: what the decoder still holds."""
        import av

        try:
            frames: list[Any] = self._track.codec_context.decode(packet)
        except av.FFmpegError:
            self.is_whole = False
            return []
        return frames


class Clock:
    """Seconds from the first frame: by the frames' own times, or by counting where they have none. Never runs back."""

    def __init__(self, base: Fraction | None, rate: Fraction | None) -> None:
        self._base = base
        self._rate = float(rate) if rate else 25.0
        self._start: int | None = None
        self.latest = 0.0

    def time(self, number: int, stamp: int | None) -> float:
        """When the frame with this number and this stamp (in ``base`` seconds, or None) is shown."""
        if self._start is None and stamp is not None:
            self._start = stamp - (round(number / self._rate / self._base) if self._base else 0)
        if stamp is None or self._base is None or self._start is None:
            seconds = number / self._rate
        else:
            seconds = float((stamp - self._start) * self._base)
        self.latest = max(self.latest, seconds)
        return self.latest


@contextmanager
def open_video(file: BinaryIO, *, threads: int = 1) -> Iterator[OpenVideo]:
    """The first video track that is not a cover, of an open file that can be read from any place; the file stays open.

    ``threads``: how many the decoder may use, 0 for as many as there are cores; the pixels are the same.

    Raises UnreadableVideo and PartMissing.
    """
    av = _library()
    try:
        container = av.open(
            file,
            options={"max_pixels": str(MOST_PIXELS)},
            container_options={"format_whitelist": CONTAINERS, "protocol_whitelist": "none"},
            buffer_size=READ_AT_ONCE,
            metadata_errors="replace",
        )
    except (av.FFmpegError, ValueError):
        raise UnreadableVideo("This is not a video that can be read, or it breaks off before it begins.") from None
    with container:
        yield OpenVideo(container, _first_track(container, threads))


def pixels_of(image: DecodedFrame, *, is_oriented: bool = True) -> Pixels:
    """Red, green and blue of one frame, shape (height, width, 3), turned as the file says it is to be seen.

    As the published tool converts them: swscale with the AREA flag and nothing else, at the frame's own size, and always the
    colours of ITU-R BT.601, whatever the file says of its own (BT.709 in high definition): or some 15 bits would differ. It turns
    nothing: ``is_oriented=False`` does the same. Raises UnreadableVideo when there are too many pixels, too few, or unknown ones.
    """
    import av

    if image.width * image.height > MOST_PIXELS:
        raise UnreadableVideo(f"A frame of this video has more than {MOST_PIXELS // 1_000_000} million pixels.")
    if min(image.width, image.height) < SMALLEST_SIDE:
        raise UnreadableVideo(f"This video is less than {SMALLEST_SIDE} pixels wide or high.")
    try:
        array = _red_green_blue(image)
    except (av.FFmpegError, ValueError):
        raise UnreadableVideo("The colours of this video cannot be read.") from None
    return Pixels(np.ascontiguousarray(_turned(array, _matrix(image))) if is_oriented else array)


def _red_green_blue(image: DecodedFrame) -> Rows:
    """Formats whose name begins with yuvj have the full range all the same: it is in the format."""
    from av.video.reformatter import ColorRange, Colorspace, Interpolation

    colours = {"src_colorspace": Colorspace.ITU601, "dst_colorspace": Colorspace.ITU601, "src_color_range": ColorRange.MPEG}
    made: Rows = image.reformat(format="rgb24", interpolation=Interpolation.AREA, threads=1, **colours).to_ndarray()
    return made


def _matrix(image: DecodedFrame) -> tuple[int, int, int, int] | None:
    """The part of the display matrix that turns and mirrors: x' = a·x + c·y, y' = b·x + d·y, in that order a, b, c, d."""
    side: Any = image.side_data.get("DISPLAYMATRIX")
    numbers = np.frombuffer(bytes(side), np.int32) if side is not None else np.empty(0, np.int32)
    return (int(numbers[0]), int(numbers[1]), int(numbers[3]), int(numbers[4])) if len(numbers) >= 9 else None


def _turned(array: Rows, matrix: tuple[int, int, int, int] | None) -> Rows:
    """To the nearest quarter turn, as players do; a matrix of zeros turns nothing."""
    if matrix is None or not any(matrix):
        return array
    across_x, down_x, across_y, down_y = matrix
    is_on_its_side = abs(down_x) > abs(across_x)
    laid = array.transpose(1, 0, 2) if is_on_its_side else array
    across, down = (across_y, down_x) if is_on_its_side else (across_x, down_y)
    return laid[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]


def _library() -> Any:
    try:
        import av
    except ImportError:
        raise PartMissing('Videos need a library that is not installed: pip install ".[video]" in the clone') from None
    return av


@contextmanager
def opened(source: Path | str | bytes | BinaryIO) -> Iterator[BinaryIO]:
    """Ready to be read: a path is opened and closed, an open file is left open. Raises OSError."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, (Path, str)):
        with Path(source).open("rb") as file:
            yield file
    else:
        yield source


def _first_track(container: InputContainer, threads: int) -> VideoStream:
    """As the published tool, the first; but not the cover of a piece of music, which is no video. Raises UnreadableVideo."""
    from av.stream import Disposition

    tracks = [track for track in container.streams.video if not track.disposition & Disposition.attached_pic]
    if not tracks:
        raise NoMovingPicture("There is no moving picture in this file, only sound or nothing.")
    track = tracks[0]
    if track.codec_context is None:
        raise UnreadableVideo("This kind of video cannot be decoded here.")
    if track.codec_context.width * track.codec_context.height > MOST_PIXELS:
        raise UnreadableVideo(f"A frame of this video has more than {MOST_PIXELS // 1_000_000} million pixels.")
    track.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    track.codec_context.thread_count = threads
    track.thread_type = "NONE" if threads == 1 else "AUTO"
    return track


def _stated_seconds(container: InputContainer, track: VideoStream) -> float | None:
    if track.duration and track.time_base:
        return max(0.0, float(track.duration * track.time_base))
    return max(0.0, container.duration / 1_000_000) if container.duration else None
