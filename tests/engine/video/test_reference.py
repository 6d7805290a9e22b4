"""Meta's own tool said these lines of these files: see tests/data/videos/README.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from rempart.engine.video import fingerprint_video, read_lines, write_lines
from tests.conventions.sources import ROOT

VIDEOS = ROOT / "tests" / "data" / "videos"
RECORDED = sorted(VIDEOS.glob("*.lines"))
VARIABLE = "variable.mkv.lines"


def video_of(lines: Path) -> Path:
    return lines.with_name(lines.name.removesuffix(".lines").removesuffix(".every"))


def test_there_are_vectors() -> None:
    assert len(RECORDED) >= 7


@pytest.mark.parametrize("lines", RECORDED, ids=lambda path: path.name)
def test_same_frames_same_bits(lines: Path) -> None:
    every = 0.0 if ".every." in lines.name else 1.0
    published = list(read_lines(lines.read_text()))
    made = {frame.number: frame for frame in fingerprint_video(video_of(lines), every=every, prune=None).fingerprint}
    assert {frame.number for frame in published} <= set(made)
    assert all(made[frame.number].pdq == frame.pdq for frame in published)
    assert all(made[frame.number].quality == frame.quality for frame in published)
    if lines.name != VARIABLE:
        assert len(made) == len(published)
        assert all(abs(made[frame.number].time - frame.time) < 0.001 for frame in published)


def test_the_text_of_the_tool_is_written_back() -> None:
    text = (VIDEOS / "ntsc.mp4.every.lines").read_text()
    assert write_lines(read_lines(text)) == text


def test_a_variable_rate_leaves_no_part_unseen() -> None:
    """Counting frames takes one frame of these six seconds, since most come in bursts."""
    published = read_lines((VIDEOS / VARIABLE).read_text())
    made = fingerprint_video(VIDEOS / "variable.mkv", prune=None).fingerprint
    assert len(published) == 1
    assert [frame.time for frame in made] == pytest.approx([0.0, 2.9, 5.5], abs=0.001)
