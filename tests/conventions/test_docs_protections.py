"""The reference page of protections says what the rules say: limits, states, advice, moves, doubts."""

from __future__ import annotations

import json
import re

import pytest

from rempart.desk.registers.bank import alarms
from rempart.desk.rules import protection, trust
from rempart.desk.rules.protection import Kind, read_files
from rempart.desk.rules.trust import ADVICE, LIVE, MOVES, Fact, Trust
from tests.conventions.test_docs import DOCS, rows_of, text_of

EN, FR = "en/reference/protections.md", "fr/reference/protections.md"
LIMITS = ("MOST_FILES", "MOST_PDQS", "MOST_FRAMES", "MOST_TEXT", "MOST_PROTECTIONS", "LEAST_QUALITY", "QUORUM", "POPULAR")
WORDS = {
    EN: {**{one: one.value.replace("_", "-") for one in Trust}, "any": "any that lives"},
    FR: {
        Trust.SELF_DECLARED: "déclarée",
        Trust.HELD: "en suspens",
        Trust.CONFIRMED: "confirmée",
        Trust.DISPUTED: "contestée",
        Trust.WITHDRAWN: "retirée",
        Trust.EXPIRED: "arrivée à terme",
        "any": "tout état vivant",
    },
}
both = pytest.mark.parametrize("page", [EN, FR])


@both
def test_the_limits_are_the_real_ones(page: str) -> None:
    rows = rows_of(page)
    for name in LIMITS:
        assert rows[name] == [str(getattr(protection, name, None) or getattr(trust, name))], name


@both
def test_the_advice_is_the_real_one(page: str) -> None:
    rows = rows_of(page)
    for state in Trust:
        assert rows[state.value][-2:] == [f"`{ADVICE[state].exact}`", f"`{ADVICE[state].near}`"], state


@both
def test_the_moves_are_the_real_ones(page: str) -> None:
    rows, words = rows_of(page), WORDS[page]
    for fact in Fact:
        moved = {state: MOVES[state][fact] for state in Trust if fact in MOVES[state]}
        (to,) = set(moved.values())
        came_from, led_to = rows[fact.value][-2:]
        assert led_to == words[to], fact
        assert set(came_from.split(", ")) == ({words["any"]} if set(moved) == LIVE else {words[one] for one in moved}), fact


@both
def test_every_doubt_is_explained(page: str) -> None:
    words = {alarms.NOTHING_TO_SEE, alarms.DEGENERATE, alarms.WELL_KNOWN, alarms.POPULAR}
    assert words <= set(rows_of(page))


@both
def test_the_message_shown_is_one_that_is_read(page: str) -> None:
    shown = re.search(r"```json\n(.*?)```", text_of(DOCS / page), re.DOTALL)
    assert shown is not None
    message = json.loads(shown[1])
    for at, file in enumerate(message["files"]):
        file["sha256"] = f"{at:064x}"
        file["pdqs"] = [["ab" * 32, *rest] for _, *rest in file["pdqs"]]
    assert [file.kind for file in read_files(json.dumps(message))] == [Kind.PICTURE, Kind.VIDEO]
