"""What an index costs beside its answers: a change until another process sees it, a start, the memory of four processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Self

import numpy as np

from benchmarks.figures import Figure, plain, say, shorter
from benchmarks.matching_peers import THREATEXCHANGE
from benchmarks.matching_setting import FIRST_KEY, Setting, natural_questions
from benchmarks.matching_speed import within
from benchmarks.natural import uniform_hashes
from rempart.engine.index.interface import HashArray
from rempart.engine.index.store import IndexStore

MILLISECONDS = 1e3
PROCESSES, QUESTIONS_EACH = 4, 10_000
PEER_QUESTIONS = 1_000
TWO_GB = 2e9 / 2**20  # MiB
CHANGE_MS, OPEN_MS = 10.0, 20.0
PEER_FILE = "peer.pickle"


class Reader:
    """A process of its own, asked through a pipe. See `benchmarks.matching_reader`."""

    def __init__(self, kind: str, path: Path, first_question: HashArray) -> None:
        began = perf_counter()
        command = [sys.executable, "-m", "benchmarks.matching_reader", kind, str(path), first_question.tobytes().hex()]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.milliseconds: dict[str, float] = json.loads(self._answer())
        self.milliseconds["whole"] = (perf_counter() - began) * MILLISECONDS

    def ask(self, question: HashArray) -> int:
        """How many entries it finds."""
        self._send(f"ask {question.tobytes().hex()}")
        return int(self._answer())

    def ask_many(self, questions: Path) -> int:
        """How many matches it finds for the questions of this file."""
        self._send(f"many {questions}")
        return int(self._answer())

    def memory(self) -> float:
        """MiB in use, what is shared counted by shares (PSS)."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024

    def _send(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _answer(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the other process ended before it answered")
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


def changes(setting: Setting) -> Iterator[Figure]:
    """From the call that adds or withdraws, which returns once the change is on the disk, to another process's answer.

    What is added is far from everything, so that the answer tells; it is withdrawn at the end.
    """
    added, withdrawn = [], []
    rows = uniform_hashes(setting.size.changes + 1, 21)
    with Reader("store", setting.store_folder, rows[-1]) as reader, IndexStore.writer(setting.store_folder) as writer:
        for number, row in enumerate(rows[:-1]):
            key = FIRST_KEY - 1 - number
            began = perf_counter()
            writer.add(row[None], np.array([key], np.uint64))
            seen = reader.ask(row)
            added.append((perf_counter() - began) * MILLISECONDS)
            began = perf_counter()
            writer.remove(np.array([key], np.uint64))
            left = reader.ask(row)
            withdrawn.append((perf_counter() - began) * MILLISECONDS)
            if (seen, left) != (1, 0):
                raise AssertionError(f"another process found {seen} of 1 added, and {left} after it was withdrawn")
    yield from change_figures(setting, added, withdrawn)


def change_figures(setting: Setting, added: list[float], withdrawn: list[float]) -> Iterator[Figure]:
    """The middle one, and the slowest, which says most of the disk."""
    peer = setting.threatexchange()
    probe = uniform_hashes(2, 22)
    add = float(np.median([peer.add_seconds(row, number) for number, row in enumerate(probe)])) * MILLISECONDS
    rebuilt = peer.build_seconds * MILLISECONDS
    for name, taken, whose, theirs in (
        ("add", added, THREATEXCHANGE, add),
        ("withdraw", withdrawn, f"{THREATEXCHANGE}, built again", rebuilt),
    ):
        middle = shorter(f"{name}_ms", float(np.median(taken)), "ms", peer=whose, peer_value=theirs)
        yield within(middle, CHANGE_MS)
        yield plain(f"{name}_slowest_ms", max(taken), f"ms, of {len(taken)}", at_most=CHANGE_MS)


def opening(setting: Setting) -> Iterator[Figure]:
    """In a new process, after its imports: from the folder's name to the first answer. Files are in the system's cache."""
    questions = natural_questions(setting.bank, setting.size.opened)
    told = []
    for question in questions:
        with Reader("store", setting.store_folder, question) as reader:
            told.append(reader.milliseconds)
    taken = float(np.median([one["open"] + one["first"] for one in told]))
    with Reader("peer", peer_file(setting), questions[0]) as reader:
        theirs = reader.milliseconds
        reader.ask_many(questions_file(setting, PEER_QUESTIONS))
        setting.learnt["peer_memory"] = reader.memory()
    peer = {"peer": f"{THREATEXCHANGE}, unpickled", "peer_value": theirs["open"] + theirs["first"]}
    yield within(shorter("open_ms", taken, "ms", **peer), OPEN_MS)
    whole = float(np.median([one["whole"] for one in told]))
    yield shorter("open_with_imports_ms", whole, "ms", peer=peer["peer"], peer_value=theirs["whole"])


def memory(setting: Setting) -> Iterator[Figure]:
    """Of four processes that have each answered ten thousand questions. The peer's is that of one, four times."""
    questions = questions_file(setting, QUESTIONS_EACH)
    with ExitStack() as running:
        first = natural_questions(setting.bank, PROCESSES)
        readers = [running.enter_context(Reader("store", setting.store_folder, row)) for row in first]
        for reader in readers:
            reader.ask_many(questions)
        used = sum(reader.memory() for reader in readers)
    peer = setting.learnt.get("peer_memory")
    if peer is None:
        yield plain("memory_4_processes_mib", used, "MiB", at_most=TWO_GB)
        return
    figure = shorter("memory_4_processes_mib", used, "MiB", peer=THREATEXCHANGE, peer_value=PROCESSES * peer)
    yield within(figure, TWO_GB)


def questions_file(setting: Setting, count: int) -> Path:
    """For other processes."""
    file = setting.folder / f"questions-{count}.npy"
    if not file.exists():
        np.save(file, natural_questions(setting.bank, count))
    return file


def peer_file(setting: Setting) -> Path:
    """The peer as HMA keeps it; once written, its memory is given back."""
    file = setting.folder / PEER_FILE
    if not file.exists():
        began = perf_counter()
        setting.threatexchange().dump(file)
        say(f"{THREATEXCHANGE} pickled in {perf_counter() - began:.1f} s")
        setting.forget_peer()
    return file
