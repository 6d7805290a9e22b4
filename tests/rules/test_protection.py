"""The page's message is read sign by sign: what is not exactly ours is refused as a whole, and never repeated in an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.protection import (
    MOST_FILES,
    MOST_FRAMES,
    MOST_PDQS,
    MOST_TEXT,
    Age,
    Helper,
    Kind,
    SubmissionRefused,
    is_young,
    read_files,
)

HEX, OTHER = "ab" * 32, "cd" * 32


def picture(**changed: Any) -> dict[str, Any]:
    return {"kind": "picture", "sha256": HEX, "pdqs": [[HEX, 90, "whole"], [OTHER, 60, "mirror"]], **changed}


def video(**changed: Any) -> dict[str, Any]:
    return {"kind": "video", "sha256": OTHER, "pdqs": [[HEX, 90, 0], [OTHER, 0, 1]], **changed}


def message(*files: Any, **changed: Any) -> str:
    return json.dumps({"shape": 1, "files": list(files), **changed})


def test_what_the_page_writes_is_read() -> None:
    one, other = read_files(message(picture(), video()))
    assert (one.kind, one.sha256.hex(), [(sent.variant, sent.second) for sent in one.pdqs]) == (
        Kind.PICTURE, HEX, [("whole", None), ("mirror", None)],
    )  # fmt: skip
    assert [(sent.pdq.hex(), sent.quality, sent.second) for sent in other.pdqs] == [(HEX, 90, 0), (OTHER, 0, 1)]


def test_the_same_file_twice_is_one() -> None:
    assert len(read_files(message(picture(), picture()))) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_ours"),
        ("null", "not_ours"),
        ("[" * 100_000, "not_ours"),
        ('{"shape": 1}', "not_ours"),
        (message(picture(), shape=2), "other_shape"),
        (message(), "nothing_sent"),
        (message(*[picture()] * (MOST_FILES + 1)), "too_much"),
        (" " * (MOST_TEXT + 1), "too_much"),
        (message(picture(pdqs=[])), "nothing_sent"),
        (message(picture(pdqs=[[HEX, 90, f"v{k}"] for k in range(MOST_PDQS + 1)])), "too_much"),
        (message(video(pdqs=[[HEX, 90, k] for k in range(MOST_FRAMES + 1)])), "too_much"),
        (message(picture(kind="song")), "not_ours"),
        (message(picture(name="holiday.jpg")), "not_ours"),
        (message(picture(sha256=HEX[:-1])), "not_ours"),
        (message(picture(pdqs=[["zz" * 32, 90, "whole"]])), "not_ours"),
        (message(picture(pdqs=[[HEX, 101, "whole"]])), "not_ours"),
        (message(picture(pdqs=[[HEX, True, "whole"]])), "not_ours"),
        (message(picture(pdqs=[[HEX, 90.0, "whole"]])), "not_ours"),
        (message(picture(pdqs=[[HEX, 90, "mirror"]])), "not_ours"),
        (message(picture(pdqs=[[HEX, 90, "whole"], [OTHER, 90, "whole"]])), "not_ours"),
        (message(picture(pdqs=[[HEX, 90, 0]])), "not_ours"),
        (message(picture(pdqs=[[HEX, 90]])), "not_ours"),
        (message(video(pdqs=[[HEX, 90, "whole"]])), "not_ours"),
        (message(video(pdqs=[[HEX, 90, -1]])), "not_ours"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_as_a_whole(text: str, reason: str) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        read_files(text)
    assert refused.value.reason == reason
    assert HEX not in str(refused.value)
    assert HEX not in repr(refused.value.__context__ or "")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | st.just(HEX),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["shape", "files", "kind", "pdqs", "sha256", "x"]), inner)
    ),
)


@given(
    st.text()
    | anything.map(json.dumps)
    | anything.map(lambda one: message(one))
    | anything.map(lambda one: message(picture(pdqs=one)))
)
def test_nothing_but_a_refusal_comes_out(text: str) -> None:
    try:
        files = read_files(text)
    except SubmissionRefused:
        return
    assert files


def test_only_a_young_person_who_reads_us_herself_is_said_tu() -> None:
    young = {(age, helper) for age in Age for helper in Helper if is_young(age, helper)}
    assert young == {(age, Helper.NOBODY) for age in Age if age is not Age.ADULT}
