"""What somebody protects, told to the holder of the code: where each picture stands, what platforms said, until when.

Nothing here promises: we advise, each platform decides; and a match is never said to be the picture itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rempart.desk.rules.protection import Kind
from rempart.desk.rules.trust import LIVE, Trust, Vote
from rempart.desk.stages.intake.protecting import Matched, ProtectionSeen

SHOWN = 5
"""Pictures of one group without news that are shown at once; more of them are folded."""
_MINUTES = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one platform says of one picture. ``share``: its matches out of the most of this case, in hundredths."""

    platform: str
    count: int
    share: int
    last_at: datetime
    decided: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture or video. ``left``: how long until it ends, where somebody asked for that."""

    pk: int
    title: str
    since: datetime
    until: datetime
    ends_at: datetime | None
    left: str
    ended_at: datetime | None
    is_expired: bool
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures that stand alike. ``look`` is the colour of its edge; ``quiet`` holds those without any news."""

    title: str
    words: str
    look: str
    pictures: tuple[Picture, ...]
    quiet: tuple[Picture, ...]
    is_over: bool

    @property
    def is_folded(self) -> bool:
        """Whether those without news are too many to be shown at once."""
        return len(self.quiet) > SHOWN


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends at one moment, because somebody with the code asked for it on a shared device."""

    at: datetime
    left: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Protected:
    """Everything a case protects. Each list holds pictures in the order they were sent."""

    groups: tuple[Group, ...]
    free: tuple[Picture, ...]
    """Those that protect, and that nobody asked to end."""
    waiting: tuple[Picture, ...]
    """Those that somebody asked to end, on a shared device."""
    endings: tuple[Ending, ...]
    """When they end, the first one first."""
    renewal_at: datetime | None
    """When the first of those ends about which we asked; None when we asked nothing."""
    until: datetime | None
    """When the first of those that protect ends; None when nothing protects."""

    @property
    def is_silent(self) -> bool:
        """Whether no platform told us of a match for anything that protects."""
        return not any(one.heard for one in (*self.free, *self.waiting))

    @property
    def standing(self) -> int:
        return len(self.free) + len(self.waiting)


def protected(seen: Sequence[ProtectionSeen], now: datetime) -> Protected | None:
    """What the page shows; None when this code never protected anything."""
    if not seen:
        return None
    most = max((match.count for one in seen for match in one.matches), default=0)
    pictures = {one.pk: _picture(one, most, now) for one in seen}
    live = [one for one in seen if one.trust in LIVE]
    moments = sorted({one.withdraw_due_at for one in live if one.withdraw_due_at is not None})
    asked = [one.stands_until for one in live if one.asked_to_renew_at is not None]
    return Protected(
        groups=tuple(_groups(seen, pictures)),
        free=tuple(pictures[one.pk] for one in live if one.withdraw_due_at is None),
        waiting=tuple(pictures[one.pk] for one in live if one.withdraw_due_at is not None),
        endings=tuple(Ending(at, left(at, now), titles(one for one in live if one.withdraw_due_at == at)) for at in moments),
        renewal_at=min(asked, default=None),
        until=min((one.stands_until for one in live), default=None),
    )


def titles(seen: Iterable[ProtectionSeen]) -> tuple[str, ...]:
    """How these are named on the page."""
    return tuple(map(_title, seen))


def _title(one: ProtectionSeen) -> str:
    words = _("Video %(number)s") if one.kind is Kind.VIDEO else _("Photo %(number)s")
    return words % {"number": one.number}


def _picture(one: ProtectionSeen, most: int, now: datetime) -> Picture:
    return Picture(
        pk=one.pk,
        title=_title(one),
        since=one.declared_at,
        until=one.stands_until,
        ends_at=one.withdraw_due_at,
        left=left(one.withdraw_due_at, now) if one.withdraw_due_at else "",
        ended_at=one.ended_at,
        is_expired=one.trust is Trust.EXPIRED,
        heard=tuple(_heard(match, most) for match in one.matches if match.count or match.vote),
    )


def _heard(match: Matched, most: int) -> Heard:
    decided = {
        Vote.BLOCKED: _("A person there looked, and blocked it."),
        Vote.NOT_BLOCKED: _("A person there looked, and did not block it."),
        None: _("It has not told us what it decided."),
    }
    share = round(100 * match.count / most) if most else 0
    return Heard(match.platform or _("A platform"), match.count, max(share, 1), match.last_at, decided[match.vote])


def _groups(seen: Sequence[ProtectionSeen], pictures: dict[int, Picture]) -> list[Group]:
    """Those that need words first, those that have ended last."""
    told = _told()
    found = []
    for standings, (title, words, look) in told.items():
        members = tuple(pictures[one.pk] for one in seen if one.trust in standings)
        is_over = not standings & LIVE
        quiet = tuple(one for one in members if is_over or not (one.heard or one.ends_at))
        if members:
            found.append(Group(title, words, look, members, quiet, is_over))
    return found


def _told() -> dict[frozenset[Trust], tuple[str, str, str]]:
    return {**_told_of_doubts(), **_told_of_the_others()}


def _told_of_doubts() -> dict[frozenset[Trust], tuple[str, str, str]]:
    return {
        frozenset({Trust.HELD}): (
            _("A person of our team looks first"),
            _(
                "This happens when something is like a picture that everybody knows, when there is hardly anything to see on it, "
                "or when very many people send it in one day. It is a reproach to nobody. Until then, we advise platforms only "
                "to count copies. We never see the picture itself: we do not have it."
            ),
            "care",
        ),
        frozenset({Trust.DISPUTED}): (
            _("Platforms look before they decide"),
            _(
                "Several platforms looked at copies and did not block them. Each has its own rules: it is a reproach to nobody. "
                "We now advise them to have a person look at each copy before anything is decided, and a person of our team "
                "looks into it too. Do you want to tell us something about it? Write to us, further down."
            ),
            "care",
        ),
    }


def _told_of_the_others() -> dict[frozenset[Trust], tuple[str, str, str]]:
    return {
        frozenset({Trust.CONFIRMED}): (
            _("Protected, and confirmed"),
            _(
                "A person of our team or several platforms confirmed it. We advise platforms to block copies at once, and "
                "whatever looks alike too."
            ),
            "good",
        ),
        frozenset({Trust.SELF_DECLARED}): (
            _("Protected"),
            _(
                "We advise platforms to block exact copies at once, and to have one of their people look at whatever looks alike "
                "before it spreads."
            ),
            "good",
        ),
        frozenset({Trust.WITHDRAWN, Trust.EXPIRED}): (
            _("No longer protected"),
            _("We hold no fingerprint of it any more. We go on telling platforms that it is over."),
            "over",
        ),
    }


def left(due: datetime, now: datetime) -> str:
    """How long until then, in words."""
    remaining = due - now
    if remaining <= timedelta(0):
        return _("at any moment")
    if remaining < _MINUTES:
        minutes = max(1, round(remaining / timedelta(minutes=1)))
        return ngettext("in %(number)s minute", "in %(number)s minutes", minutes) % {"number": minutes}
    hours = round(remaining / timedelta(hours=1))
    return ngettext("in %(number)s hour", "in %(number)s hours", hours) % {"number": hours}
