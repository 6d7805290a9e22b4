"""``rempart hash`` from end to end."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import pdqhash
import pytest
from PIL import Image

from rempart.engine.commands.hash import main
from rempart.engine.commands.workers import Work
from rempart.engine.fingerprint import Pdq
from tests.engine.video.drawn import picture, video

Said = tuple[int, str, str]
Hash = Callable[..., Said]
# A suite started in the background is deaf to Ctrl-C, and so is what it starts: the command must hear it.
HEAR = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
PROGRAM = f"{HEAR}; import sys; from rempart.cli import main; sys.exit(main())"
COMMAND = [sys.executable, "-c", PROGRAM, "hash"]


@pytest.fixture(name="hashed")
def hashed_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hash:
    """Run it in a folder with two pictures, a video and a text: exit code, standard output, standard error."""
    for seed, name in enumerate(("one.png", "two.jpg")):
        Image.fromarray(picture(0, 320, 240, seed)).save(tmp_path / name)
    (tmp_path / "film.mp4").write_bytes(video(seconds=3))
    (tmp_path / "notes.txt").write_text("not a picture")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Said:
        code = main([*words, "--jobs", "1"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def records(text: str) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines()]
    assert len({line["path"] for line in lines}) == len(lines)
    return {line["path"]: line for line in lines}


def reference(path: str) -> tuple[str, int]:
    bits, quality = pdqhash.compute(np.asarray(Image.open(path).convert("RGB")))
    return np.packbits(bits).tobytes().hex(), quality


def test_a_picture_is_one_line(hashed: Hash) -> None:
    code, out, err = hashed("one.png")
    pdq, quality = reference("one.png")
    assert out.split() == [pdq, str(quality), "PNG", "320×240", "one.png"]
    assert (code, err) == (0, "")


def test_a_folder_with_all_that_is_in_it(hashed: Hash) -> None:
    code, out, err = hashed(".")
    assert [line.split()[-1] for line in out.splitlines() if "jpg" in line or "png" in line] == ["./one.png", "./two.jpg"]
    assert "film.mp4  (frames kept: 3, of 3 s" in out
    assert (code, err) == (0, "Neither pictures nor videos: 1.\n")


def test_json_says_everything(hashed: Hash) -> None:
    _, out, _ = hashed("--json", "one.png", "film.mp4")
    found = records(out)
    content = Path("one.png").read_bytes()
    one = found["one.png"]
    assert one["sha256"] == hashlib.sha256(content).hexdigest()
    assert one["md5"] == hashlib.md5(content).hexdigest()
    assert one["bytes"] == len(content)
    assert (one["kind"], one["format"], one["width"], one["height"], one["animated"]) == ("picture", "PNG", 320, 240, False)
    pdq, quality = reference("one.png")
    assert one["pdqs"] == [{"pdq": pdq, "quality": quality, "pipeline": "full", "variant": "whole"}]
    film = found["film.mp4"]
    assert (film["kind"], film["codec"], film["seconds"], film["whole"], film["pruned"]) == ("video", "h264", 2.9, True, 0)
    assert [(frame["frame"], frame["time"]) for frame in film["frames"]] == [(0, 0.0), (10, 1.0), (20, 2.0)]
    assert all(Pdq.parse(frame["pdq"]) for frame in film["frames"])


def test_pipelines_and_turned_forms(hashed: Hash) -> None:
    _, out, _ = hashed("--json", "one.png", "--pipeline", "c512", "--pipeline", "full", "--dihedral")
    made = records(out)["one.png"]["pdqs"]
    assert [one["pipeline"] for one in made] == ["c512"] * 8 + ["full"] * 8
    assert len({one["variant"] for one in made}) == 8
    _, out, _ = hashed("one.png", "--dihedral")
    assert len(out.splitlines()) == 8
    assert "(rotate90, full)" in out


@pytest.mark.parametrize("pipeline", ["full", "c512", "full-fast"])
def test_what_a_bank_stores(hashed: Hash, pipeline: str) -> None:
    _, out, _ = hashed("--json", "one.png", "--variants", "--pipeline", pipeline)
    made = records(out)["one.png"]["pdqs"]
    assert 2 <= len(made) <= 10
    assert (made[0]["variant"], made[0]["pipeline"]) == ("whole", pipeline)
    assert len({(one["variant"], one["pipeline"]) for one in made}) == len(made)


def test_digests_alone_are_of_any_file(hashed: Hash) -> None:
    code, out, _ = hashed("--no-pdq", "notes.txt", "one.png")
    assert out.splitlines()[0] == hashlib.sha256(b"not a picture").hexdigest() + "  notes.txt"
    assert (code, len(out.splitlines())) == (0, 2)


def test_frames_as_wished(hashed: Hash) -> None:
    _, out, _ = hashed("--json", "film.mp4", "--every", "0.5", "--prune", "none")
    assert [frame["frame"] for frame in records(out)["film.mp4"]["frames"]] == [0, 5, 10, 15, 20, 25]
    _, out, _ = hashed("--json", "film.mp4", "--prune", "256")
    assert (len(records(out)["film.mp4"]["frames"]), records(out)["film.mp4"]["pruned"]) == (1, 2)


def test_an_animation_is_a_picture_and_a_video(hashed: Hash) -> None:
    pages = [Image.fromarray(picture(seconds)) for seconds in (0, 1.6, 3.2)]
    pages[0].save("moving.gif", save_all=True, append_images=pages[1:], duration=1000)
    pages[0].save("moving.webp", save_all=True, append_images=pages[1:], duration=1000)
    code, out, _ = hashed("--json", "moving.gif", "moving.webp")
    found = records(out)
    assert code == 0
    assert len(found["moving.gif"]["frames"]) == 3
    assert found["moving.gif"]["animated"]
    assert len(found["moving.gif"]["pdqs"]) == 1
    assert found["moving.webp"]["animated"]


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(hashed: Hash) -> None:
    Path("broken.jpg").write_bytes(Path("two.jpg").read_bytes()[:2000])
    Path("cut.mp4").write_bytes(Path("film.mp4").read_bytes()[:1000])
    code, out, err = hashed("nowhere", "broken.jpg", "cut.mp4", "notes.txt", "one.png")
    assert code == 1
    assert [line.partition(": ")[0] for line in err.splitlines()[:4]] == ["nowhere", "broken.jpg", "cut.mp4", "notes.txt"]
    assert err.endswith("Could not be read: 4.\n")
    assert len(out.splitlines()) == 1


def test_a_fault_of_ours_is_said_and_the_rest_goes_on(hashed: Hash, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("what it was about")

    monkeypatch.setattr("rempart.engine.commands.records.fingerprint_video", fail)
    code, out, err = hashed("film.mp4", "one.png")
    assert (code, len(out.splitlines())) == (1, 1)
    assert "film.mp4: Rempart itself failed on this file (ZeroDivisionError)" in err
    assert "what it was about" not in err


def test_a_file_with_only_sound_is_passed_over_unless_it_is_named(hashed: Hash) -> None:
    Path("sounds").mkdir()
    with av.open("sounds/sound.mp4", "w") as written:
        track = written.add_stream("aac", rate=44100, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        sound.rate = 44100
        written.mux(track.encode(sound))
        written.mux(track.encode(None))
    assert hashed("sounds", "one.png")[::2] == (0, "Neither pictures nor videos: 1.\n")
    code, _, err = hashed("sounds/sound.mp4")
    assert code == 1
    assert "only sound" in err


def test_nothing_there_is_said(hashed: Hash) -> None:
    Path("empty").mkdir()
    code, out, err = hashed("empty")
    assert (code, out, err) == (1, "", "There is no file there.\n")


def test_names_on_standard_input(hashed: Hash, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("two\nlines.png").write_bytes(Path("one.png").read_bytes())
    for words, listed in ((["-"], b"one.png\n\ntwo.jpg"), (["-", "-0"], b"two\nlines.png\0one.png\0")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(listed)))
        code, out, _ = hashed(*words)
        assert (code, len(out.splitlines())) == (0, 2)


def test_a_name_that_is_no_text_is_written_and_found_again(hashed: Hash) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    Path(name).write_bytes(Path("one.png").read_bytes())
    code, out, _ = hashed("--output", "out.jsonl", name)
    assert (code, out) == (0, "")
    assert list(records(Path("out.jsonl").read_text())) == [name]
    assert hashed("--output", "out.jsonl", "--resume", name)[2] == "Written to out.jsonl: 0. There already: 1.\n"


def test_an_output_file_is_gone_on_with(hashed: Hash) -> None:
    code, out, err = hashed("--output", "out.jsonl", "one.png")
    assert (code, out, err) == (0, "", "Written to out.jsonl: 1.\n")
    assert hashed("--output", "out.jsonl", ".")[0] == 1
    code, out, err = hashed("--output", "out.jsonl", "--resume", "one.png", "two.jpg", "film.mp4")
    assert (code, err) == (0, "Written to out.jsonl: 2. There already: 1.\n")
    assert list(records(Path("out.jsonl").read_text())) == ["one.png", "two.jpg", "film.mp4"]


def test_a_file_that_changed_or_is_wanted_otherwise_is_read_again(hashed: Hash) -> None:
    hashed("--output", "out.jsonl", "one.png")
    Path("one.png").write_bytes(Path("two.jpg").read_bytes())
    assert "Written to out.jsonl: 1." in hashed("--output", "out.jsonl", "--resume", "one.png")[2]
    assert "Written to out.jsonl: 1." in hashed("--output", "out.jsonl", "--resume", "--dihedral", "one.png")[2]
    assert "Written to out.jsonl: 0." in hashed("--output", "out.jsonl", "--resume", "--dihedral", "one.png")[2]


def test_the_output_is_not_its_own_input(hashed: Hash) -> None:
    hashed("--no-pdq", "--output", "out.jsonl", ".")
    hashed("--no-pdq", "--output", "out.jsonl", "--resume", ".")
    assert "./out.jsonl" not in records(Path("out.jsonl").read_text())


@pytest.mark.parametrize("output", ["nowhere/out.jsonl", "."])
def test_an_output_that_cannot_be_is_said(hashed: Hash, output: str) -> None:
    code, _, err = hashed("--output", output, "one.png")
    assert code == 1
    assert err.startswith(f"{output}: ")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--resume", "x"],
        ["x", "--jobs", "0"],
        ["x", "--every", "-1"],
        ["x", "--every", "x"],
        ["x", "--prune", "257"],
        ["x", "--pipeline", "y"],
    ],
)
def test_a_misspelt_command_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: rempart hash" in capsys.readouterr().err


def test_the_help_says_that_it_is_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "as secret as the picture" in capsys.readouterr().out


def test_nothing_secret_is_on_standard_error(hashed: Hash) -> None:
    _, _, err = hashed("--output", "out.jsonl", ".", "nowhere")
    made = records(Path("out.jsonl").read_text())
    secrets = [record["sha256"] for record in made.values()] + [made["./one.png"]["pdqs"][0]["pdq"]]
    assert not any(secret[:12] in err for secret in secrets)


def test_ctrl_c_leaves_whole_lines_and_says_how_to_go_on(hashed: Hash, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(files: Any, wanted: Any, jobs: int, work: Work | None = None) -> Iterator[Any]:
        yield from outcomes_before(files, wanted, 1)
        raise KeyboardInterrupt

    from rempart.engine.commands.workers import outcomes

    def outcomes_before(files: list[Any], wanted: Any, jobs: int) -> Iterator[Any]:
        return outcomes(files[:2], wanted, jobs)

    monkeypatch.setattr("rempart.engine.commands.hash.outcomes", stopped)
    code, _, err = hashed("--output", "out.jsonl", "one.png", "two.jpg", "film.mp4")
    assert code == 130
    assert "Written, each line whole: 2." in err
    assert "rempart hash --output out.jsonl one.png two.jpg film.mp4 --jobs 1 --resume" in err
    assert len(records(Path("out.jsonl").read_text())) == 2


def on_a_terminal(folder: Path, *words: str) -> str:
    """What somebody sees who runs it on a terminal."""
    ours, theirs = os.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "200"}
    with subprocess.Popen([*COMMAND, *words], stdout=theirs, stderr=theirs, cwd=folder, env=environment) as running:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # the other end is closed
            while piece := os.read(ours, 1 << 16):
                seen += piece
    os.close(ours)
    assert running.returncode == 0
    return seen.decode()


@pytest.mark.slow
@pytest.mark.usefixtures("hashed")
def test_on_a_terminal_a_bar_tells_how_far_it_is() -> None:
    seen = on_a_terminal(Path.cwd(), "film.mp4")
    assert "Seconds" in seen
    assert "4/4" not in seen
    assert seen.rstrip().endswith("--json shows them)")
    seen = on_a_terminal(Path.cwd(), ".", "--output", "out.jsonl", "--jobs", "1")
    assert "4/4" in seen
    secret = records(Path("out.jsonl").read_text())["./one.png"]["pdqs"][0]["pdq"]
    assert secret not in seen
    assert secret in on_a_terminal(Path.cwd(), "one.png", "two.jpg", "--jobs", "1")


MANY = 1_000  # some seconds of work: whoever sees the first five lines a second late is still in the middle


@pytest.fixture(name="many")
def many_fixture(tmp_path: Path) -> Path:
    """A folder with so many pictures that one can stop in the middle of it."""
    folder = tmp_path / "many"
    folder.mkdir()
    Image.fromarray(picture(0, 1600, 1200)).save(folder / "0.jpg")
    for number in range(1, MANY):
        (folder / f"{number}.jpg").hardlink_to(folder / "0.jpg")
    return folder


def start(many: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [*COMMAND, str(many), "--jobs", "2", "--output", str(many.parent / "out.jsonl"), *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)


def wait_for_lines(many: Path, count: int, running: subprocess.Popen[bytes]) -> None:
    output = many.parent / "out.jsonl"
    while not output.exists() or output.read_bytes().count(b"\n") < count:
        assert running.poll() is None, running.stderr and running.stderr.read()
        time.sleep(0.01)


def nobody_is_left(group: int) -> bool:
    """Wait for the processes of a group to end; whoever waits longer than the test run may is ended by it."""
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_and_nothing_is_lost_or_there_twice(many: Path) -> None:
    with start(many) as running:
        wait_for_lines(many, 5, running)
        running.kill()
    assert nobody_is_left(running.pid)
    before = (many.parent / "out.jsonl").read_bytes()
    assert 5 <= before.count(b"\n") < MANY
    with start(many, "--resume") as running:
        assert running.wait() == 0
    after = (many.parent / "out.jsonl").read_bytes()
    assert after.startswith(before[: before.rfind(b"\n") + 1])
    assert len(records(after.decode())) == MANY
    assert len({record["sha256"] for record in records(after.decode()).values()}) == 1


@pytest.mark.slow
def test_interrupted_in_the_middle_it_ends_at_once_with_whole_lines(many: Path) -> None:
    with start(many) as running:
        wait_for_lines(many, 5, running)
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate()
    assert running.returncode == 130
    assert b"--resume" in err
    assert b"Traceback" not in err
    text = (many.parent / "out.jsonl").read_text()
    assert text.endswith("\n")
    assert 5 <= len(records(text)) < MANY
    assert nobody_is_left(running.pid)
