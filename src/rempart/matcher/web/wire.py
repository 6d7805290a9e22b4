"""What is said over the wire, both ways. `openapi.py` describes these very types, and nothing is read or written but them.

No value here shows itself: what is asked holds fingerprints.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from rempart.engine import Md5, Sha256
from rempart.matcher.lists import Act, Trust
from rempart.matcher.lookup import Answer, Found, Question
from rempart.matcher.policy import Because, Outcome
from rempart.matcher.results import Reason, Verdict

MOST_AT_ONCE = 1_000

Hex64 = Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$", min_length=64, max_length=64)]
Hex32 = Annotated[str, Meta(pattern="^[0-9a-fA-F]{32}$", min_length=32, max_length=32)]
Word = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Silent(Struct, frozen=True):
    """Hides its values from logs and tracebacks."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return []


class Fingerprints(Silent, forbid_unknown_fields=True, frozen=True, gc=False):
    """What a platform has computed itself of one upload. At least one of ``pdq``, ``sha256`` and ``md5``."""

    pdq: Annotated[Hex64 | None, Meta(description="PDQ of the whole picture.")] = None
    quality: Annotated[
        int, Meta(ge=0, le=100, description="Of that PDQ. Below 50, what looks like it is not blocked unseen.")
    ] = 100
    sha256: Annotated[Hex64 | None, Meta(description="Of the file's bytes: finds the same file.")] = None
    md5: Annotated[Hex32 | None, Meta(description="Of the file's bytes.")] = None
    seed: Annotated[Word, Meta(description="Your word for the upload: the same always falls on the same side of a roll-out.")] = (
        ""
    )
    account: Annotated[
        Word, Meta(description="Your word for who uploads, to count accounts roughly. It is not kept, and told to nobody.")
    ] = ""


class Batch(Silent, forbid_unknown_fields=True, frozen=True):
    """Many at once: answered in the same order."""

    fingerprints: Annotated[list[Fingerprints], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class Asked(Fingerprints, forbid_unknown_fields=True, frozen=True):
    """One or many: which is told by what is there."""

    fingerprints: Annotated[list[Fingerprints], Meta(min_length=1, max_length=MOST_AT_ONCE)] | None = None


class DecisionTold(Silent, forbid_unknown_fields=True, frozen=True):
    """What a person of the platform decided: about an answer (``trace_id``), or an entry (``list`` and ``entry``)."""

    verdict: Verdict
    trace_id: Annotated[Name | None, Meta(description="Of the answer that was decided on: every entry it names.")] = None
    list: Name | None = None
    entry: Name | None = None
    reason: Annotated[Reason | None, Meta(description="Needed with “not_blocked”.")] = None


class EntryNamed(Struct, forbid_unknown_fields=True, frozen=True):
    """One entry of one list, to be switched off or on here."""

    list: Name
    entry: Name
    why: Annotated[Word, Meta(description="For whoever reads it later; kept here.")] = ""


class Advised(Struct, frozen=True):
    """By the owner of the list, for the same file and for one that looks like it."""

    exact: Act
    near: Act


class Match(Struct, frozen=True, gc=False):
    """One entry that the upload meets."""

    list: str
    entry: Annotated[str, Meta(description="The owner's own name for it.")]
    classification: str
    exact: Annotated[bool, Meta(description="The same file, byte for byte.")]
    distance: Annotated[int | None, Meta(description="In bits of 256; null for the same file.")]
    asked_view: Annotated[str, Meta(description="Which view of the upload met it: whole, mirror, trimmed…")]
    variant: Annotated[str, Meta(description="Which view of the listed picture was met.")]
    second: Annotated[int | None, Meta(description="Of the listed video.")]
    trust: Trust
    advice: Advised
    outcome: Annotated[Outcome, Meta(description="What this platform's own policy says.")]
    because: Annotated[Because, Meta(description="“rule”, or why the outcome is milder than the rule.")]

    @classmethod
    def of(cls, found: Found) -> Match:
        """Everything but fingerprints, which ``Found`` does not hold."""
        return cls(
            list=found.list_name,
            entry=found.entry,
            classification=found.classification,
            exact=found.is_exact,
            distance=found.distance,
            asked_view=found.asked_view,
            variant=found.variant,
            second=found.second,
            trust=found.trust,
            advice=Advised(found.advice.exact, found.advice.near),
            outcome=found.outcome,
            because=found.because,
        )


class Answered(Struct, frozen=True):
    """About one upload."""

    trace_id: Annotated[str, Meta(description="Names this answer, for decisions.")]
    outcome: Annotated[Outcome, Meta(description="The most severe of what was found; “accept” when nothing was.")]
    found: Annotated[list[Match], Meta(description="The most severe first.")]
    unready: Annotated[list[str], Meta(description="Lists that have not been read yet, and were not asked.")]

    @classmethod
    def of(cls, answer: Answer) -> Answered:
        """No stored fingerprint is in it."""
        found = [Match.of(one) for one in answer.found] if answer.found else []
        return cls(answer.trace_id, answer.outcome, found, list(answer.unready))


class UploadAnswered(Answered, frozen=True):
    """About one file that was sent."""

    kind: str = "picture"
    """“picture” or “video”."""
    views: Annotated[int, Meta(description="How many views of it, or frames, were asked.")] = 0
    note: Annotated[str, Meta(description="Why only the same file could be looked for, if that was so.")] = ""


class BatchAnswered(Struct, frozen=True):
    """In the order in which they were asked."""

    answers: list[Answered]


class Noted(Struct, frozen=True):
    """It was taken, and will be told to the owner of the list."""

    noted: bool = True


class Trouble(Struct, frozen=True):
    """``code`` is for programs, ``message`` a sentence for people."""

    code: str
    message: str


class Refused(Struct, frozen=True):
    """Every refusal."""

    error: Trouble


class ListState(Struct, frozen=True):
    """Where one list stands here."""

    list: str
    state: Annotated[str, Meta(description="“ready”, “stale” (its owner was not heard of for too long) or “unread”.")]
    entries: int
    age_seconds: Annotated[float | None, Meta(description="Since its owner last had nothing newer for us.")]


class Ready(Struct, frozen=True):
    """Whether every list is ready."""

    ready: bool
    lists: list[ListState]


def question_of(asked: Fingerprints) -> Question | None:
    """None where nothing is asked. The texts were checked when they were read."""
    if asked.pdq is not None and asked.sha256 is None and asked.md5 is None:
        hashes = np.frombuffer(bytes.fromhex(asked.pdq), np.uint8).reshape(1, 32)
        return Question(hashes, ("whole",), (asked.quality,), (), asked.seed)
    digests: list[Sha256 | Md5] = []
    if asked.sha256 is not None:
        digests.append(Sha256.parse(asked.sha256))
    if asked.md5 is not None:
        digests.append(Md5.parse(asked.md5))
    if asked.pdq is None:
        return Question(digests=tuple(digests), seed=asked.seed) if digests else None
    hashes = np.frombuffer(bytes.fromhex(asked.pdq), np.uint8).reshape(1, 32)
    return Question(hashes, ("whole",), (asked.quality,), tuple(digests), asked.seed)
