"""What is sealed opens for those who hold the key, for nobody else, and tells little of its length."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, PublicKey, SealedBox

from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.sealing import ADDRESS_STEP, WORDS_STEP, NoPrivateKey, Unreadable
from rempart.desk.rules.code import make_code

# What a database and a form can hold: no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=3000)
BOX = 48
"""A sealed box is this much longer than what it holds."""


@given(texts)
def test_there_and_back(text: str) -> None:
    assert sealing.unseal(sealing.seal_words(text)) == text
    assert sealing.unseal(memoryview(sealing.seal_address(text))) == text


@given(texts)
def test_only_the_code_opens_what_is_sealed_for_a_case(text: str) -> None:
    keys, others = (sealing.case_keys(make_code(bytes([number] * 10))) for number in (1, 2))
    sealed = sealing.seal_for_case(text, keys.public_bytes)
    assert keys.open(sealed) == text
    with pytest.raises(Unreadable):
        others.open(sealed)
    with pytest.raises(Unreadable):
        sealing.unseal(sealed)


@given(st.text(alphabet="abcé\u20ac", max_size=200))
def test_lengths_tell_little(text: str) -> None:
    assert (len(sealing.seal_address(text)) - BOX) % ADDRESS_STEP == 0
    assert (len(sealing.seal_words(text)) - BOX) % WORDS_STEP == 0


def test_short_texts_have_one_length() -> None:
    assert len({len(sealing.seal_words("a" * length)) for length in range(WORDS_STEP)}) == 1
    assert len({len(sealing.seal_address("a" * length)) for length in range(ADDRESS_STEP)}) == 1


def test_the_same_text_is_never_sealed_the_same_way() -> None:
    assert len({sealing.seal_address("https://a.example/") for _ in range(20)}) == 20


@given(st.binary(max_size=400))
def test_what_was_never_sealed_is_told(data: bytes) -> None:
    with pytest.raises(Unreadable):
        sealing.unseal(data)


def test_a_damaged_byte_is_told() -> None:
    sealed = bytearray(sealing.seal_words("bonjour"))
    for place in (0, 40, len(sealed) - 1):
        damaged = bytes(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        with pytest.raises(Unreadable):
            sealing.unseal(damaged)


def test_missing_padding_is_told() -> None:
    box = SealedBox(PublicKey(settings.REMPART_KEYS.intake_public))
    for inside in (b"no padding", b"\x00" * 10, b"", b"text\x80\x00x", b"\xff\x80\x00"):
        with pytest.raises(Unreadable):
            sealing.unseal(box.encrypt(inside))


def test_a_process_without_the_private_key_seals_and_reads_nothing() -> None:
    with override_settings(REMPART_KEYS=replace(settings.REMPART_KEYS, intake_private=None)):
        sealed = sealing.seal_words("for the hotline")
        with pytest.raises(NoPrivateKey):
            sealing.unseal(sealed)
    assert sealing.unseal(sealed) == "for the hotline"


def test_the_keys_of_a_case_come_from_its_signs_alone() -> None:
    """HKDF-SHA256 (RFC 5869), computed here a second time from the definition."""
    code = make_code(bytes(range(10)))
    keys = sealing.case_keys(code)
    secret = code.replace("-", "")[:16].encode()
    extracted = hmac.new(b"\x00" * 32, secret, hashlib.sha256).digest()
    lookup = hmac.new(extracted, b"rempart case id\x01", hashlib.sha256).digest()
    box = hmac.new(extracted, b"rempart case box\x01", hashlib.sha256).digest()
    assert keys.lookup == hashlib.sha256(lookup).digest()
    assert keys.public_bytes == bytes(PrivateKey(box).public_key)
    assert sealing.case_keys(code).lookup == keys.lookup


def test_codes_are_all_different_and_use_every_sign() -> None:
    codes = {sealing.new_case_code() for _ in range(2000)}
    assert len(codes) == 2000
    used = Counter(sign for code in codes for sign in code if sign != "-")
    assert len(used) == 32
    # 34,000 signs: each about 1,060 times; six standard deviations are some 190.
    assert all(850 < count < 1300 for count in used.values())


def test_digests_are_kept_apart_by_purpose_and_by_key() -> None:
    same = sealing.digest("host", "a.example")
    assert sealing.digest("host", "a.example") == same
    assert len(same) == 32
    assert same not in {sealing.digest("site", "a.example"), sealing.digest("host", "b.example")}
    assert same != hashlib.sha256(b"host\x00a.example").digest()
    with override_settings(REMPART_KEYS=replace(settings.REMPART_KEYS, digest_key=b"\x01" * 32)):
        assert sealing.digest("host", "a.example") != same
