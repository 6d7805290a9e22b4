"""Lists of fingerprints as people have them: read, or said to be unreadable by the number of their line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.commands import lines as lines_module
from rempart.engine.commands.lines import read_lines
from rempart.engine.commands.lists import Lists, Refusal

A, B = bytes(range(32)), bytes(range(100, 132))
a, b = A.hex(), B.hex()


def said(text: str | bytes) -> list[tuple[int, tuple[bytes, ...], int | None] | int]:
    """Number, fingerprints and key of each line; the number alone of a bad one."""
    data = text if isinstance(text, bytes) else text.encode()
    return [line.number if line.is_bad else (line.number, line.pdqs, line.key) for line in read_lines(io.BytesIO(data))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{a}\n{b}\n", [(1, (A,), None), (2, (B,), None)]),
        (f"{a},5\n{b} 6\n{a}\t7\n{b} , 8", [(1, (A,), 5), (2, (B,), 6), (3, (A,), 7), (4, (B,), 8)]),
        (f"\n# mine\n  {a.upper()}  ,0\r\n\r\n", [(3, (A,), 0)]),
        (f"\ufeff{a},{2**64 - 1}", [(1, (A,), 2**64 - 1)]),
        ("17\n18", [(1, (), 17), (2, (), 18)]),
        (f"{a},{2**64}\n{a},-1\n{a},x\n{a},1,2\n{a[:-1]}\n{a}0\nrubbish\n{a[:-1]}g\n{a},5", [*range(1, 9), (9, (A,), 5)]),
        (f"{a},٣\n{a[:-1]}٣", [1, 2]),
        (f"{a},1_0\n{a},+1\n", [1, 2]),
        (f"id;x\n{a}", [1, (2, (A,), None)]),
        (f"name,PDQ,Id\ncat,{a},3\ndog,{b},4\ncow,{b}\n,,", [(2, (A,), 3), (3, (B,), 4), 4, 5]),
        (f'hash,quality\n"{a}",90\n', [(2, (A,), None)]),
        ("key\n7\nx\n", [(2, (), 7), 3]),
        ('pdq,key\n"\n"a"b,1', [2, 3]),
        ('"' + "x" * 200_000, [1]),
        (json.dumps({"pdq": a, "key": 3}) + "\n" + json.dumps({"pdq": b}), [(1, (A,), 3), (2, (B,), None)]),
        (json.dumps({"pdqs": [{"pdq": a, "quality": 90}, {"pdq": b}, {"pdq": a}], "key": "4"}), [(1, (A, B), 4)]),
        (json.dumps({"frames": [{"pdq": a, "time": 0}, {"pdq": b}]}), [(1, (A, B), None)]),
        (json.dumps({"frames": []}) + '\n{"key": 9}', [(1, (), None), (2, (), 9)]),
        ('{"pdq": 5}\n{"pdqs": {}}\n{"sha256": "x"}\n{"pdq"\n{}\n[]\n' + "{" * 9000, [1, 2, 3, 4, 5, 6, 7]),
        (f'{{"pdq": "{a}", "key": 1.5}}\n{{"pdq": "{a}", "key": true}}\n{{"pdq": "{a}", "key": [1]}}', [1, 2, 3]),
        ('{"pdq": ' + "[" * 100_000, [1]),
        (",\n, ,", [1, 2]),
        ("", []),
    ],
)
def test_what_lines_say(text: str, wanted: list[object]) -> None:
    assert said(text) == wanted


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_counted_as_bad(data: bytes) -> None:
    for prefix in (b"", b"{", b"pdq,key\n", a.encode()):
        numbers = [line.number for line in read_lines(io.BytesIO(prefix + data))]
        assert numbers == sorted(set(numbers))
        assert not numbers or 1 <= numbers[-1] <= (prefix + data).count(b"\n") + 1


@given(st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.none() | st.integers(0, 2**64 - 1)), max_size=20), st.data())
def test_what_was_written_is_read(entries: list[tuple[bytes, int | None]], data: st.DataObject) -> None:
    text = ""
    for pdq, key in entries:
        kind = data.draw(st.sampled_from(", j"))
        pair = {"pdq": pdq.hex()} | ({} if key is None else {"key": key})
        text += json.dumps(pair) if kind == "j" else pdq.hex() + ("" if key is None else f"{kind}{key}")
        text += "\n"
    assert said(text) == [(number, (pdq,), key) for number, (pdq, key) in enumerate(entries, start=1)]


def test_a_line_without_end_is_bad_and_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST_LINE", 100)
    assert said(b"x" * 1000 + f"\n{a},1\n".encode() + b"y" * 150) == [1, (2, (A,), 1), 3]
    assert said(b"x" * 99 + f"\n{a},1\n".encode()) == [1, (2, (A,), 1)]


def lists(*names: Path, first_key: int | None = 1, skips_bad: bool = False, has_keys_alone: bool = False) -> Lists:
    words = [str(name) for name in names]
    return Lists(words, first_key, skips_bad=skips_bad, has_keys_alone=has_keys_alone, is_shown=True)


def entries(read: Lists) -> list[tuple[bytes, int]]:
    with read:
        hashes, keys = read.all_entries()
    return [(row.tobytes(), key) for row, key in zip(hashes, keys.tolist(), strict=True)]


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "one").write_text(f"{a}\n\n{b},7\n")
    (tmp_path / "two").write_text(f"{b}\nbad\n{a}\n{a} {a}\n")
    return tmp_path / "one", tmp_path / "two"


def test_lines_are_counted_through_all_lists(two: tuple[Path, Path]) -> None:
    read = lists(*two, skips_bad=True)
    assert entries(read) == [(A, 1), (B, 7), (B, 4), (A, 6)]
    assert (read.count, read.without_key) == (4, 3)
    assert entries(lists(two[0], first_key=100)) == [(A, 100), (B, 7)]


def test_bad_lines_are_named_and_nothing_else(two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refusal, match=r"^Nothing was done: lines 2 of .*two, 4 of .*two cannot be read\."):
        entries(lists(*two))
    with pytest.raises(Refusal, match=r"lines 2, 4 cannot be read\. With --skip-bad"):
        entries(lists(two[1]))
    entries(lists(two[1], skips_bad=True))
    assert capsys.readouterr().err == "Passed over 2 lines that cannot be read: 2, 4.\n"


def test_many_bad_lines(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("bad\n" * 5000)
    with pytest.raises(Refusal, match=r"lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4,990 more cannot be read"):
        entries(lists(tmp_path / "list"))


def test_a_line_without_a_key_where_there_must_be_one(two: tuple[Path, Path]) -> None:
    with pytest.raises(Refusal, match="line 1 gives no key"):
        entries(lists(two[0], first_key=None))
    with pytest.raises(Refusal, match="no key so large"):
        entries(lists(two[0], first_key=2**64))


def test_a_key_alone(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"5\n{a},6\n7\n")
    read = lists(tmp_path / "list", has_keys_alone=True)
    assert (entries(read), read.keys_alone) == ([(A, 6)], [5, 7])
    with pytest.raises(Refusal, match="lines 1, 3 cannot be read"):
        entries(lists(tmp_path / "list"))


def test_many_entries_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.engine.commands.lists.PIECE", 10)
    (tmp_path / "list").write_text(f"{a}\n" * 35)
    with lists(tmp_path / "list") as read:
        assert [len(keys) for _, keys in read.entries()] == [10, 10, 10, 5]
    with lists(tmp_path / "list") as read:
        assert [numbers[0] for _, numbers in read.questions()] == [1, 11, 21, 31]
