"""The ring and the plain comparison, beside the specification; and tables that somebody damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from rempart.engine.fingerprint import Pdq
from rempart.engine.index.compiled import RECORD, ROOM, Compiled, Found
from rempart.engine.index.interface import HashArray
from rempart.engine.index.layout import Damaged, Layout, Table
from rempart.engine.index.linear import LinearIndex
from rempart.engine.native.library import Kernel

Trial = Callable[[Kernel, np.random.Generator], None]
RADII = (0, 15, 16, 31, 32, 47)
SIZES = (0, 1, 2, 300)
Answer = set[tuple[int, int, int]]


def banks(chance: np.random.Generator) -> Iterator[HashArray]:
    """Random, all-zero, all-one, all alike, near neighbours."""
    for size in SIZES:
        yield chance.integers(0, 256, (size, 32), np.uint8)
        yield np.full((size, 32), 255 * int(chance.integers(2)), np.uint8)
    one = chance.integers(0, 256, (1, 32), np.uint8)
    yield np.repeat(one, ROOM + 50, axis=0)  # more answers than there is room for
    flips = np.packbits(chance.random((600, 256)) < 0.08, axis=1)
    yield one ^ flips


def questions_of(bank: HashArray, chance: np.random.Generator) -> HashArray:
    """A few of the bank, a little changed, and a few of nobody."""
    asked = [np.zeros((1, 32), np.uint8), np.full((1, 32), 255, np.uint8), chance.integers(0, 256, (2, 32), np.uint8)]
    if len(bank):
        near = bank[chance.integers(0, len(bank), 5)] ^ np.packbits(chance.random((5, 256)) < 0.06, axis=1)
        asked += [bank[:2], near]
    return np.ascontiguousarray(np.concatenate(asked))


def built(kernel: Compiled, bank: HashArray, threads: int) -> list[Table]:
    layout = Layout(len(bank), has_tables=True)
    scratch = np.empty(RECORD * len(bank), np.uint8)
    tables = []
    for number in range(16):
        tables.append(Table(np.zeros(layout.table(number).size, np.uint8), len(bank)))
        kernel.build(bank, number, threads, tables[-1], scratch)
    return tables


def answer(found: Found) -> Answer:
    told = list(zip(found.question.tolist(), found.row.tolist(), found.distance.tolist(), strict=True))
    assert len(set(told)) == len(told), "an entry was told twice"
    return set(told)


def specified(bank: HashArray, questions: HashArray, radius: int) -> Answer:
    matches = LinearIndex(bank, np.arange(len(bank), dtype=np.uint64)).lookup_many(questions, radius)
    return {(question, match.key, match.distance) for question, match in matches}


def same_answers(kernel: Kernel, chance: np.random.Generator) -> None:
    compiled = Compiled(kernel)
    for bank in banks(chance):
        radius, threads = int(chance.choice(RADII)), int(chance.integers(1, 5))
        questions = questions_of(bank, chance)
        wanted = specified(bank, questions, radius)
        asked = compiled.tables(bank, built(compiled, bank, threads))
        assert answer(asked.lookup_many(questions, radius, threads)) == wanted
        assert answer(asked.join(questions, radius, threads)) == wanted
        assert answer(asked.join(questions[:0], radius, threads)) == set()
        assert answer(compiled.scan_many(bank, questions, radius, threads)) == wanted
        for number, question in enumerate(questions):
            alone = {(row, distance) for asked_by, row, distance in wanted if asked_by == number}
            for found in (asked.lookup(question.tobytes(), radius), compiled.scan(bank, question.tobytes(), radius)):
                assert set(zip(found.row.tolist(), found.distance.tolist(), strict=True)) == alone


def damaged_tables(kernel: Kernel, chance: np.random.Generator) -> None:
    """Whatever a table says, nothing outside the rows is read: an answer, or a refusal."""
    compiled = Compiled(kernel)
    bank = chance.integers(0, 256, (400, 32), np.uint8)
    questions = questions_of(bank, chance)
    for _ in range(6):
        tables = built(compiled, bank, 1)
        for table in tables:
            harm(table, chance)
        asked = compiled.tables(bank, tables)
        for ask in (
            lambda asked=asked: asked.lookup_many(questions, 47, 2),
            lambda asked=asked: asked.join(questions, 47, 2),
            lambda asked=asked: asked.lookup(questions[0].tobytes(), 47),
        ):
            try:
                found = ask()
            except Damaged:
                continue
            assert all(row < len(bank) for row in found.row.tolist())


def harm(table: Table, chance: np.random.Generator) -> None:
    """A few numbers of one part become others: random, huge, in the wrong order."""
    part = (table.offsets, table.near, table.far, table.rows)[int(chance.integers(4))]
    most = np.iinfo(part.dtype).max
    if chance.random() < 0.3:
        part[:] = part[::-1].copy()
        return
    places = chance.integers(0, len(part), 1 + len(part) // 10)
    part[places] = chance.integers(0, most, len(places), part.dtype) if chance.random() < 0.5 else most


def one_index_for_all(kernel: Kernel, chance: np.random.Generator) -> None:
    """Through the class that people use; its rooms belong to threads."""
    compiled = Compiled(kernel)
    bank = chance.integers(0, 256, (2000, 32), np.uint8)
    asked = compiled.tables(bank, built(compiled, bank, 4))
    for row in range(0, 2000, 40):
        assert asked.lookup(Pdq(bank[row].tobytes()).value, 0).row.tolist() == [row]


TRIALS: tuple[Trial, ...] = (same_answers, damaged_tables, one_index_for_all)
