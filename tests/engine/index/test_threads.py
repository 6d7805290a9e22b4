"""One index, asked from many threads and from children of the process."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from rempart.engine.index.exact import ExactIndex
from rempart.engine.index.segment import PLAIN_ROWS, Segment
from rempart.engine.native.library import Kernel, kernels
from tests.engine.index.hashes import keys_for, planted, uniform

BANK = uniform(PLAIN_ROWS, seed=8)
THREADS = 8

every_kernel = pytest.mark.parametrize("kernel", kernels())


def told(segment: Segment, asked: np.ndarray) -> list[tuple[list[int], list[int]]]:
    """Each question alone, then all at once: rows and distances."""
    alone = [segment.lookup(question, 31) for question in asked]
    together = segment.lookup_many(asked, 31, 2)
    assert sorted(together.row.tolist()) == sorted(row for answer in alone for row in answer.row.tolist())
    return [(answer.row.tolist(), answer.distance.tolist()) for answer in alone]


def threads_of_this_process() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@every_kernel
def test_eight_threads_get_each_their_own_answers(kernel: Kernel) -> None:
    count = 4 if kernel is Kernel.NUMPY else 400
    segment = Segment.build(BANK, keys_for(len(BANK)), kernel=kernel)
    questions = [planted(BANK, count, farthest=40, seed=seed)[0] for seed in range(THREADS)]
    wanted = [told(segment, asked) for asked in questions]
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(lambda asked: told(segment, asked), questions)) == wanted


def answer(index: ExactIndex, asked: np.ndarray, pipe: Connection) -> None:
    pipe.send([list(index.lookup_many(asked, threads=2)), list(index.join(asked, threads=2))])


@every_kernel
def test_a_forked_child_answers_as_its_parent(kernel: Kernel) -> None:
    """After the parent has used threads of its own: none outlives a call."""
    index = ExactIndex(BANK, keys_for(len(BANK)), kernel=kernel)
    asked = planted(BANK, 40, farthest=40)[0]
    wanted = list(index.lookup_many(asked, threads=2))
    mine, childs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=answer, args=(index, asked, childs))
    child.start()
    assert mine.poll(60)
    assert mine.recv() == [wanted, wanted]
    child.join(60)
    assert child.exitcode == 0


def test_no_thread_is_left_after_a_call(tmp_path: Path) -> None:
    Segment.write(tmp_path / "one", BANK, keys_for(len(BANK)), threads=4)
    before = threads_of_this_process()
    segment = Segment.open(tmp_path / "one")
    segment.join(np.resize(BANK, (5000, 32)), 31, 4)
    assert threads_of_this_process() == before


def test_processes_share_one_mapped_file(tmp_path: Path) -> None:
    """The mapping is the file's own: nothing of it is copied by reading."""
    Segment.write(tmp_path / "one", BANK, keys_for(len(BANK)))
    segment = Segment.open(tmp_path / "one")
    told(segment, BANK[:100])
    maps = Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace").split(str(tmp_path / "one"))[1:]
    assert len(maps) == 1
    private = [int(line.split()[1]) for line in maps[0].splitlines()[:25] if line.startswith("Private_Dirty")]
    assert private == [0]
