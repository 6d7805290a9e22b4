from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine.errors import RadiusRefused
from rempart.engine.fingerprint import Pdq
from rempart.engine.index.linear import LinearIndex
from rempart.engine.video import VideoFingerprint, VideoFrame, index_rows, match_in_index, match_videos, write_json
from rempart.engine.video.matching import MANY_FRAMES

# Few values, at known distances: 0 to 6 blocks of 16 bits, so that 31 bits are one block and 32 are two.
PDQS = st.lists(st.integers(0, 4), min_size=1, max_size=2).map(
    lambda blocks: Pdq(sum(((1 << 16) - 1) << (16 * one) for one in set(blocks)).to_bytes(32))
)
FRAMES = st.tuples(PDQS, st.sampled_from([10, 49, 50, 100]))


def video_of(drawn: list[tuple[Pdq, int]]) -> VideoFingerprint:
    """Quality is that of the picture: the same PDQ has the same, as it comes first."""
    first: dict[Pdq, int] = {}
    return VideoFingerprint.of(
        [VideoFrame(n, float(n), first.setdefault(pdq, quality), pdq) for n, (pdq, quality) in enumerate(drawn)]
    )


VIDEOS = st.lists(FRAMES, max_size=8).map(video_of)


def pdq(bits: int) -> Pdq:
    return Pdq(((1 << bits) - 1).to_bytes(32))


def test_a_clip_is_whole_in_the_long_one_and_not_the_reverse() -> None:
    long = video_of([(Pdq(bytes([n]) * 32), 100) for n in range(10)])
    clip = video_of([(Pdq(bytes([n]) * 32), 100) for n in range(4)])
    match = match_videos(clip, long, radius=0)
    assert match == (100.0, 40.0)
    assert match.is_match()
    assert not match.is_match(compared_percent=80)
    assert match_videos(long, clip, radius=0).is_match(query_percent=0, compared_percent=80)


def test_31_bits_are_the_same_and_32_are_not() -> None:
    for bits, percent in ((31, 100.0), (32, 0.0)):
        assert match_videos(video_of([(pdq(0), 100)]), video_of([(pdq(bits), 100)])) == (percent, percent)


def test_frames_of_low_quality_do_not_count() -> None:
    query = video_of([(pdq(0), 100), (pdq(128), 49)])
    assert match_videos(query, video_of([(pdq(0), 50)])) == (100.0, 100.0)
    assert match_videos(query, video_of([(pdq(0), 49)])) == (0.0, 0.0)
    assert match_videos(query, video_of([(pdq(0), 49)]), quality=49) == (50.0, 100.0)


def test_nothing_to_compare_is_no_match() -> None:
    assert match_videos(video_of([]), video_of([(pdq(0), 100)])) == (0.0, 0.0)
    assert not match_videos(video_of([]), video_of([])).is_match()


def test_a_radius_without_sense_is_refused() -> None:
    with pytest.raises(RadiusRefused):
        match_videos(video_of([(pdq(0), 100)]), video_of([(pdq(0), 100)]), radius=257)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(query=VIDEOS, compared=VIDEOS)
def test_threatexchange_says_the_same_of_two(query: VideoFingerprint, compared: VideoFingerprint, peer: Any) -> None:
    ours = match_videos(query, compared)
    if len(query.distinct()) == 0 or len(compared.distinct()) == 0:
        assert ours == (0.0, 0.0)  # it divides by zero
        return
    theirs = peer.brute.match_VPDQ_hash_brute(
        peer.util.json_to_vpdq(write_json(query)), peer.util.json_to_vpdq(write_json(compared)), 50, 31
    )
    assert ours == (theirs.query_match_percent, theirs.compared_match_percent)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(query=VIDEOS, bank=st.lists(VIDEOS.filter(lambda video: len(video.distinct())), min_size=1, max_size=5))
def test_an_index_says_the_same_as_each_in_turn(query: VideoFingerprint, bank: list[VideoFingerprint], peer: Any) -> None:
    index, counts = bank_of(bank)
    found = {one.video: one.match for one in match_in_index(query, index, counts)}
    expected = {n: match_videos(query, video) for n, video in enumerate(bank)}
    assert found == {n: match for n, match in expected.items() if match.query_percent}
    theirs = peer.index.VPDQIndex.build([(write_json(video), n) for n, video in enumerate(bank)], query_match_threshold_pct=0.0)
    if len(bank) > 0:
        said = {
            one.metadata: (one.similarity_info.query_match_percent, one.similarity_info.compared_match_percent)
            for one in theirs.query(write_json(query))
        }
        assert said == {n: tuple(match) for n, match in found.items()}


def bank_of(bank: list[VideoFingerprint]) -> tuple[LinearIndex, dict[int, int]]:
    rows = [index_rows(n, video) for n, video in enumerate(bank)]
    index = LinearIndex(np.concatenate([hashes for hashes, _ in rows]), np.concatenate([keys for _, keys in rows]))
    return index, {n: len(hashes) for n, (hashes, _) in enumerate(rows)}


def test_the_most_alike_come_first_and_the_withdrawn_not_at_all() -> None:
    whole = video_of([(Pdq(bytes([n]) * 32), 100) for n in range(10)])
    index, counts = bank_of([whole.rows(np.arange(2)), whole, whole.rows(np.arange(6))])
    assert [one.video for one in match_in_index(whole, index, counts, radius=0)] == [1, 2, 0]
    assert match_in_index(whole, index, counts, radius=0)[1].match == (60.0, 100.0)
    del counts[1]
    assert [one.video for one in match_in_index(whole, index, counts, radius=0)] == [2, 0]


def test_a_long_query_is_asked_in_one_reading() -> None:
    class Watched(LinearIndex):
        joined = 0

        def join(self, *asked: Any, **named: Any) -> Any:
            self.joined += 1
            return super().join(*asked, **named)

    rows = np.random.default_rng(0).integers(0, 256, (MANY_FRAMES + 1, 32), np.uint8)
    long = VideoFingerprint.of([VideoFrame(n, float(n), 100, Pdq(row.tobytes())) for n, row in enumerate(rows)])
    index = Watched(*index_rows(7, long.rows(np.arange(3))))
    found = match_in_index(long, index, {7: 3}, radius=0)
    assert [(one.video, one.match.compared_percent) for one in found] == [(7, 100.0)]
    assert index.joined == 1


@pytest.mark.parametrize("video", [-1, 1 << 40])
def test_numbers_that_no_key_can_hold_are_refused(video: int) -> None:
    with pytest.raises(ValueError, match="2⁴⁰"):
        index_rows(video, video_of([(pdq(0), 100)]))


def test_the_last_number_holds() -> None:
    _, keys = index_rows((1 << 40) - 1, video_of([(pdq(0), 100), (pdq(9), 100)]))
    assert (keys >> np.uint64(24)).tolist() == [(1 << 40) - 1] * 2
