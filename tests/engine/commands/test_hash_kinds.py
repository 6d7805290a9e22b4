"""What a file is, by its first bytes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from rempart.engine.commands.kinds import HEAD, Kind, kind_of
from tests.engine.video.drawn import video


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "JPEG2000", "AVIF"])
def test_pictures(name: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, name)
    assert kind_of(file.getvalue()[:HEAD]) is Kind.PICTURE


@pytest.mark.parametrize(
    ("codec", "container"),
    [("libx264", "mp4"), ("libx264", "mov"), ("libx264", "matroska"), ("mpeg4", "avi"), ("libvpx", "webm"), ("libx264", "mpegts"),
     ("libx264", "flv"), ("mpeg2video", "mpeg"), ("mpeg2video", "mpeg2video"), ("libx264", "h264"), ("libvpx", "ivf"),
     ("mpeg4", "3gp"), ("wmv2", "asf"), ("mpeg2video", "vob")],
)  # fmt: skip
def test_videos(codec: str, container: str) -> None:
    made = video(codec=codec, container=container, seconds=0.5, rate=25, size=(176, 144))
    assert kind_of(made[:HEAD]) is Kind.VIDEO


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"G",
        b"P",
        b"P6x",
        b"BM nothing",
        b"RIFF\0\0\0\0WAVE",
        b"text\n" * 900,
        b"\0\0\0\x20ftypM4A ",
        b"%PDF-1.7",
        b"G" + b"\0" * 4000,
    ],
)
def test_neither(head: bytes) -> None:
    assert kind_of(head) is Kind.OTHER


def test_a_video_that_also_calls_itself_a_picture_is_a_video() -> None:
    assert kind_of(b"\0\0\0\x18ftypisom\0\0\0\0mif1avif") is Kind.VIDEO
    assert kind_of(b"\0\0\0\x18ftypmif1\0\0\0\0heic") is Kind.PICTURE


@given(st.binary(max_size=HEAD))
def test_any_bytes_are_of_some_kind(head: bytes) -> None:
    assert kind_of(head) in Kind
