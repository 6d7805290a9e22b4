"""The same answers as those who search for PDQ today: faiss on a million, threatexchange as HMA asks it.

faiss answers what is *closer than* a distance, threatexchange and Rempart what is *at most* that far.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threatexchange.signal_type.pdq.pdq_index import PDQIndex
from threatexchange.signal_type.pdq.pdq_utils import simple_distance

from benchmarks import drawn
from benchmarks.natural import hashes_of_crops, luminance
from rempart.engine.fingerprint import Pdq
from rempart.engine.index.exact import ExactIndex
from rempart.engine.index.interface import HashArray, KeyArray, Matches
from rempart.engine.index.linear import LinearIndex
from rempart.engine.index.store import IndexStore
from rempart.engine.native.build import find_compiler
from rempart.engine.native.library import Kernel, best_kernel
from tests.engine.index.hashes import assert_same, degenerate, keys_for, planted, uniform

MILLION = 1_000_000
SCENES = 20
ASKED = 2_100  # enough for a join to be one
STRANGERS = 300
FEW = 100
PEER_RADII = (0, 1, 15, 16, 30, 31, 32, 47)
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)

needs_compiler = pytest.mark.skipif(
    best_kernel() is Kernel.NUMPY or find_compiler() is None, reason="a million without the compiled half takes minutes"
)


@pytest.fixture(autouse=True)
def faiss_on_one_thread() -> None:
    """Its threads wait by spinning, which on a busy machine takes longer than the work."""
    faiss.omp_set_num_threads(1)


@cache
def million(kind: str) -> HashArray:
    """By pure chance, or of crops of drawn scenes, which crowd together as those of photographs do."""
    if kind == "uniform":
        return uniform(MILLION, 5)
    return hashes_of_crops([luminance(drawn.scene(seed)) for seed in range(SCENES)], MILLION, 5)


def strangers(kind: str) -> HashArray:
    """Questions that were not made from the bank."""
    if kind == "uniform":
        return uniform(STRANGERS, 6)
    return hashes_of_crops([luminance(drawn.scene(SCENES))], STRANGERS, 6)


def faiss_answers(bank: HashArray, keys: KeyArray, asked: HashArray, radius: int) -> Matches:
    index = faiss.IndexBinaryFlat(256)
    index.add(bank)
    ends, distances, rows = index.range_search(asked, radius + 1)
    question = np.repeat(np.arange(len(asked)), np.diff(ends.astype(np.int64)))
    return Matches.sorted(question, keys[rows], distances.astype(np.uint16))


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("kind", ["uniform", "natural"])
def test_same_answers_as_faiss_on_a_million(kind: str) -> None:
    bank, keys = million(kind), keys_for(MILLION)
    near, _, _ = planted(bank, ASKED - STRANGERS, farthest=49)
    asked = np.concatenate([near, strangers(kind)])
    index = ExactIndex(bank, keys)
    wanted = faiss_answers(bank, keys, asked, 31)
    assert len(wanted) >= (ASKED - STRANGERS) * 32 // 50  # every neighbour planted that near, at least
    assert_same(index.lookup_many(asked, 31, threads=2), wanted)
    assert_same(index.join(asked, 31), wanted)
    few = asked[:: len(asked) // FEW]
    for radius in (0, 15, 16, 30, 32, 47):
        assert_same(index.lookup_many(few, radius), faiss_answers(bank, keys, few, radius))


def peer_answers(index: PDQIndex[int], asked: HashArray, radius: int) -> Matches:
    """Of PDQIndex at any radius: its own ``query`` knows 31 only, and calls this."""
    question, keys, distances = [], [], []
    for number, row in enumerate(asked):
        text = row.tobytes().hex()
        for entry, _, distance in index.index.search_with_distance_in_result([text], radius)[text]:
            question.append(number)
            keys.append(index.local_id_to_entry[entry][1])
            distances.append(int(distance))
    return Matches.sorted(np.array(question, np.int64), np.array(keys, np.uint64), np.array(distances, np.uint16))


def peer_of(bank: HashArray, keys: KeyArray) -> PDQIndex[int]:
    return PDQIndex(entries=[(row.tobytes().hex(), key) for row, key in zip(bank, keys.tolist(), strict=True)])


@pytest.mark.parametrize("size", [1, 2, 3_000])
def test_same_answers_as_threatexchange(size: int) -> None:
    bank = np.concatenate([degenerate(), uniform(size)])[-size:]
    bank[size // 2 :] = bank[: size - size // 2]  # most are there twice, under two keys
    keys = keys_for(size)
    asked = np.concatenate([planted(bank, 150, farthest=49)[0], degenerate(), uniform(20, 7)])
    peer, index = peer_of(bank, keys), ExactIndex(bank, keys)
    for radius in PEER_RADII:
        wanted = peer_answers(peer, asked, radius)
        assert len(wanted)
        assert_same(index.lookup_many(asked, radius), wanted)
        assert_same(LinearIndex(bank, keys).lookup_many(asked, radius), wanted)


def test_same_answer_to_its_own_query() -> None:
    bank, keys = uniform(2_000), keys_for(2_000)
    peer, index = peer_of(bank, keys), ExactIndex(bank, keys)
    found = 0
    for row in planted(bank, 200, farthest=40)[0]:
        theirs = sorted((one.similarity_info.distance, one.metadata) for one in peer.query(row.tobytes().hex()))
        assert [(match.distance, match.key) for match in index.lookup(Pdq(row.tobytes()))] == theirs
        found += len(theirs)
    assert found >= 150


@pytest.mark.parametrize("row", [uniform(1)[0], *degenerate()[:2]], ids=["any", "zeros", "ones"])
def test_a_bank_of_one_entry_matches(row: HashArray, tmp_path: Path) -> None:
    """threatexchange's PDQIndex of one entry answers too, but no more once it was pickled and loaded, as HMA does."""
    bank, keys = row[np.newaxis], np.array([7], np.uint64)
    IndexStore.build(tmp_path / "bank", bank, keys)
    near, _, distances = planted(bank, 40, farthest=31)
    for index in (ExactIndex(bank, keys), LinearIndex(bank, keys), IndexStore.open(tmp_path / "bank")):
        for asked, distance in zip(near, distances.tolist(), strict=True):
            assert index.lookup(Pdq(asked.tobytes())) == [(7, distance)]
        assert index.lookup(Pdq((row ^ 255).tobytes())) == []


@settings(max_examples=50)
@given(one=HEX, other=HEX, flips=st.lists(st.integers(0, 255), max_size=40))
def test_same_distance_as_threatexchange(one: str, other: str, flips: Iterable[int]) -> None:
    near = int(one, 16)
    for bit in flips:
        near ^= 1 << bit
    for compared in (other, f"{near:064x}"):
        assert Pdq.parse(one).distance(Pdq.parse(compared)) == simple_distance(one, compared)
