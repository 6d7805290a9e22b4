"""The world of the replay: invented hosts that read their mail, and addresses whose truth follows from their own text.

Nothing is kept about an address nobody was told of: a year of them must fit in the memory of a small machine.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from heapq import heappop, heappush

from rempart.desk.outlets.interface import Failed, Letter, Result, Sent
from rempart.desk.outlets.look import Looked
from rempart.desk.rules.notice import Answer, Seen

ONLINE = Looked(Seen.ONLINE, 200)
MISSING = Looked(Seen.MISSING, 404)
UNCLEAR = Looked(Seen.UNCLEAR, 503)
MOVED = Looked(Seen.MOVED, 302)
NOT_A_PAGE = Looked(Seen.UNREACHABLE_BY_RULE)


class Manner(StrEnum):
    """How a host treats what it is told."""

    PROMPT = "prompt"
    SLOW = "slow"
    REFUSING = "refusing"
    MOVING = "moving"
    RELAPSING = "relapsing"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Host:
    """One invented service. ``share`` is its part of the illegal addresses; ``above`` is told when it does not act."""

    name: str
    domain: str
    country: str
    share: float
    manners: dict[Manner, float]
    working_days: str = ""


_GOOD = {Manner.PROMPT: 0.86, Manner.SLOW: 0.08, Manner.RELAPSING: 0.03, Manner.MOVING: 0.03}
_TARDY = {Manner.SLOW: 0.7, Manner.PROMPT: 0.2, Manner.MOVING: 0.06, Manner.SILENT: 0.04}
_STUBBORN = {Manner.REFUSING: 0.55, Manner.SILENT: 0.25, Manner.SLOW: 0.2}

HOSTS = (
    Host("Grandes Images", "grandes-images.example", "FR", 0.30, _GOOD),
    Host("Pixel Bay", "pixelbay.example", "NL", 0.20, _GOOD),
    Host("Fil Rouge", "fil-rouge.example", "FR", 0.14, _GOOD, "01234"),
    Host("Cloud Lagoon", "cloudlagoon.example", "US", 0.12, _TARDY, "01234"),
    Host("Depot Nord", "depot-nord.example", "DE", 0.10, _GOOD, "01234"),
    Host("Chat Tower", "chattower.example", "US", 0.06, _TARDY),
    Host("Old Harbour", "oldharbour.example", "RO", 0.05, _STUBBORN, "01234"),
    Host("Free Corner", "freecorner.example", "PA", 0.02, _STUBBORN, "01234"),
)
PLATFORM_OF_ACCOUNTS = "snapchat.com"
"""Accounts are reported on a platform whose name everybody types."""
UNKNOWN_DOMAIN = "inconnu.example"
"""One address in a hundred lies where the directory knows nobody."""
ABOVE = "Socle Hébergement"
"""The host above every platform, told when a platform does not act."""

_URL = re.compile(r"https://[a-z0-9.-]+\.example/[A-Za-z0-9/_-]+")
_ACCOUNT = re.compile(r"(?:compte « |account \")(compte_\d+)")
_TOKEN = re.compile(r"/answer/([A-Za-z0-9_-]+)/")


@dataclass(frozen=True, slots=True)
class Draw:
    """Numbers between 0 and 1 that follow from a text: the same text, the same fate, in whatever order things happen."""

    digest: bytes

    @classmethod
    def of(cls, seed: int, text: str) -> "Draw":
        """The draw of this text."""
        return cls(blake2b(text.encode(), key=seed.to_bytes(8, "big"), digest_size=32).digest())

    def part(self, place: int) -> float:
        """The number at this place (0 to 15)."""
        return int.from_bytes(self.digest[2 * place : 2 * place + 2], "big") / 65536


@dataclass(slots=True)
class _Told:
    """What became of one address after its host was told."""

    gone_at: datetime | None
    back_at: datetime | None
    moved_until: datetime | None
    letters: int = 1


@dataclass(order=True, slots=True)
class Planned:
    """A reply a host will give, when its time comes."""

    at: datetime
    order: int
    token: str = field(compare=False)
    answers: dict[str, Answer] = field(compare=False)


class World:
    """Hosts, their mailboxes and their pages. ``now`` is set by the clock of the replay."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.seed = seed
        self.now = now
        self.told: dict[str, _Told] = {}
        self.replies: list[Planned] = []
        self.moved_to: list[str] = []
        self.notices: dict[str, int] = {}
        self.letters = 0
        self.mails_to_reporters = 0
        self._attempts: dict[str, int] = {}

    # Looking ----------------------------------------------------------------------------------------

    def eyes(self, url: str) -> Looked:
        """What a look at this page sees now."""
        if not url:
            return NOT_A_PAGE
        told = self.told.get(url)
        if told is None:
            return MISSING if self._is_gone_before(url) else ONLINE
        if told.moved_until is not None and told.gone_at is not None and told.gone_at <= self.now < told.moved_until:
            return MOVED
        if told.back_at is not None and self.now >= told.back_at:
            return ONLINE
        if told.gone_at is not None and self.now >= told.gone_at:
            return MISSING
        return UNCLEAR if Draw.of(self.seed, f"{url} {self.now:%j %H}").part(0) < 0.01 else ONLINE

    def _is_gone_before(self, url: str) -> bool:
        return Draw.of(self.seed, url).part(5) < 0.10

    # Mail -------------------------------------------------------------------------------------------

    def send(self, letter: Letter) -> Result:
        """The mail server of the world: now and then it asks to come back later."""
        reference = letter.headers.get("X-Rempart-Reference", "")
        if not reference:
            self.mails_to_reporters += 1
            return Sent()
        self._attempts[letter.message_id] = attempt = self._attempts.get(letter.message_id, 0) + 1
        if attempt == 1 and Draw.of(self.seed, reference).part(0) < 0.01:
            return Failed("smtp_451", is_temporary=True)
        self.letters += 1
        self.notices[reference] = self.notices.get(reference, 0) + 1
        self._read(letter)
        return Sent()

    def close(self) -> None:
        """There is no connection to let go of."""

    def _read(self, letter: Letter) -> None:
        """A host opens its mail: addresses are looked up, things happen, an answer may follow."""
        token = _TOKEN.search(letter.text)
        is_above = letter.to.startswith("socle@")
        answers: dict[datetime, dict[str, Answer]] = {}
        for url in dict.fromkeys(_URL.findall(letter.text)):
            decided = self._decide(url, is_above=is_above)
            if decided is not None:
                answers.setdefault(decided[0], {})[url] = decided[1]
        for account in _ACCOUNT.findall(letter.text):
            canonical = f"snapchat:{account}"
            if Draw.of(self.seed, canonical).part(8) < 0.7:
                answers.setdefault(self.now + timedelta(hours=20), {})[canonical] = Answer.REMOVED
        for at, said in answers.items():
            heappush(self.replies, Planned(at, len(self.notices), token.group(1) if token else "", said))

    def _decide(self, url: str, *, is_above: bool) -> tuple[datetime, Answer] | None:
        told = self.told.get(url)
        if told is not None and told.gone_at is not None and not (told.back_at and self.now >= told.back_at):
            return None
        draw = Draw.of(self.seed, url)
        letters = (told.letters + 1) if told else 1
        manner = Manner.PROMPT if is_above or (told and told.back_at) else manner_of(url, draw)
        fate = _Told(None, None, None, letters)
        self.told[url] = fate
        return self._act(url, manner, fate, draw)

    def _act(self, url: str, manner: Manner, fate: _Told, draw: Draw) -> tuple[datetime, Answer] | None:
        reply_at = (self.now + timedelta(hours=1 + 8 * draw.part(6))).replace(minute=0, second=0, microsecond=0)
        match manner:
            case Manner.PROMPT:
                fate.gone_at = self.now + timedelta(hours=1 + 30 * draw.part(7) ** 2)
                return (fate.gone_at, Answer.REMOVED) if draw.part(8) < 0.6 else None
            case Manner.SLOW:
                fate.gone_at = self.now + timedelta(days=1 + 5 * draw.part(7)) if fate.letters > 1 else None
                return (reply_at, Answer.NEED_MORE) if fate.letters == 1 and draw.part(8) < 0.03 else None
            case Manner.REFUSING:
                return (reply_at + timedelta(hours=20), Answer.REFUSED) if fate.letters == 1 else None
            case Manner.MOVING:
                fate.gone_at = self.now + timedelta(hours=10)
                fate.moved_until = fate.gone_at + timedelta(days=2)
                self.moved_to.append(f"{url}-bis")
            case Manner.RELAPSING:
                fate.gone_at = self.now + timedelta(hours=6)
                fate.back_at = fate.gone_at + timedelta(days=5 + 30 * draw.part(9))
            case Manner.SILENT:
                return None
        return None

    def due_replies(self) -> Iterator[Planned]:
        """Replies whose time has come, oldest first."""
        while self.replies and self.replies[0].at <= self.now:
            yield heappop(self.replies)


def manner_of(url: str, draw: Draw) -> Manner:
    """How the host of this page treats it; content that moved once stays where it is."""
    host = next((host for host in HOSTS if f"{host.domain}/" in url), HOSTS[0])
    left = draw.part(10)
    for manner, share in host.manners.items():
        left -= share
        if left < 0:
            return Manner.PROMPT if manner is Manner.MOVING and url.endswith("-bis") else manner
    return Manner.PROMPT
