"""An index in a folder gives the answers of the specification, through every change, to every reader."""

from __future__ import annotations

import os
import stat
import threading
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from rempart.engine.errors import EngineError, IndexBusy, IndexExists, IndexNotFound, NotAFingerprint, RadiusRefused
from rempart.engine.fingerprint import Pdq
from rempart.engine.index import compaction
from rempart.engine.index.disk import Disk
from rempart.engine.index.linear import LinearIndex
from rempart.engine.index.locking import without_a_writer
from rempart.engine.index.store import IndexStore
from tests.engine.index.stores import POOL, Entry, arrays, held_by, in_folder, keys_of, open_writer, small_log


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a power cut leaves is another file's matter."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def pdq(number: int) -> Pdq:
    return Pdq(POOL[number].tobytes())


def some(first: int, count: int, step: int = 1) -> list[Entry]:
    return [(number, number // 3) for number in range(first, first + count * step, step)]


def test_a_new_index_answers_as_the_specification(folder: Path) -> None:
    hashes = np.random.default_rng(1).integers(0, 256, (60, 32), dtype=np.uint8)
    near = np.repeat(hashes[:10], 4, axis=0)
    near[:, 5] ^= np.tile(np.array([1, 3, 255, 0], np.uint8), 10)
    bank, keys = np.concatenate((hashes, near)), np.arange(100, dtype=np.uint64) // 2
    store, specification = IndexStore.build(folder, bank, keys), LinearIndex(bank, keys)
    with IndexStore.writer(folder) as writer:
        writer.add(near, np.arange(1000, 1040, dtype=np.uint64))
    specification = LinearIndex(np.concatenate((bank, near)), np.concatenate((keys, np.arange(1000, 1040, dtype=np.uint64))))
    for radius in (0, 1, 8, 31, 47):
        wanted = specification.lookup_many(bank, radius)
        for answer in (store.lookup_many(bank, radius), store.join(bank, radius), store.lookup_many(bank, radius, threads=2)):
            assert list(answer) == list(wanted)
        assert store.lookup(Pdq(bank[3].tobytes()), radius) == specification.lookup(Pdq(bank[3].tobytes()), radius)


def test_nothing_in_it(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays([]))
    assert len(store) == 0
    assert store.lookup(pdq(0)) == []
    assert len(store.lookup_many(POOL)) == len(store.join(POOL)) == 0
    assert store.info().segments == 0
    store.verify()


def test_one_entry_matches(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays([(7, 2**64 - 1)]))
    assert store.lookup(pdq(7)) == [(2**64 - 1, 0)]


def test_an_entry_is_stored_once(folder: Path) -> None:
    IndexStore.build(folder, *arrays([(1, 5), (1, 5), (1, 6), (2, 5), (1, 5)]))
    assert in_folder(folder) == [(1, 5), (1, 6), (2, 5)]
    with IndexStore.writer(folder) as writer:
        assert writer.add(*arrays([(1, 5), (3, 5), (3, 5)])) == 1
        assert writer.add(*arrays([(3, 5), (1, 6)])) == 0
        assert writer.add(*arrays([])) == 0
    assert in_folder(folder) == [(1, 5), (1, 6), (2, 5), (3, 5)]


def test_an_open_reader_sees_every_change_at_its_next_question(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays(some(0, 30)))
    with IndexStore.writer(folder) as writer:
        assert writer.add(*arrays([(100, 7), (101, 7)])) == 2
        assert store.lookup(pdq(100)) == [(7, 0)]
        assert len(store) == len(writer) == 32
        assert writer.remove(keys_of([7])) == 5  # three of the segment, two of the log
        assert store.lookup(pdq(100)) == store.lookup(pdq(21)) == []
        assert len(store) == len(writer) == 27
        assert writer.remove(keys_of([7, 7])) == 0
        writer.add(*arrays([(21, 7)]))
        assert store.lookup(pdq(21)) == [(7, 0)]
        writer.compact()
        assert store.lookup(pdq(21)) == [(7, 0)]
        assert store.lookup(pdq(22)) == store.lookup(pdq(100)) == []


def test_one_fingerprint_of_a_key_is_withdrawn_alone(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays([(1, 5), (2, 5), (1, 6)]))
    with IndexStore.writer(folder) as writer:
        assert writer.remove_pairs(*arrays([(1, 5), (3, 5), (1, 5)])) == 1
        assert held_by(store) == [(1, 6), (2, 5)]
        writer.add(*arrays([(1, 5)]))
        assert held_by(store) == [(1, 5), (1, 6), (2, 5)]
        assert writer.remove_pairs(*arrays([(1, 5)])) == 1
        assert held_by(store) == [(1, 6), (2, 5)]


def test_what_is_withdrawn_is_in_no_file_after_compaction(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays(some(0, 60)))
    with IndexStore.writer(folder) as writer:
        writer.add(*arrays([(200, 9), (201, 9), (202, 90)]))
        writer.remove(keys_of([3, 9]))
        writer.remove_pairs(*arrays([(202, 90), (50, 16)]))
        assert store.info().withdrawn == 10
        writer.compact()
        assert (store.info().withdrawn, store.info().in_log, store.info().segments) == (0, 0, 1)
    gone = [*range(9, 12), *range(27, 30), 50, 200, 201, 202]
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not [number for number in gone if POOL[number].tobytes() in everything]
    assert POOL[8].tobytes() in everything
    assert sorted(path.name.partition("-")[0] for path in folder.iterdir()) == ["CURRENT", "LOCK", "log", "segment"]


def test_everything_withdrawn(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays(some(0, 9)))
    with IndexStore.writer(folder) as writer:
        assert writer.remove(keys_of(range(10))) == 9
        writer.compact()
        assert (len(store), store.info().segments) == (0, 0)
        writer.add(*arrays(some(0, 9)))
    assert in_folder(folder) == some(0, 9)


def test_a_batch_too_large_for_the_log_goes_beside_it(folder: Path) -> None:
    with small_log(seal_at=100, bulk=20):
        store = IndexStore.build(folder, *arrays(some(0, 10)))
        with open_writer(folder) as writer:
            writer.add(*arrays(some(10, 5)))
            assert writer.add(*arrays(some(0, 200))) == 185
            assert (store.info().in_log, held_by(store)) == (0, some(0, 200))
            assert writer.remove(keys_of(range(30))) == 90
            assert held_by(store) == some(90, 110)
            assert writer.remove_pairs(*arrays(some(90, 100))) == 100
            assert held_by(store) == some(190, 10)
            writer.compact()
    assert in_folder(folder) == some(190, 10)


def test_a_batch_is_seen_only_once_it_is_on_the_disk(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays([]))
    seen: list[tuple[int, int]] = []

    class Peeking(Disk):
        def sync(self, descriptor: int) -> None:
            seen.append((len(store), len(IndexStore.open(folder))))
            super().sync(descriptor)

    with open_writer(folder, Peeking()) as writer:
        seen.clear()
        writer.add(*arrays(some(0, 3)))
        assert seen == [(0, 0)]
    assert (len(store), len(IndexStore.open(folder))) == (3, 3)


def test_the_last_batch_is_seen_though_the_power_took_the_word_that_showed_it(folder: Path) -> None:
    """Whoever opens the index sees it, before any writer does; and goes on seeing it when one comes."""
    IndexStore.build(folder, *arrays([]))
    log = next(folder.glob("log-*"))
    page = log.read_bytes()
    with open_writer(folder) as writer:
        writer.add(*arrays(some(0, 3)))
    with log.open("r+b") as file:
        file.write(page)
    store = IndexStore.open(folder)
    assert held_by(store) == some(0, 3)
    with open_writer(folder) as writer:
        assert held_by(store) == some(0, 3)
        writer.add(*arrays(some(3, 3)))
        assert held_by(store) == some(0, 6)


def test_a_reader_that_opens_does_not_keep_a_writer_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    IndexStore.build(folder, *arrays([]))
    looking = ExitStack()
    assert looking.enter_context(without_a_writer(folder))
    with pytest.raises(IndexBusy):
        IndexStore.writer(folder)
    monkeypatch.setattr(os, "sched_yield", looking.close)
    with IndexStore.writer(folder), without_a_writer(folder) as is_still:
        assert not is_still


def test_segments_stay_few(folder: Path) -> None:
    with small_log():
        store = IndexStore.build(folder, *arrays([]))
        with open_writer(folder) as writer:
            for start in range(0, 512, 4):
                writer.add(*arrays(some(start, 4)))
                assert store.info().segments <= 4
            assert store.info().generation > 64
    assert in_folder(folder) == some(0, 512)


def test_many_withdrawals_are_cleared_without_being_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "MOST_TOMBSTONES", 10)
    store = IndexStore.build(folder, *arrays((number, number) for number in range(200)))
    with small_log(), open_writer(folder) as writer:
        for key in range(100):
            writer.remove(keys_of([key]))
        assert store.info().withdrawn < 20
    assert in_folder(folder) == [(number, number) for number in range(100, 200)]


def test_an_index_of_more_than_one_segment_can_hold(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "MOST_ROWS", 64)
    pieces = [arrays(some(start, 50)) for start in (0, 40, 80, 120)]
    store = IndexStore.build_from(folder, iter(pieces))
    assert (store.info().segments, held_by(store)) == (4, some(0, 170))
    with IndexStore.writer(folder) as writer:
        writer.remove(keys_of([0, 50]))
        writer.compact()
    assert store.info().withdrawn == 0
    assert in_folder(folder) == [entry for entry in some(0, 170) if entry[1] not in {0, 50}]


def test_building_replaces_only_when_told(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays(some(0, 5)))
    with pytest.raises(IndexExists, match="already"):
        IndexStore.build(folder, *arrays(some(5, 5)))
    assert held_by(store) == some(0, 5)
    IndexStore.build(folder, *arrays(some(5, 5)), replace=True)
    assert held_by(store) == in_folder(folder) == some(5, 5)


def test_an_index_with_a_damaged_beginning_can_be_rebuilt(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays(some(0, 5)))
    (folder / "CURRENT").write_bytes(b"rubbish")
    IndexStore.build(folder, *arrays(some(5, 5)), replace=True)
    assert held_by(store) == in_folder(folder) == some(5, 5)


def test_a_build_that_stops_midway_changes_nothing(folder: Path) -> None:
    def broken() -> object:
        yield arrays(some(0, 5))
        raise NotAFingerprint("line 6")

    with pytest.raises(NotAFingerprint):
        IndexStore.build_from(folder, broken())  # type: ignore[arg-type]
    with pytest.raises(IndexNotFound):
        IndexStore.open(folder)
    IndexStore.build(folder, *arrays(some(0, 5)))
    with pytest.raises(NotAFingerprint):
        IndexStore.build_from(folder, broken(), replace=True)  # type: ignore[arg-type]
    assert in_folder(folder) == some(0, 5)


def test_a_folder_with_other_files_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(EngineError, match="other files"):
        IndexStore.build(folder, *arrays(some(0, 5)), replace=True)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    with pytest.raises(EngineError, match="is a file"):
        IndexStore.build(folder / "thesis.txt", *arrays(some(0, 5)))


def test_where_there_is_no_index(folder: Path) -> None:
    for act in (IndexStore.open, IndexStore.writer):
        with pytest.raises(IndexNotFound, match="no index in the folder"):
            act(folder)
    assert not folder.exists()


def test_one_writes_at_a_time(folder: Path) -> None:
    IndexStore.build(folder, *arrays(some(0, 5)))
    with IndexStore.writer(folder):
        for act in (lambda: IndexStore.writer(folder), lambda: IndexStore.build(folder, *arrays([]), replace=True)):
            with pytest.raises(IndexBusy, match="Another process is writing"):
                act()
    with IndexStore.writer(folder) as writer:
        writer.add(*arrays(some(5, 5)))
    with pytest.raises(EngineError, match="is closed: open it again"):
        writer.add(*arrays(some(10, 5)))
    assert in_folder(folder) == some(0, 10)


def test_only_the_owner_may_read(folder: Path) -> None:
    before = os.umask(0)
    try:
        IndexStore.build(folder, *arrays(some(0, 50)))
        with small_log(), open_writer(folder) as writer:
            writer.remove(keys_of([3]))
            writer.add(*arrays(some(50, 10)))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.name.partition("-")[0] for path in folder.iterdir()} == {"CURRENT", "LOCK", "log", "segment", "withdrawn"}


