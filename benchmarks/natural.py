"""Fingerprints to measure with: millions that are spread as real ones are, without millions of pictures.

PDQ of random crops of harmless photographs (15 to 100 % of each side, many aspects, half of them mirrored, quality of 50 or
more), made by a small C++ program compiled on the spot. Questions come from pictures that the bank has never seen: every fifth
is held out. Where no photograph can be had, pictures drawn by code stand in for them, and `pictures_told` says so.

Arrays of fingerprints have shape (n, 32), bytes in printed order, as everywhere in the engine. They are kept in `build/bench/`.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.figures import say
from benchmarks.pictures import Photograph, origin, photographs
from rempart.engine.index.interface import HashArray
from rempart.engine.native.build import find_compiler

FOLDER = Path(__file__).resolve().parents[1] / "build" / "bench"
SOURCE = Path(__file__).with_suffix(".cpp")
# A fused multiply-add rounds once where two roundings are asked for: the same seed must give the same rows anywhere.
FLAGS = ["-O3", "-std=c++17", "-ffp-contract=off", "-shared", "-fPIC", "-pthread"]
LONG_SIDE = 512  # pixels; a crop is averaged to 64 × 64 all the same
HELD_OUT_EVERY = 5
PHOTOGRAPHS = 200  # at least, before drawn ones stand in
STEP = 250_000  # rows between two words about progress
BITS = 256

PLANTED_AT_ONCE = 20_000
WORDS: NDArray[np.intp] = np.arange(BITS).reshape(16, 16)  # the printed words of 16 bits: chunks as most indexes cut them

Part = Literal["bank", "held_out"]
How = Literal["random", "run", "even"]
Luminance = NDArray[np.uint8]  # shape (height, width)


def natural_hashes(count: int, seed: int, part: Part = "bank") -> HashArray:
    """``count`` PDQ of crops of the bank's pictures, or of the others. The first rows of a longer list are a shorter list."""
    kept = FOLDER / f"natural-{part}-{seed}-{_recipe()}.npy"
    if kept.exists():
        rows = np.load(kept, mmap_mode="r")
        if len(rows) >= count:
            return np.array(rows[:count])
    made = hashes_of_crops(_pictures_of(part), count, seed)
    _keep(kept, made)
    return made


