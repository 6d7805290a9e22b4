"""The clock of a video, and the sizes that are refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.errors import UnreadableVideo
from rempart.engine.video.reading import Clock, open_video, pixels_of
from tests.engine.video.drawn import HEIGHT, WIDTH, video

BASE = Fraction(1, 1000)


def times(stamps: list[int | None], base: Fraction | None = BASE, rate: Fraction | None = Fraction(10)) -> list[float]:
    clock = Clock(base, rate)
    return [clock.time(number, stamp) for number, stamp in enumerate(stamps)]


def test_seconds_are_from_the_first_frame() -> None:
    assert times([5000, 5100, 7000]) == pytest.approx([0, 0.1, 2])
    assert times([-300, -200]) == pytest.approx([0, 0.1])


def test_where_there_is_no_time_frames_are_counted() -> None:
    assert times([None, None, None]) == pytest.approx([0, 0.1, 0.2])
    assert times([1, 2, 3], base=None) == pytest.approx([0, 0.1, 0.2])
    assert times([None, None], rate=None) == pytest.approx([0, 0.04])


def test_times_that_begin_late_go_on_from_the_count() -> None:
    assert times([None, None, 900, 1000]) == pytest.approx([0, 0.1, 0.2, 0.3])


def test_the_clock_does_not_run_back() -> None:
    assert times([0, 1000, 500, 1500]) == pytest.approx([0, 1, 1, 1.5])


@given(st.lists(st.none() | st.integers(-(2**62), 2**62)))
def test_any_times_make_a_clock(stamps: list[int | None]) -> None:
    told = times(stamps)
    assert told == sorted(told)
    assert not told or told[0] >= 0


def test_a_frame_larger_than_the_file_said_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_video(io.BytesIO(video(seconds=1))) as opened:
        frame = next(opened.frames()).image
        assert pixels_of(frame).array.shape == (HEIGHT, WIDTH, 3)
        monkeypatch.setattr("rempart.engine.video.reading.MOST_PIXELS", WIDTH * HEIGHT - 1)
        with pytest.raises(UnreadableVideo, match="million pixels"):
            pixels_of(frame)


class Growing:
    """A container in which a track appears after ten packets: PyAV then stops with an IndexError, once."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self.streams = container.streams
        self.appeared = False

    def demux(self, track: Any) -> Iterator[Any]:
        for place, packet in enumerate(self._container.demux(track)):
            yield packet
            if place == 9 and not self.appeared:
                self.appeared = True
                raise IndexError("list index out of range")


def test_a_track_that_appears_on_the_way_ends_nothing() -> None:
    source = video(seconds=3)
    with open_video(io.BytesIO(source)) as opened:
        whole = [frame.time for frame in opened.frames()]
    with open_video(io.BytesIO(source)) as opened:
        growing = Growing(opened._container)
        opened._container = growing  # type: ignore[assignment]
        assert [frame.time for frame in opened.frames()] == whole
        assert growing.appeared
        assert opened.is_whole
