"""What a double publishes: entries drawn by chance, that change and are withdrawn; and what it was told."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import RLock

from rempart.engine import Pdq
from rempart.matcher.lists import Trust

TRUSTS = (Trust.SELF_DECLARED, Trust.CONFIRMED, Trust.DISPUTED)


def clock() -> datetime:
    """The real one, to the second, as the shapes have it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Planted:
    """One entry as it is now. ``position`` grows with every change of any."""

    number: int
    position: int
    at: datetime
    is_gone: bool
    trust: Trust
    pdqs: tuple[Pdq, ...] = field(repr=False)
    parts_ever: int = 1
    former: tuple[Pdq, ...] = field(default=(), repr=False)
    """What it had before."""

    @property
    def name(self) -> str:
        """As our own shape has it."""
        return f"{self.number:032x}"


class Garden:
    """All of them; several threads may ask and change. The same ``seed`` draws the same entries."""

    def __init__(self, *, seed: int = 0, now: Callable[[], datetime] = clock) -> None:
        self._random, self.now, self._lock = random.Random(seed), now, RLock()  # noqa: S311  # drawn, not secret
        self._held: dict[int, Planted] = {}
        self._position = 0
        self.told: list[dict[str, object]] = []
        """What matchers told, in the shape's own words."""
        self.messages: set[str] = set()

    @property
    def head(self) -> int:
        """The latest position."""
        return self._position

    def add(self, count: int = 1, *, parts: int = 1) -> list[Planted]:
        """New entries."""
        with self._lock:
            return [self._put(len(self._held) + 1, self._pdqs(parts), is_gone=False) for _ in range(count)]

    def change(self, number: int, *, parts: int = 1) -> Planted:
        """Other fingerprints, and perhaps another trust, under the same name; also of one that was withdrawn."""
        with self._lock:
            return self._put(number, self._pdqs(parts), is_gone=False)

    def withdraw(self, number: int) -> Planted:
        """It must not match any more."""
        with self._lock:
            return self._put(number, self._held[number].pdqs, is_gone=True)

    def restore(self, position: int) -> None:
        """As an owner who was put back from a backup: what came after is not known any more, and positions begin again there."""
        with self._lock:
            self._held = {number: one for number, one in self._held.items() if one.position <= position}
            self._position = position

    def all(self) -> list[Planted]:
        """In the order of their last change, tombstones too."""
        with self._lock:
            return sorted(self._held.values(), key=lambda one: one.position)

    def standing(self) -> Iterator[Planted]:
        """What must match."""
        return (one for one in self.all() if not one.is_gone)

    def hear(self, message: str, results: list[dict[str, object]]) -> bool:
        """False where a message of this name was taken before."""
        with self._lock:
            if message and message in self.messages:
                return False
            self.messages.add(message)
            self.told += results
            return True

    def live(self) -> None:
        """One change by chance, as time brings them."""
        with self._lock:
            standing = [one.number for one in self._held.values() if not one.is_gone]
            draw = self._random.random()
            if draw < 0.5 or not standing:
                self.add()
            elif draw < 0.75:
                self.change(self._random.choice(standing))
            else:
                self.withdraw(self._random.choice(standing))

    def _pdqs(self, count: int) -> tuple[Pdq, ...]:
        return tuple(Pdq(self._random.randbytes(32)) for _ in range(count))

    def _put(self, number: int, pdqs: tuple[Pdq, ...], *, is_gone: bool) -> Planted:
        self._position += 1
        before = self._held.get(number)
        ever = max(len(pdqs), before.parts_ever if before else 0)
        former = (*before.former, *before.pdqs) if before else ()
        former = tuple(one for one in former if is_gone or one not in pdqs)
        made = Planted(number, self._position, self.now(), is_gone, TRUSTS[number % 3], pdqs, ever, former)
        self._held[number] = made if before is None else replace(made, trust=self._random.choice(TRUSTS))
        return self._held[number]
