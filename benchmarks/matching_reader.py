"""Another process that reads the same index, or the peer's, and answers on its standard output: one line for each it is sent.

    python -m benchmarks.matching_reader (store FOLDER | peer FILE) FIRST_QUESTION

The first line tells how long it took to import, to open, and to answer the first question (milliseconds). Then ``ask HEX``
is answered with how many entries are that near, ``many FILE`` with how many matches the questions of an .npy file have.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

Ask = Callable[[str], int]  # one question, in hexadecimal: how many answers


def open_store(folder: str) -> tuple[Callable[[], Ask], Callable[[Path], int]]:
    """What is asked here is what a user asks: `lookup` and `lookup_many` of a store opened by its folder."""
    import numpy as np

    from rempart.engine.fingerprint import Pdq
    from rempart.engine.index.store import IndexStore

    opened: list[IndexStore] = []

    def start() -> Ask:
        opened.append(IndexStore.open(Path(folder)))
        return lambda question: len(opened[0].lookup(Pdq.parse(question)))

    return start, lambda file: len(opened[0].lookup_many(np.load(file)))


def open_peer(file: str) -> tuple[Callable[[], Ask], Callable[[Path], int]]:
    """As HMA's workers do: unpickle the whole index."""
    import pickle

    import numpy as np
    from threatexchange.signal_type.pdq.pdq_index import PDQIndex

    opened: list[PDQIndex[int]] = []

    def start() -> Ask:
        with Path(file).open("rb") as pickled:
            opened.append(pickle.load(pickled))
        return lambda question: len(opened[0].query(question))

    return start, lambda questions: sum(len(opened[0].query(row.tobytes().hex())) for row in np.load(questions))


def main(arguments: list[str]) -> int:
    kind, path, first = arguments
    began = perf_counter()
    start, ask_many = (open_store if kind == "store" else open_peer)(path)
    imported = perf_counter()
    ask = start()
    opened = perf_counter()
    ask(first)
    answered = perf_counter()
    times = {"import": imported - began, "open": opened - imported, "first": answered - opened}
    tell(json.dumps({name: seconds * 1000 for name, seconds in times.items()}))
    for line in sys.stdin:
        verb, what = line.split()
        tell(str(ask(what) if verb == "ask" else ask_many(Path(what))))
    return 0


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
