"""What is not decoded changes nothing: the same frames with the same pixels as when every frame is decoded."""

from __future__ import annotations

import io
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.video import fingerprint_video
from rempart.engine.video.reading import open_video, pixels_of
from rempart.engine.video.sampling import Sampler
from rempart.engine.video.skipping import AHEAD, Plan, Surprised, frames_taken
from tests.engine.video.drawn import video

Taken = list[tuple[int, float, bytes]]


def taken(source: bytes, *, is_skipping: bool, threads: int = 1) -> tuple[Taken, int]:
    """The frames taken with their pixels, and how many were decoded."""
    with open_video(io.BytesIO(source), threads=threads) as opened:
        sampler = Sampler(1, opened.rate)
        assert opened.may_skip(sampler) or not is_skipping
        decoded = 0
        decode = opened._decoded

        def counted(packet: Any) -> Any:
            nonlocal decoded
            frames = decode(packet)
            decoded += len(frames)
            return frames

        opened._decoded = counted  # type: ignore[method-assign]
        frames = opened.taken_skipping(sampler) if is_skipping else opened.taken(sampler)
        return [(one.number, one.time, pixels_of(one.image).array.tobytes()) for one in frames], decoded


MADE = {
    "usual": {"codec": "libx264"},
    "many B frames": {"codec": "libx264", "options": {"bf": "8", "b-pyramid": "normal", "g": "60"}},
    "no B frame": {"codec": "libx264", "options": {"bf": "0", "g": "20"}},
    "a telephone's": {"codec": "libx264", "options": {"bf": "0", "g": "24", "sc_threshold": "0"}},
    "open groups": {"codec": "libx264", "options": {"x264-params": "open-gop=1:keyint=17:min-keyint=17:bframes=3"}},
    "no key but the first": {"codec": "libx264", "options": {"x264-params": "intra-refresh=1:keyint=10"}},
    "only keys": {"codec": "libx264", "options": {"g": "1"}},
    "broadcast": {"codec": "libx264", "container": "mpegts", "options": {"g": "20"}},
    "matroska": {"codec": "libx264", "container": "matroska"},
    "hevc": {"codec": "libx265", "options": {"x265-params": "log-level=none:keyint=20:pools=none"}},
    "hevc, closed": {"codec": "libx265", "options": {"x265-params": "log-level=none:keyint=20:no-open-gop=1:pools=none"}},
    "mpeg2": {"codec": "mpeg2video", "container": "mpegts", "rate": 25, "options": {"bf": "2", "g": "12"}},
    "mpeg4": {"codec": "mpeg4", "container": "mp4", "options": {"bf": "2", "g": "20"}},
    "twelve a second": {"codec": "libx264", "rate": 12},
    "a broken rate": {"codec": "libx264", "rate": Fraction(24000, 1001)},
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_the_same_frames_with_the_same_pixels(made: dict[str, Any]) -> None:
    source = video(**{"rate": 24, "seconds": 5, "size": (64, 48), **made})
    every, count = taken(source, is_skipping=False)
    assert len(every) == (6 if made == MADE["a broken rate"] else 5)
    assert count >= 55
    assert taken(source, is_skipping=True)[0] == every
    assert taken(source, is_skipping=True, threads=3)[0] == every


def test_fewer_frames_are_decoded() -> None:
    """The first 32 are, to see how the file is made; of the others here, the key that begins each second, and no more."""
    source = video(rate=24, seconds=8, size=(64, 48), **MADE["a telephone's"])
    assert taken(source, is_skipping=False)[1] == 192
    assert taken(source, is_skipping=True)[1] == 32 + 6


def test_a_variable_rate_takes_the_same() -> None:
    source = video(stamps=[*(n / 30 for n in range(60)), 5.0, 9.0, *(10 + n / 30 for n in range(60))], rate=30, size=(64, 48))
    assert taken(source, is_skipping=True)[0] == taken(source, is_skipping=False)[0]


def test_a_file_that_surprises_is_read_frame_by_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    source = video(rate=24, seconds=5, size=(64, 48))
    expected = fingerprint_video(source, prune=None)
    told: list[float] = []

    def surprised(self: Any, sampler: Sampler) -> Any:
        yield from list(self.taken(sampler))[:2]
        raise Surprised

    monkeypatch.setattr("rempart.engine.video.reading.OpenVideo.taken_skipping", surprised)
    assert fingerprint_video(source, prune=None, progress=lambda done, _: told.append(done)) == expected
    assert told == [0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 4.0]


def packets(stamps: list[int | None]) -> list[Any]:
    return [SimpleNamespace(pts=stamp, is_corrupt=False, is_discard=False, is_keyframe=n == 0) for n, stamp in enumerate(stamps)]


def plan() -> Plan:
    return Plan(lambda number, stamp: float(stamp), lambda number, time: number % 10 == 0)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=120))
