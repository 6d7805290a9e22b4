"""What happened to a report, told to the person who made it: read from the rows of every stage, written nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rempart.desk.registers.vault import sealing
from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.duties import DutyKind
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.locator import defang
from rempart.desk.rules.notice import Answer
from rempart.desk.stages.action.models import Dossier, NoticedItem
from rempart.desk.stages.followup.models import Reply, Watch
from rempart.desk.stages.intake import queries
from rempart.desk.stages.intake.models import Case, Item
from rempart.desk.stages.triage.models import Assessment, DecidedItem

MOST_RETURNS = 20
"""A thing that keeps coming back is told this many times at most."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a story. ``at`` is None for what comes next."""

    words: str
    at: datetime | None
    offers_help: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to one address of the report."""

    number: int
    address: str
    """As typed, defanged; empty where this process may not open it, or where it was forgotten."""
    events: tuple[Event, ...]
    is_gone: bool


def stories(case: Case) -> list[Story]:
    """One story per address of the case, in the order they were sent."""
    items = Item.objects.filter(report__case=case).select_related("report").order_by("pk")
    return [_story(number, item) for number, item in enumerate(items, start=1)]


def _story(number: int, item: Item) -> Story:
    past, last = [], item
    for one in _with_returns(item):
        past += _in_order(one, list(_past(one)))
        last = one
    future = list(_next(last))
    return Story(number, _address(item), tuple(past + future), is_gone=_is_gone(last))


def _in_order(item: Item, events: list[Event]) -> list[Event]:
    """By time; but what was done before this person told us comes after her own line, with a word of explanation."""
    begun = [event for event in events if event.at is not None and event.at < item.received_at]
    rest = sorted((event for event in events if event not in begun), key=lambda event: event.at or item.received_at)
    if not begun:
        return rest
    known = Event(_("Somebody had already told us about it. This was done before:"), item.received_at)
    return [rest[0], known, *sorted(begun, key=lambda event: event.at or item.received_at), *rest[1:]]


def _address(item: Item) -> str:
    try:
        return defang(queries.typed(item))
    except (sealing.NoPrivateKey, sealing.Unreadable):
        return ""


def _with_returns(item: Item) -> Iterator[Item]:
    """The item, then each later item that says its content came back."""
    seen: Item | None = item
    for _turn in range(MOST_RETURNS):
        if seen is None:
            return
        yield seen
        seen = Item.objects.filter(relapse_of__in=_group(seen)).select_related("report").order_by("pk").first()


def _group(item: Item) -> list[int]:
    lead = _lead(item)
    return [item.pk] if lead is None else [item.pk, lead.item_id]


def _lead(item: Item) -> Assessment | None:
    """The decision that stands for this item; what follows is written on the item it names."""
    decided = DecidedItem.objects.filter(item=item).select_related("assessment").first()
    return decided.assessment if decided else None


def _past(item: Item) -> Iterator[Event]:
    if item.relapse_of_id is not None:
        yield Event(_("It is back online. We start again."), item.received_at)
    else:
        yield Event(_("We received it."), item.received_at)
    lead = _lead(item)
    if lead is None or item.assessed_at is None:
        return
    yield _decision(Verdict(lead.verdict), item.assessed_at)
    yield from _handed_over(lead.item_id)
    yield from _notices(lead.item_id)
    yield from _replies(lead.item_id)
    yield from _gone(lead.item_id)
    yield from _closing(item)


def _decision(verdict: Verdict, at: datetime) -> Event:
    words = {
        Verdict.ILLEGAL_IN_FIELD: _("A person of our team looked at it. It is against the law. We act to have it removed."),
        Verdict.ILLEGAL_OUTSIDE_FIELD: _(
            "A person of our team looked at it. It seems against the law, but not in our field. We tell the authorities about it."
        ),
        Verdict.HARMFUL_BUT_LAWFUL: _(
            "A person of our team looked at it. It can hurt, and you did well to tell us. "
            "The law does not forbid it, so we cannot ask for its removal."
        ),
        Verdict.NOT_FOUND: _(
            "A person of our team looked for it and did not find it there. If you see it again, please tell us."
        ),
        Verdict.LAWFUL_HELP_NEEDED: _(
            "A person of our team looked at it. The law does not forbid it, but somebody may need help. These people can help."
        ),
    }
    return Event(words[verdict], at, offers_help=verdict in {Verdict.LAWFUL_HELP_NEEDED, Verdict.HARMFUL_BUT_LAWFUL})


def _handed_over(item_id: int) -> Iterator[Event]:
    words = {
        DutyKind.AUTHORITY: _("We handed it to the authorities."),
        DutyKind.PARTNER: _("We handed it to our partner in the country where it is stored."),
    }
    sent = Dossier.objects.filter(duty__item=item_id, duty__kind__in=words, sent_at__isnull=False).select_related("duty")
    for dossier in sent:
        yield Event(words[DutyKind(dossier.duty.kind)], dossier.sent_at)


def _notices(item_id: int) -> Iterator[Event]:
    rows = NoticedItem.objects.filter(item=item_id).select_related("notice").order_by("pk")
    told: set[int] = set()
    for row in rows:
        if row.left_out_at is not None:
            yield Event(_("Just before we wrote, it was no longer there."), row.left_out_at)
        elif row.notice.sent_at is not None:
            yield Event(_asked(row, told), row.notice.sent_at)
            told.add(row.notice.recipient_id)


def _asked(row: NoticedItem, told: set[int]) -> str:
    if row.notice.recipient_id in told:
        return _("It is still there. We asked again.")
    if told:
        return _("It is still there. We asked another company that can remove it.")
    return _("We asked the service where it is to remove it.")


def _replies(item_id: int) -> Iterator[Event]:
    words = {
        Answer.REMOVED: _("The service answers that it removed it. We check."),
        Answer.REFUSED: _("The service does not want to remove it. We look for another way."),
        Answer.NEED_MORE: _("The service asks us a question. We answer it."),
        Answer.WRONG_ADDRESS: _("The service says that it cannot remove it. We look for who can."),
    }
    for reply in Reply.objects.filter(item=item_id).order_by("pk"):
        yield Event(words[Answer(reply.answer)], reply.at)


def _gone(item_id: int) -> Iterator[Event]:
    for watch in Watch.objects.filter(item=item_id, gone_at__isnull=False):
        yield Event(_("It is no longer there."), watch.gone_at)


def _closing(item: Item) -> Iterator[Event]:
    words = {
        Closing.REMOVED: _("It did not come back. We stop checking."),
        Closing.ALREADY_GONE: _("There is nothing left to ask for. We stop here."),
        Closing.REFUSED: _("We tried everything we can. It is still there, and we are sorry."),
    }
    if item.closed_at is not None and item.closing in words:
        yield Event(words[Closing(item.closing)], item.closed_at)


def _next(item: Item) -> Iterator[Event]:
    match State(item.state):
        case State.RECEIVED | State.READY:
            yield Event(_("Next: a person of our team looks at it."), None)
        case State.SECOND_READING | State.ARBITRATION:
            yield Event(_("Next: a second person of our team looks at it too."), None)
        case State.ASSESSED:
            yield Event(_("Next: we do what the decision asks for."), None)
        case State.FOLLOWED if _is_gone(item):
            days = settings.REMPART_TEMPO.recheck_for.days
            # Translators: how long a removed content is checked.
            words = ngettext(
                "Next: we check for %(days)s day that it does not come back.",
                "Next: we check for %(days)s days that it does not come back.",
                days,
            )
            yield Event(words % {"days": days}, None)
        case State.FOLLOWED:
            yield Event(_("Next: we check regularly whether it is still there."), None)
        case State.CLOSED:
            return


def _is_gone(item: Item) -> bool:
    if item.closing in {Closing.REMOVED, Closing.ALREADY_GONE}:
        return True
    return Watch.objects.filter(item__in=_group(item), gone_at__isnull=False).exists()
