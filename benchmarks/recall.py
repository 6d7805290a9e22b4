"""How many edited pictures are found again, and how many pictures are taken for another: ``python -m benchmarks.recall``.

Thirty edits of each picture (`edits.py`) are asked of a bank that holds at most nine fingerprints of each. Found: any question at
most 31 bits from any fingerprint stored of the same picture. The peer is plain PDQ, one question and one fingerprint, which is
what ``threatexchange`` and HMA match. Views were chosen with the even half of the pictures; the odd half had no say, and its
figure stands beside the mean. A false pair is a question of an edited picture near a fingerprint of an unrelated one.

False hits are counted among crops of pictures that the bank has never seen, at a bank of ten million crops (one million with
``--quick``). The gate is the hash-only one of ``rempart.engine.degenerate``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.edits import EDITS, edited
from benchmarks.figures import Figure, parser, plain, run, say
from benchmarks.natural import HELD_OUT_EVERY, natural_hashes
from benchmarks.pictures import Photograph, origin, photographs
from rempart.engine.degenerate import is_degenerate_many
from rempart.engine.index.exact import ExactIndex
from rempart.engine.index.interface import USUAL_RADIUS, HashArray
from rempart.engine.variants import LEAST_QUALITY, Views, bank_views, query_views
from rempart.engine.variants.boxes import KEPT_PARTS

LEAST_PICTURES = 200
QUICK_PICTURES = 48
AT_ONCE = 16  # pictures whose questions are asked together
CROPS_OF_ONE = 40  # uploads made of each held-out picture
PLAIN = "plain PDQ"
FAR = 999  # more than any distance
KINDS = ("whole", "turned", "parts", "windows", "trimmed", "bands", "level")
KIND_OF = {
    "window": "windows",
    "trimmed": "trimmed",
    "uncaptioned": "trimmed",
    "band": "bands",
    "column": "bands",
    "level": "level",
}
STORED = ("whole", "trimmed", *KEPT_PARTS)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    pictures: int | None
    bank: int
    uploads: int
    crops: int

    @classmethod
    def of(cls, asked: argparse.Namespace) -> Size:
        return cls(QUICK_PICTURES, 1_000_000, 200_000, 160) if asked.quick else cls(None, 10_000_000, 1_000_000, 2_400)


class Asked(NamedTuple):
    """One picture: what is stored of it; for each edit the questions, of which kind each is, and how long they took to make.

    ``nearest`` has shape (edits, kinds of question, kinds of stored view): the least distance in bits.
    """

    stored: HashArray
    questions: list[HashArray]
    kinds: list[NDArray[np.uint8]]
    nearest: NDArray[np.uint16]
    bare: NDArray[np.uint16]
    seconds: list[float]


class Corpus:
    """The pictures, and the other one that goes beside each in a collage."""

    def __init__(self, pictures: list[Photograph]) -> None:
        self.pictures = pictures

    def other(self, number: int) -> int:
        return (number * 7 + 13) % len(self.pictures)

    def ask(self, number: int) -> Asked:
        picture = self.pictures[number]
        opened, other = picture.open(), self.pictures[self.other(number)].open()
        stored = bank_views(np.asarray(opened))
        asked = Asked(stored.hashes, [], [], np.full((len(EDITS), len(KINDS), len(STORED)), FAR, np.uint16), far(len(EDITS)), [])
        for row, name in enumerate(EDITS):
            pixels = np.asarray(edited(name, opened, other, picture.name))
            began = perf_counter()
            views = query_views(pixels)
            asked.seconds.append(perf_counter() - began)
            asked.questions.append(views.hashes)
            asked.kinds.append(np.array([kind_of(one) for one in views.names], np.uint8))
            apart = distances(views.hashes, stored.hashes)
            asked.bare[row] = apart[0, 0]
            for column, one in enumerate(stored.names):
                to = asked.nearest[row, :, STORED.index(one.removeprefix("trimmed/"))]
                np.minimum.at(to, asked.kinds[-1], apart[:, column])
        return asked


def far(*shape: int) -> NDArray[np.uint16]:
    return np.full(shape, FAR, np.uint16)


def kind_of(name: str) -> int:
    """Which of KINDS a question is, by its name."""
    first, _, more = name.partition("/")
    if first == "whole":
        return KINDS.index("turned" if more else "whole")
    return KINDS.index(next((kind for start, kind in KIND_OF.items() if first.startswith(start)), "parts"))


def distances(questions: HashArray, stored: HashArray) -> NDArray[np.uint16]:
    """Between each of these and each of those, in bits."""
    ours, theirs = (np.ascontiguousarray(rows).view(np.uint64) for rows in (questions, stored))
    return np.bitwise_count(ours[:, None] ^ theirs[None]).sum(axis=2, dtype=np.uint16)


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    size = Size.of(asked)
    pictures = photographs(LEAST_PICTURES)
    say(f"{origin(pictures)}; of these, {size.pictures or len(pictures)} are edited")
    yield from recall(pictures, size)
    yield from false_hits(pictures, size)


# --- found again --------------------------------------------------------------------------------------------------------------


def recall(pictures: list[Photograph], size: Size) -> Iterator[Figure]:
    corpus = Corpus(pictures)
    numbers = range(size.pictures or len(pictures))
    asked = []
    with multiprocessing.Pool() as pool:
        for done, one in enumerate(pool.imap(corpus.ask, numbers), start=1):
            asked.append(one)
            if done % AT_ONCE == 0:
                say(f"edited and asked: {done} of {len(numbers)} pictures")
    nearest, bare = np.array([one.nearest for one in asked]), np.array([one.bare for one in asked])
    found, found_plainly = nearest.min(axis=(2, 3)) <= USUAL_RADIUS, bare <= USUAL_RADIUS
    yield beside("recall_mean_30_edits", found, found_plainly, at_least=70)
    yield beside("recall_mean_chosen_with", found[0::2], found_plainly[0::2])
    yield beside("recall_mean_held_out", found[1::2], found_plainly[1::2])
    for column, name in enumerate(EDITS):
        yield beside(f"recall_{name}", found[:, column], found_plainly[:, column])
    yield from gains(nearest, float(np.mean(found)))
    yield from cost(asked)
    yield from false_pairs(corpus, asked)


def gains(nearest: NDArray[np.uint16], mean: float) -> Iterator[Figure]:
    """How much the mean recall would lose without one kind of question, or without one stored view: points of per cent."""
    for axis, kinds, told in ((2, KINDS, "asking"), (3, STORED, "storing")):
        for number, kind in enumerate(kinds):
            without = np.delete(nearest, number, axis=axis).min(axis=(2, 3)) <= USUAL_RADIUS
            yield plain(
                f"gain_of_{told}_{kind.replace('-', '_')}",
                round(100 * (mean - float(np.mean(without))), 2),
                "points of mean recall",
            )


def beside(name: str, found: NDArray[np.bool_], plainly: NDArray[np.bool_], at_least: float | None = None) -> Figure:
    """A share of pictures found, in per cent, and that of plain PDQ."""
    value, peer = (round(100 * float(np.mean(one)), 2) for one in (found, plainly))
    met = None if at_least is None else value >= at_least
    return Figure(name, value, "%", PLAIN, peer, value / peer if peer else None, at_least, met, "≥ {:g} %")


def cost(asked: list[Asked]) -> Iterator[Figure]:
    stored = [len(one.stored) for one in asked]
    yield plain("bank_hashes_mean", round(float(np.mean(stored)), 2), "fingerprints a picture")
    yield plain("bank_hashes_most", max(stored), "fingerprints a picture", at_most=9)
    uploads = len(asked) * len(EDITS)
    counts = sum(np.bincount(kinds, minlength=len(KINDS)) for one in asked for kinds in one.kinds)
    yield plain("questions_mean", round(float(np.sum(counts)) / uploads), "look-ups an upload")
    for kind, count in zip(KINDS, counts, strict=True):
        yield plain(f"questions_{kind}", round(float(count) / uploads, 1), "look-ups an upload")
    seconds = [second for one in asked for second in one.seconds]
    yield plain("questions_ms", round(1e3 * float(np.median(seconds)), 2), "ms to make them, all cores busy")


def false_pairs(corpus: Corpus, asked: list[Asked]) -> Iterator[Figure]:
    """Of all pairs of a question and a fingerprint stored of an unrelated picture, how many are within 31 bits."""
    stored = np.concatenate([one.stored for one in asked])
    owner = np.repeat(np.arange(len(asked)), [len(one.stored) for one in asked])
    index = ExactIndex(stored, np.arange(len(stored), dtype=np.uint64))
    near, pairs = np.zeros(len(KINDS), np.int64), np.zeros(len(KINDS), np.int64)
    for number, one in enumerate(asked):
        unrelated = ~np.isin(owner, [number, corpus.other(number)])
        kinds = np.concatenate(one.kinds)
        matches = index.join(np.concatenate(one.questions))
        near += np.bincount(kinds[matches.question[unrelated[matches.key.astype(np.intp)]]], minlength=len(KINDS))
        pairs += np.bincount(kinds, minlength=len(KINDS)) * int(unrelated.sum())
    say(f"{near.sum()} of {pairs.sum():.3g} unrelated pairs are within {USUAL_RADIUS} bits")
    yield plain("false_pairs", float(near.sum() / pairs.sum()), f"of {pairs.sum():.3g} pairs", at_most=1e-8)
    for kind, some, of in zip(KINDS, near.tolist(), pairs.tolist(), strict=True):
        yield plain(f"false_pairs_{kind}", some / max(1, of), f"of {of:.3g} pairs")


# --- taken for another --------------------------------------------------------------------------------------------------------


def false_hits(pictures: list[Photograph], size: Size) -> Iterator[Figure]:
    bank = natural_hashes(size.bank, 1, "bank")
    index = ExactIndex(bank, np.arange(len(bank), dtype=np.uint64))
    uploads = natural_hashes(size.uploads, 2, "held_out")
    unit = f"% of {len(uploads):,} uploads, bank of {size.bank:,}"
    flagged = is_degenerate_many(uploads)
    hit = np.zeros(len(uploads), np.bool_)
    hit[index.join(uploads).question] = True
    gated, ungated = float(np.mean(hit & ~flagged)), float(np.mean(hit))
    say(f"uploads with a false hit: {int(hit.sum())}, of which the gate sees {int((hit & flagged).sum())}")
    yield Figure(
        "uploads_with_false_hit",
        100 * gated,
        unit,
        "no gate",
        100 * ungated,
        ungated / gated if gated else None,
        0.05,
        gated <= 5e-4,
        "≤ {:g} %",
    )
    yield plain("flagged", 100 * float(np.mean(flagged)), f"% of {len(uploads):,} uploads", at_most=3)
    yield from all_views(pictures, size, index)


def all_views(pictures: list[Photograph], size: Size, index: ExactIndex) -> Iterator[Figure]:
    """The same when an upload is asked all its questions: what users meet."""
    unseen = pictures[::HELD_OUT_EVERY]
    each = max(1, min(CROPS_OF_ONE, size.crops // len(unseen)))
    alarmed, uploads, hits = 0, 0, 0
    with multiprocessing.Pool() as pool:
        for done, crops in enumerate(pool.imap(crops_asked, [(picture, each) for picture in unseen]), start=1):
            upload = np.repeat(np.arange(len(crops)), [len(rows) for rows in crops])
            found = index.join(np.concatenate(crops))
            alarmed, hits = alarmed + len(np.unique(upload[found.question])), hits + len(found)
            uploads += len(crops)
            if done % AT_ONCE == 0:
                say(f"all questions asked of crops of {done} of {len(unseen)} pictures")
    say(f"all questions of {uploads:,} uploads: {alarmed} have a false hit, {hits} in all")
    yield plain("uploads_with_false_hit_all_views", 100 * alarmed / uploads, f"% of {uploads:,} uploads, bank of {len(index):,}")


def crops_asked(wanted: tuple[Photograph, int]) -> list[HashArray]:
    """The questions of some random crops of one picture: from half of each side to all of it."""
    picture, count = wanted
    opened = picture.open()
    chance = np.random.default_rng(int.from_bytes(picture.name.encode()[:8]))
    return [gated(query_views(np.asarray(crop(opened, chance)))) for _ in range(count)]


def gated(views: Views) -> HashArray:
    """Without the whole if it says too little, as the other views are."""
    is_weak = views.qualities[0] < LEAST_QUALITY or is_degenerate_many(views.hashes[:1])[0]
    return views.hashes[1:] if is_weak else views.hashes


def crop(opened: Image.Image, chance: np.random.Generator) -> Image.Image:
    width, height = (int(side * chance.uniform(0.5, 1)) for side in opened.size)
    left, top = chance.integers(0, opened.width - width + 1), chance.integers(0, opened.height - height + 1)
    return opened.crop((int(left), int(top), int(left) + width, int(top) + height))


if __name__ == "__main__":
    sys.exit(run("recall", measure, sys.argv[1:], parser("recall", "fewer pictures, a bank of a million, in three minutes")))
