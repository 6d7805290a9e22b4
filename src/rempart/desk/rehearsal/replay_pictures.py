"""Who protects pictures in the replayed year, what platforms tell, what analysts say; and what must be true of it at the end.

Nobody publishes how many of those who report would also protect a picture: the shares are assumptions, written here. The
fingerprints are chance itself: nothing is drawn, and nothing resembles anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from random import Random

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Feedback, Fingerprint, Protection
from rempart.desk.registers.bank.steps import keyring, unforgotten
from rempart.desk.registers.directory.models import Recipient, RecipientKind
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.protection import Age, Helper, Kind, SentFile, SentPdq, Submission
from rempart.desk.rules.trust import LIVE, POPULAR, Fact, Trust, Vote, after
from rempart.desk.stages.intake import protecting
from rempart.engine import Pdq, Sha256

SHARE = 0.03
"""Sendings of pictures for each report."""
SHARED_DEVICE, TOLD, VOUCHED, WITHDRAWN, VIRAL = 0.2, 0.3, 0.1, 0.05, 0.02
"""Shares of the cases looked at in a round of which something is heard; of sendings for the first."""
LOOKED_AT = 4
VIEWS = ("whole", "centre-90", "centre-80", "centre-60", "top-left", "top-right", "bottom-left", "bottom-right", "centre-45")
LATE = timedelta(hours=12)
"""The worker works in every round: what was due so long ago was missed."""


@dataclass(slots=True)
class Pictures:
    """The persons who protect, all of the year. ``matches`` and ``sent`` count from outside what the bank must hold."""

    seed: int
    chance: Random = field(init=False)
    sent: int = 0
    matches: int = 0
    _cases: list[tuple[CaseCode, list[int]]] = field(default_factory=list)
    _platforms: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(f"pictures {self.seed}")  # noqa: S311 - a replay must be the same twice

    def round(self, now: datetime, arrived: int, analysts: Sequence[int]) -> int:
        """Some of those who reported protect a picture, and something is heard of a few earlier ones; returns how many acts."""
        newcomers = sum(self.chance.random() < SHARE for _ in range(arrived))
        for _ in range(newcomers):
            self._protect(now)
        looked_at = self.chance.sample(self._cases, min(LOOKED_AT, len(self._cases))) if arrived else []
        return newcomers + sum(self._hear(code, numbers, now, self.chance.choice(analysts)) for code, numbers in looked_at)

    def _protect(self, now: datetime) -> None:
        chance = self.chance
        files = tuple(self._file() for _ in range(chance.choice((1, 1, 1, 2, 4))))
        age, helper = chance.choice(list(Age)), chance.choice((Helper.NOBODY, Helper.NOBODY, Helper.PARENT))
        asked = Submission(files, age, helper, chance.random() < SHARED_DEVICE, "fr")
        code = protecting.protect(asked, now=now, code=None).code
        # A double click: the second one must change nothing.
        protecting.protect(asked, now=now, code=code)
        self._cases.append((code, [one.pk for one in protecting.protections_of(sealing.case_keys(code))]))
        self.sent += len(files)

    def _file(self) -> SentFile:
        pdqs = tuple(SentPdq(Pdq(self.chance.randbytes(32)), 90, view) for view in VIEWS)
        return SentFile(Kind.PICTURE, Sha256(self.chance.randbytes(32)), pdqs)

    def _hear(self, code: CaseCode, numbers: list[int], now: datetime, analyst: int) -> int:
        chance, number = self.chance, self.chance.choice(numbers)
        acts = 0
        if chance.random() < TOLD:
            self._tell(number, now)
            acts += 1
        if chance.random() < VOUCHED:
            facts.vouch(number, by=analyst, now=now)
            acts += 1
        if chance.random() < WITHDRAWN:
            keys = sealing.case_keys(code)
            protecting.withdraw(keys, [number], now=now)
            if chance.random() < WITHDRAWN:
                protecting.cancel_withdrawal(keys, now=now)
            acts += 1
        return acts

    def _tell(self, number: int, now: datetime) -> None:
        if not self._platforms:
            platforms = Recipient.objects.filter(kind=RecipientKind.PLATFORM).order_by("pk")
            self._platforms = list(platforms.values_list("pk", flat=True)[:3])
        many = self.chance.randint(1, 5)
        accounts = POPULAR if self.chance.random() < VIRAL else many
        vote = self.chance.choice((None, None, Vote.BLOCKED, Vote.BLOCKED, Vote.NOT_BLOCKED))
        platform = self.chance.choice(self._platforms)
        if facts.note_feedback(number, platform, now=now, matches=many, accounts=accounts, vote=vote) in LIVE:
            self.matches += many


def broken(pictures: Pictures, now: datetime) -> int:
    """Protections of which something is wrong."""
    return sum(_faults(pictures, now))


def _faults(pictures: Pictures, now: datetime) -> Iterator[int]:
    protections = Protection.objects.prefetch_related("facts")
    live = [one for one in protections if one.ended_at is None]
    # What was sent is there, once; what platforms told is counted.
    yield abs(len(protections) - pictures.sent)
    yield abs(sum(Feedback.objects.values_list("matches", flat=True)) - pictures.matches)
    # Trust is what the facts make together.
    yield sum(_by_facts(one) is not Trust(one.trust) for one in protections)
    # What has ended is gone, key and all; what stands is whole, and has its key.
    yield Fingerprint.objects.filter(protection__ended_at__isnull=False).count()
    yield abs(Fingerprint.objects.count() - len(live) * (len(VIEWS) + 1))
    keys = keyring().keys_of(one.key_number for one in protections)
    yield len(set(keys) ^ {one.key_number for one in live})
    yield unforgotten().count()
    # What was to be taken back was.
    yield protecting.to_withdraw(now - LATE).count()


def _by_facts(protection: Protection) -> Trust:
    said = sorted(protection.facts.all(), key=lambda one: one.pk)
    return reduce(after, (Fact(one.fact) for one in said), Trust.SELF_DECLARED)
