"""Several processes at one index: news travels, one is killed at any moment, one is forked, one has no compiled half."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from rempart.engine.index.store import IndexStore
from tests.engine.index.other_process import BATCH
from tests.engine.index.stores import arrays, held_by, in_folder, keys_of, open_writer, small_log


def start(role: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.index.other_process", role, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    IndexStore.build(tmp_path / "index", *arrays([]))
    return tmp_path / "index"


@pytest.mark.parametrize("native", ["", "off"])
def test_another_process_sees_a_change_at_its_next_question(folder: Path, native: str) -> None:
    with start("ask", folder, REMPART_NATIVE=native) as reader, open_writer(folder) as writer:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def answer(number: int) -> int:
            reader.stdin.write(f"{number}\n")
            reader.stdin.flush()
            return int(reader.stdout.readline())

        assert reader.stdout.readline() == "open\n"
        assert answer(3) == 0
        writer.add(*arrays([(3, 1), (3, 2), (4, 2)]))
        assert (answer(3), answer(4)) == (2, 1)
        writer.remove(keys_of([2]))
        assert (answer(3), answer(4)) == (1, 0)
        writer.compact()
        assert (answer(3), answer(4)) == (1, 0)
        IndexStore.open(folder).verify()
        reader.stdin.close()


def test_a_forked_reader_reads_on_and_a_forked_writer_does_not_write(folder: Path) -> None:
    with start("fork", folder) as forked:
        said, _ = forked.communicate(timeout=60)
    assert said.splitlines() == ["child 1 IndexBusy", "parent [(0, 0)]", "again"]


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_whole_batches(tmp_path: Path) -> None:
    random = Random(9)
    for turn in range(8):
        folder = tmp_path / str(turn)
        IndexStore.build(folder, *arrays([]))
        reader = IndexStore.open(folder)
        writer = start("write", folder)
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(random.randint(1, 60))][-1]
        writer.kill()
        writer.communicate()
        for found in (held_by(reader), in_folder(folder)):
            check_batches(found, acknowledged)
        with open_writer(folder) as mended:
            check_batches(in_folder(folder), acknowledged)
            mended.compact()
        check_batches(held_by(reader), acknowledged)


def check_batches(found: list[tuple[int, int]], acknowledged: int) -> None:
    """Whole batches, without gaps, all that were acknowledged; of a withdrawn one nothing, but the last may still be there."""
    assert [number for number, _ in found] == [
        BATCH * key + part for key in sorted({k for _, k in found}) for part in range(BATCH)
    ]
    keys = {key for _, key in found}
    last = max([*keys, acknowledged])
    assert {key for key in range(last) if key % 3} <= keys
    assert not {key for key in keys if key % 3 == 0 and (key < last or key <= acknowledged)}


@pytest.mark.slow
def test_readers_in_another_process_only_see_whole_versions(folder: Path) -> None:
    with start("ask-in-threads", folder) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        with small_log(seal_at=20, bulk=60), IndexStore.writer(folder) as writer:
            for number in range(100):
                writer.add(*arrays((BATCH * number + part, number) for part in range(BATCH)))
                if number % 5 == 0:
                    writer.remove(keys_of([number]))
                if number % 20 == 0:
                    writer.compact()
        said, _ = reader.communicate("", timeout=120)
    assert said == f"wrong [] last {80 * BATCH}\n"


@pytest.mark.slow
def test_everything_holds_without_the_compiled_half() -> None:
    here = Path(__file__).parent
    tests = [str(here / name) for name in ("test_store.py", "test_store_life.py", "test_store_damage.py")]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "not slow", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, env={**os.environ, "REMPART_NATIVE": "off"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
