"""The recall benchmark counts what it says: on drawn pictures, with one edit that is found and one that is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import drawn, recall
from benchmarks.pictures import Photograph
from benchmarks.recall import KINDS, Corpus, beside, false_pairs, gains, kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("whole", "whole"),
        ("whole/mirror", "turned"),
        ("centre-90", "parts"),
        ("top-left/mirror", "parts"),
        ("window-75-3-4/mirror", "windows"),
        ("trimmed-evenly/centre-80", "trimmed"),
        ("band-1/trimmed", "bands"),
        ("column-2/band/rotate90", "bands"),
        ("level/centre-45", "level"),
    ],
)
def test_kinds_of_questions(name: str, kind: str) -> None:
    assert KINDS[kind_of(name)] == kind


def test_shares_are_in_per_cent_beside_plain_pdq() -> None:
    figure = beside("recall_x", np.array([True, True, False, True]), np.array([True, False, False, False]), at_least=70)
    assert (figure.value, figure.peer_value, figure.ratio, figure.met) == (75, 25, 3, True)
    assert beside("recall_x", np.array([False]), np.array([False]), at_least=70).ratio is None


def test_gains_are_what_is_lost_without() -> None:
    """Two edits of one picture: one found by two kinds of question, the other by one alone; both by what is stored whole."""
    nearest = recall.far(1, 2, len(KINDS), len(recall.STORED))
    nearest[0, 0, [KINDS.index("parts"), KINDS.index("windows")], 0] = 30
    nearest[0, 1, KINDS.index("level"), 0] = 31
    nearest[0, 1, KINDS.index("level"), 1] = 32
    gained = {figure.name: figure.value for figure in gains(nearest, 1.0) if figure.value}
    assert gained == {"gain_of_asking_level": 50, "gain_of_storing_whole": 100}


@pytest.mark.slow
def test_a_corpus_is_asked_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edits = {name: recall.EDITS[name] for name in ("mirror", "border_5")}
    monkeypatch.setattr(recall, "EDITS", edits)
    pictures = []
    for seed in range(3):
        path = tmp_path / f"{seed}.png"
        drawn.scene(seed).save(path)
        pictures.append(Photograph(str(seed), "drawn", path))
    corpus = Corpus(pictures)
    asked = [corpus.ask(number) for number in range(3)]
    for one in asked:
        assert one.nearest.shape == (2, len(KINDS), len(recall.STORED))
        assert (one.nearest.min(axis=(1, 2)) <= 31).all()
        assert (one.bare > 31).all()
        assert [len(kinds) for kinds in one.kinds] == [len(rows) for rows in one.questions]
    total, *_ = false_pairs(corpus, asked)
    assert total.name == "false_pairs"
    assert total.value == 0
