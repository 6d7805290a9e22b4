"""Questions about what became of an address after a notice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from rempart.desk.registers.vault import sealing
from rempart.desk.rules.notice import Answer, Tempo
from rempart.desk.rules.statement import Statement, from_data
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.followup.models import Probe, Reply, Watch
from rempart.desk.stages.intake.models import Item


def watch_of(item: Item) -> Watch | None:
    """The watch whose fate this item shares, or None when no notice was sent about it. The newest one, if there were several."""
    rows = Watch.objects.filter(noticed__duty__assessment__decided_items__item=item).order_by("-pk")
    return rows.select_related("noticed__notice__recipient").first()


def looks_at(watch: Watch) -> QuerySet[Probe]:
    """The looks that changed something, oldest first. How many there were in all is ``watch.looks``."""
    return watch.probes.order_by("pk")


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of a recipient, opened for the staff."""

    recipient: str
    answer: Answer
    statement: Statement
    words: str
    at: datetime
    through: str
    by_id: int | None


def answers_about(item: Item) -> list[Answered]:
    """What recipients answered about this address, oldest first."""
    rows = Reply.objects.filter(item__noticed__duty__assessment__decided_items__item=item).distinct()
    return [_opened(row) for row in rows.select_related("notice__recipient").order_by("pk")]


def _opened(row: Reply) -> Answered:
    return Answered(
        recipient=row.notice.recipient.name,
        answer=Answer(row.answer),
        statement=from_data(row.statement),
        words=sealing.unseal(row.sealed_words) if row.sealed_words is not None else "",
        at=row.at,
        through=row.through,
        by_id=row.by_id,
    )


def newest_answers(notice_ids: Collection[int]) -> dict[int, tuple[Answer, datetime]]:
    """For each item of these notices already answered about: the newest answer and when it came."""
    rows = Reply.objects.filter(notice_id__in=notice_ids).order_by("pk").values_list("item_id", "answer", "at")
    return {item_id: (Answer(answer), at) for item_id, answer, at in rows}


def takes_answers(notice: Notice, now: datetime) -> bool:
    """Whether the answer link of this notice still works: as long as the address may be re-checked, and as long again."""
    sent_at = notice.sent_at or notice.attempted_at
    tempo: Tempo = settings.REMPART_TEMPO
    return sent_at is not None and now < sent_at + 2 * tempo.recheck_for
