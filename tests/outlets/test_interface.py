"""No header of a letter can hold a second header."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.outlets.interface import Letter, UnsafeHeader

GOOD: dict[str, Any] = {
    "to": "abuse@roc.example",
    "subject": "Notice R-N-1",
    "text": "Any\ntext",
    "message_id": "<1@desk.example>",
    "language": "en",
}


@pytest.mark.parametrize("field", ["to", "subject", "message_id", "language"])
@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\x00", "\x0b", "\x85", "\u2028"])
def test_line_breaks_are_refused(field: str, sign: str) -> None:
    with pytest.raises(UnsafeHeader):
        Letter(**{**GOOD, field: f"{GOOD[field]}{sign}Bcc: x@y.example"})


def test_other_headers_and_references_too() -> None:
    for also in ({"headers": {"X-A": "1\nB: 2"}}, {"headers": {"X\nA": "1"}}, {"references": ("<1@a>\r\nB: 2",)}):
        with pytest.raises(UnsafeHeader):
            Letter(**{**GOOD, **also})


def test_endless_subjects_are_refused() -> None:
    with pytest.raises(UnsafeHeader):
        Letter(**{**GOOD, "subject": "x" * 300})


@given(st.text(max_size=80))
def test_what_is_kept_is_one_line(subject: str) -> None:
    try:
        letter = Letter(**{**GOOD, "subject": subject})
    except UnsafeHeader:
        return
    assert len(letter.subject.splitlines()) <= 1
