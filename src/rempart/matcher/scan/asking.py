"""Which lists a scan asks: those that the matcher keeps, a file, or an index in a folder. Nothing is written in any of them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rempart.engine import USUAL_RADIUS, EngineError, IndexStore, is_degenerate_many
from rempart.matcher.lists import UNSTATED_ADVICE, Trust
from rempart.matcher.lookup import LEAST_QUALITY, Found, ListRules, Lookup, Question, share_of
from rempart.matcher.policy import Rule, Standing, decide
from rempart.matcher.scan.seeing import Sight
from rempart.matcher.shelf.asking import Shelf


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a process on any machine needs to know; it holds no secret. ``index``: a folder of ``rempart index``."""

    lists: tuple[ListRules, ...] = ()
    index: Path | None = None
    radius: int = USUAL_RADIUS
    is_dry_run: bool = False
    sight: Sight = field(default_factory=Sight)


class CannotAsk(Exception):
    """No list can be asked here. The text is a sentence."""


class Asker:
    """Asks everything, in one thread. Raises CannotAsk."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._lookup = Lookup(asked.lists, is_dry_run=asked.is_dry_run)
        self._shelves: dict[str, Shelf] = {}
        self._index = _opened(asked.index) if asked.index is not None else None
        if not self.versions():
            raise CannotAsk("Nothing was read of any list yet: start the matcher, or wait until it has read one.")

    def close(self) -> None:
        """Ask no more."""
        self._lookup.close()
        for shelf in self._shelves.values():
            shelf.close()

    def ask(self, questions: Sequence[Question]) -> list[tuple[Found, ...]]:
        """What each meets. Raises CannotAsk."""
        try:
            found = [answer.found for answer in self._lookup.ask_many(questions, trace_ids=[""] * len(questions))]
            if self._index is None or self._asked.index is None:
                return found
            met = [self._met(self._index, self._asked.index.name, one) for one in questions]
            return [(*before, *more) for before, more in zip(found, met, strict=True)]
        except (EngineError, sqlite3.Error, OSError):
            raise CannotAsk("A list on the disk cannot be relied on: let the matcher read it again.") from None

    def versions(self) -> dict[str, str]:
        """How each list stands now, as JSON. Lists that were never read are left out."""
        said = {}
        for rules in self._asked.lists:
            with suppress(sqlite3.Error, EngineError, OSError):
                if rules.name not in self._shelves:
                    self._shelves[rules.name] = Shelf(rules.folder)
                state = self._shelves[rules.name].state()
                read_at = state.read_at.isoformat() if state.read_at else None
                said[rules.name] = _json(entries=state.entries, checkpoint=state.checkpoint, read_at=read_at)
        if self._index is not None and self._asked.index is not None:
            info = self._index.info()
            said[self._asked.index.name] = _json(entries=info.entries, generation=info.generation)
        return said

    def _met(self, index: IndexStore, name: str, question: Question) -> Iterable[Found]:
        """Of an index that knows only keys: each once, by the nearest view."""
        if not len(question.pdqs):
            return []
        nearest: dict[int, tuple[int, int]] = {}
        for row, match in index.lookup_many(question.pdqs, self._asked.radius):
            nearest[match.key] = min(nearest.get(match.key, (257, 0)), (match.distance, row))
        return [self._judged(name, key, *nearest[key], question) for key in sorted(nearest, key=lambda key: (*nearest[key], key))]

    def _judged(self, name: str, key: int, distance: int, row: int, question: Question) -> Found:
        is_poor = bool(question.qualities) and question.qualities[row] < LEAST_QUALITY
        decision = decide(
            Rule(),
            Standing(Trust.UNSTATED, UNSTATED_ADVICE),
            is_exact=False,
            is_doubtful=is_poor or bool(is_degenerate_many(question.pdqs[row : row + 1])[0]),
            share=share_of(question.seed, name),
            is_dry_run=self._asked.is_dry_run,
        )
        return Found(
            list_name=name,
            entry=str(key),
            classification="",
            is_exact=False,
            distance=distance,
            asked_view=question.views[row],
            variant="",
            second=None,
            trust=Trust.UNSTATED,
            advice=UNSTATED_ADVICE,
            outcome=decision.outcome,
            because=decision.because,
        )


def _opened(folder: Path) -> IndexStore:
    try:
        return IndexStore.open(folder)
    except (EngineError, OSError) as refused:
        raise CannotAsk(f"The index cannot be opened: {refused}") from None


def _json(**said: object) -> str:
    return json.dumps(said, sort_keys=True)


class _Held(threading.local):
    """One for each thread: a worker of a cluster may have several."""

    asked: Asked | None = None
    asker: Asker | None = None


_held = _Held()


def asker_of(asked: Asked) -> Asker:
    """The one of this thread: made once, asked for every task. Raises CannotAsk."""
    if _held.asker is None or _held.asked != asked:
        if _held.asker is not None:
            _held.asker.close()
        _held.asker, _held.asked = Asker(asked), asked
    return _held.asker
