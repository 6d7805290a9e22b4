"""Which segments are worth merging: few are left, whatever the history, and large ones are rarely rewritten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.index import compaction
from rempart.engine.index.compaction import FACTOR, MOST_ROWS, SMALL_ROWS, has_many, worth_merging

SIZES = st.lists(st.integers(1, MOST_ROWS), max_size=12)


@given(SIZES)
def test_what_is_left_is_few_and_far_apart(rows: list[int]) -> None:
    while places := worth_merging(rows):
        assert len(places) == len(set(places)) >= 2
        merged = sum(rows[place] for place in places)
        assert merged <= MOST_ROWS
        rows = [size for place, size in enumerate(rows) if place not in places] + [merged]
    total = 0
    for size in sorted(rows):
        assert size > FACTOR * total or total + size > MOST_ROWS
        total += size


def test_ten_million_entries_added_in_small_batches() -> None:
    rows: list[int] = []
    most, rewritten, step = 0, 0, 4096
    for _ in range(10_000_000 // step):
        rows.append(step)
        while places := worth_merging(rows):
            merged = sum(rows[place] for place in places)
            rewritten += merged
            rows = [size for place, size in enumerate(rows) if place not in places] + [merged]
        most = max(most, len(rows))
    assert most <= 6
    assert rewritten < 25 * 10_000_000


def test_small_segments_do_not_wait_for_company() -> None:
    assert sorted(worth_merging([20_000, 4096])) == [0, 1]
    assert worth_merging([SMALL_ROWS, 4096]) == []
    assert worth_merging([5]) == worth_merging([]) == []


def test_when_withdrawals_are_many() -> None:
    assert not has_many(compaction.MOST_TOMBSTONES, 0)
    assert has_many(compaction.MOST_TOMBSTONES + 1, 1_000_000)
    assert not has_many(100_000, 10_000_000)
    assert has_many(200_000, 10_000_000)
