"""Files that were tampered with: either a picture comes out, or UnreadablePicture, and nothing else. Warnings are errors here."""

from __future__ import annotations

import resource
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine.errors import UnreadablePicture
from rempart.engine.picture import Limits, open_picture
from rempart.engine.picture.containers import brands_of, has_second_frame, read_png, read_webp
from rempart.engine.picture.orientation import orientation_of
from tests.engine import drawn

KINDS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "JPEG2000", "PPM", "PROGRESSIVE", "CMYK", "PALETTE")
SMALL = Limits(pixels=200_000, file_bytes=1 << 20)


@cache
def sound(kind: str) -> bytes:
    picture = drawn.waves(40, 56)
    image = drawn.Image.fromarray(picture)
    if kind == "PROGRESSIVE":
        return drawn.as_file(picture, "JPEG", progressive=True)
    if kind == "CMYK":
        return drawn.as_file(image.convert("CMYK"), "JPEG")
    if kind == "PALETTE":
        return drawn.as_file(image.quantize(16), "PNG", transparency=bytes(16))
    options = {"exif": drawn.turned_by_exif(6)} if kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF") else {}
    return drawn.as_file(picture, kind, **options)


@st.composite
def tampered(draw: st.DrawFn) -> bytes:
    data = bytearray(sound(draw(st.sampled_from(KINDS))))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.one_of(st.integers(0, min(120, len(data) - 1)), st.integers(0, len(data) - 1)))
        data[place : place + draw(st.integers(0, 4))] = draw(st.binary(max_size=6))
    if draw(st.booleans()):
        other = sound(draw(st.sampled_from(KINDS)))
        start = draw(st.integers(0, len(other)))
        data[draw(st.integers(0, len(data))) :] = other[start : start + draw(st.integers(0, 400))]
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


def open_or_refuse(data: bytes) -> None:
    for fast in (False, True):
        try:
            picture = open_picture(data, fast=fast, limits=SMALL)
        except UnreadablePicture as refused:
            sentence = str(refused)
            assert sentence[0].isupper()
            assert sentence.endswith(".")
        else:
            assert picture.width * picture.height <= SMALL.pixels
            assert picture.pixels.array.size <= 3 * SMALL.pixels


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(data=tampered())
def test_tampered_files_open_or_are_refused(data: bytes) -> None:
    open_or_refuse(data)


@pytest.mark.slow
@settings(max_examples=2500, suppress_health_check=[HealthCheck.too_slow])
@given(data=tampered())
def test_many_more_tampered_files_open_or_are_refused_in_bounded_memory(data: bytes) -> None:
    open_or_refuse(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 << 20  # KiB


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_files_cut_at_every_place(kind: str) -> None:
    data = sound(kind)
    for length in range(0, len(data), max(1, len(data) // 150)):
        open_or_refuse(data[:length])


@given(data=st.one_of(st.binary(max_size=80), st.binary(max_size=80).map(lambda tail: b"II*\0" + tail)))
def test_any_exif_has_an_orientation(data: bytes) -> None:
    assert 1 <= orientation_of(data) <= 8
    assert 1 <= orientation_of(b"Exif\0\0" + data) <= 8


@given(data=st.binary(max_size=200))
def test_any_container_is_read_or_refused(data: bytes) -> None:
    with suppress(UnreadablePicture):
        read_png(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + data)
    with suppress(UnreadablePicture):
        read_webp(b"RIFF\0\0\0\0WEBPVP8X" + data)
    assert has_second_frame(b"GIF89a" + data) in (True, False)
    assert brands_of(b"\0\0\0\xffftyp" + data) is not None
