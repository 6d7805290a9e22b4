"""Secrets: made by chance, told from other text by scanners, safe in every place a platform keeps them."""

from __future__ import annotations

from rempart.desk.registers.lists.credentials import (
    digest,
    is_key_id,
    looks_like_a_secret,
    make_key_id,
    make_secret,
)


def test_a_secret_can_be_written_anywhere() -> None:
    for _ in range(200):
        for text in (make_secret(), make_key_id()):
            assert text.isascii()
            assert text.replace("_", "").isalnum()
            assert not set(text) & set(".,: %&'\"$")


def test_a_secret_is_recognised_and_a_mistyped_one_is_not() -> None:
    made = make_secret()
    assert made.startswith("rempart_")
    assert len(made) == 54
    assert looks_like_a_secret(made)
    wrong = made[:20] + ("b" if made[20] == "a" else "a") + made[21:]
    assert not looks_like_a_secret(wrong)
    assert not looks_like_a_secret(made[:-1])
    assert not looks_like_a_secret("")


def test_no_two_are_the_same() -> None:
    assert len({make_secret() for _ in range(500)}) == 500
    assert len({make_key_id() for _ in range(500)}) == 500
    assert is_key_id(make_key_id())
    assert not is_key_id("k123\0")


def test_a_digest_is_of_one_client_and_one_secret() -> None:
    secret = make_secret()
    assert digest("kaaa", secret) == digest("kaaa", secret)
    assert len({digest("kaaa", secret), digest("kbbb", secret), digest("kaaa", make_secret())}) == 3
    assert len(digest("\ud800", "\ud800\0")) == 32
