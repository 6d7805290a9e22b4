"""Small histories made by hand, row by row, so that every figure has an answer that can be counted on fingers."""

from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from rempart.desk.registers.directory.models import Recipient
from rempart.desk.rules.lifecycle import State
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem
from rempart.desk.stages.followup.models import Reply, Watch
from rempart.desk.stages.intake.models import Address, Item, Report
from rempart.desk.stages.triage.models import Assessment, DecidedItem

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 10, 12, tzinfo=PARIS)
_number = count(1)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def report(at: datetime = NOON, **fields: object) -> Report:
    return Report.objects.create(**{"source": "public_form", "language": "fr", "received_at": at, **fields})


def address(at: datetime = NOON) -> Address:
    digest = next(_number).to_bytes(32, "big")
    return Address.objects.create(kind="url", address_digest=digest, first_seen_at=at)


def item(of: Report | None = None, at: datetime = NOON, where: Address | None = None, **fields: object) -> Item:
    of = of or report(at)
    where = where or address(at)
    known = {"kind": "url", "group_key": f"a{where.pk}", "band": 3, "due_at": at + hours(24), "received_at": at}
    known |= {"state": State.READY, "ordinal": of.items.count() + 1}
    return Item.objects.create(report=of, address=where, **{**known, **fields})


def decide(one: Item, verdict: str = "illegal_in_field", after: float = 2, content: str = "csam_baseline") -> Assessment:
    at = one.received_at + hours(after)
    row = Assessment.objects.create(
        item=one, group_key=one.group_key, reading="first", verdict=verdict, by_id=1, assessed_at=at,
        grading={"category": content} if verdict == "illegal_in_field" else None,
        may_undo_until=at, settled_at=at, is_final=True,
    )  # fmt: skip
    DecidedItem.objects.create(item=one, assessment=row)
    one.state, one.assessed_at = State.ASSESSED, at
    one.save()
    return row


def recipient(name: str = "Hébergeur Un") -> Recipient:
    found, _ = Recipient.objects.get_or_create(kind="host", name=name, defaults={"created_at": NOON})
    return found


def notify(*items: Item, to: str = "Hébergeur Un", after: float = 1, reminds: Notice | None = None) -> Notice:
    """One notice naming these items, sent that many hours after the decision of the first one."""
    assert items[0].assessed_at is not None
    at = items[0].assessed_at + hours(after)
    who = recipient(to)
    sent = Notice.objects.create(recipient=who, language="fr", opened_at=at, closes_at=at, sent_at=at, reminds=reminds)
    for one in items:
        first = Duty.objects.filter(item=one, kind="notice").order_by("pk").first()
        duty = Duty.objects.create(
            kind="notice", assessment=one.decided.assessment, item=one, recipient=who,
            follows=first, filed_at=at, not_before=at, done_at=at, outcome="sent",
        )  # fmt: skip
        NoticedItem.objects.create(notice=sent, duty=duty, item=one)
    return sent


def gone(one: Item, notice: Notice, after: float) -> Watch:
    assert notice.sent_at is not None
    noticed = NoticedItem.objects.get(notice=notice, item=one)
    return Watch.objects.create(item=one, noticed=noticed, opened_at=notice.sent_at, gone_at=notice.sent_at + hours(after))


def reply(one: Item, notice: Notice, answer: str, after: float, **statement: object) -> Reply:
    assert notice.sent_at is not None
    at = notice.sent_at + hours(after)
    return Reply.objects.create(notice=notice, item=one, answer=answer, statement=statement, at=at, through="recipient")