def test_what_is_asked_wrongly_is_refused(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays(some(0, 5)))
    for radius in (-1, 48, True, 3.0):
        with pytest.raises(RadiusRefused):
            store.lookup(pdq(0), radius)  # type: ignore[arg-type]
    with pytest.raises(NotAFingerprint):
        store.lookup_many(POOL[:, :31])
    with IndexStore.writer(folder) as writer:
        with pytest.raises(NotAFingerprint):
            writer.add(POOL[:2].astype(np.int64), keys_of([1, 2]))  # type: ignore[arg-type]
        for wrong in (keys_of([1]), np.array([-1, 2]), np.array([0.5, 1.0])):
            with pytest.raises(ValueError, match="one key for each"):
                writer.add(POOL[:2], wrong)
    assert in_folder(folder) == some(0, 5)


def test_nothing_shows_a_fingerprint(folder: Path) -> None:
    store = IndexStore.build(folder, *arrays(some(0, 5)))
    with IndexStore.writer(folder) as writer:
        shown = f"{store!r} {store} {writer!r} {store.info()} {store._current()!r}"
    assert POOL[0].tobytes().hex()[:8] not in shown
    assert str(POOL[0][0]) + " " + str(POOL[0][1]) not in shown


def test_eight_threads_ask_while_one_writes(folder: Path) -> None:
    """Pictures of four fingerprints each come and go: a question about all four finds all or none."""
    store = IndexStore.build(folder, *arrays([]))
    over = threading.Event()
    wrong: list[object] = []

    def ask(seed: int) -> None:
        random = np.random.default_rng(seed)
        try:
            while not over.is_set():
                picture = int(random.integers(0, 100))
                found = len(store.lookup_many(POOL[4 * picture : 4 * picture + 4], 0))
                if found not in {0, 4}:
                    wrong.append(found)
                over.wait(0.001)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    with small_log(seal_at=12), IndexStore.writer(folder) as writer:
        for turn in range(120):
            picture = turn % 100
            writer.add(*arrays((4 * picture + part, picture) for part in range(4)))
            if turn % 3 == 0:
                writer.remove(keys_of([picture]))
            if turn % 40 == 0:
                writer.compact()
    over.set()
    for thread in threads:
        thread.join()
    assert not wrong
    last_turns = [picture + 100 if picture < 20 else picture for picture in range(100)]
    assert in_folder(folder) == [
        (4 * turn % 400 + part, turn % 100)
        for turn in sorted(last_turns, key=lambda turn: turn % 100)
        if turn % 3
        for part in range(4)
    ]


def test_a_writer_in_the_background_ends_with_the_same(folder: Path) -> None:
    IndexStore.build(folder, *arrays([]))
    with small_log(), IndexStore.writer(folder) as writer:
        for start in range(0, 300, 3):
            writer.add(*arrays(some(start, 3)))
        writer.settle()
        assert IndexStore.open(folder).info().in_log < 8
    assert in_folder(folder) == some(0, 300)
