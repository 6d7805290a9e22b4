"""What is stored of a picture and what is asked about an upload: rules, names, gates, and edits that are found again."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from benchmarks.edits import edited
from rempart.engine.degenerate import is_degenerate
from rempart.engine.fingerprint import Pipeline
from rempart.engine.pdq import Turn, pdq, pdq_dihedral
from rempart.engine.pixels import Pixels
from rempart.engine.variants import LEAST_QUALITY, MOST_KEPT, bank_variants, bank_views, query_variants, query_views
from rempart.engine.variants.boxes import KEPT_PARTS, Box
from tests.engine import drawn
from tests.engine.variants.scenes import is_found, names_found, scene, separable

FOUND_AGAIN = ("caption_bar", "border_5", "letterbox", "rotate_15", "mirror", "screenshot", "collage_4")
FOUND_AGAIN_TOO = (
    *(
        "jpeg_30",
        "resize_50",
        "stretch_15",
        "blur_4",
        "dark_50",
        "grayscale",
        "border_10_black",
        "border_20",
        "rotate_5",
        "rotate_90",
    ),
    *("collage_2", "screenshot_jpeg_30"),
)


def pixels_of(picture: Image.Image) -> drawn.Picture:
    return np.asarray(picture)


# --- what is stored ---


def test_whole_comes_first_and_is_the_usual_fingerprint() -> None:
    for pipeline in (Pipeline.FULL, Pipeline.C512):
        first = bank_variants(pixels_of(scene(0)), pipeline)[0]
        assert first == query_variants(pixels_of(scene(0)), pipeline)[0] == pdq(pixels_of(scene(0)), pipeline)


def test_a_plain_picture_is_stored_as_nine() -> None:
    stored = bank_variants(pixels_of(scene(0)))
    assert [one.variant for one in stored] == ["whole", *KEPT_PARTS]
    assert len(stored) == MOST_KEPT == 9


def test_a_bordered_picture_is_stored_with_and_without() -> None:
    bordered = ImageOps.expand(scene(0), border=40, fill="white")
    stored = {one.variant: one.pdq for one in bank_variants(pixels_of(bordered))}
    assert [*stored] == ["whole", "trimmed", *(f"trimmed/{name}" for name in KEPT_PARTS)][:MOST_KEPT]
    assert stored["trimmed"].distance(pdq(pixels_of(scene(0))).pdq) <= 8


def test_parts_are_those_of_the_picture() -> None:
    picture = pixels_of(scene(0))
    stored = {one.variant: one for one in bank_variants(picture)}
    quarter = pdq(Pixels(picture).crop(*Box(0, 0, picture.shape[1], picture.shape[0]).part(*KEPT_PARTS["top-left"])))
    assert stored["top-left"].pdq.distance(quarter.pdq) <= 4
    assert abs(stored["top-left"].quality - quarter.quality) <= 2


def test_gates_refuse_what_shows_little() -> None:
    """A photograph in one quarter of a page, a stamp in the opposite corner: the blank quarters are not stored."""
    page = Image.new("RGB", (800, 600), "white")
    page.paste(scene(0).resize((400, 300)), (0, 0))
    page.paste(scene(2).resize((60, 60)), (740, 540))
    names = {one.variant for one in bank_variants(pixels_of(page))}
    assert {"whole", "top-left"} <= names
    assert not {"top-right", "bottom-left"} & names


def test_a_scrap_is_not_kept() -> None:
    """A big page with a stamp on it: trimmed, there would be next to nothing."""
    page = Image.new("RGB", (900, 900), "white")
    page.paste(scene(0).resize((90, 60)), (400, 400))
    names = [one.variant for one in bank_variants(pixels_of(page))]
    assert names[0] == "whole"
    assert not any(name.startswith("trimmed") for name in names)


@pytest.mark.parametrize(
    "picture", [drawn.flat(500, 700), drawn.gradient(500, 700), separable(500, 700)], ids=["flat", "gradient", "waves"]
)
def test_what_is_degenerate_is_stored_whole_and_no_other_way(picture: drawn.Picture) -> None:
    stored = bank_variants(picture)
    assert [one.variant for one in stored] == ["whole"]


# --- what is asked ---


def test_all_eight_forms_of_the_whole_are_asked() -> None:
    picture = pixels_of(scene(1))
    asked = {one.variant: one for one in query_variants(picture)}
    for turn, form in pdq_dihedral(picture).items():
        name = {Turn.ORIGINAL: "whole", Turn.FLIP_Y: "whole/mirror"}.get(turn, f"whole/{turn.value}")
        assert (asked[name].pdq, asked[name].quality) == (form.pdq, form.quality)


def test_the_reference_does_not_filter_64_by_64() -> None:
    picture = drawn.noise(64, 64)
    assert query_variants(picture)[0] == bank_variants(picture)[0] == pdq(picture)


@pytest.mark.parametrize("edit", [*FOUND_AGAIN, *(pytest.param(edit, marks=pytest.mark.slow) for edit in FOUND_AGAIN_TOO)])
def test_edits_are_found_again(edit: str) -> None:
    picture, other = scene(0), scene(4)
    assert is_found(picture, edited(edit, picture, other, "scene 0"))


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_crops_are_found_by_windows(share: float) -> None:
    """Cut evenly, a crop of 5 % leaves what is stored as centre-90 in the middle window of 95 %."""
    picture = scene(0)
    across, down = round(picture.width * share / 2), round(picture.height * share / 2)
    crop = picture.crop((across, down, picture.width - across, picture.height - down))
    assert any(name.startswith("window-") for name in names_found(picture, crop))


def test_a_mirrored_crop_is_found() -> None:
    picture = scene(2)
    crop = ImageOps.mirror(picture.crop((16, 10, picture.width - 16, picture.height - 12)))
    assert {name.rpartition("/")[2] for name in names_found(picture, crop)} == {"mirror"}


def test_another_picture_is_not_found() -> None:
    for seed in range(1, 6):
        assert not is_found(scene(0), scene(seed))


def test_names_of_questions_are_told_by_what_was_done() -> None:
    picture, other = scene(0), scene(4)
    bordered = ImageOps.expand(picture, border=30, fill="black")
    assert "trimmed" in names_found(picture, bordered)
    assert "trimmed/rotate180" in {one.variant for one in query_variants(pixels_of(bordered))}
    shot = edited("screenshot", picture, other, "scene 0")
    assert any(name.startswith("band-1") for name in names_found(picture, shot))


def test_what_says_too_little_is_not_asked_turned() -> None:
    assert [one.variant for one in query_variants(drawn.flat(500, 700))] == ["whole"]
    asked = query_variants(separable(500, 700))
    assert is_degenerate(asked[0].pdq)
    assert not any(one.variant.startswith("whole/") or is_degenerate(one.pdq) for one in asked[1:])


# --- any picture ---


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(drawn.pictures(longest=400), st.booleans())
def test_any_picture_has_views(picture: drawn.Picture, is_grey: bool) -> None:
    given_pixels = picture[:, :, 0] if is_grey else picture
    stored, asked = bank_variants(given_pixels), query_variants(given_pixels)
    for views in (stored, asked):
        assert views[0].variant == "whole"
        assert len({one.variant for one in views}) == len(views)
        assert all(0 <= one.quality <= 100 for one in views)
    assert len(stored) <= MOST_KEPT
    assert not any(is_degenerate(one.pdq) or one.quality < LEAST_QUALITY for one in [*stored[1:], *asked[1:]])


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (4, 4), (5, 5), (31, 900), (2000, 33)])
def test_odd_shapes(shape: tuple[int, int]) -> None:
    for pixels in (drawn.noise(*shape), drawn.noise(*shape)[:, :, 0].astype(np.float32)):
        assert bank_variants(pixels)[0].variant == query_variants(pixels)[0].variant == "whole"


def test_luminance_that_is_no_number_is_no_trap() -> None:
    pixels = np.full((100, 120), np.nan, np.float32)
    pixels[:50] = np.inf
    assert bank_variants(pixels)[0].variant == "whole"


def test_no_picture_is_refused() -> None:
    for wrong in (np.zeros((0, 5), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros(9, np.uint8)):
        for make in (bank_variants, query_variants):
            with pytest.raises(ValueError, match="Pixels are"):
                make(wrong)


def test_the_pixels_given_are_left_as_they_are() -> None:
    pixels = pixels_of(scene(5)).copy()
    before = pixels.copy()
    bank_views(pixels), query_views(pixels)
    assert (pixels == before).all()


@pytest.mark.slow
def test_the_same_picture_has_the_same_views_in_any_thread() -> None:
    pictures = [pixels_of(scene(seed, 200)) for seed in range(3)] * 3
    wanted = [(bank_variants(one), query_views(one).hashes.tobytes()) for one in pictures[:3]] * 3
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda one: (bank_variants(one), query_views(one).hashes.tobytes()), pictures))
    assert found == wanted


def test_views_do_not_show_themselves() -> None:
    views = bank_views(pixels_of(scene(0)))
    assert repr(views) == "Views()"
    assert len(views) == 9


WITHOUT_LIBRARY = """
import sys
import numpy as np
from rempart.engine.native.library import load
from rempart.engine.variants import bank_views, query_views
assert load() is None
rows, columns = np.mgrid[:90, :130]
pixels = ((rows * rows // 7 + columns * rows // 3 + columns * columns // 11) % 256).astype(np.uint8)
for views in (bank_views(pixels), query_views(pixels)):
    print(*views.names)
    print(views.hashes.tobytes().hex())
"""


@pytest.mark.slow
def test_without_the_library_views_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARY],
        env={**os.environ, "REMPART_NATIVE": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows, columns = np.mgrid[:90, :130]
    pixels = ((rows * rows // 7 + columns * rows // 3 + columns * columns // 11) % 256).astype(np.uint8)
    lines = done.stdout.splitlines()
    for views, names, hashes in zip((bank_views(pixels), query_views(pixels)), lines[0::2], lines[1::2], strict=True):
        assert " ".join(views.names) == names
        assert views.hashes.tobytes().hex() == hashes
