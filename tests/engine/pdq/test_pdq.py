"""The same bits and quality as the references, by every kernel and by NumPy."""

from __future__ import annotations

import numpy as np
import pdqhash
import pytest
from hypothesis import given, settings

from rempart.engine.fingerprint import Pdq, Pipeline
from rempart.engine.native.library import Kernel, kernels
from rempart.engine.pdq import (
    Turn,
    compiled,
    drift_at_most,
    frequencies_of_regions,
    luma_of,
    pdq,
    pdq_dihedral,
    pdq_regions,
    pdqs_of,
)
from rempart.engine.picture import open_picture
from rempart.engine.pixels import Pixels
from tests.engine import drawn, vectors
from tests.engine.drawn import Picture

Answer = tuple[str, int]


@pytest.fixture(params=kernels())
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """Each that this machine can run, NumPy among them."""
    monkeypatch.setenv("REMPART_KERNEL", request.param.value)
    return Kernel(request.param)


def reference(picture: Picture) -> Answer:
    bits, quality = pdqhash.compute(picture)
    return np.packbits(bits.astype(np.uint8)).tobytes().hex(), quality


def ours(picture: Picture, pipeline: Pipeline = Pipeline.FULL) -> Answer:
    made = pdq(picture, pipeline)
    return made.pdq.hex(), made.quality


def by_every_kernel(picture: Picture) -> set[Answer]:
    with pytest.MonkeyPatch.context() as patch:
        found = set()
        for kernel in kernels():
            patch.setenv("REMPART_KERNEL", kernel.value)
            found.add(ours(picture))
        return found


@settings(max_examples=40)
@given(picture=drawn.pictures(longest=200))
def test_full_is_pdqhash_on_every_picture(picture: Picture) -> None:
    assert by_every_kernel(picture) == {reference(picture)}


@pytest.mark.slow
@settings(max_examples=150)
@given(picture=drawn.pictures(longest=700))
def test_full_is_pdqhash_on_every_larger_picture(picture: Picture) -> None:
    assert by_every_kernel(picture) == {reference(picture)}


@pytest.mark.slow
@pytest.mark.parametrize("path", drawn.FILES, ids=lambda path: path.name)
def test_full_is_pdqhash_on_photographs(path: object) -> None:
    picture = open_picture(drawn.PICTURES / str(path)).pixels.array
    assert by_every_kernel(picture) == {reference(picture)}


@pytest.mark.slow
@pytest.mark.parametrize(("height", "width"), [(2160, 3840), (5, 9000), (9000, 7), (1081, 1919)])
def test_full_is_pdqhash_on_large_and_thin_pictures(height: int, width: int) -> None:
    picture = drawn.noise(height, width)
    assert by_every_kernel(picture) == {reference(picture)}


@settings(max_examples=15)
@given(picture=drawn.pictures(longest=150))
def test_dihedral_forms_are_those_of_pdqhash(picture: Picture) -> None:
    bits, quality = pdqhash.compute_dihedral(picture)
    forms = pdq_dihedral(picture)
    assert [form.pdq.value for form in forms.values()] == [np.packbits(one.astype(np.uint8)).tobytes() for one in bits]
    assert {form.quality for form in forms.values()} == {quality}
    assert [form.variant for form in forms.values()] == ["whole", *(turn.value for turn in list(Turn)[1:])]


def test_dihedral_forms_are_named_as_pictures_are_turned() -> None:
    picture = drawn.waves(240, 320)
    turned = {
        Turn.ROTATE_90: np.rot90(picture),
        Turn.ROTATE_180: np.rot90(picture, 2),
        Turn.ROTATE_270: np.rot90(picture, 3),
        Turn.FLIP_X: picture[::-1],
        Turn.FLIP_Y: picture[:, ::-1],
        Turn.FLIP_PLUS_1: picture.swapaxes(0, 1),
        Turn.FLIP_MINUS_1: picture[::-1, ::-1].swapaxes(0, 1),
    }
    forms = pdq_dihedral(picture)
    far = pdq(picture).pdq
    for turn, array in turned.items():
        whole = pdq(np.ascontiguousarray(array)).pdq
        assert whole.distance(forms[turn].pdq) <= 40, turn  # smooth drawings have many frequencies near zero
        assert whole.distance(far) > 60, turn


def test_c512_is_the_tool_of_meta_on_drawings(kernel: Kernel) -> None:
    for (kind, height, width, seed), expected in vectors.DRAWN.items():
        assert ours(drawn.KINDS[kind](height, width, seed), Pipeline.C512) == expected, (kind, height, width)


