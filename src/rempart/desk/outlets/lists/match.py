"""Questions about uploads and their answers, in JSON.

``{"questions": [{"pdq": HEX} | {"sha256": HEX} | null, …], "padded": false, "padding": "…"}``. A null is a dummy and is answered
no; ``padding`` is not read: with both, every question that a platform asks is of one size. With ``padded``, so is every answer.
"""

import json
from dataclasses import dataclass
from typing import Any

from rempart.desk.outlets.lists.feed import Refused
from rempart.desk.registers.lists.asking import Answer, Match, Question
from rempart.desk.rules.trust import Act
from rempart.engine import EngineError, Pdq, Sha256

MOST_QUESTIONS = 1_000
MOST_BODY = 256 * 1024
PADDED_BYTES = 64 * 1024
"""Of a padded answer: the longest one is shorter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One call."""

    questions: tuple[Question, ...]
    is_padded: bool

    @property
    def count(self) -> int:
        """Without the dummies."""
        return sum(one is not None for one in self.questions)


def read_questions(body: bytes) -> Asked:
    """Raises :class:`Refused`; nothing of the body is in the sentence."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("The body is not JSON.") from None
    if not isinstance(given, dict) or not set(given) <= {"questions", "padded", "padding"}:
        raise Refused("The body is an object with “questions”, and nothing else but “padded” and “padding”.")
    rows, is_padded = given.get("questions"), given.get("padded", False)
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_QUESTIONS:
        raise Refused(f"“questions” is a list of 1 to {MOST_QUESTIONS}.")
    if not isinstance(is_padded, bool):
        raise Refused("“padded” is true or false.")
    return Asked(tuple(_question(row, place) for place, row in enumerate(rows, start=1)), is_padded)


def _question(row: Any, place: int) -> Question:
    if row is None:
        return None
    if isinstance(row, dict) and len(row) == 1:
        ((kind, value),) = row.items()
        try:
            if kind in {"pdq", "sha256"} and isinstance(value, str):
                return Pdq.parse(value) if kind == "pdq" else Sha256.parse(value)
        except EngineError:
            pass
    raise Refused(f'Question {place} is not one of: {{"pdq": 64 digits}}, {{"sha256": 64 digits}}, null.')


def write_answers(answers: list[Answer], *, is_padded: bool) -> bytes:
    """``{"answers": [{"match": "exact" | "near" | "none", "advice": "block" | …}, …]}``, in the order of the questions."""
    told: dict[str, Any] = {"answers": [{"match": one.match.value, "advice": one.advice.value} for one in answers]}
    if is_padded:
        told["padding"] = ""
        told["padding"] = "0" * (PADDED_BYTES - len(_written(told)))
    return _written(told)


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()


def _described() -> dict[str, Any]:
    digits = {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"}
    one = [
        {"type": "object", "properties": {kind: digits}, "required": [kind], "additionalProperties": False}
        for kind in ("pdq", "sha256")
    ]
    questions = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_QUESTIONS,
        "items": {"oneOf": [*one, {"type": "null"}]},
        "description": "Null is a dummy: it is answered “none” and does not count.",
    }
    padding = {"type": "string", "description": "Not read: it makes what is sent as long as you like."}
    asked = {
        "type": "object",
        "properties": {"questions": questions, "padded": {"type": "boolean"}, "padding": padding},
        "required": ["questions"],
        "additionalProperties": False,
    }
    answer = {
        "type": "object",
        "properties": {
            "match": {"type": "string", "enum": [match.value for match in Match]},
            "advice": {"type": "string", "enum": [act.value for act in Act]},
        },
        "required": ["match", "advice"],
    }
    answers = {
        "type": "object",
        "properties": {"answers": {"type": "array", "items": answer}, "padding": {"type": "string"}},
        "required": ["answers"],
    }
    return {"asked": asked, "answers": answers}


SCHEMAS = _described()
