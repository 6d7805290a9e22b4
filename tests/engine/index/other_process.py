"""Another process at an index, for the tests: ``python -m tests.engine.index.other_process ROLE FOLDER``."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from rempart.engine.errors import EngineError
from rempart.engine.index.store import IndexStore
from tests.engine.index.stores import POOL, arrays, held_by, keys_of, small_log

BATCH = 4


def write_until_killed(folder: Path) -> None:
    """Batches of four, each with a key of its own, from where the index stands; every third is withdrawn again."""
    with small_log(seal_at=20), IndexStore.writer(folder) as writer:
        for number in range(len(POOL) // BATCH):
            writer.add(*arrays((BATCH * number + part, number) for part in range(BATCH)))
            if number % 3 == 0:
                writer.remove(keys_of([number]))
            say(number)


def ask(folder: Path) -> None:
    """For each line read, a number of the pool: how many entries are found."""
    store = IndexStore.open(folder)
    say("open")
    for line in sys.stdin:
        say(len(store.lookup_many(POOL[int(line) : int(line) + 1], 0)))


def fork(folder: Path) -> None:
    """A reader and a writer that are forked: the child reads news, and may not write; the parent may."""
    store, writer = IndexStore.open(folder), IndexStore.writer(folder)
    store._looking.acquire()  # as if another thread were looking for news at the moment of the fork
    news, told = os.pipe()
    child = os.fork()
    if not child:
        os.read(news, 1)
        found = len(store.lookup_many(POOL[:1], 0))
        try:
            writer.add(*arrays([(1, 1)]))
        except EngineError as error:
            say(f"child {found} {type(error).__name__}")
        os._exit(0)
    store._looking.release()
    writer.add(*arrays([(0, 0)]))
    os.write(told, b"!")
    os.waitpid(child, 0)
    say(f"parent {held_by(store)}")
    writer.close()
    with IndexStore.writer(folder):
        say("again")


def ask_in_threads(folder: Path) -> None:
    """Eight threads ask about each batch over and over: all four of it are there or none. Ends with its input."""
    store, wrong, over = IndexStore.open(folder), [], threading.Event()

    def loop(first: int) -> None:
        while not over.is_set():
            for number in range(first, len(POOL) // BATCH, 8):
                found = len(store.lookup_many(POOL[BATCH * number : BATCH * (number + 1)], 0))
                if found not in {0, BATCH}:
                    wrong.append(found)

    threads = [threading.Thread(target=loop, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    say("open")
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    say(f"wrong {wrong} last {len(store)}")


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"write": write_until_killed, "ask": ask, "fork": fork, "ask-in-threads": ask_in_threads}[sys.argv[1]](Path(sys.argv[2]))
