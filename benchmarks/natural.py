"""Fingerprints to measure with: millions that are spread as real ones are, without millions of pictures.

PDQ of random crops of harmless photographs (15 to 100 % of each side, many aspects, half of them mirrored, quality of 50 or
more), made by a small C++ program compiled on the spot. Questions come from pictures that the bank has never seen: every fifth
is held out. Where no photograph can be had, pictures are drawn by code (dead leaves: the usual model of natural pictures), and
it is said.

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
from PIL import Image, ImageFilter, ImageOps

from benchmarks.figures import say
from rempart.engine.index.interface import HashArray
from rempart.engine.native.build import find_compiler

FOLDER = Path(__file__).resolve().parents[1] / "build" / "bench"
SOURCE = Path(__file__).with_suffix(".cpp")
# A fused multiply-add rounds once where two roundings are asked for: the same seed must give the same rows anywhere.
FLAGS = ["-O3", "-std=c++17", "-ffp-contract=off", "-shared", "-fPIC", "-pthread"]
LONG_SIDE = 512  # pixels; a crop is averaged to 64 × 64 all the same
HELD_OUT_EVERY = 5
PHOTOGRAPHS = 100
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
    made = hashes_of_crops(pictures_of(part), count, seed)
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


def pictures_of(part: Part) -> list[Luminance]:
    """Bank and held-out pictures have nothing in common."""
    pictures, _ = luminances()
    return [one for number, one in enumerate(pictures) if (number % HELD_OUT_EVERY == 0) == (part == "held_out")]


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


@cache
def luminances() -> tuple[list[Luminance], str]:
    """The pictures that crops are taken from, and a few words on what they are."""
    try:
        from benchmarks.pictures import photographs

        files = photographs(PHOTOGRAPHS)
        return [_luminance(file) for file in files], f"{len(files)} photographs"
    except (ImportError, OSError) as problem:
        say(f"no photographs ({problem}): pictures are drawn by code")
        return [dead_leaves(seed) for seed in range(PHOTOGRAPHS)], f"{PHOTOGRAPHS} drawn pictures"


def dead_leaves(seed: int, height: int = 384, width: int = LONG_SIDE) -> Luminance:
    """Discs and boards of all sizes that fall on each other, shaded, out of focus: edges and scales as in photographs."""
    chance = np.random.default_rng(seed)
    picture = np.full((height, width), chance.uniform(30, 220), np.float32)
    for size in np.sort(10 * (1 - chance.random(200)) ** -0.8)[::-1].clip(10, height):
        middle_y, middle_x = chance.uniform(0, height), chance.uniform(0, width)
        top, left = int(max(0, middle_y - size)), int(max(0, middle_x - size))
        part = picture[top : int(middle_y + size) + 1, left : int(middle_x + size) + 1]
        y, x = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        turned = chance.uniform(0, np.pi)
        along = (x - middle_x) * np.cos(turned) + (y - middle_y) * np.sin(turned)
        across = (y - middle_y) * np.cos(turned) - (x - middle_x) * np.sin(turned)
        is_disc, thin = chance.random() < 0.5, chance.uniform(0.3, 1)
        inside = along**2 + (across / thin) ** 2 < size**2 if is_disc else np.maximum(abs(along), abs(across) / thin) < size * 0.7
        shade = chance.uniform(0, 255) + chance.uniform(-60, 60) * along / size
        part[inside] = shade[inside]
    sharp = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    return np.asarray(sharp.filter(ImageFilter.GaussianBlur(chance.uniform(0, 8))))


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


def _luminance(file: Path) -> Luminance:
    with Image.open(file) as picture:
        picture.draft("L", (LONG_SIDE, LONG_SIDE))
        upright = ImageOps.exif_transpose(picture).convert("L")
        upright.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
        return np.asarray(upright)


def _summed(picture: Luminance) -> NDArray[np.uint32]:
    """Summed from the top left corner, with a row and a column of zeros first: any area is then four numbers."""
    sums = np.zeros((picture.shape[0] + 1, picture.shape[1] + 1), np.uint32)
    sums[1:, 1:] = picture.cumsum(0, dtype=np.uint32).cumsum(1, dtype=np.uint32)
    return sums


@cache
def _recipe() -> str:
    """Names what the rows are made from: the program and the pictures. Another of either is another list."""
    digest = hashlib.sha256(SOURCE.read_bytes())
    for picture in luminances()[0]:
        digest.update(str(picture.shape).encode() + picture.tobytes())
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
