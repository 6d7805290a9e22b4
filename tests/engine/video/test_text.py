from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine.errors import NotAFingerprint
from rempart.engine.fingerprint import Pdq
from rempart.engine.video import VideoFingerprint, VideoFrame, read_json, read_lines, write_json, write_lines

PDQS = st.binary(min_size=32, max_size=32).map(Pdq)
MILLISECONDS = st.integers(0, 10**9).map(lambda one: one / 1000)
FRAMES = st.builds(VideoFrame, st.integers(0, 2**40), MILLISECONDS, st.integers(0, 100), PDQS)
VIDEOS = st.lists(FRAMES, max_size=6).map(VideoFingerprint.of)
HEX = "0123456789abcdef" * 4


@given(VIDEOS)
def test_lines_come_back(video: VideoFingerprint) -> None:
    assert read_lines(write_lines(video)) == video


@given(VIDEOS)
def test_json_comes_back_but_for_the_numbers(video: VideoFingerprint) -> None:
    again = read_json(write_json(video))
    assert [frame[1:] for frame in again] == [frame[1:] for frame in video]
    assert again.numbers.tolist() == list(range(len(video)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(video=VIDEOS)
def test_threatexchange_reads_and_writes_the_same(video: VideoFingerprint, peer: Any) -> None:
    theirs = peer.util.json_to_vpdq(write_json(video))
    assert [(one.timestamp, one.quality, one.pdq_hex) for one in theirs] == [(f.time, f.quality, f.pdq.hex()) for f in video]
    ours = read_json(peer.util.vpdq_to_json(theirs))
    assert [(frame.quality, frame.pdq) for frame in ours] == [(frame.quality, frame.pdq) for frame in video]
    # It writes three digits in all, not three decimals: 1234.5 seconds become 1.23e+03. They are read for what they say.
    assert all(abs(mine.time - true.time) <= true.time / 200 for mine, true in zip(ours, video, strict=True))


def test_what_else_stands_in_a_line_is_passed_over() -> None:
    read = read_lines(f"\n 3 , 77 , {HEX.upper()} , 1.5 , more, and more \r\n\n")
    assert list(read) == [VideoFrame(3, 1.5, 77, Pdq.parse(HEX))]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0,100", "fewer than four"),
        (f"-1,100,{HEX},0.0", "whole number"),
        (f"x,100,{HEX},0.0", "whole number"),
        (f"٣,100,{HEX},0.0", "whole number"),
        (f"0,101,{HEX},0.0", "quality"),
        (f"0,1e1,{HEX},0.0", "quality"),
        (f"0,100,{HEX[1:]},0.0", "64 hexadecimal"),
        (f"0,100,{HEX[1:]}g,0.0", "64 hexadecimal"),
        (f"0,100,{HEX},-1", "seconds"),
        (f"0,100,{HEX},nan", "seconds"),
        (f"0,100,{HEX},inf", "seconds"),
        (f"0,100,{HEX},1e99", "seconds"),
        (f"0,100,{HEX},", "seconds"),
    ],
)
def test_a_wrong_line_is_named_and_not_repeated(line: str, why: str) -> None:
    with pytest.raises(NotAFingerprint, match=why) as refusal:
        read_lines(f"0,100,{HEX},0.0\n{line}\n")
    assert "Line 2" in str(refusal.value)
    assert HEX[1:40] not in str(refusal.value)
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    "text",
    ["", "{}", "3", "[3]", '["a,b"]', f'["{HEX},100,0.0,1"]', f'["{HEX},100,NaN"]', "[" * 100_000, '["' + "9" * 5000 + ',1,1"]'],
)
def test_json_that_is_no_video_is_refused(text: str) -> None:
    with pytest.raises(NotAFingerprint):
        read_json(text)


def refused(read: Callable[[str], VideoFingerprint], text: str) -> str:
    """The sentence, or nothing where it was read."""
    try:
        assert isinstance(read(text), VideoFingerprint)
    except NotAFingerprint as refusal:
        return str(refusal)
    return ""


@given(st.text(alphabet="0123456789abcdefABCDEF,.,\n\r -+eEx\u2028٣", max_size=300) | st.text())
def test_lines_of_anything_are_read_or_refused(text: str) -> None:
    said = refused(read_lines, text)
    assert not said or said.startswith("Line ")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.just(f"{HEX},100,1.0"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=30)
@given(JSON.map(json.dumps) | st.text())
def test_json_of_anything_is_read_or_refused(text: str) -> None:
    assert HEX not in refused(read_json, text)
