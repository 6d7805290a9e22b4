"""A key forgotten is gone from every byte of its file; nothing else is ever lost, whoever asks at the same moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError

from rempart.desk.registers.vault.keyring import Keyring, KeyringError, seal, unseal


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    made = Keyring(tmp_path / "keyring.sqlite3")
    made.make()
    return made


def bytes_on_disk(keyring: Keyring) -> bytes:
    """The file, and whatever lies beside it."""
    return b"".join(path.read_bytes() for path in sorted(keyring.path.parent.iterdir()))


def test_a_number_keeps_its_key(keyring: Keyring) -> None:
    first, other = keyring.key_for(1), keyring.key_for(2)
    assert len(first) == 32
    assert first != other
    assert Keyring(keyring.path).key_for(1) == first
    assert keyring.keys_of([1, 2, 3]) == {1: first, 2: other}


def test_a_forgotten_key_is_in_no_byte_of_the_file(keyring: Keyring) -> None:
    keys = {number: keyring.key_for(number) for number in range(40)}
    assert all(key in bytes_on_disk(keyring) for key in keys.values())
    gone = set(range(0, 40, 3))
    assert keyring.forget(gone) == len(gone)
    left = bytes_on_disk(keyring)
    assert [number for number, key in keys.items() if key in left] == [number for number in keys if number not in gone]
    assert keyring.keys_of(keys) == {number: key for number, key in keys.items() if number not in gone}
    assert keyring.forget(gone) == 0


def test_a_forgotten_number_is_known_and_never_used_again(keyring: Keyring) -> None:
    sealed = seal(keyring.key_for(7), b"fingerprint")
    other = keyring.key_for(8)
    keyring.forget([7])
    assert keyring.forgotten_of([6, 7, 8]) == {7}
    with pytest.raises(KeyringError, match="never used again"):
        keyring.keys_for([7, 9])
    assert keyring.keys_of([7, 8, 9]) == {8: other}
    with pytest.raises(CryptoError):
        unseal(other, sealed)


def test_more_numbers_than_one_question_holds(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.desk.registers.vault.keyring.MOST_AT_ONCE", 4)
    keys = keyring.keys_for(range(11))
    assert sorted(keys) == list(range(11))
    assert keyring.keys_of(keys) == keys == keyring.keys_for(keys)


def test_only_its_owner_may_read_it(keyring: Keyring, tmp_path: Path) -> None:
    keyring.copy(tmp_path / "copy")
    assert {path.stat().st_mode & 0o777 for path in (keyring.path, tmp_path / "copy")} == {0o600}


def test_it_is_never_made_over_another_nor_out_of_nothing(keyring: Keyring, tmp_path: Path) -> None:
    key = keyring.key_for(1)
    with pytest.raises(KeyringError, match="already exists"):
        keyring.make()
    assert keyring.key_for(1) == key
    lost = Keyring(tmp_path / "lost")
    with pytest.raises(KeyringError, match="does not exist"):
        lost.key_for(1)
    assert not lost.exists()


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be read as one" * 20])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(KeyringError, match="not a keyring"):
        Keyring(tmp_path / "other").key_for(1)


def test_a_copy_replaces_the_one_before_and_holds_no_forgotten_key(keyring: Keyring, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "keyring.sqlite3"
    copy.parent.mkdir()
    gone, kept = keyring.key_for(1), keyring.key_for(2)
    keyring.copy(copy)
    keyring.forget([1])
    keyring.copy(copy)
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    assert Keyring(copy).forgotten_of([1, 2]) == {1}
    assert gone not in copy.read_bytes()
    assert Keyring(copy).keys_of([1, 2]) == {2: kept}


def test_a_copy_never_replaces_the_keyring_itself_nor_another_one(keyring: Keyring, tmp_path: Path) -> None:
    key = keyring.key_for(1)
    assert keyring.copy(keyring.path) is False
    other = Keyring(tmp_path / "other")
    other.make()
    with pytest.raises(KeyringError, match="another desk"):
        keyring.copy(other.path)
    (tmp_path / "letter").write_text("Dear all, " * 100)
    with pytest.raises(KeyringError, match="not a keyring"):
        keyring.copy(tmp_path / "letter")
    assert keyring.keys_of([1]) == {1: key}
    left = {path.name for path in tmp_path.iterdir() if path.stat().st_size}
    assert left == {"keyring.sqlite3", "letter", "other"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_askers_at_one_moment_get_one_key(keyring: Keyring) -> None:
    start, found = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        found.append(keyring.key_for(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.slow
def test_killed_at_any_moment_it_is_whole(keyring: Keyring) -> None:
    """A process makes and forgets keys until it is killed; what it had said is true of the file it leaves."""
    program = (
        "import sys; from pathlib import Path; from rempart.desk.registers.vault.keyring import Keyring\n"
        "ring, number = Keyring(Path(sys.argv[1])), int(sys.argv[2])\n"
        "while True:\n"
        "    number += 1; print('+', number, ring.key_for(number).hex(), flush=True)\n"
        "    if number % 2: ring.forget([number]); print('-', number, '', flush=True)\n"
    )
    made: dict[int, str] = {}
    forgotten: set[int] = set()
    for turn in range(5):
        for sign, number, key in said_until_killed(
            [sys.executable, "-c", program, str(keyring.path), str(turn * 1_000)], 5 + turn
        ):
            if sign == "+":
                made[int(number)] = key
            else:
                forgotten.add(int(number))
    held = {number: key.hex() for number, key in keyring.keys_of(made).items()}
    # Of an odd number whose forgetting was not said, nobody knows.
    assert {number: key for number, key in held.items() if not number % 2} == {n: key for n, key in made.items() if not n % 2}
    assert len(forgotten) >= 5
    assert not forgotten & set(held)


def said_until_killed(command: list[str], lines: int) -> list[list[str]]:
    """What the process had said when it was killed, after that many lines or a few more."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        said += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    return [line.rstrip("\n").split(" ") for line in said]
