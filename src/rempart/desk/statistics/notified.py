"""Every address brought before a provider in a period, with what came of it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models.fields.json import KeyTextTransform

from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.notice import Answer
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.followup.models import Reply, Watch
from rempart.desk.statistics import acts
from rempart.desk.statistics.actions import Action, Said, action_taken
from rempart.desk.statistics.periods import Period
from rempart.desk.statistics.spread import hours_between

UNKNOWN_CONTENT = "none"
_DECIDING = frozenset({Answer.REMOVED, Answer.REFUSED})


@dataclass(frozen=True, slots=True)
class Notified:
    """One address brought before one provider. Delays run from the sending of the notice, in hours."""

    provider: str
    content: str
    action: Action
    receipt_hours: float | None
    decision_hours: float | None
    removal_hours: float | None
    is_in_field: bool


@dataclass(frozen=True, slots=True)
class _Reply:
    at: datetime
    said: Said


@dataclass(frozen=True, slots=True)
class _Sent:
    item_id: int
    recipient_id: int
    provider: str
    content: str
    verdict: str
    sent_at: datetime


def notified_in(period: Period) -> list[Notified]:
    """The addresses named in the notices sent in the period, reminders left out, with everything known of them today."""
    sent = _sent(period)
    replies, gone = _replies(period), _gone(period)
    last_sent: dict[int, datetime] = {}
    for one in sent:
        last_sent[one.item_id] = max(one.sent_at, last_sent.get(one.item_id, one.sent_at))
    return [_notified(one, replies[one.recipient_id, one.item_id], gone.get(one.item_id), last_sent) for one in sent]


def _sent(period: Period) -> list[_Sent]:
    grading = KeyTextTransform("category", "item__decided__assessment__grading")
    rows = acts.noticed(period).annotate(content=grading).order_by("pk")
    values = rows.values_list(
        "item_id", "notice__recipient_id", "notice__recipient__name", "content",
        "item__decided__assessment__verdict", "notice__sent_at",
    )  # fmt: skip
    return [
        _Sent(item, recipient, name, content or UNKNOWN_CONTENT, verdict or "", sent_at)
        for item, recipient, name, content, verdict, sent_at in values
        if sent_at is not None
    ]


def _replies(period: Period) -> dict[tuple[int, int], list[_Reply]]:
    found: dict[tuple[int, int], list[_Reply]] = defaultdict(list)
    # Replies to reminders count too: they are about the same address, before the same provider.
    to_ours = Notice.objects.filter(sent_at__gte=period.starts_at)
    rows = Reply.objects.filter(notice__in=to_ours).order_by("at", "pk")
    for recipient, item, answer, statement, at in rows.values_list(
        "notice__recipient_id", "item_id", "answer", "statement", "at"
    ):
        found[recipient, item].append(_Reply(at, Said(Answer(answer), statement or {})))
    return found


def _gone(period: Period) -> dict[int, datetime]:
    rows = Watch.objects.filter(gone_at__gte=period.starts_at).values_list("item_id", "gone_at")
    return {item: at for item, at in rows if at is not None}


def _notified(one: _Sent, replies: list[_Reply], gone_at: datetime | None, last_sent: dict[int, datetime]) -> Notified:
    # What went after the next rung of the ladder was told is not the doing of the one below.
    is_theirs = gone_at is not None and (one.sent_at == last_sent[one.item_id] or gone_at < last_sent[one.item_id])
    seen_gone_at = gone_at if is_theirs and gone_at is not None and gone_at >= one.sent_at else None
    decided_at = next((reply.at for reply in replies if reply.said.answer in _DECIDING), None)
    return Notified(
        provider=one.provider,
        content=one.content,
        action=action_taken([reply.said for reply in replies], is_gone=seen_gone_at is not None),
        receipt_hours=hours_between(one.sent_at, replies[0].at) if replies else None,
        decision_hours=hours_between(one.sent_at, decided_at) if decided_at else None,
        removal_hours=hours_between(one.sent_at, seen_gone_at) if seen_gone_at else None,
        is_in_field=one.verdict == Verdict.ILLEGAL_IN_FIELD,
    )
