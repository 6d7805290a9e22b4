"""What somebody protects, told to the holder of the code: where each picture stands, what platforms said, until when.

Nothing here promises: we advise, each platform decides; and a match is never said to be the picture itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rempart.desk.rules.protection import Kind
from rempart.desk.rules.trust import LIVE, RefusalReason, Trust, Vote
from rempart.desk.stages.intake.protecting import Matched, ProtectionSeen
from rempart.desk.web.public.whereabouts import Lines, once_it_is_over, while_it_protects

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
    is_refusal: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture or video. ``left``: how long until it ends, where somebody asked for that.

    ``where``: which platforms have its codes, unless that is said for several at once. ``is_news``: never folded.
    """

    pk: int
    title: str
    since: datetime
    until: datetime
    ends_at: datetime | None
    left: str
    ended_at: datetime | None
    is_expired: bool
    heard: tuple[Heard, ...]
    where: Lines
    is_news: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures that stand alike. ``look`` is the colour of its edge; ``quiet`` holds those without any news.

    ``where``: which platforms have the codes, where it is the same for all of them.
    """

    title: str
    words: str
    where: Lines
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
    where: Lines
    """Which platforms have the codes, where it is the same for everything that protects."""
    is_read: bool
    """Whether a platform may read or ask about something that protects."""
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
    def is_refused(self) -> bool:
        """Whether a platform did not block something that protects."""
        return any(said.is_refusal for one in (*self.free, *self.waiting) for said in one.heard)

    @property
    def standing(self) -> int:
        return len(self.free) + len(self.waiting)


def protected(seen: Sequence[ProtectionSeen], now: datetime) -> Protected | None:
    """What the page shows; None when this code never protected anything."""
    if not seen:
        return None
    most = max((match.count for one in seen for match in one.matches), default=0)
    live = [one for one in seen if one.trust in LIVE]
    where = {one.pk: _where(one, now) for one in seen}
    everywhere = _common(where[one.pk] for one in live)
    if everywhere:
        where |= {one.pk: () for one in live}
    pictures = {one.pk: _picture(one, most, now, where[one.pk]) for one in seen}
    moments = sorted({one.withdraw_due_at for one in live if one.withdraw_due_at is not None})
    asked = [one.stands_until for one in live if one.asked_to_renew_at is not None]
    return Protected(
        groups=tuple(_groups(seen, pictures)),
        where=everywhere,
        is_read=any(one.where.is_read or one.where.askers for one in live),
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


def _where(one: ProtectionSeen, now: datetime) -> Lines:
    return while_it_protects(one.where, now) if one.trust in LIVE else once_it_is_over(one.where, now)


def _common(every: Iterable[Lines]) -> Lines:
    """What is said of all of them; nothing where it is not the same."""
    different = set(every)
    return different.pop() if len(different) == 1 else ()


def _picture(one: ProtectionSeen, most: int, now: datetime, where: Lines) -> Picture:
    heard = tuple(_heard(match, most) for match in one.matches if match.count or match.vote or match.is_under_review)
    is_news = bool(heard or one.withdraw_due_at) if one.trust in LIVE else bool(one.where.holders)
    return Picture(
        pk=one.pk,
        title=_title(one),
        since=one.declared_at,
        until=one.stands_until,
        ends_at=one.withdraw_due_at,
        left=left(one.withdraw_due_at, now) if one.withdraw_due_at else "",
        ended_at=one.ended_at,
        is_expired=one.trust is Trust.EXPIRED,
        heard=heard,
        where=where,
        is_news=is_news,
    )


def _heard(match: Matched, most: int) -> Heard:
    share = round(100 * match.count / most) if most else 0
    is_refusal = match.vote is Vote.NOT_BLOCKED and not match.is_under_review
    return Heard(match.platform or _("A platform"), match.count, max(share, 1), match.last_at, _decided(match), is_refusal)


def _decided(match: Matched) -> str:
    """What it decided. A platform that blocks exact copies by itself says so too: nothing here says that a person looked."""
    if match.is_under_review:
        return _("A person there is looking.")
    if match.vote is Vote.NOT_BLOCKED:
        return _refused(match.reason)
    return _("It blocked it.") if match.vote is Vote.BLOCKED else _("It has not told us what it decided.")


def _refused(reason: RefusalReason | None) -> str:
    words = {
        RefusalReason.ANOTHER_PICTURE: _("It did not block it: it takes it for another one that looks alike."),
        RefusalReason.NOT_INTIMATE: _("It did not block it: by its own rules, it is not intimate."),
        RefusalReason.WELL_KNOWN: _("It did not block it: it takes it for one that many people know."),
        RefusalReason.WITH_CONSENT: _("It did not block it: as far as it can tell, whoever is in it published it."),
        RefusalReason.OTHER: _("It did not block it, for a reason of its own."),
        None: _("It did not block it."),
    }
    return words[reason]


def _groups(seen: Sequence[ProtectionSeen], pictures: dict[int, Picture]) -> list[Group]:
    """Those that need words first, those that have ended last."""
    told = _told()
    found = []
    for standings, (title, words, look) in told.items():
        members = tuple(pictures[one.pk] for one in seen if one.trust in standings)
        where = _common(one.where for one in members)
        if where:
            members = tuple(replace(one, where=()) for one in members)
        quiet = tuple(one for one in members if not one.is_news)
        if members:
            found.append(Group(title, words, where, look, members, quiet, not standings & LIVE))
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
            _("We have none of its codes any more. We go on telling platforms that it is over."),
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