def test_packets_are_numbered_as_they_are_shown(leads: list[int]) -> None:
    """Each comes at most ten places before or after the one that is shown next to it."""
    order = sorted(range(len(leads)), key=lambda place: place + leads[place])
    planned = list(plan().of(packets([1000 + 2 * place for place in order])))
    assert [one.packet.pts for one in planned] == [1000 + 2 * place for place in order]
    assert [one.number for one in planned] == order
    assert [one.is_taken for one in planned] == [place % 10 == 0 for place in order]


@pytest.mark.parametrize("stamps", [[0, None, 2], [0, 1, 1, 2], [*range(100, 200), 5]])
def test_times_that_say_nothing_are_a_surprise(stamps: list[int | None]) -> None:
    with pytest.raises(Surprised):
        list(plan().of(packets(stamps)))


def test_a_fresh_start_is_one_that_nothing_behind_it_is_shown_before() -> None:
    def starts(stamps: list[int]) -> list[bool]:
        made = packets(stamps)
        for one in made:
            one.is_keyframe = True
        return [one.is_fresh_start for one in plan().of(made)]

    assert starts([0, 3, 1, 2, 4]) == [True, False, True, True, True]
    assert starts([*range(AHEAD * 3)]) == [True] * AHEAD * 3


def test_not_too_many_packets_are_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    source = video(rate=24, seconds=5, size=(64, 48), **MADE["a telephone's"])
    every = taken(source, is_skipping=False)[0]
    few = taken(source, is_skipping=True)[1]
    monkeypatch.setattr("rempart.engine.video.skipping.MOST_HELD", 3)
    more = taken(source, is_skipping=True)
    assert more[0] == every
    assert more[1] > few


def watched(given: list[int], *, is_corrupt: bool = False) -> list[int]:
    """The numbers of the frames taken when a decoder gives these, of forty planned; it is not asked for the last eight."""
    planned = list(plan().of(packets(list(range(40)))))
    frames = iter([SimpleNamespace(pts=stamp, is_corrupt=is_corrupt) for stamp in given])
    track: Any = SimpleNamespace(codec_context=SimpleNamespace(name="hevc", skip_frame=""))

    def decode(packet: Any) -> list[Any]:
        return [] if packet else list(frames)

    return [one.number for one, _ in frames_taken(planned, track, decode)]


def test_frames_that_come_as_planned() -> None:
    assert watched(list(range(32))) == [0, 10, 20, 30]


@pytest.mark.parametrize(
    "given",
    [[], [*range(30)], [0, *range(2, 32)], [*range(1, 32)], [1, 0, *range(2, 32)], [*range(32), 35]],
    ids=[
        "none",
        "one taken is missing",
        "one of the proof is missing",
        "the first is missing",
        "out of turn",
        "one that was not asked for",
    ],
)
def test_frames_that_do_not_are_a_surprise(given: list[int]) -> None:
    with pytest.raises(Surprised):
        watched(given)


def test_a_damaged_frame_is_a_surprise() -> None:
    with pytest.raises(Surprised):
        watched(list(range(32)), is_corrupt=True)
