"""Whatever happened to the bytes of an index, it answers right or says that it is damaged; it never breaks or invents."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.errors import IndexDamaged, IndexNotFound
from rempart.engine.index import disk
from rempart.engine.index.segment import Segment
from rempart.engine.index.store import IndexStore
from tests.engine.index.stores import POOL, Entry, arrays, held_by, keys_of, open_writer, small_log

SAID = (IndexDamaged, IndexNotFound)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], list[Entry]]:
    """An index that has a file of each kind: two segments, withdrawals, a log that adds and withdraws."""
    folder = tmp_path_factory.mktemp("whole") / "index"
    IndexStore.build(folder, *arrays((number, number // 3) for number in range(61)))
    with small_log(seal_at=100, bulk=4), open_writer(folder) as writer:
        writer.remove(keys_of([2]))
        writer.remove_pairs(*arrays([(20, 6)]))
        writer.add(*arrays((number, 50) for number in range(100, 105)))
        writer.add(*arrays([(110, 51), (111, 51)]))
        writer.remove(keys_of([3]))
        writer.remove_pairs(*arrays([(110, 51)]))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name.partition("-")[0] for name in files} == {"CURRENT", "LOCK", "log", "segment", "withdrawn"}
    assert len(files) == 6
    return files, held_by(IndexStore.open(folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


def lay(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def answers_or_says_so(folder: Path, right: list[Entry]) -> str:
    """Open, ask, verify, write. Returns what was said of the damage."""
    try:
        store = IndexStore.open(folder)
        found = held_by_if_whole(store)
        store.verify()
        assert found == right
        with open_writer(folder) as writer:
            assert writer.add(*arrays([(300, 9)])) == 1
        assert (300, 9) in held_by(store)
    except SAID as said:
        return str(said)
    return ""


def held_by_if_whole(store: IndexStore) -> list[Entry]:
    found = store.lookup_many(POOL, 0)
    return sorted(zip(found.question.tolist(), found.key.tolist(), strict=True))


def test_undamaged_it_answers(whole: tuple[dict[str, bytes], list[Entry]], folder: Path) -> None:
    lay(folder, whole[0])
    assert not answers_or_says_so(folder, whole[1])


def flips(files: dict[str, bytes], every: int) -> Iterator[tuple[str, int]]:
    return ((name, place) for name in sorted(files) for place in range(0, len(files[name]), every))


@pytest.mark.parametrize(
    "every", [pytest.param(41, id="every 41st byte"), pytest.param(1, marks=pytest.mark.slow, id="every byte")]
)
def test_verifying_finds_any_byte_that_changed(whole: tuple[dict[str, bytes], list[Entry]], folder: Path, every: int) -> None:
    files, right = whole
    lay(folder, files)
    missed = []
    for name, place in flips(files, every):
        with (folder / name).open("r+b") as file:
            changed = files[name][place] ^ (1 << place % 8)
            os.pwrite(file.fileno(), bytes([changed]), place)
            try:
                store = IndexStore.open(folder)
                held_by_if_whole(store)
                store.verify()
                missed.append((name, place))
            except SAID:
                pass
            os.pwrite(file.fileno(), files[name][place : place + 1], place)
    assert not missed
    assert held_by(IndexStore.open(folder)) == right


@given(damage=st.data())
def test_any_damage_is_said_or_harmless(whole: tuple[dict[str, bytes], list[Entry]], folder: Path, damage: st.DataObject) -> None:
    files, right = dict(whole[0]), whole[1]
    names = sorted(name for name in files if name != "LOCK")
    for _ in range(damage.draw(st.integers(1, 3))):
        name = damage.draw(st.sampled_from(names))
        data = bytearray(files[name])
        kind = damage.draw(st.sampled_from(["bytes", "cut", "longer", "swap", "zeros", "repeat"]))
        place = damage.draw(st.integers(0, len(data)))
        if kind == "bytes":
            written = damage.draw(st.binary(min_size=1, max_size=80))
            data[place : place + len(written)] = written
        elif kind == "cut":
            del data[place:]
        elif kind == "longer":
            data += damage.draw(st.binary(min_size=1, max_size=200))
        elif kind == "zeros":
            data[place : place + 64] = bytes(len(data[place : place + 64]))
        elif kind == "repeat":
            data[place:place] = data[max(0, place - 64) : place]
        else:
            other = damage.draw(st.sampled_from(names))
            files[other], data = bytes(data), bytearray(files[other])
        files[name] = bytes(data)
    lay(folder, files)
    said = answers_or_says_so(folder, right)
    assert not said or said.endswith(".")


@pytest.mark.parametrize("gone", ["CURRENT", "segment", "withdrawn", "log"])
def test_a_file_that_is_gone_is_named(whole: tuple[dict[str, bytes], list[Entry]], folder: Path, gone: str) -> None:
    files = {name: data for name, data in whole[0].items() if not name.startswith(gone)}
    lay(folder, files)
    for act in (IndexStore.open, IndexStore.writer):
        with pytest.raises(SAID, match="no index" if gone == "CURRENT" else f"missing: {gone}-"):
            act(folder)


def test_a_folder_in_the_place_of_a_file(whole: tuple[dict[str, bytes], list[Entry]], folder: Path) -> None:
    for name in whole[0]:
        lay(folder, whole[0])
        if name != "LOCK":
            (folder / name).unlink()
            (folder / name).mkdir()
            with pytest.raises(IndexDamaged):
                IndexStore.open(folder)


def test_a_newer_format_is_refused_with_its_number(folder: Path) -> None:
    shutil.rmtree(folder)
    IndexStore.build(folder, *arrays([(1, 1)]))
    text = (folder / "CURRENT").read_bytes().rpartition(b"check")[0].replace(b"index 1", b"index 2")
    (folder / "CURRENT").write_bytes(text + b"check %d\n" % zlib.crc32(text))
    with pytest.raises(IndexDamaged, match="written in format 2"):
        IndexStore.open(folder)


def test_damage_that_comes_while_it_is_open(whole: tuple[dict[str, bytes], list[Entry]], folder: Path) -> None:
    """A reader that has news to read finds it rotten: it says so at every question, and answers nothing older."""
    lay(folder, whole[0])
    store = IndexStore.open(folder)
    with open_writer(folder) as writer:
        writer.add(*arrays([(300, 9)]))
    log = next(folder.glob("log-*"))
    data = bytearray(log.read_bytes())
    data[-1] ^= 1
    with log.open("r+b") as file:
        file.write(data)
    for _ in range(2):
        with pytest.raises(IndexDamaged, match="log-"):
            store.lookup_many(POOL)


def test_a_disk_that_is_full_loses_nothing(folder: Path) -> None:
    shutil.rmtree(folder)
    store = IndexStore.build(folder, *arrays([(1, 1)]))

    class Full(disk.Disk):
        def write(self, descriptor: int, data: bytes, offset: int) -> None:
            super().write(descriptor, data[: len(data) // 2], offset)
            raise OSError(28, "No space left on device")

    with open_writer(folder) as writer:
        writer.add(*arrays([(2, 2)]))
        writer._disk = writer._publisher.disk = Full()
        with pytest.raises(OSError, match="No space left"):
            writer.add(*arrays([(3, 3), (4, 3)]))
        with pytest.raises(Exception, match="stopped after an error: open it again"):
            writer.add(*arrays([(5, 5)]))
    assert held_by(store) == [(1, 1), (2, 2)]
    with open_writer(folder) as writer:
        writer.add(*arrays([(5, 5)]))
    assert held_by(store) == [(1, 1), (2, 2), (5, 5)]


def test_a_changed_byte_between_two_parts_of_a_segment_is_found(folder: Path) -> None:
    shutil.rmtree(folder)
    IndexStore.build(folder, *arrays((number, number) for number in range(301)))
    path = next(folder.glob("segment-*"))
    data = bytearray(path.read_bytes())
    for place in (512 + 301 * 32 + 7, len(data) - 1):
        path.write_bytes(bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]]))
        with pytest.raises(IndexDamaged):
            IndexStore.open(folder).verify()


def test_a_segment_in_the_place_of_another_is_found(folder: Path) -> None:
    shutil.rmtree(folder)
    IndexStore.build(folder, *arrays((number, number) for number in range(9)))
    path = next(folder.glob("segment-*"))
    Segment.write(path, *arrays((number, number) for number in range(10, 19)))
    with pytest.raises(IndexDamaged, match=r"segment-1\.ring is not the file that was written"):
        IndexStore.open(folder)
