"""Files as they come: turned, damaged, cut, lying, without picture, and long."""

from __future__ import annotations

import hashlib
import io
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.engine.errors import PartMissing, UnreadableVideo
from rempart.engine.fingerprint import Pipeline
from rempart.engine.pdq import pdq
from rempart.engine.video import fingerprint_video, match_videos
from rempart.engine.video.reading import NoMovingPicture, open_video, pixels_of
from tests.engine.video.drawn import HEIGHT, WIDTH, picture, turned, video

PLAIN = video(seconds=4)
KEYS = {"g": "5"}


def test_one_frame_a_second_with_its_time_and_the_picture_it_shows() -> None:
    made = fingerprint_video(PLAIN, prune=None)
    frames = list(made.fingerprint)
    assert [(frame.number, frame.time) for frame in frames] == [(0, 0.0), (10, 1.0), (20, 2.0), (30, 3.0)]
    for frame in frames:
        assert frame.pdq.distance(pdq(picture(frame.time)).pdq) <= 31
        assert frame.quality > 50
    assert (made.width, made.height, made.codec) == (WIDTH, HEIGHT, "h264")
    assert made.is_whole
    assert made.seconds == pytest.approx(3.9)
    assert made.digests.sha256.value == hashlib.sha256(PLAIN).digest()
    assert made.digests.md5.value == hashlib.md5(PLAIN).digest()
    assert made.digests.file_bytes == len(PLAIN)


def test_a_path_bytes_and_an_open_file_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "un film é\n.mp4"
    path.write_bytes(PLAIN)
    file = io.BytesIO(PLAIN)
    made = [fingerprint_video(source) for source in (path, str(path), PLAIN, file)]
    assert all(one == made[0] for one in made)
    assert not file.closed


