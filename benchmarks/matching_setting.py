"""What every part of the matching benchmark stands on: a bank, its store on disk, questions, and what was learnt so far."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter

import numpy as np

from benchmarks.figures import say
from benchmarks.matching_peers import ThreatExchange
from benchmarks.natural import FOLDER, natural_hashes, planted
from rempart.engine.index.interface import USUAL_RADIUS, HashArray, KeyArray
from rempart.engine.index.store import IndexStore

FIRST_KEY = 1_000_000_007  # so that a row taken for a key is seen
BANK_SEED, QUESTION_SEED, PLANTED_SEED = 1, 2, 3
KNOWN_SHARE = 20  # one question in twenty is a bank's row with 0 to 31 bits flipped


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    bank: int
    questions: int  # of one round
    peer_questions: int
    rounds: int
    planted: int
    joined: int
    smaller: tuple[int, ...]  # other banks, for the plot
    changes: int  # added and withdrawn
    opened: int  # new processes


FULL = Size(10_000_000, 10_000, 500, 9, 1_000_000, 1_000_000, (10_000, 100_000, 1_000_000), 40, 11)
QUICK = Size(1_000_000, 10_000, 500, 9, 100_000, 100_000, (10_000, 100_000), 25, 7)


@dataclass
class Setting:
    """One run. The store is the one that a user has: on disk, mapped, opened by its folder."""

    size: Size
    folder: Path
    bank: HashArray
    keys: KeyArray
    peer: ThreatExchange | None = None
    learnt: dict[str, float] = field(default_factory=dict)
    """What a later part puts beside its figure: the peer's rate, its building time."""

    @property
    def store_folder(self) -> Path:
        return self.folder / "natural"

    def open(self) -> IndexStore:
        """Another reader of the store."""
        return IndexStore.open(self.store_folder)

    def threatexchange(self) -> ThreatExchange:
        """Built when first needed: minutes and gigabytes."""
        if self.peer is None:
            self.peer = ThreatExchange(self.bank, self.keys)
        return self.peer

    def forget_peer(self) -> None:
        """Give its memory back, for what follows."""
        self.peer = None
        gc.collect()


@contextmanager
def prepared(size: Size) -> Iterator[Setting]:
    """A setting whose files are gone afterwards."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="matching-", dir=FOLDER))
    try:
        bank = natural_hashes(size.bank, BANK_SEED)
        setting = Setting(size, folder, bank, keys_of(bank))
        build_store(setting.store_folder, bank, setting.keys)
        yield setting
    finally:
        shutil.rmtree(folder)


def keys_of(bank: HashArray) -> KeyArray:
    """One for each row."""
    return np.arange(FIRST_KEY, FIRST_KEY + len(bank), dtype=np.uint64)


def build_store(folder: Path, bank: HashArray, keys: KeyArray) -> None:
    """On disk, closed."""
    began = perf_counter()
    IndexStore.build(folder, bank, keys)
    say(f"a store of {len(bank):,} was written in {perf_counter() - began:.1f} s")


def mixed(bank: HashArray, strangers: HashArray, seed: int) -> HashArray:
    """Questions as a platform asks them: 19 in 20 are of nothing known, the twentieth of a bank's row, 0 to 31 bits away."""
    questions = strangers.copy()
    chance = np.random.default_rng(seed)
    places = chance.choice(len(questions), len(questions) // KNOWN_SHARE, replace=False)
    questions[places] = planted(bank, chance.integers(0, USUAL_RADIUS + 1, len(places)), "random", seed)[0]
    return questions


def natural_questions(bank: HashArray, count: int) -> HashArray:
    """Mixed questions on pictures that the bank has never seen."""
    return mixed(bank, natural_hashes(count, QUESTION_SEED, "held_out"), QUESTION_SEED)


def warm(store: IndexStore, questions: HashArray) -> None:
    """Ask until every page is mapped, as in a process that has served for a while."""
    store.lookup_many(questions, threads=0)
