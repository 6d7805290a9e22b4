"""The question and its answer: which entries of which lists an upload meets, and what this platform does about it."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from rempart.engine import Md5, Pdq, Sha256, is_degenerate_many
from rempart.engine.errors import IndexNotFound
from rempart.engine.index.interface import USUAL_RADIUS, HashArray
from rempart.matcher.lists import Advice, Trust
from rempart.matcher.policy import SEVERITY, Because, Outcome, Rule, decide, most_severe
from rempart.matcher.shelf.asking import Held, Near, Shelf

LEAST_QUALITY = 50
"""A PDQ of less quality says too little to block on it; Meta's own recommendation."""
NO_HASHES: HashArray = np.empty((0, 32), np.uint8)
NO_HASHES.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of one upload.

    ``pdqs``: shape (n, 32), one for each view; ``views`` and ``qualities``: as many. ``digests``: of the file's bytes.
    ``seed``: the platform's own word for the upload, or empty: the same seed always falls on the same side of a roll-out.
    """

    pdqs: HashArray = field(default_factory=lambda: NO_HASHES, repr=False)
    views: tuple[str, ...] = ()
    qualities: tuple[int, ...] = ()
    digests: tuple[Sha256 | Md5, ...] = ()
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One entry that the upload meets: exactly, or by the nearest of its views. Holds no fingerprint."""

    list_name: str
    entry: str
    classification: str
    is_exact: bool
    distance: int | None
    """In bits of 256; None for an exact copy found by its digest."""
    asked_view: str
    variant: str
    second: int | None
    trust: Trust
    advice: Advice
    outcome: Outcome
    because: Because


@dataclass(frozen=True, slots=True)
class Answer:
    """``outcome``: the most severe of what was found. ``unready``: lists that have not been read yet."""

    trace_id: str
    outcome: Outcome
    found: tuple[Found, ...]
    unready: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListRules:
    """How one list is asked, and what is done about its matches. A trust state without rule follows the owner's advice."""

    name: str
    folder: Path
    radius: int = USUAL_RADIUS
    rules: Mapping[Trust, Rule] = field(default_factory=dict)


