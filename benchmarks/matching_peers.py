"""The peers, asked as whoever uses them asks: one hash at a time for threatexchange, by batches for faiss."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, perf_counter_ns

import faiss
import numpy as np
from numpy.typing import NDArray
from threatexchange.signal_type.pdq.pdq_index import PDQIndex

from benchmarks.figures import say
from rempart.engine.index.interface import USUAL_RADIUS, HashArray, KeyArray, Match

THREATEXCHANGE = "threatexchange PDQIndex"
FAISS = "faiss IndexBinaryFlat"
STEP = 1_000_000  # entries between two words about progress

Answers = list[list[Match]]  # one list for each question, by distance, then key
Times = NDArray[np.float64]  # seconds, one for each question


class ThreatExchange:
    """What HMA serves. It answers with the keys it was given; it can add, and cannot withdraw."""

    def __init__(self, bank: HashArray, keys: KeyArray) -> None:
        faiss.omp_set_num_threads(1)
        began = perf_counter()
        self.index: PDQIndex[int] = PDQIndex(entries=_entries(bank, keys))
        self.build_seconds = perf_counter() - began
        say(f"{THREATEXCHANGE} holds {len(bank):,} after {self.build_seconds:.1f} s")

    def ask(self, questions: HashArray) -> tuple[Answers, Times]:
        """Each by itself, timed by itself."""
        answers, times = [], []
        for question in [row.tobytes().hex() for row in questions]:
            began = perf_counter_ns()
            found = self.index.query(question)
            times.append((perf_counter_ns() - began) / 1e9)
            answers.append(sorted((Match(one.metadata, one.similarity_info.distance) for one in found), key=lambda m: m[::-1]))
        return answers, np.array(times)

    def add_seconds(self, pdq: HashArray, key: int) -> float:
        """How long one more takes, until it is found."""
        began = perf_counter()
        self.index.add(pdq.tobytes().hex(), key)
        found = self.index.query(pdq.tobytes().hex())
        took = perf_counter() - began
        if key not in [one.metadata for one in found]:
            raise AssertionError("the peer does not find what was added")
        return took

    def dump(self, file: Path) -> None:
        """As HMA does: what another process will load."""
        with file.open("wb") as out:
            pickle.dump(self.index, out, protocol=pickle.HIGHEST_PROTOCOL)


def _entries(bank: HashArray, keys: KeyArray) -> Iterator[tuple[str, int]]:
    for first in range(0, len(bank), STEP):
        if first:
            say(f"{THREATEXCHANGE}: {first:,} of {len(bank):,} read")
        part = slice(first, first + STEP)
        for row, key in zip(bank[part], keys[part].tolist(), strict=True):
            yield row.tobytes().hex(), key


def flat_rate(bank: HashArray, questions: HashArray) -> float:
    """Look-ups a second of faiss comparing with everything, one thread, all questions at once."""
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(bank.shape[1] * 8)
    index.add(bank)
    began = perf_counter()
    index.range_search(questions, USUAL_RADIUS + 1)  # faiss says "closer than", we say "at most"
    return len(questions) / (perf_counter() - began)
