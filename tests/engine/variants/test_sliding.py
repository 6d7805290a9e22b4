"""Windows that share their sums have the PDQ that each would have alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.engine.pdq import arithmetic, frequencies_of_regions, pdqs_of
from rempart.engine.variants.boxes import windows
from rempart.engine.variants.sliding import operator, sliding_frequencies
from tests.engine import drawn
from tests.engine.variants.scenes import grey, scene


@pytest.mark.parametrize("size", [640, 333])
def test_the_same_bits_as_one_by_one(size: int) -> None:
    plane = grey(scene(3, size))
    for sliding in windows(plane.shape[1], plane.shape[0]):
        together = pdqs_of(sliding_frequencies(plane, sliding))
        corners = [(left, top) for left in sliding.lefts for top in sliding.tops]
        boxes = np.array([(left, top, left + sliding.width, top + sliding.height) for left, top in corners])
        alone = pdqs_of(frequencies_of_regions(plane, boxes)[0])
        assert np.bitwise_count(together ^ alone).sum(axis=1).max() <= 2


@settings(deadline=None, max_examples=20)
@given(st.integers(5, 800))
def test_one_axis_is_filter_sampling_and_transform(length: int) -> None:
    line = np.random.default_rng(length).uniform(0, 255, length).astype(np.float32)
    width = arithmetic.window(length)
    filtered = arithmetic.box_filter(arithmetic.box_filter(line[:, None], width), width)[arithmetic.centres(length), 0]
    assert operator(length) @ line == pytest.approx(arithmetic.cosines() @ filtered, abs=0.05)


def test_a_flat_picture_has_no_frequencies() -> None:
    plane = grey_of(drawn.flat(100, 150))
    for sliding in windows(150, 100):
        assert np.abs(sliding_frequencies(plane, sliding)).max() < 0.05


def grey_of(picture: drawn.Picture) -> drawn.Picture:
    return picture[:, :, 0]