class Lookup:
    """Asks all lists. One for each thread; finds by itself what was written or withdrawn since the last question."""

    def __init__(
        self,
        lists: Sequence[ListRules],
        *,
        is_dry_run: bool = False,
        is_flooded: Callable[[str, str], bool] = lambda _list, _entry: False,
    ) -> None:
        self._lists, self._is_dry_run, self._is_flooded = tuple(lists), is_dry_run, is_flooded
        self._shelves: dict[str, Shelf] = {}

    def close(self) -> None:
        """Ask no more."""
        for shelf in self._shelves.values():
            shelf.close()
        self._shelves.clear()

    def ask(self, question: Question, *, trace_id: str | None = None) -> Answer:
        """One upload. Raises IndexDamaged where a list on the disk cannot be relied on."""
        return self.ask_many([question], trace_ids=[trace_id or new_trace_id()])[0]

    def ask_many(self, questions: Sequence[Question], *, trace_ids: Sequence[str] | None = None) -> list[Answer]:
        """Many uploads, at the cost of one walk through each list."""
        names = list(trace_ids or (new_trace_id() for _ in questions))
        asked = _Asked.of(questions, names)
        found: list[list[Found]] = [[] for _ in questions]
        unready = []
        for rules in self._lists:
            shelf = self._shelf(rules)
            if shelf is None:
                unready.append(rules.name)
                continue
            for place, one in self._met(rules, shelf, asked):
                found[place].append(one)
        return [
            Answer(name, most_severe(one.outcome for one in met), tuple(sorted(met, key=_order)), tuple(unready))
            for name, met in zip(names, found, strict=True)
        ]

    def _shelf(self, rules: ListRules) -> Shelf | None:
        shelf = self._shelves.get(rules.name)
        if shelf is None:
            try:
                shelf = self._shelves[rules.name] = Shelf(rules.folder)
            except (sqlite3.OperationalError, IndexNotFound):
                return None
        return shelf

    def _met(self, rules: ListRules, shelf: Shelf, asked: _Asked) -> Iterator[tuple[int, Found]]:
        """Each entry once for each upload: as an exact copy, otherwise by its nearest view."""
        exact = {(asked.upload_of_digest[place], held.name): held for place, held in shelf.exact(asked.digests)}
        near: dict[tuple[int, str], Near] = {}
        for one in asked.near(shelf, rules.radius):
            near.setdefault((asked.upload[one.question], one.held.name), one)  # nearest first within a question
        for (place, name), one in near.items():
            if (place, name) not in exact:
                yield place, self._judged(rules, one.held, asked, place, near=one)
        for (place, _), held in exact.items():
            yield place, self._judged(rules, held, asked, place, near=None)

    def _judged(self, rules: ListRules, held: Held, asked: _Asked, place: int, *, near: Near | None) -> Found:
        standing = replace(held.standing, is_flooded=self._is_flooded(rules.name, held.name))
        decision = decide(
            rules.rules.get(standing.trust, Rule()),
            standing,
            is_exact=near is None,
            is_doubtful=near is not None and (near.quality < LEAST_QUALITY or asked.is_doubtful(near.question)),
            share=share_of(asked.seeds[place], rules.name),
            is_dry_run=self._is_dry_run,
        )
        return Found(
            list_name=rules.name,
            entry=held.name,
            classification=held.classification,
            is_exact=near is None,
            distance=None if near is None else near.distance,
            asked_view="" if near is None else asked.views[near.question],
            variant="" if near is None else near.variant,
            second=None if near is None else near.second,
            trust=standing.trust,
            advice=standing.advice,
            outcome=decision.outcome,
            because=decision.because,
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Everything that many uploads ask, in one table; ``upload``: whose row it is."""

    pdqs: HashArray = field(repr=False)
    upload: list[int]
    views: list[str]
    qualities: list[int]
    digests: list[Sha256 | Md5] = field(repr=False)
    upload_of_digest: list[int]
    seeds: list[str]

    @classmethod
    def of(cls, questions: Sequence[Question], names: Sequence[str]) -> _Asked:
        hashes = [one.pdqs for one in questions if len(one.pdqs)]
        return cls(
            pdqs=hashes[0] if len(hashes) == 1 else np.concatenate(hashes) if hashes else NO_HASHES,
            upload=[place for place, one in enumerate(questions) for _ in range(len(one.pdqs))],
            views=[view for one in questions for view in (one.views or ("",) * len(one.pdqs))],
            qualities=[quality for one in questions for quality in (one.qualities or (100,) * len(one.pdqs))],
            digests=[digest for one in questions for digest in one.digests],
            upload_of_digest=[place for place, one in enumerate(questions) for _ in one.digests],
            seeds=[one.seed or name for one, name in zip(questions, names, strict=True)],
        )

    def near(self, shelf: Shelf, radius: int) -> list[Near]:
        if len(self.pdqs) == 1:
            return shelf.near_one(Pdq(self.pdqs[0].tobytes()), radius)
        if not len(self.pdqs):
            return []
        return sorted(shelf.near(self.pdqs, radius), key=lambda one: (one.distance, one.question))

    def is_doubtful(self, row: int) -> bool:
        return self.qualities[row] < LEAST_QUALITY or bool(is_degenerate_many(self.pdqs[row : row + 1])[0])


def _order(found: Found) -> tuple[int, int, str, str]:
    """The most severe first, then the nearest."""
    near = -1 if found.distance is None else found.distance
    return -SEVERITY.index(found.outcome), near, found.list_name, found.entry


def share_of(seed: str, list_name: str) -> float:
    """Where an upload stands among all, from 0 to 1: by chance, but the same each time for a seed and a list."""
    drawn = hashlib.blake2b(f"{list_name}\0{seed}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) / 2**64


def new_trace_id() -> str:
    """Names one answer towards the platform; says nothing of the upload."""
    return secrets.token_hex(12)