@pytest.mark.parametrize(
    ("codec", "container"),
    [("mpeg4", "avi"), ("libvpx", "webm"), ("libvpx-vp9", "webm"), ("libx265", "mp4"), ("libx264", "mpegts")],
)
def test_what_others_write_shows_the_same(codec: str, container: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    made = fingerprint_video(video(codec=codec, container=container, options=options), prune=None)
    assert len(made.fingerprint) == 4
    assert match_videos(made.fingerprint, fingerprint_video(PLAIN).fingerprint) == (100.0, 100.0)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_raw_stream_without_times_is_counted(threads: int) -> None:
    made = fingerprint_video(video(codec="mpeg2video", container="mpeg2video", rate=25), prune=None, threads=threads)
    assert [frame.time for frame in made.fingerprint] == pytest.approx([0, 1, 2, 3])


def test_a_still_scene_is_one_frame_and_it_is_said_how_many_were_left_out() -> None:
    made = fingerprint_video(video(still=True)).fingerprint
    assert (len(made), made.pruned) == (1, 3)
    assert len(fingerprint_video(video(still=True), prune=None).fingerprint) == 4


def test_another_interval_and_another_pipeline() -> None:
    assert fingerprint_video(PLAIN, every=0.5, prune=None).fingerprint.numbers.tolist() == list(range(0, 40, 5))
    assert fingerprint_video(PLAIN, every=0, prune=None).fingerprint.numbers.tolist() == list(range(40))
    assert fingerprint_video(PLAIN, pipeline=Pipeline.C512).fingerprint.pipeline is Pipeline.C512


TURNS: dict[tuple[int, int, int, int], Callable[[np.ndarray], np.ndarray]] = {
    (1, 0, 0, 1): lambda seen: seen,
    (0, 1, -1, 0): lambda seen: np.rot90(seen, -1),  # what a telephone held upright writes: a quarter turn clockwise
    (-1, 0, 0, -1): lambda seen: np.rot90(seen, 2),
    (0, -1, 1, 0): lambda seen: np.rot90(seen, 1),
    (-1, 0, 0, 1): lambda seen: seen[:, ::-1],
    (1, 0, 0, -1): lambda seen: seen[::-1],
    (0, 1, 1, 0): lambda seen: seen.transpose(1, 0, 2),
    (0, 0, 0, 0): lambda seen: seen,
}


@pytest.mark.parametrize("matrix", TURNS)
def test_pixels_are_upright(matrix: tuple[int, int, int, int]) -> None:
    with open_video(io.BytesIO(PLAIN)) as flat, open_video(io.BytesIO(turned(PLAIN, matrix))) as leaning:
        seen, upright = next(flat.frames()).image, next(leaning.frames()).image
        assert np.array_equal(pixels_of(upright).array, TURNS[matrix](pixels_of(seen).array))
        assert np.array_equal(pixels_of(upright, is_oriented=False).array, pixels_of(seen).array)


def test_a_turned_video_has_the_size_it_is_seen_with() -> None:
    leaning = turned(PLAIN, (0, 1, -1, 0))
    made = fingerprint_video(leaning)
    assert (made.width, made.height) == (HEIGHT, WIDTH)
    assert not match_videos(made.fingerprint, fingerprint_video(PLAIN).fingerprint).is_match()
    assert match_videos(
        fingerprint_video(leaning, is_oriented=False).fingerprint, fingerprint_video(PLAIN).fingerprint
    ).is_match()


@pytest.mark.parametrize("container", ["matroska", "mpegts", "avi"])
def test_a_file_that_breaks_off_gives_what_is_there_and_says_so(container: str) -> None:
    whole = video(seconds=8, codec="mpeg4", container=container, options=KEYS)
    made = fingerprint_video(whole[: len(whole) // 2], prune=None)
    assert 2 <= len(made.fingerprint) <= 5
    assert made.is_whole is (container == "mpegts")  # a broadcast has no length: nothing says that more was to come
    assert match_videos(made.fingerprint, fingerprint_video(whole).fingerprint).query_percent == 100


def test_an_mp4_that_breaks_off_gives_what_is_there() -> None:
    whole = video(seconds=8, options=KEYS)
    header_first = faststart(whole)
    made = fingerprint_video(header_first[: len(header_first) * 3 // 4], prune=None)
    assert not made.is_whole
    assert 3 <= len(made.fingerprint) < 8
    with pytest.raises(UnreadableVideo, match="breaks off before it begins"):
        fingerprint_video(whole[: len(whole) // 2])  # its table is at the end


def faststart(mp4: bytes) -> bytes:
    """The same file with its table before its data."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, "copy.mp4")
        with av.open(io.BytesIO(mp4)) as read, av.open(copy, "w", options={"movflags": "faststart"}) as written:
            track = written.add_stream_from_template(read.streams.video[0])
            for packet in read.demux(read.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = track
                    written.mux(packet)
        return copy.read_bytes()


def test_damage_in_the_middle_is_passed_over_and_said() -> None:
    whole = bytearray(video(seconds=8, options=KEYS))
    third = len(whole) // 3
    whole[third : 2 * third] = bytes(third)
    made = fingerprint_video(bytes(whole), prune=None)
    assert not made.is_whole
    assert made.seconds > 5
    assert 4 <= len(made.fingerprint) <= 8


def test_only_sound_is_no_video() -> None:
    with pytest.raises(NoMovingPicture, match="only sound"):
        fingerprint_video(music())


def test_the_cover_of_a_piece_of_music_is_no_video() -> None:
    tagged = b"ID3\x03\x00\x00" + synchsafe(len(cover_frame())) + cover_frame() + music(container="mp3", codec="mp3")
    with av.open(io.BytesIO(tagged)) as file:
        assert len(file.streams.video) == 1
    with pytest.raises(UnreadableVideo, match="only sound"):
        fingerprint_video(tagged)


def music(container: str = "wav", codec: str = "pcm_s16le") -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as written:
        track = written.add_stream(codec, rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.int16), format="s16", layout="mono")
        sound.rate = 44100
        for packet in [*track.encode(sound), *track.encode(None)]:
            written.mux(packet)
    return file.getvalue()


def cover_frame() -> bytes:
    picture_bytes = io.BytesIO()
    with av.open(picture_bytes, "w", format="mjpeg") as written:
        track = written.add_stream("mjpeg", rate=1)
        track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        written.mux(track.encode(av.VideoFrame.from_ndarray(picture(0), format="rgb24")))
        written.mux(track.encode(None))
    body = b"\x00image/jpeg\x00\x03\x00" + picture_bytes.getvalue()
    return b"APIC" + struct.pack(">I", len(body)) + b"\x00\x00" + body


def synchsafe(number: int) -> bytes:
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 5000, b"not a video at all\n" * 100, PLAIN[:40]], ids=["empty", "zeros", "text", "cut"]
)
def test_what_is_no_video_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableVideo, match="not a video that can be read"):
        fingerprint_video(content)


def test_no_frames_is_no_video() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="avi") as written:
        track = written.add_stream("mpeg4", rate=10)
        track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        written.start_encoding()
    with pytest.raises(UnreadableVideo):
        fingerprint_video(file.getvalue())


def test_a_list_of_other_files_is_not_followed(tmp_path: Path) -> None:
    """By itself the library would open the file that these name."""
    (tmp_path / "other.mp4").write_bytes(PLAIN)
    for name, text in (
        ("list.mp4", "ffconcat version 1.0\nfile other.mp4\n"),
        ("list.mov", f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{tmp_path}/other.mp4\n#EXT-X-ENDLIST\n"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(UnreadableVideo):
            fingerprint_video(tmp_path / name)


def test_a_header_that_promises_too_much_is_refused() -> None:
    """A picture of 12,000 × 12,000 in the header of an AVI of 96 × 64."""
    lying = bytearray(video(codec="rawvideo", container="avi", seconds=1))
    at = lying.index(b"strf") + 8
    assert struct.unpack_from("<ii", lying, at + 4) == (WIDTH, HEIGHT)
    struct.pack_into("<ii", lying, at + 4, 12_000, 12_000)
    with pytest.raises(UnreadableVideo):
        fingerprint_video(bytes(lying))


def test_a_frame_that_turns_out_huge_is_refused_by_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.engine.video.reading.MOST_PIXELS", WIDTH * HEIGHT - 1)
    with pytest.raises(UnreadableVideo, match="million pixels"):
        fingerprint_video(PLAIN)


def test_a_video_of_a_few_pixels_is_refused() -> None:
    with pytest.raises(UnreadableVideo, match="less than 5 pixels"):
        fingerprint_video(video(size=(16, 4), codec="ffv1", container="matroska", seconds=1))


def test_progress_is_told_and_never_runs_back() -> None:
    told: list[tuple[float, float | None]] = []
    fingerprint_video(PLAIN, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == [0.0, 1.0, 2.0, 3.0]
    assert {total for _, total in told} == {4.0}


def test_whoever_watches_may_stop_it() -> None:
    def stop(done: float, total: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fingerprint_video(PLAIN, progress=stop)


def test_without_the_library_the_sentence_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(PartMissing, match=r'pip install "\.\[video\]" in the clone'):
        fingerprint_video(PLAIN)


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 3),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    st.floats(0.3, 1),
)
def test_bytes_changed_anywhere_are_read_or_refused(which: int, changes: list[tuple[float, int]], part: float) -> None:
    whole = bytearray(FUZZED[which])
    for where, value in changes:
        whole[int(where * len(whole))] = value
    del whole[int(part * len(whole)) :]
    with suppress(UnreadableVideo):
        assert len(fingerprint_video(bytes(whole)).fingerprint) >= 1


FUZZED = [
    PLAIN,
    faststart(PLAIN),
    video(codec="mpeg4", container="matroska", seconds=1),
    video(codec="gif", container="gif", seconds=1, pixel_format="rgb8"),
]


def test_a_kind_of_video_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnreadableVideo, match="kind of video"):
        fingerprint_video(PLAIN.replace(b"avc1", b"zzzz"))


@pytest.mark.slow
def test_two_hours_take_the_memory_of_two_minutes() -> None:
    short, long = (memory_of(seconds) for seconds in (120, 7200))
    assert long < short + 40_000_000


def memory_of(seconds: int) -> int:
    """Bytes at most, of a process that reads a video this long."""
    import subprocess

    code = (
        "import resource, sys; from rempart.engine.video import fingerprint_video;"
        "made = fingerprint_video(sys.stdin.buffer.read(), prune=None); assert len(made.fingerprint) == int(sys.argv[1]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    made = video(seconds=seconds, rate=2, size=(64, 48), codec="mpeg4", container="matroska")
    done = subprocess.run([sys.executable, "-c", code, str(seconds)], input=made, stdout=subprocess.PIPE, check=True)
    return int(done.stdout)
