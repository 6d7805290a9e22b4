"""What was done, and to whom."""

from django.db.models import Count, F, Q, QuerySet

from rempart.desk.rules.notice import Answer
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem
from rempart.desk.stages.followup.models import Reply
from rempart.desk.statistics.figure import Figure, Unit, counted, share
from rempart.desk.statistics.periods import Period

# A reminder points to a notice of the same recipient; an escalation to one of the recipient below on the ladder.
FIRST = Q(reminds__isnull=True) | ~Q(reminds__recipient=F("recipient"))


def notices(period: Period) -> QuerySet[Notice]:
    """The notices sent in the period, reminders left out."""
    return Notice.objects.filter(FIRST, sent_at__gte=period.starts_at, sent_at__lt=period.ends_at)


def noticed(period: Period) -> QuerySet[NoticedItem]:
    """The addresses named in those notices."""
    return NoticedItem.objects.filter(notice__in=notices(period), left_out_at__isnull=True)


def notices_by_recipient(period: Period) -> Figure:
    """How many notices each recipient got."""
    found = notices(period).values_list("recipient__name").annotate(Count("pk")).order_by()
    return counted("notices_by_recipient", Unit.NOTICES, period, dict(found), "recipient", is_name=True)


def addresses_by_recipient(period: Period) -> Figure:
    """How many different addresses were brought before each recipient."""
    addresses = Count("item__address_id", distinct=True)
    found = noticed(period).values_list("notice__recipient__name").annotate(addresses).order_by()
    return counted("addresses_by_recipient", Unit.ADDRESSES, period, dict(found), "recipient", is_name=True)


def duties_by_kind(period: Period) -> Figure:
    """Duties carried out."""
    done = Duty.objects.filter(done_at__gte=period.starts_at, done_at__lt=period.ends_at)
    found = done.values_list("kind").annotate(Count("pk")).order_by()
    return counted("duties_by_kind", Unit.DUTIES, period, dict(found), "duty")


def refused_notices(period: Period) -> Figure:
    """Share of the addresses replied to whose first reply was a refusal."""
    firsts: dict[tuple[int, int], str] = {}
    replies = Reply.objects.filter(at__gte=period.starts_at, at__lt=period.ends_at).order_by("pk")
    for notice_id, item_id, answer in replies.values_list("notice__recipient_id", "item_id", "answer"):
        firsts.setdefault((notice_id, item_id), answer)
    refused = sum(answer == Answer.REFUSED for answer in firsts.values())
    return share("refused_notices", period, refused, len(firsts))
