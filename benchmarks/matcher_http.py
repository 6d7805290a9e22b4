"""The matcher over HTTP, as a platform asks it: ``python -m benchmarks matcher_http [--quick] [--json]``.

Two worker processes answer from one list on the disk; the questions come from another process on the same machine, over
127.0.0.1, so that asking and answering share its cores. What the same server reaches with an application that always answers
the same is measured in the same run: no figure of a single look-up can exceed it. Peer: the index class of ``threatexchange``,
which HMA asks, behind the same server, its answers compared with ours.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter, sleep

import numpy as np
from PIL import Image

from benchmarks.figures import Figure, faster, plain, run, say
from benchmarks.matcher_server import KEY, LIST
from benchmarks.matching_peers import THREATEXCHANGE, ThreatExchange
from benchmarks.natural import FOLDER, natural_hashes, uniform_hashes
from benchmarks.processes import SHARED_ONCE, held_bytes
from rempart.engine import IndexStore, Pdq
from rempart.engine.index.interface import HashArray
from rempart.matcher.lists import Act, Advice, Batch, Entry, Kind, Part, Trust
from rempart.matcher.shelf.tables import PARTS_BITS, make
from rempart.matcher.shelf.writing import INDEX, ShelfWriter
from tests.ports import free_port

WORKERS, CONNECTIONS, BATCH = 2, 16, 1_000
PEER_MOST = 1_000_000  # entries: beyond, the peer takes minutes to build and 6.7 GB in each process
CHANGES = 1_000
ROUNDS = 3
ADVICE = Advice(Act.BLOCK, Act.REVIEW)
SINGLES, MILLISECONDS, BATCHED, PLAIN, VARIANTS = 8_000, 10.0, 40_000, 100, 40
VISIBLE, SLOWEST, MEMORY, RESTART = 1.0, 50.0, 2.5e9 / 2**20, 1.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    entries: int
    seconds: float


FULL, QUICK = Size(10_000_000, 8.0), Size(500_000, 2.0)


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """All figures; what is written meanwhile is removed."""
    size = QUICK if asked.quick else FULL
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=FOLDER, prefix="matcher-"))
    try:
        bank = natural_hashes(size.entries, 1)
        make_list(folder, bank)
        questions = folder / "questions.npy"
        np.save(questions, natural_hashes(20_000, 2, "held_out"))
        yield from look_ups(folder, questions, size)
        yield from uploads(folder, size)
        yield from updates(folder, questions, size)
        yield from beside_peer(folder, bank[:PEER_MOST], questions, size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def look_ups(folder: Path, questions: Path, size: Size) -> Iterator[Figure]:
    """Fingerprints, one by one and by the thousand; what the workers hold after it."""
    with serving("constant", folder) as constant:
        limit = best(load(constant, size, "--questions", questions) for _ in range(ROUNDS))
    with serving("ours", folder) as ours:
        single = best(load(ours, size, "--questions", questions) for _ in range(ROUNDS))
        batched = best(load(ours, size, "--questions", questions, "--batch", BATCH, "--connections", 4) for _ in range(ROUNDS))
        yield plain("constant_answer_per_second", limit["rate"], "requests/s")
        yield plain("single_lookups_per_second", single["rate"], "look-ups/s", at_least=SINGLES)
        yield plain("single_p50_ms", single["p50_ms"], "ms")
        yield plain("single_p99_ms", single["p99_ms"], "ms", at_most=MILLISECONDS)
        yield plain("batched_lookups_per_second", batched["rate"] * BATCH, "look-ups/s", at_least=BATCHED)
        yield plain("memory_mib", memory(ours), f"MiB, {WORKERS} workers", at_most=MEMORY)
    began = perf_counter()
    with serving("ours", folder) as again:
        ask(again, {"pdq": "0" * 64})
        yield plain("restart_ready_seconds", perf_counter() - began, "s, first answer", at_most=RESTART)


def uploads(folder: Path, size: Size) -> Iterator[Figure]:
    """JPEG files of 1920 × 1080, hashed by the server."""
    files = pictures(folder)
    for kind, name, least in (("plain", "uploads_1080p", PLAIN), ("ours", "uploads_1080p_variants", VARIANTS)):
        with serving(kind, folder) as server:
            done = best(load(server, size, "--uploads", *files, "--connections", 4) for _ in range(ROUNDS))
        yield plain(f"{name}_per_second", done["rate"], "pictures/s", at_least=least)
        yield plain(f"{name}_p99_ms", done["p99_ms"], "ms")


def updates(folder: Path, questions: Path, size: Size) -> Iterator[Figure]:
    """Batches of 1,000 new entries while look-ups go on: until every worker answers by each, and the slowest answer."""
    rows = uniform_hashes(CHANGES * ROUNDS, 77)
    with serving("ours", folder) as server, ShelfWriter(folder / "lists" / LIST) as writer:
        told: list[dict[str, float]] = []
        asking = threading.Thread(
            target=lambda: told.append(load(server, size, "--questions", questions, "--connections", 2, seconds=ROUNDS * 2.0))
        )
        asking.start()
        sleep(1)
        seconds = []
        for place in range(ROUNDS):
            part = rows[place * CHANGES : (place + 1) * CHANGES]
            began = perf_counter()
            writer.take(batch_of(part, f"new-{place}"), now=datetime.now(UTC))
            for _ in range(4 * WORKERS):  # connections are dealt out by chance: each of them must know it
                while not ask(server, {"pdq": part[-1].tobytes().hex()})["found"]:
                    sleep(0.001)
            seconds.append(perf_counter() - began)
            sleep(0.5)
        asking.join()
    yield plain("update_visible_seconds", max(seconds), f"s, slowest of {ROUNDS}", at_most=VISIBLE)
    yield plain("slowest_during_update_ms", told[0]["slowest_ms"], f"ms, of {told[0]['requests']:,.0f}", at_most=SLOWEST)


def beside_peer(folder: Path, bank: HashArray, questions: Path, size: Size) -> Iterator[Figure]:
    """The same entries, the same server, the same questions."""
    shutil.rmtree(folder / "lists")
    make_list(folder, bank)
    ThreatExchange(bank, np.arange(1, len(bank) + 1, dtype=np.uint64)).dump(folder / "peer.pickle")
    rows = np.load(questions)[:300]
    with serving("peer", folder) as peer:
        theirs = best(load(peer, size, "--questions", questions) for _ in range(ROUNDS))
        said = [sorted(ask(peer, {"pdq": row.tobytes().hex()})) for row in rows]
    with serving("ours", folder) as ours:
        mine = best(load(ours, size, "--questions", questions) for _ in range(ROUNDS))
        answers = [sorted(int(one["entry"]) for one in ask(ours, {"pdq": row.tobytes().hex()})["found"]) for row in rows]
    if said != answers:
        raise AssertionError("the peer found other entries")
    name = f"{THREATEXCHANGE}, same server"
    yield faster(
        "single_beside_peer_per_second", mine["rate"], f"look-ups/s, {len(bank):,}", peer=name, peer_value=theirs["rate"]
    )
    slower = {"value": mine["p99_ms"], "peer": theirs["p99_ms"]}
    yield Figure("single_beside_peer_p99_ms", slower["value"], "ms", name, slower["peer"], slower["peer"] / slower["value"])


# ── what is asked ──


def make_list(folder: Path, bank: HashArray) -> None:
    """As a shelf has it after all was read, each entry of one fingerprint; written at once, which is not what is measured."""
    shelf = folder / "lists" / LIST
    tables = make(shelf)
    now = datetime.now(UTC).timestamp()
    said = ("picture", "self_declared", "block", "review", "", now, '[["whole",null,100]]', "", b"")
    insert = (
        "INSERT INTO entries (number, name, kind, trust, exact, near, classification, updated_at, parts, reference, content,"
        " round) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
    )
    tables.execute("PRAGMA synchronous = OFF")
    tables.execute("BEGIN")
    tables.executemany(insert, ((number, str(number), *said) for number in range(1, len(bank) + 1)))
    tables.execute("UPDATE state SET next_number = ?, held = ?, read_at = ?", (len(bank) + 1, len(bank), now))
    tables.execute("COMMIT")
    tables.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    tables.close()
    keys = np.arange(1, len(bank) + 1, dtype=np.uint64) << np.uint64(PARTS_BITS)
    IndexStore.build(shelf / INDEX, bank, keys)
    say(f"a list of {len(bank):,} entries is on the disk")


def batch_of(rows: HashArray, name: str) -> Batch:
    """New entries."""
    now = datetime.now(UTC)
    entries = (
        Entry(f"{name}-{place}", Kind.PICTURE, (Part(Pdq(row.tobytes()), 100),), Trust.SELF_DECLARED, ADVICE, now)
        for place, row in enumerate(rows)
    )
    return Batch(name, tuple(entries), is_last=True)


def pictures(folder: Path) -> list[Path]:
    """Eight drawn ones of some 500 kB, each unlike the others, with shapes and grain."""
    files = []
    for seed in range(8):
        drawn = np.random.default_rng(seed)
        shapes = Image.fromarray(drawn.integers(0, 256, (9, 16, 3), np.uint8)).resize((1920, 1080), Image.Resampling.BICUBIC)
        detail = Image.fromarray(drawn.integers(0, 256, (270, 480, 3), np.uint8)).resize((1920, 1080), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        Image.blend(shapes, detail, 0.25).save(file, "JPEG", quality=88)
        files.append(folder / f"{seed}.jpg")
        files[-1].write_bytes(file.getvalue())
    return files


# ── processes ──


@dataclass
class Server:
    """Worker processes on one port."""

    port: int
    processes: list[subprocess.Popen[str]]


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[Server]:
    """Ready, and ended afterwards."""
    port = free_port()
    with ExitStack() as ended:
        processes = []
        for slot in range(WORKERS):
            command = [sys.executable, "-m", "benchmarks.matcher_server", kind, str(folder), str(port), str(slot)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            ended.callback(end, process)
            processes.append(process)
        for process in processes:
            assert process.stdout
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("a worker did not start")
        yield Server(port, processes)


def end(process: subprocess.Popen[str]) -> None:
    """And wait for it."""
    process.terminate()
    process.communicate()


def load(server: Server, size: Size, *options: object, seconds: float | None = None) -> dict[str, float]:
    """What the other process measured; nothing may have been refused."""
    command = [sys.executable, "-m", "benchmarks.matcher_load", str(server.port), KEY, *map(str, options)]
    command += ["--seconds", str(seconds or size.seconds)]
    if "--connections" not in options:
        command += ["--connections", str(CONNECTIONS)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    told: dict[str, float] = json.loads(done.stdout)
    if told["refused"]:
        raise AssertionError(f"{told['refused']} of {told['requests']} requests were refused")
    return told


def best(rounds: Iterator[dict[str, float]]) -> dict[str, float]:
    """The round with the highest rate, its latencies with it: the others were disturbed."""
    return max(rounds, key=lambda one: one["rate"])


def ask(server: Server, content: object) -> dict[str, Sequence[dict[str, str]]]:
    """One question, on a connection of its own."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/match", json.dumps(content).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())  # type: ignore[no-any-return]


def memory(server: Server) -> float:
    """MiB of all workers, what they share counted once."""
    return sum(held_bytes(process.pid, *SHARED_ONCE) for process in server.processes) / 2**20


if __name__ == "__main__":
    sys.exit(run("matcher_http", measure, sys.argv[1:]))
