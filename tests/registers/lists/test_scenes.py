"""Drawings whose fingerprints are like those of photographs: as varied, as distinct, with as many views."""

from __future__ import annotations

import numpy as np
import pytest

from rempart.desk.registers.lists import scenes
from rempart.desk.rules.protection import LEAST_QUALITY, MOST_PDQS
from rempart.engine import degeneracy, is_degenerate_many, rows_of


def test_a_drawing_is_a_picture() -> None:
    drawn = scenes.draw(np.random.default_rng(1))
    assert drawn.dtype == np.uint8
    assert drawn.shape[2] == 3
    assert 500 < min(drawn.shape[:2]) < max(drawn.shape[:2]) < 1_100


def test_chance_alone_makes_it() -> None:
    one, same, other = (scenes.fingerprints(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one[0].pdq.distance(other[0].pdq) > 60


@pytest.mark.slow
def test_they_are_as_varied_as_photographs() -> None:
    """Of photographs, four fifths have a degeneracy of 1.2 to 2.9 and six to nine views, most of them nine (recall benchmark)."""
    drawn = [scenes.fingerprints(np.random.default_rng(seed)) for seed in range(60)]
    wholes = rows_of([views[0].pdq for views in drawn])
    assert set(np.bitwise_count(wholes).sum(axis=1).tolist()) == {128}
    assert not is_degenerate_many(wholes).any()
    assert 1.3 < float(np.median(degeneracy(wholes))) < 2.1
    counts = [len(views) for views in drawn]
    assert counts.count(MOST_PDQS) > 30
    assert len(set(counts)) > 3
    qualities = {view.quality for views in drawn for view in views}
    assert min(qualities) >= LEAST_QUALITY
    assert len(qualities) > 8
    apart = np.bitwise_count(wholes[:, None] ^ wholes[None]).sum(axis=2, dtype=np.uint16)
    assert int(apart[np.triu_indices(60, 1)].min()) > 47
