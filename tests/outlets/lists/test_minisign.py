"""Signatures, read by an independent reading of the format and by the real ``minisign`` where it is installed."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from rempart.desk.outlets.lists.minisign import Signer

SIGNER = Signer(bytes(range(32)))
DATA = b"pdq of no picture\n"


def signed(data: bytes = DATA, comment: str = "timestamp:1\tfile:list.txt") -> str:
    return SIGNER.sign(hashlib.blake2b(data).digest(), comment)


def verify(public: str, data: bytes, text: str) -> str:
    """As the format says; returns the trusted comment. Raises BadSignatureError."""
    key = base64.b64decode(public)
    _, first, trusted, second = text.splitlines()
    raw = base64.b64decode(first)
    assert (key[:2], raw[:2], raw[2:10]) == (b"Ed", b"ED", key[2:10])
    comment = trusted.removeprefix("trusted comment: ")
    VerifyKey(key[10:]).verify(hashlib.blake2b(data, digest_size=64).digest(), raw[10:])
    VerifyKey(key[10:]).verify(raw[10:] + comment.encode(), base64.b64decode(second))
    return comment


def test_it_verifies_and_a_change_does_not() -> None:
    text = signed()
    assert verify(SIGNER.public_key(), DATA, text) == "timestamp:1\tfile:list.txt"
    with pytest.raises(BadSignatureError):
        verify(SIGNER.public_key(), DATA + b"x", text)
    with pytest.raises(BadSignatureError):
        verify(SIGNER.public_key(), DATA, text.replace("timestamp:1", "timestamp:2"))


def test_nothing_of_the_key_is_shown() -> None:
    assert repr(SIGNER) == "Signer(…)"
    with pytest.raises(ValueError, match="one line"):
        signed(comment="a\nb")


@pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed: tools/system_packages.sh minisign")
def test_the_real_minisign(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(DATA)
    (tmp_path / "list.txt.minisig").write_text(signed())
    (tmp_path / "key.pub").write_text(SIGNER.public_file())
    command = ["minisign", "-V", "-H", "-p", "key.pub", "-m", "list.txt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "timestamp:1" in done.stdout
    (tmp_path / "list.txt").write_bytes(DATA + b"x")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode != 0
