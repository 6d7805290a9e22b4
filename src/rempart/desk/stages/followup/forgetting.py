"""What must be forgotten is forgotten, in batches: sealed texts go, counts and keyed digests stay."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.rules.retention import addresses_cutoff, words_cutoff
from rempart.desk.stages.action.models import Dossier, Notice, NoticedItem
from rempart.desk.stages.followup.models import Reply
from rempart.desk.stages.intake import steps as intake
from rempart.desk.stages.intake.models import Address, Item, Message, Report
from rempart.desk.stages.rows import Inbox, lock
from rempart.desk.stages.triage.models import Assessment, HandOver, Hold


def _reports_due(cutoff: datetime) -> QuerySet[Report]:
    too_soon = Item.objects.filter(report=OuterRef("pk")).filter(~Q(state=State.CLOSED) | Q(closed_at__gt=cutoff))
    return Report.objects.filter(forgotten_at__isnull=True, received_at__lte=cutoff).exclude(Exists(too_soon))


def _messages_due(cutoff: datetime) -> QuerySet[Message]:
    standing = Report.objects.filter(case=OuterRef("case"), forgotten_at__isnull=True)
    return Message.objects.filter(sent_at__lte=cutoff).exclude(Exists(standing))


def _items_due(cutoff: datetime) -> QuerySet[Item]:
    return Item.objects.filter(state=State.CLOSED, closed_at__lte=cutoff, sealed_typed__isnull=False)


_WORDS, _MESSAGES, _ADDRESSES = Inbox(_reports_due), Inbox(_messages_due), Inbox(_items_due)


def forget_due(*, now: datetime, limit: int = 200) -> int:
    """Forget up to ``limit`` of each kind of thing that is due; returns how many. Each kind is a transaction of its own."""
    words = words_cutoff(now, settings.REMPART_RETENTION)
    moved = forget_words(now=now, limit=limit) if _WORDS.has_mail(words) else 0
    moved += forget_messages(now=now, limit=limit) if _MESSAGES.has_mail(words) else 0
    addresses = addresses_cutoff(now, settings.REMPART_RETENTION)
    return moved + (forget_addresses(now=now, limit=limit) if _ADDRESSES.has_mail(addresses) else 0)


@transaction.atomic
def forget_words(*, now: datetime, limit: int = 200) -> int:
    """The stories (and e-mail addresses never used) of reports whose last item was closed long enough ago."""
    due = _reports_due(words_cutoff(now, settings.REMPART_RETENTION))
    reports = [report.pk for report in lock(due.order_by("received_at", "pk").only("pk"))[:limit]]
    if reports:
        Report.objects.filter(pk__in=reports).update(sealed_story=None, sealed_email=None, forgotten_at=now)
        intake.forget_fingerprints(reports)
        journal.write_all(journal.entry("words_forgotten", f"report:{pk}", now=now) for pk in reports)
    return len(reports)


@transaction.atomic
def forget_messages(*, now: datetime, limit: int = 200) -> int:
    """The messages of cases whose reports are all forgotten. One written after that is kept as long again, to be read."""
    due = _messages_due(words_cutoff(now, settings.REMPART_RETENTION))
    messages = list(due.order_by("sent_at").values_list("pk", flat=True)[:limit])
    if messages:
        Message.objects.filter(pk__in=messages).delete()
    return len(messages)


@transaction.atomic
def forget_addresses(*, now: datetime, limit: int = 200) -> int:
    """The addresses of items closed long enough ago, with every sealed text that may quote them.

    The digest of an address stays: if it comes back, it is recognised.
    """
    due = _items_due(addresses_cutoff(now, settings.REMPART_RETENTION))
    items = list(lock(due.order_by("closed_at", "pk").only("pk", "address_id", "group_key"))[:limit])
    if not items:
        return 0
    forgotten = [item.pk for item in items]
    Item.objects.filter(pk__in=forgotten).update(sealed_typed=None)
    # Without a link, that digest is of the reporter's own words.
    Item.objects.filter(pk__in=forgotten, kind=LocatorKind.NO_LINK).update(address_digest=None)
    _forget_canonical({item.address_id for item in items if item.address_id is not None})
    _forget_readings({item.group_key for item in items})
    _forget_correspondence(forgotten)
    journal.write_all(journal.entry("address_forgotten", f"item:{pk}", now=now) for pk in forgotten)
    return len(items)


def _forget_canonical(address_ids: Collection[int]) -> None:
    remembered = Item.objects.filter(address=OuterRef("pk"), sealed_typed__isnull=False)
    Address.objects.filter(pk__in=address_ids).exclude(Exists(remembered)).update(sealed=None)


def _forget_readings(group_keys: Collection[str]) -> None:
    """Notes, reasons and words of the staff about a group, once nothing of the group is remembered."""
    still = set(Item.objects.filter(group_key__in=group_keys, sealed_typed__isnull=False).values_list("group_key", flat=True))
    gone = set(group_keys) - still
    Assessment.objects.filter(group_key__in=gone, sealed_note__isnull=False).update(sealed_note=None)
    Hold.objects.filter(group_key__in=gone).update(sealed_reason=sealing.seal_words(""))
    HandOver.objects.filter(item__group_key__in=gone, sealed_word__isnull=False).update(sealed_word=None)


def _forget_correspondence(item_ids: Collection[int]) -> None:
    """What was written to recipients and authorities, and what they wrote back."""
    Reply.objects.filter(item_id__in=item_ids, sealed_words__isnull=False).update(sealed_words=None)
    Dossier.objects.filter(duty__item_id__in=item_ids).update(sealed_json=sealing.seal_words("{}"))
    remembered = NoticedItem.objects.filter(notice=OuterRef("pk"), item__sealed_typed__isnull=False)
    notices = Notice.objects.filter(noticed_items__item_id__in=item_ids, sealed_text__isnull=False)
    Notice.objects.filter(pk__in=notices.exclude(Exists(remembered)).values("pk")).update(sealed_text=None)
