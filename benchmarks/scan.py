"""Looking through what is stored: pictures a second, beside threatexchange on the same files, and memory over many files.

    python -m benchmarks.scan [--quick] [--json]

The command itself is run, with its processes, its state on the disk and its report; the start of the processes is counted. The
peer hashes and asks in one process, as its users write it, on some of the same files; it writes nothing. By the second of the
processor, what else runs on the machine is not counted, and weighs on both alike.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from threatexchange.signal_type.pdq.pdq_hasher import pdq_from_bytes

from benchmarks.figures import Figure, faster, plain, run, say
from benchmarks.hashing import HD, PEER, as_jpeg, originals
from benchmarks.matching_peers import ThreatExchange
from benchmarks.processes import PRIVATE, family, held_bytes
from rempart.engine import Pdq
from rempart.engine.files import pdq_of_file
from rempart.matcher.lists import UNSTATED_ADVICE, Batch, Entry, Kind, Part, Trust
from rempart.matcher.shelf.writing import ShelfWriter

COMMAND = [sys.executable, "-c", "import sys; from rempart.matcher.scan.command import main; sys.exit(main(sys.argv[1:]))"]
PICTURES = 24
AT_ONCE = 10_000
MIB = 1 << 20
SAMPLE_SECONDS = 0.1
MOST_GROWTH = 16  # MiB, from a quarter of the way to its end


class Size(NamedTuple):
    """How much is measured: names for each picture, entries of the list, small files, files that the peer reads."""

    copies: int
    entries: int
    small: int
    peer_files: int


FULL, QUICK = Size(100, 1_000_000, 100_000, 96), Size(16, 10_000, 10_000, 24)


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """1080p files on one process and two, with views too; then very many small files."""
    copies, entries, small, peer_files = QUICK if asked.quick else FULL
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [as_jpeg(photograph, HD) for photograph in originals(PICTURES)]
        bank = np.random.default_rng(0).integers(0, 256, (entries, 32), np.uint8)
        bank[: len(files)] = [np.frombuffer(pdq_of_file(file).pdq.value, np.uint8) for file in files]
        a_list(folder / "list", bank)
        store(folder / "hd", files, copies)
        peer = peer_rate(bank, files * (peer_files // PICTURES))
        for processes, views in ((1, False), (2, False), (1, True), (2, True)):
            rate, by_processor, met = scan_rate(folder, processes, views=views)
            if met < len(files) * copies:
                raise AssertionError(f"only {met} of {len(files) * copies} files were met")
            called = f"pictures_per_second_{'views_' if views else ''}{processes}_process{'es'[: 2 * (processes > 1)]}"
            yield faster(called, round(rate, 1), "1080p/s", peer=f"{PEER} and PDQIndex", peer_value=round(peer[0], 2))
            if processes == 1:
                called = f"pictures_per_processor_second{'_views' if views else ''}"
                yield faster(called, round(by_processor, 1), "1080p/s", peer=f"{PEER} and PDQIndex", peer_value=round(peer[1], 2))
        yield from memory(folder, small)


def a_list(folder: Path, bank: np.ndarray) -> None:  # type: ignore[type-arg]
    say(f"a list of {len(bank):,}")
    now = datetime.now(UTC)
    with ShelfWriter(folder) as writer:
        for first in range(0, len(bank), AT_ONCE):
            made = tuple(
                Entry(f"e{first + row}", Kind.PICTURE, (Part(Pdq(one.tobytes()), 100),), Trust.HELD, UNSTATED_ADVICE, now)
                for row, one in enumerate(bank[first : first + AT_ONCE])
            )
            writer.take(Batch(str(first), made, is_last=first + AT_ONCE >= len(bank)), now=now)


def store(folder: Path, files: Sequence[bytes], copies: int) -> None:
    """So many names for each; what is read is in the system's memory, as with the peer."""
    folder.mkdir()
    for number, data in enumerate(files):
        first = folder / f"{number:03}-0.jpg"
        first.write_bytes(data)
        for copy in range(1, copies):
            os.link(first, folder / f"{number:03}-{copy}.jpg")


def peer_rate(bank: np.ndarray, files: Sequence[bytes]) -> tuple[float, float]:  # type: ignore[type-arg]
    """Pictures a second, by the clock and by the processor."""
    index = ThreatExchange(bank, np.arange(len(bank), dtype=np.uint64)).index
    began, spent = time.perf_counter(), time.process_time()
    met = sum(bool(index.query(pdq_from_bytes(file)[0])) for file in files)
    if met < len(files):
        raise AssertionError("the peer does not find the pictures of its own list")
    return len(files) / (time.perf_counter() - began), len(files) / (time.process_time() - spent)


def scan_rate(folder: Path, processes: int, *, views: bool) -> tuple[float, float, int]:
    """Pictures a second from the start of the command to its end, by the clock and by all its processes; how many it met."""
    report = folder / f"report-{processes}-{views}.jsonl"
    words = [str(folder / "hd"), "--folder", str(folder / "list"), "-j", str(processes), "-o", str(report)]
    began, spent = time.perf_counter(), children_seconds()
    subprocess.run([*COMMAND, *words, *(["--views"] if views else [])], check=True, capture_output=True)
    seconds, spent = time.perf_counter() - began, children_seconds() - spent
    said = json.loads(report.with_name(f"{report.name}.summary.json").read_text())
    pictures = said["counts"]["pictures"]
    return pictures / seconds, pictures / spent, said["counts"]["files_with_hits"]


def children_seconds() -> float:
    """Of the processor, by all that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory(folder: Path, count: int) -> Iterator[Figure]:
    """Of the command and its processes together, over very many files, each read and hashed."""
    say(f"{count:,} small files")
    small = folder / "small"
    for number in range(count):
        place = small / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.jpg").write_bytes(tiny(number))
    words = [str(small), "--folder", str(folder / "list"), "-j", "2", "-o", str(folder / "small.jsonl")]
    began, samples = time.perf_counter(), []
    with subprocess.Popen([*COMMAND, *words], stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            samples.append(private_bytes(process.pid))
            time.sleep(SAMPLE_SECONDS)
    rate = count / (time.perf_counter() - began)
    quarter = len(samples) // 4
    growth = np.median(samples[-quarter:-1]) - np.median(samples[quarter : 2 * quarter])
    yield plain("small_files_per_second_2_processes", round(rate, 1), "64 × 64/s")
    yield plain(f"memory_mib_over_{count}_files", round(max(samples) / MIB, 1), "MiB")
    yield plain("memory_growth_mib", round(float(growth) / MIB, 1), "MiB", at_most=MOST_GROWTH)


def tiny(number: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(number).integers(0, 256, (64, 64, 3), np.uint8)).save(stream, "JPEG", quality=50)
    return stream.getvalue()


def private_bytes(root: int) -> int:
    """Of a process and all below it; what they share with others (the list on the disk) is not counted."""
    return sum(held_bytes(process, *PRIVATE) for process in family(root))


if __name__ == "__main__":
    sys.exit(run("scan", measure, sys.argv[1:]))
