"""A scan that is cut short anywhere, by anything, ends with the report of one that was not."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.matcher.scan import state
from rempart.matcher.scan.asking import Asked
from rempart.matcher.scan.pieces import Task
from rempart.matcher.scan.reports import Form
from rempart.matcher.scan.running import Job, ScanRefused, opened, run, so_far
from rempart.matcher.scan.scanning import scan
from rempart.matcher.scan.sources import Sources
from rempart.matcher.scan.working import Done, NextTask, OneProcess, Processes, Workers
from tests.matcher.scan.deadly import dying
from tests.matcher.scan.stored import asked, jpeg, zipped

pytestmark = pytest.mark.slow


class Silent:
    def planned(self, files: int) -> None:
        pass

    def done(self, files: int, total: int) -> None:
        assert files <= total


class Cut(BaseException):
    """As a power cut."""


class Fickle:
    """Does tasks in any order, loses some that are done again, tells of some twice, says that some killed their process."""

    def __init__(self, seed: int, until: int) -> None:
        self._chance, self._left = random.Random(seed), until

    def work(self, next_task: NextTask, asked: Asked) -> Iterator[Done]:
        in_hand: list[Task] = []
        while True:
            while len(in_hand) < 3 and (task := next_task()):
                in_hand.append(task)
            if not in_hand:
                return
            if self._left == 0:
                raise Cut
            self._left -= 1
            task = in_hand.pop(self._chance.randrange(len(in_hand)))
            if self._chance.random() < 0.15 and not task.items[0].is_suspect and len(task.items) > 1:
                yield task, None
                continue
            result = scan(task.items, asked)
            yield task, result
            if self._chance.random() < 0.2:
                yield task, result


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    for seed in range(10):
        (folder / f"{seed}.jpg").write_bytes(jpeg(seed))
    (folder / "note.txt").write_text("nothing")
    (folder / "broken.jpg").write_bytes(jpeg()[:500])
    (folder / "many.zip").write_bytes(zipped({f"{number:02}.jpg": jpeg(number % 9) for number in range(70)}))
    return folder


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return asked(tmp_path_factory.mktemp("lists"))


def job(stored: Path, asking: Asked, report: Path) -> Job:
    return Job.of(Sources((str(stored), str(stored / "none.jpg"))), asking, report, Form.JSON_LINES)


def lines_of(report: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in report.read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(stored: Path, asking: Asked, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, object]]:
    report = tmp_path_factory.mktemp("whole") / "report.jsonl"
    said = run(job(stored, asking, report), OneProcess(), Silent())
    return report.read_text(), said


def test_the_report_holds_every_hit_and_every_refusal(whole: tuple[str, dict[str, object]]) -> None:
    lines = [json.loads(line) for line in whole[0].splitlines()]
    assert [(Path(one["path"]).name, one.get("member", ""), one.get("entry") or one["reason"]) for one in lines] == [
        ("7.jpg", "", "listed"),
        ("broken.jpg", "", "unreadable"),
        *(("many.zip", f"{number:02}.jpg", "listed") for number in range(7, 70, 9)),
        ("none.jpg", "", "missing"),
    ]
    said = whole[1]
    assert said["counts"] == {
        "archives": 1, "files": 14, "files_with_hits": 8, "members": 70, "passed_over": 1, "pictures": 81
    }  # fmt: skip
    assert said["refused"] == {"missing": 1, "unreadable": 1}
    assert said["hits"] == {"minors:hold": 8}
    assert said["is_whole"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 6)), max_size=5), tasks=st.integers(1, 4))
def test_cut_short_anywhere_it_ends_with_the_same_report(
    cuts: list[tuple[int, int]],
    tasks: int,
    stored: Path,
    asking: Asked,
    whole: tuple[str, dict[str, object]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    report = tmp_path_factory.mktemp("cut") / "report.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "AT_ONCE", tasks)
        for seed, until in cuts:
            try:
                run(job(stored, asking, report), Fickle(seed, until), Silent())
            except Cut:
                assert not report.exists()
                continue
            break
        if not report.exists():
            run(job(stored, asking, report), Fickle(0, 1000), Silent())
    assert report.read_text() == whole[0]
    said = json.loads(report.with_name("report.jsonl.summary.json").read_text())
    assert {name: said[name] for name in ("counts", "refused", "hits")} == {
        name: whole[1][name] for name in ("counts", "refused", "hits")
    }
    assert sorted(path.name for path in report.parent.iterdir()) == ["report.jsonl", "report.jsonl.summary.json"]


def test_cut_while_the_plan_is_written_it_is_planned_again(stored: Path, asking: Asked, tmp_path: Path) -> None:
    class Interrupted(Silent):
        def planned(self, files: int) -> None:
            raise Cut

    with pytest.raises(Cut):
        run(job(stored, asking, tmp_path / "r.jsonl"), OneProcess(), Interrupted())
    run(job(stored, asking, tmp_path / "r.jsonl"), OneProcess(), Silent())
    assert len(lines_of(tmp_path / "r.jsonl")) == 10


def test_what_is_done_by_now_can_be_seen(stored: Path, asking: Asked, tmp_path: Path) -> None:
    work = job(stored, asking, tmp_path / "r.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "AT_ONCE", 4)
        with pytest.raises(Cut):
            run(work, Fickle(3, 3), Silent())
    assert not so_far(work)["is_whole"]
    before = lines_of(tmp_path / "r.jsonl")
    run(work, OneProcess(), Silent())
    assert {line["path"] for line in before} < {line["path"] for line in lines_of(tmp_path / "r.jsonl")}


def test_another_question_does_not_go_on_with_the_same_state(stored: Path, asking: Asked, tmp_path: Path) -> None:
    with pytest.raises(Cut):
        run(job(stored, asking, tmp_path / "r.jsonl"), Fickle(0, 0), Silent())
    other = Job.of(Sources((str(stored / "1.jpg"),)), asking, tmp_path / "r.jsonl", Form.JSON_LINES)
    with pytest.raises(ScanRefused, match="looked at other files"):
        run(other, OneProcess(), Silent())


def test_one_scan_at_a_time_for_a_report(stored: Path, asking: Asked, tmp_path: Path) -> None:
    work = job(stored, asking, tmp_path / "r.jsonl")
    with opened(work), pytest.raises(ScanRefused, match="Another process"):
        run(work, OneProcess(), Silent())


def test_files_that_kill_their_process_are_told_and_take_nothing_with_them(
    stored: Path, asking: Asked, whole: tuple[str, dict[str, object]], tmp_path: Path
) -> None:
    folder = shutil.copytree(stored, tmp_path / "with deadly ones")
    (folder / "3deadly.jpg").write_bytes(jpeg(3))
    (folder / "deadly.zip").write_bytes(zipped({f"{number}.jpg": jpeg() for number in range(4)}))
    workers: Workers = Processes(2, dying)
    said = run(job(folder, asking, tmp_path / "r.jsonl"), workers, Silent())
    found = [(Path(str(one["path"])).name, one.get("member"), one.get("reason")) for one in lines_of(tmp_path / "r.jsonl")]
    assert ("3deadly.jpg", None, "died") in found
    assert [one for one in found if one[0] == "deadly.zip"] == [
        ("deadly.zip", "0.jpg", None),
        ("deadly.zip", "member 2", "died"),
        ("deadly.zip", "2.jpg", None),
        ("deadly.zip", "3.jpg", None),
    ]
    assert len(found) == len(whole[0].splitlines()) + 5
    assert said["counts"]["files"] == 16
