from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.fingerprint import Pdq
from rempart.engine.video.fingerprint import VideoFrame
from rempart.engine.video.pruning import Pruner


def frame(number: int, bits: int, quality: int = 100) -> VideoFrame:
    """A frame whose PDQ has this many ones."""
    return VideoFrame(number, float(number), quality, Pdq(((1 << bits) - 1).to_bytes(32)))


def kept(within: int | None, frames: list[VideoFrame]) -> tuple[list[int], int]:
    pruner = Pruner(within)
    for one in frames:
        pruner.add(one)
    return [one.number for one in pruner.kept], pruner.left_out


def test_the_published_example() -> None:
    """Distances from the last one kept: 0, 2, 3, 0. With 2 bits, the first and the fourth stay."""
    assert kept(2, [frame(0, 0), frame(1, 0), frame(2, 2), frame(3, 3), frame(4, 3)]) == ([0, 3], 3)


def test_distance_is_from_the_last_kept_not_from_the_one_before() -> None:
    assert kept(2, [frame(n, n) for n in range(7)]) == ([0, 3, 6], 4)


def test_none_keeps_all() -> None:
    assert kept(None, [frame(0, 0), frame(1, 0)]) == ([0, 1], 0)


def test_a_frame_that_may_be_compared_is_not_lost_for_one_that_may_not() -> None:
    assert kept(2, [frame(0, 0, 49), frame(1, 0, 50), frame(2, 0, 51), frame(3, 0, 10)]) == ([0, 1], 2)


@given(st.integers(0, 40), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 100)), max_size=40))
def test_every_frame_left_out_has_one_near_it_that_is_kept(within: int, drawn: list[tuple[int, int]]) -> None:
    frames = [frame(number, bits, quality) for number, (bits, quality) in enumerate(drawn)]
    numbers, left_out = kept(within, frames)
    assert len(numbers) + left_out == len(frames)
    for one in frames:
        before = frames[max((n for n in numbers if n <= one.number), default=0)]
        assert before.pdq.distance(one.pdq) <= within
        assert before.quality >= 50 or one.quality < 50 or before == one