def uniform_hashes(count: int, seed: int) -> HashArray:
    """Every bit by chance: what no real bank looks like, and what the mathematics of an index is written for."""
    return np.random.default_rng(seed).integers(0, 256, (count, BITS // 8), dtype=np.uint8)


def hashes_of_crops(pictures: Sequence[Luminance], count: int, seed: int) -> HashArray:
    """PDQ of ``count`` random crops of these pictures, on all cores. The same pictures and seed give the same rows."""
    program = _program()
    sums = [_summed(picture) for picture in pictures]
    addresses = (ctypes.c_void_p * len(sums))(*(one.ctypes.data for one in sums))
    heights, widths = (np.array([picture.shape[axis] for picture in pictures], np.int32) for axis in (0, 1))
    given = (addresses, heights.ctypes.data, widths.ctypes.data, len(sums), seed)
    rows = np.empty((count, BITS // 8), np.uint8)
    for first in range(0, count, STEP):
        some = rows[first : first + STEP]
        program(*given, first, len(some), os.cpu_count(), some.ctypes.data)
        if count > STEP:
            say(f"fingerprints of crops: {first + len(some):,} of {count:,}")
    return rows


def planted(
    bank: HashArray, distances: NDArray[np.intp], how: How, seed: int, chunks: NDArray[np.intp] = WORDS
) -> tuple[HashArray, NDArray[np.intp]]:
    """One question for each distance, so many bits from a row of the bank drawn by chance. Gives questions and these rows.

    ``how`` the flipped bits lie: anywhere ("random"), in one run of the ``chunks`` read one after the other, end to start
    again ("run"), or shared out evenly between the chunks ("even": what a search by chunks finds hardest). ``chunks`` has
    shape (chunks, bits of one), and numbers bits in the order they are printed.
    """
    chance = np.random.default_rng(seed)
    rows = chance.integers(0, len(bank), len(distances))
    questions = np.empty((len(distances), BITS // 8), np.uint8)
    for first in range(0, len(distances), PLANTED_AT_ONCE):
        part = slice(first, first + PLANTED_AT_ONCE)
        order = _flipping_order(how, len(rows[part]), chunks, chance)
        flips = np.zeros(order.shape, np.uint8)
        np.put_along_axis(flips, order, (np.arange(BITS) < distances[part, None]).astype(np.uint8), axis=1)
        questions[part] = bank[rows[part]] ^ np.packbits(flips, axis=1)
    return questions, rows


def pictures_told() -> str:
    """Which pictures the crops are of, in one sentence."""
    return origin(_photographs())


def luminance(picture: Image.Image) -> Luminance:
    """What crops are taken from: the longest side at most 512."""
    reduced = picture.convert("L")
    reduced.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
    return np.asarray(reduced)


@cache
def _photographs() -> list[Photograph]:
    return photographs(PHOTOGRAPHS)


def _pictures_of(part: Part) -> list[Luminance]:
    """Bank and held-out pictures have nothing in common."""
    say(f"opening pictures of the {part.replace('_', '-')} part")
    chosen = [one for number, one in enumerate(_photographs()) if (number % HELD_OUT_EVERY == 0) == (part == "held_out")]
    return [luminance(one.open()) for one in chosen]


def _flipping_order(how: How, count: int, chunks: NDArray[np.intp], chance: np.random.Generator) -> NDArray[np.intp]:
    """For each question, in which order bits are flipped: shape (count, 256)."""
    if how == "random":
        return np.argsort(chance.random((count, BITS), np.float32), axis=1)
    if how == "run":
        return chunks.ravel()[(np.arange(BITS) + chance.integers(0, BITS, (count, 1))) % BITS]
    turn = np.argsort(chance.random((count, len(chunks)), np.float32), axis=1)
    within = np.argsort(chance.random((count, *chunks.shape), np.float32), axis=2)
    shuffled = np.take_along_axis(np.broadcast_to(chunks, within.shape), within, axis=2)
    return np.take_along_axis(shuffled, turn[:, :, None], axis=1).transpose(0, 2, 1).reshape(count, BITS)


def _summed(picture: Luminance) -> NDArray[np.uint32]:
    """Summed from the top left corner, with a row and a column of zeros first: any area is then four numbers."""
    sums = np.zeros((picture.shape[0] + 1, picture.shape[1] + 1), np.uint32)
    sums[1:, 1:] = picture.cumsum(0, dtype=np.uint32).cumsum(1, dtype=np.uint32)
    return sums


@cache
def _recipe() -> str:
    """Names what the rows are made from: this program and the pictures. Another of either is another list."""
    digest = hashlib.sha256(SOURCE.read_bytes())
    for picture in _photographs():
        digest.update(f"{picture.name} {picture.package} {picture.path.stat().st_size} {LONG_SIDE}\n".encode())
    return digest.hexdigest()[:12]


@cache
def _program() -> Callable[..., None]:
    compiler = find_compiler()
    if compiler is None:
        raise SystemExit("The benchmarks need a C++ compiler (c++, g++ or clang++).")
    library = FOLDER / f"natural-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]}.so"
    if not library.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        made = library.with_suffix(f".{os.getpid()}")
        subprocess.run([*compiler, *FLAGS, str(SOURCE), "-o", str(made)], check=True)
        made.replace(library)
    program = ctypes.CDLL(str(library)).natural_hashes
    pointer, whole = ctypes.c_void_p, ctypes.c_uint64
    program.argtypes = [pointer, pointer, pointer, whole, whole, whole, whole, ctypes.c_uint32, pointer]
    program.restype = None
    return program


def _keep(file: Path, rows: HashArray) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = file.with_suffix(f".{os.getpid()}")
    with made.open("wb") as out:
        np.save(out, rows)
    made.replace(file)
