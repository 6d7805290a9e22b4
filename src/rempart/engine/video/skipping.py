"""Decode only what is needed to see the frames that are taken: same frames, same pixels, up to several times faster.

Of a video at one frame a second, most frames are decoded for nothing. Two kinds need not be: those that no other frame is
made from, and those after the last one taken before the picture begins anew. To know before decoding which frames will be
taken, packets are numbered ahead in the order in which they are shown.

That a packet is a frame is a supposition. It is checked on the first frames, which are all decoded, and on every frame taken.
Where anything is not as supposed, ``Surprised`` is raised, and the caller reads the file again frame by frame.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame as DecodedFrame
    from av.video.stream import VideoStream

CODECS = frozenset({"h264", "hevc", "mpeg2video", "mpeg4"})  # whose decoders leave out what nothing is made from
AHEAD = 32  # packets; no codec shows a frame more than 16 later than it comes
PROOF = 32  # frames that are all decoded
MOST_HELD = 1024  # packets held back in the hope that they need not be decoded
H264_SLICE_OF_IDR = 5


class Surprised(Exception):
    """This file is not made as it was supposed to be."""


@dataclass(slots=True)
class Planned:
    """A packet, and what is known of it once those around it are."""

    packet: Packet[VideoStream]
    number: int = -1
    time: float = 0.0
    is_taken: bool = False
    is_fresh_start: bool = False


@dataclass(slots=True)
class Plan:
    """Numbers packets as they will be shown. ``time`` and ``takes`` are asked in that order, from frame 0 on."""

    time: Callable[[int, int], float]
    takes: Callable[[int, float], bool]
    _shown: list[tuple[int, int, Planned]] = field(default_factory=list)
    _sent: deque[Planned] = field(default_factory=deque)
    _numbered: int = 0
    _last_stamp: int | None = None

    def of(self, packets: Iterable[Packet[VideoStream]]) -> Iterator[Planned]:
        """The same packets in the same order, each once its number is known. Raises Surprised."""
        for place, packet in enumerate(packets):
            if packet.pts is None or packet.is_corrupt or packet.is_discard:
                raise Surprised
            planned = Planned(packet)
            heapq.heappush(self._shown, (packet.pts, place, planned))
            self._sent.append(planned)
            if len(self._shown) > AHEAD:
                self._number_next()
                yield from self._ready()
        while self._shown:
            self._number_next()
        yield from self._ready()

    def _number_next(self) -> None:
        stamp, _, planned = heapq.heappop(self._shown)
        if self._last_stamp is not None and stamp <= self._last_stamp:
            raise Surprised
        self._last_stamp = stamp
        planned.number = self._numbered
        planned.time = self.time(planned.number, stamp)
        planned.is_taken = self.takes(planned.number, planned.time)
        self._numbered += 1

    def _ready(self) -> Iterator[Planned]:
        """From the front, those that have a number; a fresh start is one that nothing behind it is shown before."""
        while self._sent and self._sent[0].number >= 0:
            first = self._sent.popleft()
            stamp = first.packet.pts
            is_closed = all(later.packet.pts > stamp for later in self._sent)  # type: ignore[operator]
            first.is_fresh_start = bool(first.packet.is_keyframe) and is_closed
            yield first


def frames_taken(
    planned: Iterable[Planned], track: VideoStream, decode: Callable[[Packet[VideoStream] | None], list[DecodedFrame]]
) -> Iterator[tuple[Planned, DecodedFrame]]:
    """Every frame taken, with its plan, in the order in which they are shown. ``decode`` is given None at the end.

    Raises Surprised where a frame taken does not come, comes out of turn or damaged, and whatever ``decode`` raises.
    """
    watch = _Watch()
    held: list[Planned] = []
    for one in planned:
        if _is_fresh_start(one, track):
            held.clear()
        held.append(one)
        if one.is_taken or one.number < PROOF or len(held) > MOST_HELD:
            for sent in held:
                track.codec_context.skip_frame = "DEFAULT" if sent.is_taken or sent.number < PROOF else "NONREF"
                watch.expect(sent)
                yield from watch.seen(decode(sent.packet))
            held.clear()
    yield from watch.seen(decode(None))
    watch.end()


class _Watch:
    """Compares what the decoder gives with what was planned."""

    def __init__(self) -> None:
        self._expected: dict[int, Planned] = {}
        self._taken: deque[int] = deque()
        self._waiting: list[int] = []
        self._next_of_proof = 0

    def expect(self, sent: Planned) -> None:
        """This packet goes to the decoder."""
        assert sent.packet.pts is not None
        self._expected[sent.packet.pts] = sent
        if sent.is_taken:
            heapq.heappush(self._waiting, sent.packet.pts)

    def seen(self, frames: Iterable[DecodedFrame]) -> Iterator[tuple[Planned, DecodedFrame]]:
        """Those of these frames that are taken. Raises Surprised."""
        for frame in frames:
            planned = self._expected.get(frame.pts) if frame.pts is not None else None
            if planned is None or frame.is_corrupt:
                raise Surprised
            self._check_proof(planned)
            if planned.is_taken:
                if heapq.heappop(self._waiting) != frame.pts:
                    raise Surprised
                self._forget(planned)
                yield planned, frame

    def end(self) -> None:
        """Raises Surprised where a frame taken never came."""
        if self._waiting:
            raise Surprised

    def _check_proof(self, planned: Planned) -> None:
        if self._next_of_proof < PROOF:
            if planned.number != self._next_of_proof:
                raise Surprised
            self._next_of_proof += 1

    def _forget(self, planned: Planned) -> None:
        """What was to be shown before this one has been, or never will be."""
        self._expected = {stamp: one for stamp, one in self._expected.items() if one.number > planned.number}


def _is_fresh_start(planned: Planned, track: VideoStream) -> bool:
    """Nothing from here on is made from what was before."""
    if not planned.is_fresh_start:
        return False
    return track.codec_context.name != "h264" or _begins_anew(bytes(planned.packet), track.codec_context.extradata)


def _begins_anew(packet: bytes, extradata: bytes | None) -> bool:
    """Does a packet of H.264 hold a slice of an IDR picture? A mere recovery point may still point back.

    Packets are units with their length before them where ``extradata`` begins with 1 (as in MP4), else with start codes.
    """
    if not extradata or extradata[0] != 1 or len(extradata) < 5:
        return any(unit and unit[0] & 31 == H264_SLICE_OF_IDR for unit in packet.split(b"\0\0\1")[1:])
    width, place = (extradata[4] & 3) + 1, 0
    while place + width < len(packet):
        length = int.from_bytes(packet[place : place + width])
        if packet[place + width] & 31 == H264_SLICE_OF_IDR:
            return True
        place += width + length
    return False
