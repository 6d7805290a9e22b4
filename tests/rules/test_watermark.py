"""Four bits, two of each kind, as often each; and what they prove, and do not, of a leaked copy."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules import watermark
from rempart.engine import HashArray

KEY, OTHER = b"k" * 32, b"o" * 32


def pdqs(count: int, seed: int = 1) -> HashArray:
    """Of no picture: 128 ones each."""
    bits = np.zeros((count, 256), np.uint8)
    bits[:, :128] = 1
    return np.packbits(np.random.default_rng(seed).permuted(bits, axis=1), axis=1)


def ones(rows: HashArray) -> list[int]:
    return [int(count) for count in np.bitwise_count(rows).sum(axis=1)]


def test_as_many_ones_go_as_come() -> None:
    originals = pdqs(3_000)
    turned = watermark.masks(originals, KEY, range(3_000), [7] * 3_000)
    assert set(ones(turned & originals)) == {2}
    assert set(ones(turned & ~originals)) == {2}
    assert set(ones(originals ^ turned)) == {128}


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1))
def test_any_bits_keep_their_number_of_ones(original: bytes, entry: int, part: int) -> None:
    marked = watermark.mark(original, KEY, entry, part)
    assert int.from_bytes(marked).bit_count() == int.from_bytes(original).bit_count()
    few = int.from_bytes(original).bit_count() not in range(2, 255)
    assert (int.from_bytes(marked) ^ int.from_bytes(original)).bit_count() == (0 if few else 4)
    assert marked == watermark.mark(original, KEY, entry, part)


@pytest.mark.parametrize("few", [0, 1, 255, 256])
def test_what_is_no_picture_is_left_alone(few: int) -> None:
    original = ((1 << few) - 1).to_bytes(32)
    assert watermark.mark(original, KEY, 1, 0) == original


@pytest.mark.parametrize("count", [2, 3, 254])
def test_few_ones_are_enough(count: int) -> None:
    originals = np.frombuffer(((1 << count) - 1).to_bytes(32) * 500, np.uint8).reshape(-1, 32)
    turned = watermark.masks(originals, KEY, range(500), [0] * 500)
    assert set(ones(turned & originals)) == {2}
    assert set(ones(turned & ~originals)) == {2}


def test_many_are_marked_as_one_by_one() -> None:
    originals, entries, parts = pdqs(40), list(range(40)), [number % 9 for number in range(40)]
    together = originals ^ watermark.masks(originals, KEY, entries, parts)
    alone = [watermark.mark(row.tobytes(), KEY, *place) for row, *place in zip(originals, entries, parts, strict=True)]
    assert [row.tobytes() for row in together] == alone


def test_a_mark_is_of_its_client_entry_and_part_alone() -> None:
    original = pdqs(1)[0].tobytes()
    marks = {watermark.mark(original, key, entry, part) for key in (KEY, OTHER) for entry in range(20) for part in range(20)}
    assert len(marks) == 800


def test_marks_that_were_given_stay() -> None:
    """A copy read years ago must still be told: never change this."""
    original = bytes(range(32))
    turned = int.from_bytes(watermark.mark(original, KEY, 41, 3)) ^ int.from_bytes(original)
    assert sorted(bit for bit in range(256) if turned >> bit & 1) == [15, 18, 144, 158]


@pytest.mark.parametrize("kind", [0, 1])
def test_all_pairs_of_bits_are_as_frequent(kind: int) -> None:
    """Over 8,128 pairs: the sum of squares is as chance has it, six standard deviations around."""
    draws = 160_000
    original = pdqs(1)
    originals = np.repeat(original, draws, axis=0)
    turned = watermark.masks(originals, KEY, range(draws), [0] * draws)
    standing = np.unpackbits(original[0]) == kind
    places = np.nonzero(np.unpackbits(turned, axis=1)[:, standing])[1].reshape(-1, 2)
    counts = np.bincount(places[:, 0] * 128 + places[:, 1], minlength=128 * 128)
    pairs = counts[np.triu(np.ones((128, 128), bool), 1).ravel()]
    expected = draws / len(pairs)
    square = float(((pairs - expected) ** 2 / expected).sum())
    assert len(pairs) == 8128
    assert abs(square - 8127) < 6 * np.sqrt(2 * 8127)


# --- what it proves ---


def evidence_of(leaked: HashArray, originals: HashArray, key: bytes) -> float:
    marks = watermark.masks(originals, key, range(len(originals)), [0] * len(originals))
    groups = np.arange(len(originals))
    return watermark.joint(watermark.evidence(leaked ^ originals, originals, marks, groups, np.ones(len(originals))))


def copy_of(originals: HashArray, key: bytes = KEY) -> HashArray:
    return originals ^ watermark.masks(originals, key, range(len(originals)), [0] * len(originals))


def test_one_leaked_fingerprint_says_much() -> None:
    originals = pdqs(1)
    assert evidence_of(copy_of(originals), originals, KEY) > np.log(1e7)
    assert evidence_of(copy_of(originals), originals, OTHER) < 0


def test_unmarked_fingerprints_accuse_nobody() -> None:
    originals = pdqs(50)
    assert evidence_of(originals, originals, KEY) == pytest.approx(0)


def test_a_file_of_two_clients_mixed_accuses_both() -> None:
    originals = pdqs(40)
    mixed = np.concatenate([copy_of(originals)[:20], copy_of(originals, OTHER)[20:]])
    assert evidence_of(mixed, originals, KEY) > 100
    assert evidence_of(mixed, originals, OTHER) > 100


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 10_000))
def test_innocence_is_never_worth_more_than_one_on_average(downs: int, ups: int, seed: int) -> None:
    """The exact mean over all pairs of bits of each kind, of one leaked fingerprint: the promise that accusations rest on."""
    chance = np.random.default_rng(seed)
    ones_of = int(chance.integers(max(2, downs), 255 - ups))
    for odds, others in watermark._WAYS:
        mean = 0.0
        for hits_down in range(3):
            for hits_up in range(3):
                share = drawn(2, hits_down, ones_of, downs) * drawn(2, hits_up, 256 - ones_of, ups)
                expected = watermark._expected(odds, np.array([ones_of]), np.array([downs]))
                expected = expected * watermark._expected(odds, np.array([256 - ones_of]), np.array([ups]))
                mean += share * (others + (1 - others) * odds ** (hits_down + hits_up) / float(expected[0]))
        assert mean == pytest.approx(1)


def drawn(some: int, hits: int, of: int, turned: int) -> float:
    """Hypergeometric: chance that so many of two bits drawn are among the turned ones."""
    return comb(turned, hits) * comb(of - turned, some - hits) / comb(of, some)
