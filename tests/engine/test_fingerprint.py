"""Fingerprints are read, printed and compared, and never show themselves."""

from __future__ import annotations

import pickle
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.errors import NotAFingerprint
from rempart.engine.fingerprint import Fingerprint, Md5, Pdq, PdqFingerprint, Pipeline, Sha256

KINDS = (Pdq, Md5, Sha256)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_is_printed_is_read_again(kind: type[Fingerprint], data: st.DataObject) -> None:
    made = kind(data.draw(st.binary(min_size=kind.SIZE, max_size=kind.SIZE)))
    for text in (made.hex(), made.hex().upper(), f" {made.hex()}\n"):
        assert kind.parse(text) == made
    assert pickle.loads(pickle.dumps(made)) == made


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.one_of(st.text(max_size=70), st.text("0123456789abcdefg ０", min_size=30, max_size=66)))
def test_any_other_text_is_refused_without_being_repeated(kind: type[Fingerprint], text: str) -> None:
    digits = text.strip()
    if re.fullmatch(f"[0-9a-fA-F]{{{2 * kind.SIZE}}}", digits, re.ASCII):
        assert kind.parse(text).hex() == digits.lower()
        return
    with pytest.raises(NotAFingerprint) as refused:
        kind.parse(text)
    assert len(digits) < 5 or digits not in str(refused.value)
    assert str(refused.value).startswith(f"A {kind.__name__} is written with")


@pytest.mark.parametrize("kind", KINDS)
def test_a_fingerprint_has_its_size(kind: type[Fingerprint]) -> None:
    for value in (b"", bytes(kind.SIZE - 1), bytes(kind.SIZE + 1), "0" * kind.SIZE, bytearray(kind.SIZE), None):
        with pytest.raises(NotAFingerprint, match=f"{kind.SIZE} bytes"):
            kind(value)  # type: ignore[arg-type]


def test_no_fingerprint_shows_itself() -> None:
    made = PdqFingerprint(Pdq(bytes(range(32))), 90, Pipeline.FULL)
    shown = f"{made} {made!r} {made.pdq} {made.pdq!r} {[made.pdq]} {made.pdq!s:>10}"
    try:
        Pdq.parse(made.pdq.hex()[:-1] + "x")
    except NotAFingerprint:
        shown += traceback.format_exc()
    assert made.pdq.hex()[:16] not in shown
    assert repr(bytes(range(32)))[2:20] not in shown


@given(one=st.binary(min_size=32, max_size=32), flips=st.sets(st.integers(0, 255)))
def test_the_distance_is_the_number_of_bits_flipped(one: bytes, flips: set[int]) -> None:
    other = int.from_bytes(one)
    for bit in flips:
        other ^= 1 << bit
    assert Pdq(one).distance(Pdq(other.to_bytes(32))) == Pdq(other.to_bytes(32)).distance(Pdq(one)) == len(flips)


def test_fingerprints_are_values() -> None:
    assert Md5(bytes(16)) == Md5(bytes(16))
    assert len({Pdq(bytes(32)), Pdq(bytes(32)), Pdq(b"\1" * 32)}) == 2
    assert sorted([Pdq(b"\2" * 32), Pdq(b"\1" * 32)]) == [Pdq(b"\1" * 32), Pdq(b"\2" * 32)]
    with pytest.raises(AttributeError):
        Pdq(bytes(32)).value = b""  # type: ignore[misc]
