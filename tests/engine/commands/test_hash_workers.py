"""Files shared out over processes."""

from __future__ import annotations

import os
from time import sleep

import pytest

from rempart.engine.commands.finding import FoundFile
from rempart.engine.commands.records import Outcome, Wanted
from rempart.engine.commands.workers import DIED, outcomes, usual_jobs

FILES = [FoundFile(f"{number}", number, 0, is_named=True) for number in range(30)]


def echo(file: FoundFile, wanted: Wanted) -> Outcome:
    return Outcome(file, {"path": file.path})


def die_of_some(file: FoundFile, wanted: Wanted) -> Outcome:
    if file.file_bytes in (7, 8, 20):
        os._exit(1)
    return echo(file, wanted)


def never_end_but_one(file: FoundFile, wanted: Wanted) -> Outcome:
    if file.file_bytes:
        sleep(3600)
    return echo(file, wanted)


def fail(file: FoundFile, wanted: Wanted) -> Outcome:
    raise ZeroDivisionError


def test_one_job_starts_nothing_and_keeps_the_order() -> None:
    assert [one.file for one in outcomes(FILES, Wanted(), 1, echo)] == FILES


def test_there_is_at_least_one_core() -> None:
    assert usual_jobs() >= 1


def test_no_file_no_process() -> None:
    assert list(outcomes([], Wanted(), 2, fail)) == []


@pytest.mark.slow
def test_each_file_once() -> None:
    assert sorted(one.file.file_bytes for one in outcomes(FILES, Wanted(), 2, echo)) == list(range(30))


@pytest.mark.slow
def test_a_file_that_kills_takes_nothing_with_it() -> None:
    found = {one.file.file_bytes: one for one in outcomes(FILES, Wanted(), 2, die_of_some)}
    assert sorted(found) == list(range(30))
    assert {number for number, one in found.items() if one.refusal == DIED and one.record is None} == {7, 8, 20}


@pytest.mark.slow
def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        list(outcomes(FILES, Wanted(), 2, fail))


@pytest.mark.slow
def test_who_stops_listening_leaves_no_process_behind() -> None:
    import multiprocessing

    listening = outcomes(FILES, Wanted(), 2, never_end_but_one)
    next(listening)
    assert len(multiprocessing.active_children()) >= 1
    listening.close()  # type: ignore[attr-defined]
    while multiprocessing.active_children():  # one that does not end is ended by whoever runs the tests
        sleep(0.01)