@pytest.mark.slow
def test_c512_is_the_tool_of_meta_on_photographs() -> None:
    for name, expected in vectors.FILES.items():
        assert ours(open_picture(drawn.PICTURES / name).pixels.array, Pipeline.C512) == expected, name


def test_grey_is_colour_with_three_times_the_same(kernel: Kernel) -> None:
    grey = drawn.waves(150, 170)[:, :, 0]
    assert ours(grey) == ours(np.repeat(grey[:, :, None], 3, axis=2)) == ours(grey.astype(np.float32))


def test_regions_are_the_fingerprints_of_what_is_cropped(kernel: Kernel) -> None:
    picture = drawn.waves(210, 300)
    boxes = np.array([[0, 0, 300, 210], [10, 20, 200, 180], [299, 0, 300, 210], [100, 50, 164, 114], [1, 2, 6, 7]])
    found = pdq_regions(picture, boxes)
    assert found == [
        (made.pdq, made.quality) for made in (pdq(picture[top:bottom, left:right]) for left, top, right, bottom in boxes.tolist())
    ]
    assert pdq_regions(picture, boxes[:0]) == []
    frequency, qualities = frequencies_of_regions(luma_of(picture), boxes)
    assert frequency.shape == (5, 16, 16)
    assert [Pdq(row.tobytes()) for row in pdqs_of(frequency)] == [made for made, _ in found]
    assert qualities.tolist() == [quality for _, quality in found]


@pytest.mark.parametrize("box", [[-1, 0, 5, 5], [0, 0, 0, 5], [0, 5, 5, 5], [0, 0, 21, 5], [0, 0, 5, 11]])
def test_boxes_outside_the_picture_are_refused(box: list[int]) -> None:
    with pytest.raises(ValueError, match="leaves the picture"):
        pdq_regions(drawn.noise(10, 20), np.array([box]))


@pytest.mark.parametrize("boxes", [np.zeros((1, 3), int), np.zeros(4, int), np.zeros((1, 4))])
def test_what_is_no_array_of_boxes_is_refused(boxes: np.ndarray) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match="shape"):
        pdq_regions(drawn.noise(10, 20), boxes)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (4, 2000), (2000, 4), (4, 4)])
def test_less_than_five_pixels_have_no_fingerprint(kernel: Kernel, height: int, width: int) -> None:
    picture = drawn.noise(height, width)
    assert ours(picture) == ("00" * 32, 0)
    assert {(form.pdq.value, form.quality) for form in pdq_dihedral(picture).values()} == {(bytes(32), 0)}
    assert pdq_regions(picture, np.array([[0, 0, width, height]])) == [(Pdq(bytes(32)), 0)]


def test_reduced_pixels_are_for_the_fast_pipeline_only() -> None:
    reduced = Pixels(drawn.noise(20, 20)[:, :, 0], is_reduced=True)
    assert pdq(reduced, Pipeline.FULL_FAST).pipeline is Pipeline.FULL_FAST
    for pipeline in (Pipeline.FULL, Pipeline.C512):
        with pytest.raises(ValueError, match="full-fast"):
            pdq(reduced, pipeline)


def test_the_fast_pipeline_drifts_no_more_than_it_says() -> None:
    for path in drawn.FILES[:3]:
        fast = pdq(open_picture(path, fast=True).pixels, Pipeline.FULL_FAST)
        assert fast.pdq.distance(pdq(open_picture(path).pixels).pdq) <= drift_at_most(Pipeline.FULL_FAST)
    assert drift_at_most(Pipeline.FULL) == drift_at_most(Pipeline.C512) == 0


def test_rows_may_have_gaps_and_run_backwards(kernel: Kernel) -> None:
    large = drawn.waves(200, 310)
    assert ours(large[20:180, 30:301]) == ours(large[20:180, 30:301].copy())
    assert ours(large[::-1, ::-1]) == ours(large[::-1, ::-1].copy())
    assert ours(large[:, :, ::-1]) == ours(large[:, :, ::-1].copy())


@pytest.mark.slow
@pytest.mark.skipif(kernels()[0] is Kernel.NUMPY, reason="there is no compiled engine")
def test_every_colour_has_the_luminance_of_the_reference() -> None:
    green, blue = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8), indexing="ij")
    for red in range(256):
        rgb = np.stack([np.full_like(green, red), green, blue], axis=2)
        expected = (rgb[:, :, 0] * 0.299 + rgb[:, :, 1] * 0.587 + rgb[:, :, 2] * 0.114).astype(np.float32)
        for one in kernels()[:-1]:
            assert np.array_equal(compiled.luminance(rgb, one), expected)
