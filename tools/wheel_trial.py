"""What a wheel must do where nothing else of Rempart is: tools/wheel.py runs a copy of this file in a fresh environment."""

from __future__ import annotations

import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pdqhash
from PIL import Image

import rempart
from rempart.engine import ExactIndex, IndexStore, LinearIndex, fingerprint_file

ENTRIES, QUESTIONS = 20_000, 40


def main() -> int:
    here = Path(sys.prefix).resolve()
    assert here in Path(rempart.__file__).resolve().parents, rempart.__file__
    with tempfile.TemporaryDirectory() as folder:
        try_a_picture(Path(folder) / "drawn.png")
        try_an_index(Path(folder) / "index")
    (command,) = [one for one in entry_points(group="console_scripts") if one.name == "rempart"]
    assert command.load()(["--version"]) == 0
    print("The trial is over: every answer was right.")
    return 0


def try_a_picture(path: Path) -> None:
    """The bits of the reference, from a file."""
    y, x = np.mgrid[0:300, 0:400]
    drawn = np.stack([128 + 90 * np.sin(x / 31 + y / 57), (x + y) % 256, y % 256], axis=2).astype(np.uint8)
    Image.fromarray(drawn).save(path)
    bits, quality = pdqhash.compute(drawn)
    (found,) = fingerprint_file(path).pdqs
    assert (found.pdq.value, found.quality) == (np.packbits(bits).tobytes(), quality)


def try_an_index(folder: Path) -> None:
    """The answers of the specification, in memory and on the disk."""
    chance = np.random.default_rng(3)
    hashes, keys = chance.integers(0, 256, (ENTRIES, 32), np.uint8), np.arange(ENTRIES, dtype=np.uint64)
    asked = hashes[:QUESTIONS] ^ np.packbits(chance.random((QUESTIONS, 256)) < 0.1, axis=1)
    wanted = list(LinearIndex(hashes, keys).lookup_many(asked))
    assert wanted
    assert list(ExactIndex(hashes, keys).lookup_many(asked)) == wanted
    assert list(IndexStore.build(folder, hashes, keys).join(asked)) == wanted


sys.exit(main())
