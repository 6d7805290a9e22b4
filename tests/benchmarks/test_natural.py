"""The fingerprints that benchmarks measure with are what they say: PDQ of crops, and neighbours at the distances asked."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pdqhash
import pytest
from PIL import Image

from benchmarks import drawn, natural, pictures
from benchmarks.matching_exactness import CHUNKS, RING
from benchmarks.natural import WORDS, How, hashes_of_crops, luminance, natural_hashes, planted, uniform_hashes
from rempart.engine.index.interface import HashArray
from rempart.engine.native.build import find_compiler

needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="the benchmarks need a C++ compiler")
SCENES = [luminance(drawn.scene(seed)) for seed in range(3)]


def distances(one: HashArray, other: HashArray) -> list[int]:
    counted: list[int] = np.bitwise_count(one ^ other).sum(axis=1).tolist()
    return counted


@needs_compiler
@pytest.mark.parametrize("seed", [0, 1])
def test_a_crop_that_is_the_whole_picture_has_its_pdq(seed: int) -> None:
    """Of 64 × 64 pixels there is one crop: the whole, as it is or mirrored."""
    picture = np.asarray(drawn.scene(seed).convert("L").resize((64, 64), Image.Resampling.BOX))
    rows = hashes_of_crops([picture], 40, seed=1)
    as_it_is, mirrored = (
        np.packbits(pdqhash.compute(np.dstack([pixels] * 3))[0]) for pixels in (picture, np.ascontiguousarray(picture[:, ::-1]))
    )
    kinds = np.unique(rows, axis=0)
    assert len(kinds) == 2
    for row in kinds:
        assert min(distances(row[None], as_it_is[None])[0], distances(row[None], mirrored[None])[0]) <= 2


@needs_compiler
def test_rows_depend_on_seed_and_number_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = hashes_of_crops(SCENES, 3_000, seed=1)
    assert (hashes_of_crops(SCENES, 1_000, seed=1) == rows[:1_000]).all()
    assert (hashes_of_crops(SCENES, 3_000, seed=2) != rows).any(axis=1).all()
    monkeypatch.setattr(natural, "STEP", 700)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert (hashes_of_crops(SCENES, 3_000, seed=1) == rows).all()


@needs_compiler
def test_crops_are_many_and_as_far_apart_as_pdq_are() -> None:
    rows = hashes_of_crops(SCENES, 5_000, seed=1)
    assert len(np.unique(rows, axis=0)) == 5_000
    assert (np.bitwise_count(rows).sum(axis=1) == 128).all()
    assert 120 < np.mean(distances(rows[:2_500], rows[2_500:])) < 136


def test_questions_are_of_other_pictures_than_the_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def noted(picture: pictures.Photograph) -> Image.Image:
        opened.append(picture.name)
        return Image.new("RGB", (64, 64))

    some = [pictures.Photograph(str(number), "drawn", Path()) for number in range(12)]
    monkeypatch.setattr(natural, "_photographs", lambda: some)
    monkeypatch.setattr(pictures.Photograph, "open", noted)
    natural._pictures_of("bank")
    of_bank = opened.copy()
    natural._pictures_of("held_out")
    held_out = opened[len(of_bank) :]
    assert len(held_out) == 3
    assert sorted(opened) == sorted(picture.name for picture in some)


@needs_compiler
def test_what_was_made_once_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    natural._program()
    monkeypatch.setattr(natural, "FOLDER", tmp_path)
    monkeypatch.setattr(natural, "_recipe", lambda: "recipe")
    monkeypatch.setattr(natural, "_pictures_of", lambda part: SCENES)
    made = natural_hashes(500, seed=1)
    monkeypatch.setattr(natural, "_pictures_of", lambda part: pytest.fail("made again"))
    assert (natural_hashes(500, seed=1) == made).all()
    assert (natural_hashes(200, seed=1) == made[:200]).all()


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
@pytest.mark.parametrize("how", ["random", "run", "even"])
def test_planted_neighbours_are_as_far_as_asked(how: How, chunks: np.ndarray) -> None:
    bank = uniform_hashes(100, 1)
    wanted = np.random.default_rng(2).integers(0, 50, 400)
    questions, rows = planted(bank, wanted, how, 3, chunks)
    assert distances(questions, bank[rows]) == wanted.tolist()
    by_chunk = np.unpackbits(questions ^ bank[rows], axis=1)[:, chunks].sum(axis=2)
    if how == "even":
        assert (by_chunk.max(axis=1) - by_chunk.min(axis=1) <= 1).all()
    if how == "run":
        assert ((by_chunk == 0).sum(axis=1) >= 16 - wanted // 16 - 2).all()


def test_chunks_hold_every_bit_once() -> None:
    for chunks in (WORDS, RING):
        assert sorted(chunks.ravel().tolist()) == list(range(256))
