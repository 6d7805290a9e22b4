"""The invented past of *protect my image*: who protected what, what platforms told, what became of it. A table, oldest first.

Every way that a protection can stand is here, and a test says so.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from rempart.desk.rules.code import CaseCode, make_code
from rempart.desk.rules.protection import Age, Helper
from rempart.desk.rules.retention import Retention
from rempart.desk.rules.trust import POPULAR, Vote

MATCHED, RENEWAL = "matched", "renewal"
"""The two invented persons whose case codes the tour shows: copies of her picture were met; her protection ends soon."""

CLIPS, RONDE = "Clips du Soir", "La Ronde"
"""The platforms of the invented world, as the directory names them."""


def code_of(name: str) -> CaseCode:
    """The case code of an invented person, the same in every rehearsal."""
    return make_code(hashlib.sha256(f"rempart rehearsal {name}".encode()).digest()[:10])


@dataclass(frozen=True, slots=True)
class Told:
    """What a platform tells of the first picture of a sending, so many days after it."""

    after: float
    platform: str
    matches: int = 1
    accounts: int = 1
    vote: Vote | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What one person protected, once. Delays are in days after it; 0: never."""

    days_ago: float
    pictures: str
    age: Age
    helper: Helper = Helper.NOBODY
    told: tuple[Told, ...] = ()
    vouched: float = 0
    cleared: float = 0
    withdrawn: float = 0
    kept: float = 0
    """She took the withdrawal back."""
    renewed: float = 0
    is_device_shared: bool = False
    wrote: str = ""
    """What she wrote in the mailbox of her case, an hour later."""
    who: str = ""
    """One of those whose code the tour shows."""
    language: str = "fr"


_KID, _TEEN, _OLD_TEEN, _ADULT = Age
_PARENT, _PRO = Helper.PARENT, Helper.PROFESSIONAL
_YES, _NO = Vote.BLOCKED, Vote.NOT_BLOCKED


def _met(platform: str, *days: float) -> tuple[Told, ...]:
    """One copy at a time, not looked at by anybody."""
    return tuple(Told(after, platform) for after in days)


SENDINGS = (
    Sending(812, "attic", _ADULT),
    Sending(760, "barn cellar", _OLD_TEEN, told=_met(RONDE, 2, 9)),
    Sending(716, "door", _OLD_TEEN, told=(Told(4, CLIPS, 3, 2, _YES), Told(6, RONDE, 2, 1, _YES)), who=RENEWAL),
    Sending(708, "elm", _ADULT, renewed=702, vouched=3, wrote="C’est moi, et mon ancien compagnon menace de la montrer."),
    Sending(705, "fern", _TEEN, _PARENT),
    Sending(410, "gate-1 gate-2", _ADULT, withdrawn=90),
    Sending(322, "hill", _KID, _PRO, told=_met(CLIPS, 12), vouched=1),
    Sending(
        264, "ivy-1 ivy-2 ivy-3", _TEEN,
        told=(Told(3, RONDE, 5, 4, _YES), Told(3.2, CLIPS, 2, 2, _YES), *_met(RONDE, 20, 31)),
    ),
    Sending(231, "jetty", _ADULT, language="en", withdrawn=1, is_device_shared=True),
    Sending(198, "kiln", _OLD_TEEN, told=(Told(2, CLIPS, 4, 3, _NO), Told(5, RONDE, 2, 2, _NO)), vouched=6),
    Sending(176, "film-1", _OLD_TEEN, told=(Told(7, CLIPS, 2, 2, _YES),)),
    Sending(151, "logo", _ADULT, cleared=2, language="en", wrote="I am in the picture; the sign of the shop is behind me."),
    Sending(133, "lamp", _TEEN, vouched=2, told=_met(RONDE, 5, 6, 6.5), wrote="C’est moi. Quelqu’un de ma classe l’a."),
    Sending(118, "moor", _KID, _PARENT, withdrawn=40),
    Sending(96, "nest", _OLD_TEEN, told=(Told(1, RONDE, 260, POPULAR + 30), Told(1.4, CLIPS, 18, 12, _YES)), cleared=2),
    Sending(83, "oak-1 oak-2", _TEEN, _PRO, vouched=1),
    Sending(71, "pier", _ADULT, language="en", told=_met(CLIPS, 3)),
    Sending(64, "quay", _OLD_TEEN, is_device_shared=True, withdrawn=30, kept=30.3),
    Sending(
        52, "reef-1 reef-2 reef-3", _OLD_TEEN, who=MATCHED, vouched=1, wrote="Ce sont trois photos de moi.",
        told=(Told(1.5, RONDE, 6, 5, _YES), Told(2, CLIPS, 3, 2), *_met(RONDE, 8, 15, 29, 44), Told(47, CLIPS, 1, 1, _YES)),
    ),
    Sending(45, "sand", _TEEN),
    Sending(38, "reef-1", _OLD_TEEN, told=_met(CLIPS, 4)),
    Sending(33, "film-2", _ADULT),
    Sending(29, "tower", _KID, _PARENT, told=_met(RONDE, 1)),
    Sending(24, "umber", _ADULT, told=(Told(3, CLIPS, 2, 1, _NO), Told(4, RONDE, 1, 1, _NO)), withdrawn=11),
    Sending(19, "vale", _OLD_TEEN, told=(Told(2, RONDE, 2, 2, _YES),)),
    Sending(15, "weir-1 weir-2", _TEEN),
    Sending(11, "kite", _OLD_TEEN, told=(Told(8, CLIPS, 4, 3, _NO), Told(9.4, RONDE, 2, 2, _NO))),
    Sending(6.2, "zenith", _TEEN, told=_met(RONDE, 1, 3)),
    Sending(5, "alder", _KID, _PRO),
    Sending(3.6, "birch", _ADULT, language="en"),
    Sending(2.7, "cedar", _TEEN, is_device_shared=True, withdrawn=2.2),
    Sending(2.1, "flag", _OLD_TEEN, wrote="On me voit devant le drapeau du club. Je ne veux pas que ça circule."),
    Sending(1.8, "yard", _OLD_TEEN, told=(Told(1, RONDE, 160, POPULAR + 12),), wrote="Tout le lycée l’a reçue ce matin."),
    Sending(1.4, "dune-1 dune-2 dune-3 dune-4", _OLD_TEEN),
    Sending(0.9, "stripes", _ADULT),
    Sending(0.6, "nothing", _OLD_TEEN),
    Sending(0.3, "heath", _TEEN, _PARENT),
)  # fmt: skip
LONGEST = timedelta(days=SENDINGS[0].days_ago)


def rounds_of(sending: Sending, retention: Retention) -> Iterator[timedelta]:
    """When the worker has something to do for it, counted from the sending; a moment later, so that it is surely due."""
    soon = timedelta(hours=1)
    yield retention.protection - retention.renewal + soon
    yield retention.protection + soon
    if sending.withdrawn and sending.is_device_shared:
        yield timedelta(days=sending.withdrawn) + retention.second_thoughts + soon
