from __future__ import annotations

import numpy as np
import pytest

from rempart.engine.errors import NotAFingerprint
from rempart.engine.fingerprint import Pdq
from rempart.engine.video import VideoFingerprint, VideoFrame

FRAMES = [
    VideoFrame(0, 0.0, 90, Pdq(b"\x00" * 32)),
    VideoFrame(30, 1.0, 40, Pdq(b"\x01" * 32)),
    VideoFrame(60, 2.0, 80, Pdq(b"\x00" * 32)),
]


def test_frames_go_in_and_come_out() -> None:
    made = VideoFingerprint.of(FRAMES)
    assert list(made) == FRAMES
    assert made.hashes.shape == (3, 32)
    assert made == VideoFingerprint.of(FRAMES)
    assert hash(made) == hash(VideoFingerprint.of(FRAMES))
    assert made != VideoFingerprint.of(FRAMES[:2])
    assert made != VideoFingerprint.of(FRAMES, pruned=1)
    assert made != "a video"


def test_no_frame_is_a_fingerprint_too() -> None:
    assert len(VideoFingerprint.of([])) == 0
    assert len(VideoFingerprint.of([]).distinct()) == 0


def test_it_does_not_show_itself() -> None:
    shown = repr(VideoFingerprint.of(FRAMES)) + str(VideoFingerprint.of(FRAMES)) + f"{VideoFingerprint.of(FRAMES)}" + repr(FRAMES)
    assert "01" * 8 not in shown
    assert "3 frames" in shown


def test_distinct_keeps_the_first_of_each_good_one() -> None:
    assert [frame.number for frame in VideoFingerprint.of(FRAMES).distinct()] == [0]
    assert [frame.number for frame in VideoFingerprint.of(FRAMES).distinct(quality=0)] == [0, 30]
    assert [frame.number for frame in VideoFingerprint.of(FRAMES[::-1]).distinct(quality=85)] == [0]


@pytest.mark.parametrize(
    ("numbers", "times", "qualities", "hashes"),
    [
        ([0, 1], [0.0], [50], np.zeros((1, 32), np.uint8)),
        ([0], [0.0], [50], np.zeros((1, 31), np.uint8)),
        ([0], [0.0], [101], np.zeros((1, 32), np.uint8)),
        ([0], [float("nan")], [50], np.zeros((1, 32), np.uint8)),
        ([0], [-1.0], [50], np.zeros((1, 32), np.uint8)),
        ([-1], [0.0], [50], np.zeros((1, 32), np.uint8)),
        ([0], [0.0], [50], np.zeros((1, 32), np.int16)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    numbers: list[int], times: list[float], qualities: list[int], hashes: np.ndarray
) -> None:
    with pytest.raises(NotAFingerprint):
        VideoFingerprint(np.array(numbers), np.array(times), np.array(qualities, np.uint8), hashes)


@pytest.mark.parametrize(
    "wrong",
    [VideoFrame(-1, 0.0, 1, FRAMES[0].pdq), VideoFrame(0, 0.0, 300, FRAMES[0].pdq), VideoFrame(1 << 64, 0.0, 1, FRAMES[0].pdq)],
)
def test_frames_that_do_not_fit_are_refused(wrong: VideoFrame) -> None:
    with pytest.raises(NotAFingerprint):
        VideoFingerprint.of([wrong])
