"""An entry's name for one client: always the same, told back, made by nobody else, and of no use to another client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.registers.lists.names import NotOurName, entry_of, name_of

keys = st.binary(min_size=32, max_size=32)
entries = st.integers(0, 2**63 - 1)


@given(entries, keys)
def test_a_name_is_read_back_by_its_client(entry: int, key: bytes) -> None:
    assert entry_of(name_of(entry, key), key) == entry
    assert name_of(entry, key) == name_of(entry, key)


@given(entries, keys, keys)
def test_another_client_has_another_name(entry: int, key: bytes, other: bytes) -> None:
    if key == other:
        return
    assert name_of(entry, key) != name_of(entry, other)
    with pytest.raises(NotOurName):
        entry_of(name_of(entry, key), other)


@given(entries, keys, st.integers(0, 127))
def test_a_changed_bit_is_no_name(entry: int, key: bytes, bit: int) -> None:
    changed = bytearray.fromhex(name_of(entry, key))
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotOurName):
        entry_of(changed.hex(), key)


@given(st.text(max_size=40), keys)
def test_whatever_is_written_is_no_name(text: str, key: bytes) -> None:
    with pytest.raises(NotOurName):
        entry_of(text, key)


def test_capitals_are_another_text() -> None:
    key = bytes(32)
    name = next(found for found in (name_of(entry, key) for entry in range(50)) if found != found.upper())
    with pytest.raises(NotOurName):
        entry_of(name.upper(), key)
