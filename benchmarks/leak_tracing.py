"""Who leaked: how often the right client is named, how often an innocent one, and what the watermark costs in recall.

    python -m benchmarks.leak_tracing [--quick] [--json]

1,000 clients. Leaks of one client, of 1 to 1,000 fingerprints, as they are or with 1 to 8 bits turned by chance in each; of two
and three clients who compare their copies bit by bit and entry by entry. Everything is traced by the functions of the desk
(`rules.watermark`, `rules.leak`, `rules.collusion`), with their threshold; marks are drawn by the real keyed function. In the
leaks of whole lists by several, canaries stand on copies by a generator of numbers in place of the keyed function, which is
slower.

`traced`: of all leaks of one client, those where that client is named; of several: where one of them is, or more.
`falsely_accused`: innocent clients named, of all trials. `recall_cost`: percentage points of edited pictures that are no longer
found at 31 bits; the pictures are drawn by code, beside those of tests/data.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.drawn import scene
from benchmarks.edits import EDITS, edited
from benchmarks.figures import Figure, parser, plain, run, say
from rempart.desk.rules import collusion, leak, watermark
from rempart.desk.rules.collusion import BIAS_UNIT, NAMED_BELOW
from rempart.desk.rules.leak import Originals
from rempart.engine import HashArray, bank_views, query_views

CLIENTS = 1_000
SIZES = (1, 2, 5, 20, 1_000)
FLIPS = (0, 1, 2, 4, 8)
COLLUDERS = (2, 3)
LISTED = 1_000  # fingerprints that colluders' marks are read of
RADII = (31, 35)
REAL = Path(__file__).resolve().parents[1] / "tests" / "data" / "pictures"

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    leaks: dict[int, int]
    collusions: int
    codes: int
    pictures: int
    marks: int

    @classmethod
    def of(cls, asked: argparse.Namespace) -> Size:
        if asked.quick:
            return cls({1: 20, 2: 20, 5: 10, 20: 5, 1_000: 1}, 2, 3, 6, 200_000)
        return cls({1: 100, 2: 60, 5: 30, 20: 20, 1_000: 2}, 5, 15, 24, 1_000_000)


@dataclass(slots=True)
class Count:
    """Leaks traced, and innocents accused."""

    leaks: int = 0
    some: int = 0
    all: int = 0
    named: int = 0
    accused: int = 0
    innocent: int = 0

    def add(self, guilty: set[int], named: set[int]) -> None:
        self.leaks += 1
        self.some += bool(guilty & named)
        self.all += guilty <= named
        self.named += len(guilty & named)
        self.accused += len(named - guilty)
        self.innocent += CLIENTS - len(guilty)


@dataclass(slots=True)
class World:
    """Originals like PDQs, and the keys of the clients."""

    chance: np.random.Generator
    every: Count = field(default_factory=Count)

    def originals(self, count: int) -> HashArray:
        bits = np.zeros((count, 256), np.uint8)
        bits[:, :128] = 1
        return np.packbits(self.chance.permuted(bits, axis=1), axis=1)

    def copy_of(self, client: int, bank: Originals) -> HashArray:
        return bank.hashes ^ watermark.masks(bank.hashes, key_of(client), bank.entries.tolist(), bank.parts.tolist())

    def bank(self, count: int) -> Originals:
        """Entries of their own for each leak, so that no two share a mark."""
        first = int(self.chance.integers(2**60))
        return Originals(self.originals(count), first + np.arange(count), np.zeros(count, np.int64))


def key_of(client: int) -> bytes:
    return hashlib.sha256(f"client {client}".encode()).digest()


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    size, world = Size.of(asked), World(np.random.default_rng(20_261_122))
    yield from speed(world, size)
    yield from single(world, size)
    yield from voting(world, size)
    yield from whole_lists(world, size)
    yield plain(
        "falsely_accused",
        world.every.accused / world.every.innocent,
        f"of {world.every.innocent:,} innocents",
        at_most=NAMED_BELOW,
    )
    yield from recall_cost(size)


def speed(world: World, size: Size) -> Iterator[Figure]:
    hashes = world.originals(size.marks)
    entries, parts = list(range(size.marks)), [0] * size.marks
    began = perf_counter()
    watermark.masks(hashes, key_of(0), entries, parts)
    yield plain("marks_per_second", round(size.marks / (perf_counter() - began)), "fingerprints/s, one core", at_least=200_000)


# --- leaks of one client ------------------------------------------------------------------------------------------------------


def single(world: World, size: Size) -> Iterator[Figure]:
    shares = []
    for many in SIZES:
        for flips in FLIPS:
            count = Count()
            for _ in range(size.leaks[many]):
                bank = world.bank(many)
                leaked = turned(world.copy_of(7, bank), flips, world.chance)
                found = named(leaked, bank)
                for one in (count, world.every):
                    one.add({7}, found)
            shares.append(count.some / count.leaks)
            say(f"{many} fingerprints, {flips} bits turned in each: {count.some} of {count.leaks} leaks traced")
            yield share(f"traced_{many}_fingerprints_{flips}_flips", count.some, count)
    cases = f"{len(SIZES)} sizes × {len(FLIPS)} numbers of bits turned, each case as heavy"
    yield plain("traced", round(100 * float(np.mean(shares)), 2), f"% of leaks; {cases}")


def turned(rows: HashArray, flips: int, chance: np.random.Generator) -> HashArray:
    """So many bits of each row turned, anywhere."""
    places = np.argsort(chance.random((len(rows), 256)), axis=1)[:, :flips]
    bits = np.unpackbits(rows, axis=1)
    bits[np.arange(len(rows))[:, None], places] ^= 1
    return np.packbits(bits, axis=1)


def named(leaked: HashArray, bank: Originals) -> set[int]:
    """As the desk does it, without canaries."""
    copies = leak.copies(leaked, bank, leak.beside(leaked, bank))
    return below(np.array([copies.speak_for(key_of(client)) for client in range(CLIENTS)]))


def below(evidence: NDArray[np.float64]) -> set[int]:
    return {client for client, one in enumerate(evidence) if collusion.chance_of_error(float(one), CLIENTS) < NAMED_BELOW}


def share(name: str, traced: int, count: Count) -> Figure:
    return plain(name, round(100 * traced / count.leaks, 2), f"% of {count.leaks} leaks")


# --- several, bit by bit ------------------------------------------------------------------------------------------------------


def bit_majority(copies: HashArray, chance: np.random.Generator) -> HashArray:
    """With two, a coin decides."""
    bits = np.unpackbits(copies, axis=2)
    ones, most = bits.sum(axis=0), len(copies) / 2
    coin = chance.random(ones.shape) < 0.5
    return np.packbits(np.where(ones == most, coin, ones > most), axis=1)


def bit_chance(copies: HashArray, chance: np.random.Generator) -> HashArray:
    """Each bit of one of them."""
    bits = np.unpackbits(copies, axis=2)
    whose = chance.integers(len(copies), size=bits.shape[1:])
    return np.packbits(np.take_along_axis(bits, whose[None], axis=0)[0], axis=1)


def whole_of_one(copies: HashArray, chance: np.random.Generator) -> HashArray:
    """Each fingerprint of one of them."""
    return copies[chance.integers(len(copies), size=copies.shape[1]), np.arange(copies.shape[1])]


def opposite(copies: HashArray, chance: np.random.Generator) -> HashArray:
    """Where they differ, what fewer have: it takes on all their marks."""
    bits = np.unpackbits(copies, axis=2)
    ones = bits.sum(axis=0)
    differs = (ones > 0) & (ones < len(copies))
    return np.packbits(np.where(differs, ones * 2 < len(copies), ones > 0), axis=1)


VOTES: dict[str, Callable[[HashArray, np.random.Generator], HashArray]] = {
    "bit_majority": bit_majority,
    "bit_chance": bit_chance,
    "whole_of_one": whole_of_one,
    "bit_minority": opposite,
}


def voting(world: World, size: Size) -> Iterator[Figure]:
    """A part of a list, without a canary in it: what the watermark does alone."""
    for colluders in COLLUDERS:
        for name, vote in VOTES.items():
            for many in (20, LISTED):
                count = Count()
                for _ in range(size.collusions if many == 20 else max(1, size.collusions // 5)):
                    bank = world.bank(many)
                    copies = np.array([world.copy_of(client, bank) for client in range(colluders)])
                    found = named(vote(copies, world.chance), bank)
                    for one in (count, world.every):
                        one.add(set(range(colluders)), found)
                say(f"{colluders} together, {name}, {many} fingerprints: {count.some} of {count.leaks} leaks traced")
                yield share(f"traced_{colluders}_marks_{name}_{many}", count.some, count)


# --- several, whole lists: canaries alone -------------------------------------------------------------------------------------


def kept_by(theirs: Bools, chance: np.random.Generator) -> dict[str, Bools]:
    """Which canaries they leave in; of those that all or none of them have they cannot choose."""
    have, some = theirs.sum(axis=0), theirs.any(axis=0)
    every = theirs.all(axis=0)
    return {
        "majority": have * 2 > len(theirs),
        "chance": theirs[chance.integers(len(theirs), size=theirs.shape[1]), np.arange(theirs.shape[1])],
        "common": every,
        "any": some,
        "coin": every | (some & (chance.random(len(have)) < 0.5)),
        "minority": every | (some & (have * 2 < len(theirs))),
    }


def whole_lists(world: World, size: Size) -> Iterator[Figure]:
    """Marks voted away entirely, so that nothing but the canaries is left: on young lists and on long ones."""
    for canaries in (collusion.FIRST, 100, 300, collusion.LENGTH, collusion.MOST_SOON):
        for colluders in (1, 2, 3, 4):
            counts: dict[str, Count] = {}
            for _ in range(size.codes):
                biases = [collusion.bias_of(one) for one in world.chance.random(canaries)]
                stands = world.chance.random((CLIENTS, canaries)) < np.array(biases) / BIAS_UNIT
                for name, seen in kept_by(stands[:colluders], world.chance).items():
                    found = below(collusion.evidence(stands, biases, seen))
                    for one in (counts.setdefault(name, Count()), world.every):
                        one.add(set(range(colluders)), found)
            told = ", ".join(f"{name} {100 * one.some / one.leaks:.0f}" for name, one in counts.items())
            say(f"{canaries} canaries, {colluders} together, somebody named, in %: {told}")
            yield from of_code(canaries, colluders, counts)


def of_code(canaries: int, colluders: int, counts: dict[str, Count]) -> Iterator[Figure]:
    worst = min(counts, key=lambda name: (counts[name].some, counts[name].named))
    together = Count(leaks=sum(one.leaks for one in counts.values()), some=sum(one.some for one in counts.values()))
    start = f"traced_{colluders}_canaries_{canaries}"
    yield share(start, together.some, together)
    one = counts[worst]
    yield plain(f"{start}_worst", round(100 * one.some / one.leaks, 2), f"% of {one.leaks} leaks ({worst})")
    named_of = sum(one.named for one in counts.values()) / (together.leaks * colluders)
    yield plain(f"{start}_colluders", round(100 * named_of, 2), "% of those who leaked")


# --- what it costs ------------------------------------------------------------------------------------------------------------


def recall_cost(size: Size) -> Iterator[Figure]:
    """Found at 31 bits without the watermark, with it, and with it at 35; by plain PDQ and by all questions of the engine."""
    pictures = [(f"scene {seed}", scene(seed)) for seed in range(size.pictures)]
    for path in sorted(REAL.rglob("*.jpg"))[:: 1 if size.pictures > 10 else 8]:
        with Image.open(path) as opened:
            pictures.append((path.name, opened.convert("RGB")))
    say(f"{size.pictures} drawn pictures and {len(pictures) - size.pictures} of tests/data, {len(EDITS)} edits of each")
    found = np.array([row for number in range(len(pictures)) for row in of_picture(number, pictures)])
    # Axes: picture × edit, way of asking, (unmarked at 31, marked at 31, marked at 35).
    by_edit = found.reshape(len(pictures), len(EDITS), 2, 3).mean(axis=0) * 100
    for way, words in enumerate(("", "_all_views")):
        clear, marked, wider = by_edit[:, way].mean(axis=0)
        unit = "points of recall at 31 bits"
        yield plain(f"recall_cost{words}", round(clear - marked, 2), f"{unit}, of {clear:.1f} %")
        yield plain(f"recall_cost{words}_at_35", round(clear - wider, 2), "points, asked at 35; below 0: gained")
        for row, name in enumerate(EDITS):
            yield plain(f"recall_cost{words}_{name}", round(by_edit[row, way, 0] - by_edit[row, way, 1], 2), unit)


def of_picture(number: int, pictures: list[tuple[str, Image.Image]]) -> Iterator[list[list[bool]]]:
    name, picture = pictures[number]
    other = pictures[(number * 7 + 13) % len(pictures)][1]
    stored = bank_views(np.asarray(picture)).hashes
    count = len(stored)
    marked = stored ^ watermark.masks(stored, key_of(number), [number] * count, range(count))
    for edit in EDITS:
        asked = query_views(np.asarray(edited(edit, picture, other, name))).hashes
        yield [nearest(asked[:1], stored[:1], marked[:1]), nearest(asked, stored, marked)]


def nearest(asked: HashArray, stored: HashArray, marked: HashArray) -> list[bool]:
    clear, with_mark = (
        int(np.bitwise_count(asked[:, None] ^ rows[None]).sum(axis=2, dtype=np.uint16).min()) for rows in (stored, marked)
    )
    return [clear <= RADII[0], with_mark <= RADII[0], with_mark <= RADII[1]]


if __name__ == "__main__":
    sys.exit(run("leak_tracing", measure, sys.argv[1:], parser("leak_tracing", "fewer leaks and pictures, in a minute or two")))
